"""Proposals that wait: what each asks for and what it stands on, at a glance; and deciding on several at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation

from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from shouwen.desk.clocks import ShownClock, lead_clocks
from shouwen.desk.rows import filed
from shouwen.desk.sources import in_terms, source_of
from shouwen.desk.wording import here
from shouwen.editions.edition import Edition
from shouwen.editions.queries import edition
from shouwen.handbook.authority import Actor, check_approval, check_may, may
from shouwen.handbook.evidence import missing, recorded_items
from shouwen.handbook.history import Happening, What, in_round
from shouwen.handbook.moves import Move
from shouwen.handbook.refusals import Refusal
from shouwen.handling.actions import TicketChanged, move_ticket
from shouwen.people.names import Names, names_in
from shouwen.screens.templatetags.badges import clock_badge
from shouwen.screens.templatetags.spoken import refusal_text
from shouwen.tickets.models import Ticket
from shouwen.tickets.queries import NoSuchTicket, histories_of

DECISIONS = {"approve": Move.APPROVE, "return": Move.RETURN}
APART = "@"


@dataclass(frozen=True, slots=True)
class ProposalRow:
    """One proposal as its approver reads it."""

    number: str
    seen: int
    title: str
    category: str
    url: str
    return_url: str
    solution: str
    cause: str
    amount: str  # "" where none is asked for
    grounds: str
    proposer: str
    proposed_at: datetime | None
    have: int
    lacking: list[str]
    badge: SafeString
    approvable: bool
    why_not: str
    returnable: bool

    @property
    def choice(self) -> str:
        """What a tick on it sends: the ticket, and how far its reader had read."""
        return f"{self.number}{APART}{self.seen}"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one decision."""

    number: str
    done: bool
    says: str = ""
    source: str = ""


def proposal_rows(tickets: Sequence[Ticket], actor: Actor, at: datetime) -> list[ProposalRow]:
    """The rows of these tickets, in their order: six queries, however many they are."""
    histories = histories_of([ticket.pk for ticket in tickets]) if tickets else {}
    names = names_in(row for history in histories.values() for row in history)
    clocks = lead_clocks(tickets, at) if tickets else {}
    return [_row(ticket, histories[str(ticket.pk)], names, clocks.get(str(ticket.pk)), actor, at) for ticket in tickets]


def _row(
    ticket: Ticket,
    history: Sequence[Happening],
    names: Names,
    clock: ShownClock | None,
    actor: Actor,
    at: datetime,
) -> ProposalRow:
    rules, proposal = edition(ticket.edition), _proposal(history)
    facts, checklist = (proposal.facts if proposal else {}), rules.checklist(ticket.category)
    recorded, refusal = recorded_items(history), _why_not(rules, actor, proposal)
    amount, page = amount_of(proposal), reverse("desk:ticket", args=[ticket.number])
    return ProposalRow(
        number=ticket.number,
        seen=ticket.last_seq,
        title=ticket.title or ticket.number,
        category=filed(rules, ticket.category).leaf,
        url=page,
        return_url=reverse(f"desk:{Move.RETURN}", args=[ticket.number]),
        solution=str(facts.get("text") or ""),
        cause=here(rules.label("causes", str(facts["cause"]))) if facts.get("cause") else "",
        amount=f"{amount} {here(rules.currency)}" if amount else "",
        grounds=str(facts.get("evidence") or ""),
        proposer=names.of(proposal.by) if proposal else "",
        proposed_at=proposal.happened_at if proposal else None,
        have=len(recorded),
        lacking=[here(item.words) for item in missing(checklist, recorded)],
        badge=clock_badge(clock, now=at) if clock else SafeString(""),
        approvable=refusal is None,
        why_not=refusal_text(in_terms(refusal, rules)) if refusal else "",
        returnable=may(rules.roles, actor, Move.RETURN),
    )


def amount_of(proposal: Happening | None) -> Decimal:
    """How much compensation a proposal asks for."""
    try:
        return Decimal(str((proposal.facts.get("compensation") if proposal else None) or "0"))
    except InvalidOperation:
        return Decimal(0)


def _proposal(history: Iterable[Happening]) -> Happening | None:
    return next((row for row in reversed(in_round(history)) if row.what is What.PROPOSED), None)


def _why_not(rules: Edition, actor: Actor, proposal: Happening | None) -> Refusal | None:
    """What keeps this actor from approving it: their role, that it is their own, or its amount (M3.3)."""
    try:
        check_may(rules.roles, actor, Move.APPROVE)
        check_approval(rules.approval_limits, actor, amount_of(proposal), proposal.by if proposal else "")
    except Refusal as refusal:
        return refusal
    return None


def decide_on(choices: Iterable[str], move: Move, words: str, *, by: Actor, at: datetime) -> list[Outcome]:
    """Approve or return these proposals, each by itself: what is refused or has changed holds up no other."""
    return [_decide(choice, move, words, by=by, at=at) for choice in dict.fromkeys(choices)]


def _decide(choice: str, move: Move, words: str, *, by: Actor, at: datetime) -> Outcome:
    number, _at, seen = choice.rpartition(APART)
    stated = {"reason" if move is Move.RETURN else "text": words} if words else {}
    try:
        moved = move_ticket(
            number, move, by=by, happened_at=at, now=at, facts=stated, seen=int(seen) if seen.isdecimal() else 0
        )
    except NoSuchTicket:
        return Outcome(number, False, _("This ticket is no longer in your sight."))
    except TicketChanged as changed:
        return Outcome(changed.ticket.number, False, _("Somebody has changed it since you looked: read it again."))
    except Refusal as refusal:
        return _refused(number, refusal)
    return Outcome(moved.number, True)


def _refused(number: str, refusal: Refusal) -> Outcome:
    ticket = Ticket.objects.only("edition").get(number=number)
    rules = edition(ticket.edition)
    return Outcome(number, False, refusal_text(in_terms(refusal, rules)), source_of(refusal.clause, rules))
