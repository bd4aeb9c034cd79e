"""The small parts every screen is made of."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from functools import cache, lru_cache
from typing import Any

from django import template
from django.conf import settings
from django.forms import BoundField
from django.http import QueryDict
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext, pgettext_lazy
from django_vite.templatetags.django_vite import vite_asset_url

from shouwen.screens.tables import ASKED, CSV, KINDS, WHICH, XLSX

register = template.Library()

AT_MOST = 99
LATE_RECORD = timedelta(minutes=5)
LONGEST_CHINESE_NAME = 3
TOKEN = re.compile(r"⟦(\w+):(\w+)⟧")
IDENTIFIERS = {
    "phone": pgettext_lazy("identifier", "phone number"),
    "id_card": pgettext_lazy("identifier", "ID card"),
    "bank_card": pgettext_lazy("identifier", "bank card"),
    "plate": pgettext_lazy("identifier", "number plate"),
    "account": pgettext_lazy("identifier", "account"),
    "email": pgettext_lazy("identifier", "e-mail"),
    "address": pgettext_lazy("identifier", "address"),
    "name": pgettext_lazy("identifier", "name"),
}
HAPPENING_ICONS = {
    "accepted": "inbox",
    "carried_over": "transfer-in",
    "assessed": "list-check",
    "validated": "user-check",
    "reclassified": "category",
    "promoted": "arrow-up",
    "answered_at_contact": "message",
    "dispatched": "send",
    "declined": "arrow-back-up",
    "transferred": "arrows-exchange",
    "assigned": "user-check",
    "owner_handed_over": "user-share",
    "responded": "phone-call",
    "investigation_started": "search",
    "test_decided": "antenna",
    "visit_confirmed": "phone-check",
    "arrived": "map-pin-check",
    "evidence_recorded": "clipboard-check",
    "waiting_started": "player-pause",
    "held": "player-pause",
    "resumed": "player-play",
    "proposed": "bulb",
    "approved": "rubber-stamp",
    "returned": "arrow-back-up",
    "carried_out": "tool",
    "customer_told": "message",
    "informant_told": "message",
    "survey_sent": "mail-question",
    "rated": "star",
    "followed_up": "phone-check",
    "reopened": "rotate",
    "closed": "circle-check",
    "archived": "archive",
    "rejected": "ban",
    "cancelled": "ban",
    "withdrawn": "ban",
    "marked": "flag",
    "major_declared": "alert-octagon",
    "reported": "stairs-up",
    "promise_made": "calendar-event",
    "promise_kept": "calendar-check",
    "extension_agreed": "calendar-plus",
    "noted": "note",
    "customer_added": "message-plus",
    "linked": "link",
    "unlinked": "unlink",
    "child_linked": "link",
    "child_unlinked": "unlink",
    "broadcast": "speakerphone",
    "event_told": "speakerphone",
    "attached": "paperclip",
    "detached": "file-off",
    "task_assigned": "users-plus",
    "task_answered": "message-reply",
    "merged": "arrows-join",
    "unmerged": "arrow-back-up",
    "absorbed": "arrow-merge",
    "released": "arrow-fork",
    "split": "arrows-split",
    "overdue_talked": "messages",
    "measure_followed": "checkup-list",
    "rules_changed": "book-2",
    "clock_warned": "alert-triangle",
    "clock_breached": "alert-octagon",
    "escalated": "stairs-up",
}
WIDGET_CLASSES = {"checkbox": "form-check-input", "group": "", "select": "form-select"}


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """An icon from the sprite: `{% icon "eye" %}`. Beside words it is silent; alone it needs a label."""
    return _drawn(name, str(label))


@lru_cache(maxsize=500)
def _drawn(name: str, label: str) -> SafeString:
    """The same few stand on every page by the dozen."""
    voice = format_html('role="img" aria-label="{}"', label) if label else mark_safe('aria-hidden="true"')
    return format_html('<svg class="icon" width="20" height="20" {}><use href="{}#{}"/></svg>', voice, _sprite(), name)


@cache
def _sprite() -> str:
    return vite_asset_url("src/icons.svg")


@register.filter
def capped(count: int | None) -> str:
    """A badge's number: 99+ beyond two digits."""
    if count is None:
        return ""
    return f"{AT_MOST}+" if count > AT_MOST else str(count)


@register.inclusion_tag("shared/masked.html")
def masked(value: str, label: str = "", reveal_url: str = "") -> dict[str, Any]:
    """A masked value with an eye that asks why: `{% masked "138****5678" label=_("Phone") reveal_url=url %}`."""
    return {"value": value, "label": label, "reveal_url": reveal_url}


@register.simple_tag
def redacted(text: str, reveal_url: str = "") -> SafeString:
    """Free text with its vault tokens shown as chips; `reveal_url` is the address to which a token's id is added."""
    shown, position = [], 0
    for found in TOKEN.finditer(text or ""):
        shown.append(conditional_escape(text[position : found.start()]))
        shown.append(_chip(found[1], found[2], reveal_url))
        position = found.end()
    shown.append(conditional_escape((text or "")[position:]))
    return mark_safe("".join(shown))  # noqa: S308 - every part is escaped above


_HIDDEN = '<span class="token" title="{0}"><span aria-hidden="true">***</span><b class="visually-hidden">{0}</b></span>'


def _chip(kind: str, token: str, reveal_url: str) -> SafeString:
    name = IDENTIFIERS.get(kind, kind)
    if not reveal_url:
        return format_html(_HIDDEN, name)
    return format_html(
        '<span class="token masked"><span data-value>{}</span><button type="button" class="eye" '
        'data-reveal="{}{}" data-reveal-what="{}" aria-label="{}">{}</button></span>',
        name,
        reveal_url,
        token,
        name,
        gettext("Reveal: %(what)s") % {"what": name},
        icon("eye"),
    )


@register.inclusion_tag("shared/empty.html")
def empty(title: str, teaches: str = "", icon_name: str = "inbox", url: str = "", action: str = "") -> dict[str, Any]:
    """An empty list that says what would be here, and what to do: `{% empty _("Nothing waits for you") %}`."""
    return {"title": title, "teaches": teaches, "icon": icon_name, "url": url, "action": action}


@register.inclusion_tag("shared/field.html")
def field(bound: BoundField, purpose: str = "", wide: bool = True) -> dict[str, Any]:
    """A form field with label, help, errors and what it is asked for: `{% field form.phone purpose=_("…") %}`."""
    kind = _kind(bound)
    classes = WIDGET_CLASSES.get(kind, "form-control")
    if bound.errors:
        classes += " is-invalid"
    described = [bound.help_text and f"{bound.auto_id}_helptext", purpose and f"{bound.auto_id}_purpose"]
    described.append(f"{bound.auto_id}_error" if bound.errors else "")
    attrs = {"class": f"{bound.field.widget.attrs.get('class', '')} {classes}".strip()}
    if any(described):
        attrs["aria-describedby"] = " ".join(filter(None, described))
    return {"field": bound, "kind": kind, "widget": bound.as_widget(attrs=attrs), "purpose": purpose, "wide": wide}


def _kind(bound: BoundField) -> str:
    widget = bound.field.widget
    kind = getattr(widget, "input_type", "") or "textarea"
    return "group" if kind in {"radio", "checkbox"} and getattr(widget, "choices", None) is not None else kind


@register.inclusion_tag("shared/move_button.html")
def move_button(
    label: str, url: str, icon_name: str = "", primary: bool = False, key: str = "", danger: bool = False
) -> dict[str, Any]:
    """A button that fetches its dialog: `{% move_button _("Transfer") url icon_name="send" key="t" %}`."""
    return {"label": label, "url": url, "icon": icon_name, "primary": primary, "key": key, "danger": danger}


@register.inclusion_tag("shared/happening.html")
def happening(row: Any) -> dict[str, Any]:
    """One item of a ticket's history: `<ol class="history">{% happening row %}…</ol>`.

    `row` has `what`, `happened_at`, and where known `recorded_at`, `by` (a name), `source`, `text` (redacted free
    text) and `lines` (pairs of label and value).
    """
    return {
        "row": row,
        "icon": HAPPENING_ICONS.get(_of(row, "what"), "point"),
        "late": _recorded_late(_of(row, "happened_at"), _of(row, "recorded_at")),
    }


def _of(row: Any, name: str) -> Any:
    return row.get(name) if isinstance(row, dict) else getattr(row, name, None)


def _recorded_late(happened_at: datetime, recorded_at: datetime | None) -> bool:
    return recorded_at is not None and recorded_at - happened_at > LATE_RECORD


@register.inclusion_tag("shared/person.html")
def person(name: Any, note: str = "", first_owner: bool = False) -> dict[str, Any]:
    """Somebody who works here: `{% person ticket.handler note=ticket.team %}`. Nobody is said too."""
    spoken = str(name) if name else ""
    return {"name": spoken, "initial": initial_of(spoken), "note": note, "first_owner": first_owner}


def initial_of(name: str) -> str:
    """The surname of a Chinese name, the last two characters of what is longer than a name, one letter of another."""
    if name[-1:].isascii():
        return name[:1].upper()
    return name[:1] if len(name) <= LONGEST_CHINESE_NAME else name[-2:]


@register.inclusion_tag("shared/pager.html")
def pager(previous_url: str = "", next_url: str = "", shown: str = "") -> dict[str, Any]:
    """Keyset pages go forward and back and have no number: `{% pager previous_url next_url shown %}`."""
    return {"previous_url": previous_url, "next_url": next_url, "shown": shown}


@register.inclusion_tag("shared/filter_bar.html", takes_context=True)
def filter_bar(
    context: template.Context, form: Any, target: str = "#list", chips: Iterable[Any] = (), clear_url: str = ""
) -> dict[str, Any]:
    """A row of filters that reload the list as they change: `{% filter_bar form target="#list" chips=chips %}`.

    A chip is an active filter: `label` and `without_url`.
    """
    request = context.get("request")
    return {
        "fields": [(bound, _filter_widget(bound)) for bound in form.visible_fields()],
        "hidden": form.hidden_fields(),
        "path": request.path if request else "",
        "target": target,
        "chips": chips,
        "clear_url": clear_url,
    }


def _filter_widget(bound: BoundField) -> str:
    label = str(bound.label)
    if _kind(bound) == "select":
        return _select(bound, label)
    shown = {"class": "form-control form-control-sm"}
    if _kind(bound) == "date":  # it has no place for words in itself
        return format_html('<label class="filters-day">{} {}</label>', label, bound.as_widget(attrs=shown))
    return bound.as_widget(attrs=shown | {"aria-label": label, "placeholder": label})


def _select(bound: BoundField, label: str) -> SafeString:
    """Written here: Django renders a template for each option, and every list shows a hundred of them."""
    chosen = str(bound.value() or "")
    options = format_html_join(
        "",
        '<option value="{}"{}>{}</option>',
        (
            (code, mark_safe(" selected") if str(code) == chosen else "", name)
            for code, name in bound.field.widget.choices
        ),
    )
    shown = '<select name="{}" id="{}" class="form-select form-select-sm" aria-label="{}">{}</select>'
    return format_html(shown, bound.html_name, bound.id_for_label, label, options)


@register.inclusion_tag("shared/download.html", takes_context=True)
def download(context: template.Context, url: str = "", tables: Sequence[str] = ()) -> dict[str, Any]:
    """The table shown, with its filters, as a file: `{% download %}`. The page answers `?as=xlsx` with one.

    Of a page with several `tables`, by name, each is a CSV file of its own.
    """
    request = context.get("request")
    asked = request.GET.copy() if request else QueryDict(mutable=True)
    page = url or (request.path if request else "")

    def address(kind: str, **which: int) -> str:
        asked[ASKED] = kind
        for name, number in which.items():
            asked[name] = str(number)
        return f"{page}?{asked.urlencode()}"

    kinds = [XLSX] if tables else KINDS
    files = [(kind.upper(), address(kind)) for kind in kinds]
    return {
        "files": files,
        "tables": [(name, address(CSV, **{WHICH: number})) for number, name in enumerate(tables, start=1)],
    }


@register.simple_tag
def keys(*names: str) -> SafeString:
    """Keys as keys: `{% keys "g" "i" %}`."""
    return format_html_join(" ", "<kbd>{}</kbd>", ((name,) for name in names))


@register.simple_tag
def language_names() -> list[tuple[str, str, str]]:
    """The languages of the desk as (code, own name, short name)."""
    own = {"zh-hans": ("简体中文", "中"), "en": ("English", "EN")}
    return [(code, *own.get(code, (str(name), code))) for code, name in settings.LANGUAGES]
