"""What the department does of itself when something happens to a ticket. Told twice, it acts once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from shouwen.editions.queries import edition
from shouwen.handbook.authority import SYSTEM
from shouwen.handbook.history import Happening, What
from shouwen.handbook.lifecycle import Move, moves_from
from shouwen.handling.actions import move_locked
from shouwen.notices.actions import order_messages, order_row
from shouwen.people.queries import Roster, roster
from shouwen.surveys.actions import can_be_asked, send_survey
from shouwen.surveys.calling import ENDS, end_calls, plan_calls
from shouwen.surveys.outcomes import FOLLOWED, TOLD, keep_outcomes
from shouwen.surveys.queries import FAIR, answered, worst_score
from shouwen.surveys.reviewing import open_reviews
from shouwen.surveys.training import order_trainings
from shouwen.tickets.models import Ticket
from shouwen.tickets.news import Follower, News
from shouwen.tickets.queries import history_of, state_of

REVIEW = "rating_review"
RECENT = timedelta(days=30)  # H7.2.4: what was rated longer ago is past review when it is first read


def survey_those_told(news: Sequence[News], at: datetime) -> None:
    """Whoever has been told the result is asked how satisfied they are (S4.2b)."""
    tickets = _locked(news)
    for item in news:
        ticket = tickets.get(item.ticket_id)
        if ticket and _may(ticket, Move.SEND_SURVEY) and can_be_asked(ticket):
            history = history_of(ticket.pk)
            if not _since(history, item.seq, What.SURVEY_SENT, What.REOPENED) and not answered(history):
                send_survey(ticket.pk, by=SYSTEM, at=at, source="survey")


def reopen_or_review(news: Sequence[News], at: datetime) -> None:
    """Below "satisfied" a supervisor looks into it (S4.2c); whoever asks for it gets another round (S4.1)."""
    below = [item for item in news if worst_score(item.facts) >= FAIR]
    if not below:
        return
    tickets, on_duty = _locked(below), roster()
    open_reviews(tickets, [item for item in below if at - item.recorded_at < RECENT])
    for item in below:
        ticket = tickets.get(item.ticket_id)
        if ticket is None:
            continue
        order_messages(list(_review_orders(ticket, item, on_duty)))
        if item.facts.get("again") and not _since(history_of(ticket.pk), item.seq, What.REOPENED):
            _reopen(ticket, item, at)


def note_outcomes(news: Sequence[News], at: datetime) -> None:
    """How each round ended is kept to count by; and whose ratings were below "satisfied" too often is trained."""
    keep_outcomes(Ticket.objects.filter(pk__in={item.ticket_id for item in news}).order_by("pk"))
    order_trainings([UUID(item.ticket_id) for item in news if item.what is What.RATED], at)


def _reopen(ticket: Ticket, item: News, at: datetime) -> None:
    if _may(ticket, Move.REOPEN):
        facts = {"reason": item.facts.get("words") or REASON, "rated": item.seq}
        move_locked(ticket, Move.REOPEN, by=SYSTEM, happened_at=at, now=at, facts=facts, source="survey")


REASON = "客户评价不满意，要求重新处理 / The customer was not satisfied and asked for another round"


def _review_orders(ticket: Ticket, item: News, on_duty: Roster) -> Iterator[dict[str, Any]]:
    if REVIEW not in edition(ticket.edition).templates:
        return
    for supervisor in on_duty.holders("supervisor", team=ticket.lead_team_id, region=ticket.region):
        yield order_row(
            cause=f"{ticket.pk}/{item.seq}/{REVIEW}/{supervisor}",
            ticket_id=str(ticket.pk),
            recipient=f"person:{supervisor}",
            channel="desk",
            template=REVIEW,
            edition=ticket.edition,
            params={"number": ticket.number, "score": worst_score(item.facts)},
        )


def _locked(news: Sequence[News]) -> dict[str, Ticket]:
    """The tickets, locked in one order, so that two followers never wait for each other."""
    ids = {item.ticket_id for item in news}
    rows = Ticket.objects.select_for_update().filter(pk__in=ids).order_by("pk")
    return {str(ticket.pk): ticket for ticket in rows}


def _may(ticket: Ticket, move: Move) -> bool:
    state = state_of(ticket)
    return move in moves_from(state, edition(ticket.edition).path(state.ticket_type))


def _since(history: Sequence[Happening], seq: int, *whats: What) -> bool:
    return any(row.seq > seq and row.what in whats for row in history)


FOLLOWERS = (
    Follower("surveys.survey_those_told", frozenset({What.CUSTOMER_TOLD}), survey_those_told),
    Follower("surveys.reopen_or_review", frozenset({What.RATED}), reopen_or_review),
    Follower("surveys.note_outcomes", FOLLOWED, note_outcomes),
    Follower("surveys.plan_calls", TOLD, plan_calls),
    Follower("surveys.end_calls", ENDS, end_calls),
)
