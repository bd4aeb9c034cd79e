"""What was to be said to whom, in words."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from string import Formatter
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Count, F, Q, QuerySet, Window
from django.db.models.functions import RowNumber
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from shouwen.editions.edition import Edition, Template
from shouwen.editions.queries import edition
from shouwen.handbook.authority import Actor
from shouwen.notices.codes import opened_code
from shouwen.notices.models import TOLD_AT, MessageOrder

HIDDEN = "••••••"
CARRIES = ("code", "link")  # the blanks a sealed code fills
LETTER = "_letter"  # a template named like another, with this at its end, is that one's wording by e-mail
ONE_CLAUSE = re.compile(r"[，。：；！？]|[,.:;!?](?=\s|$)")
MAY_HEAD = frozenset({"number", "into"})  # what tells nobody more than that there is a complaint


def message_text(order: MessageOrder, language: str, *, opened: bool = False, hidden: str = HIDDEN) -> str:
    """The message as a screen may show it: codes and links are `hidden`; in a demo the outbox has it `opened`."""
    code = opened_code(order) if opened and settings.DEMO else None
    return _filled(order, language, code or hidden)


def text_to_send(order: MessageOrder, language: str) -> str:
    """The message as its recipient gets it. Raises KeyError for a blank nobody filled."""
    return _filled(order, language, opened_code(order))


def subject_of(order: MessageOrder, language: str) -> str:
    """What stands above a letter to a customer: its first clause, if that names the ticket and nothing else."""
    number = order.params.get("number")
    if not order.recipient.startswith("customer:") or not number:
        return ""
    clause = ONE_CLAUSE.split(_template(order).words.spoken(language), maxsplit=1)[0].strip()
    blanks = {name for _text, name, _spec, _how in Formatter().parse(clause) if name}
    if "number" in blanks and blanks <= MAY_HEAD:
        return clause.format_map(order.params)
    with translation.override(language):
        return _("About what you told us ({number})").format(number=number)


def inbox_of(actor: Actor, at: datetime) -> QuerySet[MessageOrder]:
    """Messages on the desk for a person and their teams that are due to be told at `at`, newest first."""
    to = [actor.ref, *(f"team:{code}" for code in sorted(actor.teams))]
    told = MessageOrder.objects.alias(told_at=TOLD_AT).filter(told_at__lte=at)
    moot = Q(read_at__lt=F("not_before"))
    return told.filter(~moot, recipient__in=to, channel="desk").order_by("-ordered_at", "-id")


def newest_about(inbox: QuerySet[MessageOrder], ticket_ids: Iterable[UUID], each: int) -> QuerySet[MessageOrder]:
    """The newest notices about each of these tickets, `each` at most, with how many there are and how many unread."""
    by_ticket = {"partition_by": F("ticket_id")}
    newest = Window(RowNumber(), order_by=[F("ordered_at").desc(), F("id").desc()], **by_ticket)
    counted = {
        "told": Window(Count("id"), **by_ticket),
        "unread": Window(Count("id", filter=Q(read_at=None)), **by_ticket),
    }
    about = inbox.filter(ticket_id__in=list(ticket_ids)).order_by()
    return about.annotate(place=newest, **counted).filter(place__lte=each).order_by("-ordered_at", "-id")


def outbox(
    *, state: str = "", channel: str = "", template: str = "", ticket_id: UUID | None = None
) -> QuerySet[MessageOrder]:
    """Messages that leave the desk, newest first, narrowed to what became of them, a way, a kind, a ticket."""
    asked = {"state": state, "channel": channel, "template": template, "ticket_id": ticket_id}
    chosen = {name: value for name, value in asked.items() if value}
    return MessageOrder.objects.exclude(channel="desk").filter(**chosen).order_by("-ordered_at", "-id")


def messages_about(ticket_id: UUID | str) -> QuerySet[MessageOrder]:
    """Every message about one ticket, newest first."""
    return MessageOrder.objects.filter(ticket_id=ticket_id).order_by("-ordered_at", "-id")


def _filled(order: MessageOrder, language: str, code: str | None) -> str:
    rules, template = edition(order.edition), _template(order)
    values = {name: _spoken(name, value, rules, language) for name, value in order.params.items()}
    if code is not None:
        values |= {blank: code for blank in template.blanks if blank in CARRIES and blank not in values}
    return template.filled(language, values)


def _template(order: MessageOrder) -> Template:
    """Its wording; by e-mail, the one for letters where there is one. Raises KeyError."""
    templates = edition(order.edition).templates
    letter = templates.get(order.template + LETTER) if order.channel == "email" else None
    return letter or templates[order.template]


def _spoken(name: str, value: Any, rules: Edition, language: str) -> str:
    """A parameter as people read it: a rule and a calendar by its name, an instant in the carrier's own time."""
    if name in ("rule", "calendar"):
        return rules.label(f"{name}s", str(value)).spoken(language)
    if name.endswith("_at") or name == "until":
        return f"{timezone.localtime(datetime.fromisoformat(str(value))):%Y-%m-%d %H:%M}"
    return str(value)
