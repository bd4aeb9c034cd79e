"""Making the move a form asks for: handling makes it, except what belongs to a department of its own."""

from __future__ import annotations

from shouwen.desk.asking import Asking, MoveForm
from shouwen.escalations.actions import follow_measure, record_talk
from shouwen.handbook.moves import Move
from shouwen.handbook.satisfaction import QUESTIONS
from shouwen.handling.actions import move_ticket
from shouwen.surveys.actions import send_survey, take_rating
from shouwen.surveys.queries import Rating

OVERDUE = {Move.TALK_OVERDUE: record_talk, Move.FOLLOW_MEASURE: follow_measure}


def make_move(asking: Asking, form: MoveForm, *, macro: str = "") -> str:
    """Make it; what its maker has to hand on ("" for nothing). Raises NoSuchTicket, TicketChanged, or a `Refusal`.

    `macro` names what made it, where that was not a person filling in the form.
    """
    seen = form.cleaned_data.get("seen")
    if asking.move is Move.SEND_SURVEY:
        return send_survey(asking.ticket.pk, by=asking.actor, at=asking.at, seen=seen)
    if asking.move is Move.RATE:
        facts = form.facts()
        scores = {name: facts.get(name) or 0 for name in QUESTIONS}
        rating = Rating(**scores, words=facts.get("words", ""), again=bool(facts.get("again")))
        take_rating(asking.ticket.pk, rating, by=asking.actor, at=asking.at, source="desk")
        return ""
    if asking.move in OVERDUE:
        act, moving = OVERDUE[asking.move], {"by": asking.actor, "happened_at": form.when(), "now": asking.at}
        act(asking.ticket.number, form.facts(), seen=seen, **moving)
        return ""
    move_ticket(
        asking.ticket.number,
        asking.move,
        by=asking.actor,
        happened_at=form.when(),
        now=asking.at,
        facts=form.facts() | ({"macro": macro} if macro else {}),
        seen=seen,
    )
    return ""
