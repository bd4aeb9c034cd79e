"""A customer as a whole: what is known of them, their complaints and what came of each, what was promised."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count
from django.urls import reverse

from shouwen.customers.facts import KnownFact, facts_of
from shouwen.customers.mailboxes import mailbox_of
from shouwen.customers.models import Customer, CustomerFact, Mailbox
from shouwen.customers.queries import wishes_of
from shouwen.desk.customers import Masked, MaskedCustomer, masked_customers, masked_values
from shouwen.desk.paging import Page, in_batches, page_of
from shouwen.desk.rows import filed
from shouwen.desk.wording import here
from shouwen.editions.edition import Edition
from shouwen.editions.queries import edition
from shouwen.handbook.authority import Actor
from shouwen.handbook.history import Happening, What
from shouwen.handbook.promises import Kept, Promise, promises_of
from shouwen.handling.personal import written_tokens
from shouwen.people.names import Names, names_in
from shouwen.tickets.models import Ticket, TicketEvent
from shouwen.tickets.queries import NoSuchTicket, happening, visible_to

MOST_OPEN = 20
IN_A_PANE = 5
REPEATED_WITHIN = timedelta(days=90)
BY_RECEIPT = ("-received_at", "-id")
TELLING = frozenset(
    {What.CUSTOMER_TOLD, What.ANSWERED_AT_CONTACT, What.CLOSED, What.REJECTED, What.WITHDRAWN, What.MERGED}
    | {What.RESPONDED, What.EXTENSION_AGREED, What.CANCELLED}
    | {What.PROMISE_MADE, What.PROMISE_KEPT, What.RATED, What.FOLLOWED_UP, What.REOPENED}
)
# What says how a ticket ended, the most telling first.
_OUTCOMES = ((What.CLOSED, "outcome"), (What.CUSTOMER_TOLD, "text"), (What.ANSWERED_AT_CONTACT, "text"))
_OTHERWISE = ((What.REJECTED, "reason"), (What.WITHDRAWN, "reason"), (What.MERGED, "into"))


@dataclass(frozen=True, slots=True)
class Case:
    """One complaint of the customer's."""

    ticket: Ticket
    url: str
    category: str
    outcome: str
    reopened: bool


@dataclass(frozen=True, slots=True)
class Rated:
    """One answer to how satisfied they were, in the words of the edition's scores."""

    number: str
    at: datetime
    aspects: Sequence[str]
    words: str
    satisfied: bool | None = None


@dataclass(frozen=True, slots=True)
class Repeated:
    """What the customer came with more than once lately."""

    category: str
    times: int


@dataclass(frozen=True)
class Whole:
    """Everything the page of a customer shows to one actor."""

    customer: Customer
    shown: MaskedCustomer
    rules: Edition
    at: datetime
    open_cases: Sequence[Case]
    earlier: Sequence[Case]
    page: Page
    promises: Sequence[tuple[str, Promise]]
    ratings: Sequence[Rated]
    repeated: Sequence[Repeated]
    facts: Sequence[KnownFact]
    ticket: Ticket  # one of theirs that the actor may see, under the rules of which they are told
    wish: tuple[time, time] | None  # the hours in which they want to be left in peace
    mailbox: Mailbox | None
    names: Names
    values: Mapping[str, Masked]

    @property
    def level(self) -> Any:
        return self.rules.label("customer_levels", self.customer.level)

    @property
    def region(self) -> Any:
        return self.rules.label("regions", self.customer.region) if self.customer.region else ""

    @property
    def cares(self) -> list[KnownFact]:
        """How they are to be treated: shown before anything else."""
        return [fact for fact in self.facts if fact.kind == CustomerFact.CARE]

    @property
    def kinds(self) -> list[tuple[str, list[tuple[KnownFact, str]]]]:
        """What is known, by kind, each with whoever wrote it down."""
        kinds = (CustomerFact.SERVICE, CustomerFact.DEVICE, CustomerFact.BILL, CustomerFact.REMARK)
        return [
            (kind, [(fact, self.names.of(fact.recorded_by)) for fact in self.facts if fact.kind == kind])
            for kind in kinds
        ]

    @property
    def written_to(self) -> Masked | None:
        """The address they want to be told at by e-mail; None where it is by text message."""
        return self.values.get(self.mailbox.token) if self.mailbox and self.mailbox.is_wanted else None

    @property
    def broken(self) -> int:
        """How many promises were broken, or kept late."""
        return sum(promise.stands in (Kept.BROKEN, Kept.LATE) for _number, promise in self.promises)


def whole_of(actor: Actor, customer_id: UUID, at: datetime, **place: str) -> Whole:
    """A customer one of whose tickets the actor may see, in a fixed number of questions. Raises NoSuchTicket."""
    tickets = visible_to(actor).filter(customer=customer_id)
    open_ones = list(tickets.filter(is_open=True).order_by(*BY_RECEIPT)[:MOST_OPEN])
    page = page_of(tickets.filter(is_open=False), BY_RECEIPT, **place)
    if not open_ones and not page.rows and not tickets.exists():
        raise NoSuchTicket(str(customer_id))
    customer = Customer.objects.get(pk=customer_id)
    rows = [*open_ones, *page.rows]
    histories = _telling(rows)
    told = [row for history in histories.values() for row in history]
    facts = facts_of(customer_id)
    latest = rows[0] if rows else tickets.order_by(*BY_RECEIPT)[0]
    rules, mailbox = edition(latest.edition), mailbox_of(customer_id)
    return Whole(
        customer,
        masked_customers([customer])[customer.pk],
        rules,
        at,
        [_case(ticket, histories[ticket.pk]) for ticket in open_ones],
        [_case(ticket, histories[ticket.pk]) for ticket in page.rows],
        page,
        [(ticket.number, one) for ticket in rows for one in promises_of(histories[ticket.pk], at)],
        [one for ticket in rows for one in _ratings(ticket, histories[ticket.pk])],
        _repeated(tickets, at),
        facts,
        latest,
        wishes_of([str(customer_id)]).get(str(customer_id)),
        mailbox,
        names_in([Happening(0, What.NOTED, at, {}, fact.recorded_by) for fact in facts]),
        masked_values({*written_tokens(told), mailbox.token if mailbox else ""}, of=customer_id),
    )


def cases_of(actor: Actor, customer_id: UUID) -> Iterator[tuple[Case, Mapping[str, Masked]]]:
    """All complaints of a customer the actor sees, the latest first, with what may be shown of names in them."""
    for batch in in_batches(visible_to(actor).filter(customer=customer_id).order_by(*BY_RECEIPT)):
        histories = _telling(batch)
        told = [row for history in histories.values() for row in history]
        values = masked_values(written_tokens(told), of=customer_id)
        for ticket in batch:
            yield _case(ticket, histories[ticket.pk]), values


def _telling(tickets: Sequence[Ticket]) -> dict[Any, list[Happening]]:
    """Of each history what this page tells of: one question."""
    histories: dict[Any, list[Happening]] = {ticket.pk: [] for ticket in tickets}
    wanted = TicketEvent.objects.filter(ticket_id__in=list(histories), what__in=TELLING)
    for event in wanted.order_by("ticket_id", "seq"):
        histories[event.ticket_id].append(happening(event))
    return histories


def _case(ticket: Ticket, history: Sequence[Happening]) -> Case:
    return Case(
        ticket,
        reverse("desk:ticket", args=[ticket.number]),
        filed(edition(ticket.edition), ticket.category).leaf,
        _outcome(history),
        any(row.what is What.REOPENED for row in history),
    )


def _outcome(history: Sequence[Happening]) -> str:
    for what, fact in (*_OUTCOMES, *_OTHERWISE):
        said = [str(row.facts.get(fact) or "") for row in history if row.what is what]
        if said and said[-1]:
            return said[-1]
    return ""


def _ratings(ticket: Ticket, history: Sequence[Happening]) -> list[Rated]:
    rules = edition(ticket.edition)
    found = []
    for row in history:
        if row.what is What.RATED:
            scores = [row.facts.get(aspect) for aspect in ("result", "handling", "efficiency")]
            aspects = [here(rules.label("scores", str(score))) for score in scores if score is not None]
            found.append(Rated(ticket.number, row.happened_at, aspects, str(row.facts.get("words") or "")))
        elif row.what is What.FOLLOWED_UP and row.facts.get("satisfied") is not None:
            satisfied = bool(row.facts["satisfied"])
            found.append(Rated(ticket.number, row.happened_at, (), str(row.facts.get("outcome") or ""), satisfied))
    return found


def _repeated(tickets: Any, at: datetime) -> list[Repeated]:
    lately = tickets.filter(received_at__gt=at - REPEATED_WITHIN).exclude(stage="merged")
    counted = lately.values("category", "edition").annotate(times=Count("id")).filter(times__gt=1).order_by("-times")
    return [Repeated(filed(edition(one["edition"]), one["category"]).leaf, one["times"]) for one in counted]
