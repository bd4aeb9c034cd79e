"""A ticket that was found, as one row of the list: in words already, with what was looked for marked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.urls import reverse
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

from shouwen.desk.asked import Asked
from shouwen.desk.customers import MaskedCustomer, masked_customers
from shouwen.desk.finding import Hit, Rank
from shouwen.desk.wording import here
from shouwen.editions.queries import edition
from shouwen.handbook.authority import Actor, Sight
from shouwen.handbook.history import Standing
from shouwen.handling.personal import texts_in
from shouwen.language.bigrams import places_of, says
from shouwen.people.names import team_words
from shouwen.screens.templatetags.parts import TOKEN, redacted
from shouwen.screens.templatetags.spoken import stage_name, standing_name, ticket_type_name
from shouwen.screens.templatetags.times import short_moment
from shouwen.tickets.models import Ticket, TicketEvent
from shouwen.tickets.queries import visible_to

BEFORE, SHOWN = 24, 110  # characters of the text ahead of the first word found, and in all
IN_A_ROW = (
    "number",
    "ticket_type",
    "title",
    "description",
    "customer",
    "stage",
    "standing",
    "category",
    "edition",
    "is_open",
    "received_at",
    "lead_due_at",
    "handler__display_name",
    "handler__username",
    "team__name",
    "team__name_en",
    "customer__phone_token",
    "customer__name_token",
)


@dataclass(frozen=True, slots=True)
class FoundRow:
    """What the list shows of a ticket."""

    number: str
    url: str
    title: SafeString
    said: SafeString  # where the words stand in the text; "" where the title has them all
    is_later: bool  # it was written in the course of the work
    number_shown: SafeString
    ticket_type: str
    category: SafeString
    received_at: datetime
    received: str
    customer: str
    stage: str
    standing: str  # "" while it runs
    is_open: bool
    is_late: bool
    hands: str


def found_rows(hits: Sequence[Hit], asked: Asked, actor: Actor, at: datetime) -> list[FoundRow]:
    """The rows of these hits, in their order: two queries, however many they are.

    For who sees nothing personal they are without their customers.
    """
    pks = [hit.place.pk for hit in hits]
    if not pks:
        return []
    rows = visible_to(actor).filter(pk__in=pks).select_related("handler", "team", "customer").only(*IN_A_ROW)
    by_pk = {ticket.pk: ticket for ticket in rows}
    written = _written(by_pk, hits, asked.typed)
    customers = masked_customers(ticket.customer for ticket in by_pk.values() if Sight.PERSONAL in actor.sights)
    shown = (by_pk[pk] for pk in pks if pk in by_pk)
    return [_row(ticket, customers.get(ticket.customer_id), written.get(ticket.pk, ""), asked, at) for ticket in shown]


def _written(tickets: Mapping[UUID, Ticket], hits: Sequence[Hit], words: str) -> dict[UUID, str]:
    """What was written later, for tickets that are found by that alone: one query, where there are any."""
    found = [hit.place.pk for hit in hits if hit.rank is Rank.TEXT]
    later = [pk for pk in found if pk in tickets and words and not says(tickets[pk].description, words)]
    events = TicketEvent.objects.filter(ticket_id__in=later).order_by("ticket_id", "-seq") if later else ()
    written: dict[UUID, str] = {}
    for event in events:
        said = next((text for text in texts_in(event.facts) if places_of(words, text)), "")
        if said:
            written.setdefault(event.ticket_id, said)
    return written


def _row(ticket: Ticket, customer: MaskedCustomer | None, written: str, asked: Asked, at: datetime) -> FoundRow:
    values = (customer.phone, customer.name) if customer else ()
    title = ticket.title or ticket.number
    return FoundRow(
        number=ticket.number,
        url=reverse("desk:ticket", args=[ticket.number]),
        title=marked(title, asked.typed),
        said=extract(written or ticket.description, asked.typed, title),
        is_later=bool(written),
        number_shown=_number(ticket.number, asked),
        ticket_type=ticket_type_name(ticket.ticket_type),
        category=marked(here(edition(ticket.edition).label("categories", ticket.category)), asked.typed),
        received_at=ticket.received_at,
        received=short_moment(ticket.received_at, at),
        customer=" ".join(value.shown for value in values if value and value.shown),
        stage=stage_name(ticket.stage),
        standing="" if ticket.standing == Standing.RUNNING else standing_name(ticket.standing),
        is_open=ticket.is_open,
        is_late=ticket.is_open and ticket.lead_due_at <= at,
        hands=" · ".join(filter(None, (str(ticket.handler or ""), _place(ticket)))),
    )


def marked(text: str, words: str) -> SafeString:
    """Redacted text with the words that were looked for in `<mark>`, and a chip for each token; all else escaped."""
    return _with_marks(text, places_of(words, TOKEN.sub(lambda token: " " * len(token[0]), text)))


def extract(text: str, words: str, title: str = "", *, before: int = BEFORE, shown: int = SHOWN) -> SafeString:
    """The stretch of the text in which the words stand; nothing where the title shows as much."""
    spans = places_of(words, TOKEN.sub(lambda token: " " * len(token[0]), text))
    shown_in_title = title.rstrip("…")
    if not spans or (title and text.startswith(shown_in_title) and spans[-1][1] <= len(shown_in_title)):
        return SafeString("")
    start = _outside_tokens(text, max(0, spans[0][0] - before))
    end = _outside_tokens(text, min(len(text), start + shown))
    cut = [(one - start, other - start) for one, other in spans if one >= start and other <= end]
    ahead, behind = ("…" if start else ""), ("…" if end < len(text) else "")
    return mark_safe(f"{ahead}{_with_marks(text[start:end].replace(chr(10), ' '), cut)}{behind}")  # noqa: S308 - escaped


def _outside_tokens(text: str, at: int) -> int:
    """The place itself, or the end of the token it is in."""
    inside = (token.end() for token in TOKEN.finditer(text) if token.start() < at < token.end())
    return next(inside, at)


def _with_marks(text: str, spans: Iterable[tuple[int, int]]) -> SafeString:
    shown, at = [], 0
    for start, end in spans:
        shown += redacted(text[at:start]), "<mark>", conditional_escape(text[start:end]), "</mark>"
        at = end
    return mark_safe("".join((*shown, redacted(text[at:]))))  # noqa: S308 - every part is escaped


def _number(number: str, asked: Asked) -> SafeString:
    """The number, with the beginning that was typed marked."""
    if not asked.beginning or not asked.beginning[0] <= number <= asked.beginning[1]:
        return conditional_escape(number)
    length = next((at for at, pair in enumerate(zip(*asked.beginning, strict=True)) if pair[0] != pair[1]), len(number))
    return _with_marks(number, [(0, length)])


def _place(ticket: Ticket) -> str:
    return team_words(ticket.team) if ticket.team else gettext("at the desk")
