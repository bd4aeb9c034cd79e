"""Ratings below "satisfied": looked into by a supervisor, worked again by themselves where nobody does in time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from shouwen.editions.queries import edition
from shouwen.handbook.authority import SYSTEM, Actor
from shouwen.handbook.history import What
from shouwen.handbook.lifecycle import Move, moves_from
from shouwen.handbook.refusals import AlreadyReviewed, ReasonRequired
from shouwen.handling.actions import move_locked
from shouwen.surveys.models import Review
from shouwen.surveys.queries import answered, scores_of, worst_score
from shouwen.surveys.training import coach
from shouwen.tickets.models import Ticket
from shouwen.tickets.news import News
from shouwen.tickets.queries import history_of, locked, state_of, visible_to

BY_ITSELF = (
    "得分 {marks} 低于 {below} 且逾期无人复核 / worth {marks} of 100, below {below}, and nobody looked into it in time"
)
SAYS = {
    Review.WENT_ON: "评价复核，已在重新处理：{reason} / rating looked into, being worked again already",
    Review.ACCEPT: "评价复核：{reason} / rating looked into",
    Review.COACH: "评价复核，安排辅导：{reason} / rating looked into, coaching",
}


def open_reviews(tickets: dict[str, Ticket], below: Sequence[News]) -> None:
    """Each of these ratings is somebody's business until it has been looked into (S4.2c)."""
    rows = []
    for item in below:
        ticket = tickets.get(item.ticket_id)
        reviewing = edition(ticket.edition).telling.reviewing if ticket else None
        if ticket and reviewing:
            marking = edition(ticket.edition).telling.marking
            marks = marking.of(scores_of(item.facts)) if marking else None
            rows.append(
                Review(
                    ticket_id=ticket.pk,
                    rated_seq=item.seq,
                    worst=worst_score(item.facts),
                    marks=marks,
                    fails=bool(marking and marking.fails(marks)),
                    opened_at=item.recorded_at,
                    due_at=item.recorded_at + reviewing.within,
                )
            )
    Review.objects.bulk_create(rows, ignore_conflicts=True)


@transaction.atomic
def decide_review(review_id: UUID, decision: str, *, reason: str, by: Actor, at: datetime) -> Review:
    """Write down what a supervisor made of a rating, and why: worked again, accepted, or somebody coached.

    Raises AlreadyReviewed, ReasonRequired, or another `Refusal` of the handbook.
    """
    review = Review.objects.select_for_update().get(pk=review_id)
    if review.decision:
        raise AlreadyReviewed
    if not reason.strip():
        raise ReasonRequired(move=Move.REOPEN if decision == Review.REOPEN else Move.NOTE)
    ticket = locked(review.ticket_id)
    if decision == Review.REOPEN:
        move, facts = Move.REOPEN, {"reason": reason, "rated": review.rated_seq}
    else:
        move, facts = Move.NOTE, {"text": SAYS[decision].format(reason=reason.strip())}
    ticket = move_locked(ticket, move, by=by, happened_at=at, now=at, facts=facts, source="review")
    if decision == Review.COACH:
        coach(review, by=by, at=at)
    return _decided(review, decision, by, at, ticket.last_seq)


def reopen_unreviewed(at: datetime, *, batch: int = 50) -> int:
    """Work again what is worth too little and nobody has looked into in time (H7.2.4); how many that was."""
    due = Review.objects.filter(decision="", fails=True, due_at__lte=at).order_by("due_at")[:batch]
    return sum(_reopen(review.pk, at) for review in due)


def may_be_reopened(ticket: Ticket, review: Review) -> bool:
    """True while the round that was rated is the present one and may be followed by another."""
    state = state_of(ticket)
    if Move.REOPEN not in moves_from(state, edition(ticket.edition).path(state.ticket_type)):
        return False
    rated = answered(history_of(ticket.pk))
    return bool(rated and rated.seq == review.rated_seq)


def reviews_for(actor: Actor) -> QuerySet[Review]:
    """The ratings to look into, or looked into, on tickets the actor may see."""
    return Review.objects.filter(ticket_id__in=visible_to(actor).values("pk"))


@transaction.atomic
def _reopen(review_id: UUID, at: datetime) -> int:
    review = Review.objects.select_for_update(skip_locked=True).filter(pk=review_id, decision="").first()
    if review is None:
        return 0
    ticket = locked(review.ticket_id)
    if not may_be_reopened(ticket, review):
        went_on = any(row.seq > review.rated_seq and row.what is What.REOPENED for row in history_of(ticket.pk))
        _decided(review, Review.WENT_ON if went_on else Review.ACCEPT, SYSTEM, at, None)
        return 1
    marking = edition(ticket.edition).telling.marking
    reason = BY_ITSELF.format(marks=review.marks, below=marking.below if marking else "")
    facts = {"reason": reason, "rated": review.rated_seq}
    ticket = move_locked(ticket, Move.REOPEN, by=SYSTEM, happened_at=at, now=at, facts=facts, source="review")
    _decided(review, Review.REOPEN, SYSTEM, at, ticket.last_seq)
    return 1


def _decided(review: Review, decision: str, by: Actor, at: datetime, seq: int | None) -> Review:
    review.decision, review.decided_by, review.decided_at, review.decided_seq = decision, by.ref, at, seq
    review.save()
    return review
