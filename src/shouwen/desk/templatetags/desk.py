"""What only the desk's templates need."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache

from django import template
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

from shouwen.desk.customers import Masked
from shouwen.desk.loads import Load
from shouwen.desk.staffing import regions_shown
from shouwen.desk.wording import here
from shouwen.editions.edition import Edition
from shouwen.editions.working_days import PATTERNS, WEEKDAYS, names_a_table
from shouwen.handbook.words import Words
from shouwen.people.names import team_words
from shouwen.screens.templatetags.parts import IDENTIFIERS, TOKEN, icon, person
from shouwen.screens.templatetags.times import weekdays

register = template.Library()


register.filter("team_name", team_words)


@register.simple_tag
def region_shown(code: str, rules: Edition) -> SafeString:
    """A region by its name, with its code small."""
    return regions_shown([code], rules)


@register.filter
def days_said(days: str | list[str]) -> str:
    """Which days a calendar keeps, as its pack writes them: a table of holidays, a pattern, or weekdays."""
    if names_a_table(days):
        return gettext("Monday to Friday, with the holidays of “%(table)s”") % {"table": days}
    open_days = days if isinstance(days, list) else PATTERNS[days]
    return gettext(", ").join(name for code, name in zip(WEEKDAYS, weekdays(), strict=True) if code in open_days)


@register.simple_tag
def in_words(text: str, values: Mapping[str, Masked] | None = None, reveal_url: str = "") -> SafeString:
    """Redacted text with its tokens as masked values; with `reveal_url`, each with an eye that asks why."""
    shown, position = [], 0
    for found in TOKEN.finditer(text or ""):
        shown.append(conditional_escape(text[position : found.start()]))
        shown.append(_value(found[1], found[2], values or {}, reveal_url))
        position = found.end()
    shown.append(conditional_escape((text or "")[position:]))
    return mark_safe("".join(shown))  # noqa: S308 - every part is escaped above


def _value(kind: str, token: str, values: Mapping[str, Masked], reveal_url: str) -> SafeString:
    name = str(IDENTIFIERS.get(kind, kind))
    masked = values.get(token)
    shown = (masked and masked.shown) or name
    if not reveal_url or masked is None or not masked.shown:
        return format_html('<span class="token" title="{}">{}</span>', name, shown)
    return format_html(
        '<span class="token masked" title="{}"><span data-value>{}</span><button type="button" class="eye" '
        'data-reveal="{}{}" data-reveal-what="{}" aria-label="{}">{}</button></span>',
        name,
        shown,
        reveal_url,
        token,
        f"{name} {shown}",
        gettext("Reveal: %(what)s") % {"what": f"{name} {shown}"},
        icon("eye"),
    )


@lru_cache(maxsize=2000)
def person_mark(name: str, language: str) -> SafeString:
    """A person as lists show them; the same few stand in fifty rows, so each is drawn once for a language."""
    return render_to_string("shared/person.html", person(name))


@register.simple_tag
def value_of(value: Masked, reveal_url: str = "") -> SafeString:
    """A kept value, masked, with an eye that asks why: `{% value_of sheet.phone reveal_url %}`."""
    if not value.shown:
        return format_html('<span class="masked-value">{}</span>', gettext("erased"))
    what = f"{IDENTIFIERS.get(value.kind, value.kind)} {value.shown}"
    url = f"{reveal_url}{value.token}" if reveal_url else ""
    shown = {"value": value.shown, "label": "", "reveal_url": url, "what": what}
    return SafeString(render_to_string("shared/masked.html", shown))


@register.simple_tag
def move_url(move: str, number: str) -> str:
    """Where a move is made: `{% move_url offer.move ticket.number as url %}`."""
    return reverse(f"desk:{move}", args=[number])


@register.filter
def both(words: Mapping[str, str] | None) -> str:
    """A phrase a history keeps in both languages, in the reader's."""
    return here(Words(words["zh"], words["en"])) if words else ""


@register.filter
def up_to(count: int, most: int) -> str:
    """A number counted no further than that: 999+ beyond it."""
    return f"{most}+" if count > most else str(count)


@register.filter
def most_open(loads: Iterable[Load]) -> int:
    """The longest bar of a list: the others are measured by it."""
    return max((load.open for load in loads), default=1) or 1


@register.filter
def identifier_name(kind: str) -> str:
    """What kind of personal data something is."""
    return str(IDENTIFIERS.get(kind, kind))


@register.filter
def of_kind(values: Mapping[str, object], name: str) -> object:
    """An entry of a mapping by a name the template holds; a name it does not know says itself."""
    return values.get(name, name)
