"""The parts of a ticket's page that stand on it by the dozen.

Written here and not as templates: node by node a long history and its buttons would take most of the page's time.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext, ngettext

from shouwen.desk.asks import JUDGED, NOUNS
from shouwen.desk.customers import Masked
from shouwen.desk.offers import Offer
from shouwen.desk.telling import Told
from shouwen.desk.templatetags.desk import in_words
from shouwen.desk.timeline import MESSAGE, Entry, Group
from shouwen.handbook.moves import Move
from shouwen.screens.templatetags.badges import clock_badge
from shouwen.screens.templatetags.parts import HAPPENING_ICONS, icon
from shouwen.screens.templatetags.spoken import happening_name, move_name
from shouwen.screens.templatetags.times import moment, short_moment

register = template.Library()
NOTHING = SafeString("")
TERM_NAMES = {ask.name: ask.label for ask in JUDGED}

_OFFER = '<a class="{}" href="{}" hx-get="{}" hx-target="#dialog" hx-swap="innerHTML"{}>{}{}{}</a>'
_KEY = ' data-key="{0}" aria-keyshortcuts="{0}"'
_ROW = (
    '<li class="happening happening-{}{}"{}><span class="happening-mark">{}</span><div class="happening-body">'
    '<p class="happening-head">{}<b>{}</b> <span class="happening-by">{}</span>'
    '<time datetime="{}" title="{}">{}</time></p>{}</div></li>'
)
_GROUP = (
    '<li data-side="{}"><details class="history-group"><summary>{}</summary><ol class="history">{}</ol></details></li>'
)
_SIDE = '<span class="side side-{}">{}</span> '
_LINES = '<dl class="happening-facts">{}</dl>'
_LINE = "<div><dt>{}</dt><dd>{}</dd></div>"
_PEN = (
    '<button type="button" class="eye term-pen" hx-get="{}/terms/{}" hx-target="closest [data-term]" '
    'hx-swap="beforeend" aria-label="{}">{}</button>'
)
_TEXT = '<p class="happening-text">{}</p>'
_SOUND = '<p class="happening-proof"><span title="{}">{}{}</span></p>'
_BROKEN = '<p class="happening-proof is-broken">{}{} {}</p>'


@register.simple_tag
def offer_link(offer: Offer, url: str, item: bool = False, only: str = "") -> SafeString:
    """A button that fetches the dialog of a move: `{% offer_link offer sheet.url %}`.

    `item` for one in a menu; `only="on-pc"` or `only="on-phone"` for one that is there on such a screen alone.
    """
    place = f"{url}/{offer.noun}"
    look = _item_look(offer) if item else _button_look(offer)
    classes = " ".join(filter(None, (look, only)))
    key = format_html(_KEY, offer.key) if offer.key else NOTHING
    shown = format_html('<kbd aria-hidden="true">{}</kbd>', offer.key.upper()) if item and offer.key else NOTHING
    mark = icon(offer.icon) if offer.icon and not item else NOTHING
    return format_html(_OFFER, classes, place, place, key, mark, move_name(offer.move, offer.again), shown)


def _button_look(offer: Offer) -> str:
    return "btn btn-primary" if offer.primary else "btn"


def _item_look(offer: Offer) -> str:
    return "btn-danger-quiet" if offer.ending else ""


@register.simple_tag
def act(move: str, url: str, label: str, icon_name: str = "") -> SafeString:
    """A small button for one move, in words of its own: `{% act "resume" sheet.url label icon_name="send" %}`."""
    place, mark = f"{url}/{NOUNS[Move(move)]}", icon(icon_name) if icon_name else NOTHING
    return format_html(_OFFER, "btn btn-sm", place, place, NOTHING, mark, label, NOTHING)


@register.simple_tag
def group_rows(group: Group, values: Mapping[str, Masked], reveal: str = "", split_url: str = "") -> SafeString:
    """One row of the history, or the warnings of the clocks that stand together."""
    rows = [_entry(entry, values, reveal, split_url) for entry in group.entries]
    if len(rows) == 1:
        return rows[0]
    summary = ngettext("%(number)s warning of the clocks", "%(number)s warnings of the clocks", len(rows))
    return format_html(
        _GROUP,
        group.side,
        summary % {"number": len(rows)},
        mark_safe("".join(rows)),  # noqa: S308 - each row is escaped where it is written
    )


@register.simple_tag
def told_row(row: Told, values: Mapping[str, Masked] | None = None, reveal: str = "") -> SafeString:
    """One row of a history outside of its page: `{% told_row row values=values %}`."""
    return _row(row, values or {}, reveal, heading=happening_name(row.what, row.again))


def _entry(entry: Entry, values: Mapping[str, Masked], reveal: str, split_url: str) -> SafeString:
    row, said = entry.row, entry.says
    after = _split_link(split_url, row) if split_url and entry.may_be_split else NOTHING
    return _row(
        row,
        values,
        reveal,
        heading=entry.heading or happening_name(row.what, row.again),
        side=format_html(_SIDE, entry.side, said) if said else NOTHING,
        classes=f" is-{entry.side}",
        place=format_html(' data-side="{}"', entry.side),
        after=format_html('<p class="happening-late">{}</p>', entry.state) if entry.state else after,
    )


def _row(
    row: Told,
    values: Mapping[str, Masked],
    reveal: str,
    *,
    heading: str,
    side: SafeString = NOTHING,
    classes: str = "",
    place: SafeString = NOTHING,
    after: SafeString = NOTHING,
) -> SafeString:
    at = row.happened_at
    body = mark_safe("".join((_lines(row, values, reveal), _said(row, values, reveal), _late(row), after, _proof(row))))  # noqa: S308 - escaped in each
    mark = icon("send" if row.what == MESSAGE else HAPPENING_ICONS.get(row.what, "point"))
    return format_html(
        _ROW, row.what, classes, place, mark, side, heading, row.by, at.isoformat(), moment(at), short_moment(at), body
    )


def _lines(row: Told, values: Mapping[str, Masked], reveal: str) -> SafeString:
    if not row.lines:
        return NOTHING
    lines = ((label, in_words(value, values, reveal)) for label, value in row.lines)
    return format_html(_LINES, format_html_join("", _LINE, lines))


def _said(row: Told, values: Mapping[str, Masked], reveal: str) -> SafeString:
    return format_html(_TEXT, in_words(row.text, values, reveal)) if row.text else NOTHING


def _late(row: Told) -> SafeString:
    if not row.is_late:
        return NOTHING
    said = gettext("entered later, on %(at)s") % {"at": moment(row.recorded_at)}
    return format_html('<p class="happening-late">{}</p>', said)


def _proof(row: Told) -> SafeString:
    if not row.leaf:
        return NOTHING
    if row.sound:
        says = gettext("The fingerprint of this row matches what was written down.")
        return format_html(_SOUND, says, icon("shield-check"), row.leaf)
    return format_html(_BROKEN, icon("shield-x"), gettext("This row is not what was written down."), row.leaf)


def _split_link(url: str, row: Told) -> SafeString:
    place = f"{url}?quoted={row.seq}"
    link = '<a class="happening-act" href="{}" hx-get="{}" hx-target="#dialog" hx-swap="innerHTML">{}{}</a>'
    return format_html(link, place, place, icon("arrows-split"), move_name(Move.SPLIT))


@register.simple_tag
def clock_card(clock: Any, url: str, now: datetime) -> SafeString:
    """A clock that can be asked why: `{% clock_card clock sheet.url sheet.at %}`."""
    return clock_badge(clock, why_url=f"{url}/clocks/{clock.rule}/{clock.start_seq}", now=now)


@register.simple_tag
def term_pen(url: str, name: str) -> SafeString:
    """A pen beside one term, which brings its form to where the term stands: `{% term_pen sheet.url "severity" %}`."""
    label = gettext("Put right: %(what)s") % {"what": str(TERM_NAMES[name]).lower()}
    return format_html(_PEN, url, name, label, icon("pencil"))
