"""How each round of a ticket ended: read from its history, kept as rows to count by."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from shouwen.editions.edition import Edition
from shouwen.editions.queries import edition
from shouwen.handbook.history import Happening, TicketState, What, replay
from shouwen.handbook.satisfaction import worst
from shouwen.surveys.models import Outcome
from shouwen.surveys.queries import scores_of, worst_score
from shouwen.tickets.models import Ticket
from shouwen.tickets.queries import histories_of

TOLD = frozenset({What.CUSTOMER_TOLD, What.ANSWERED_AT_CONTACT})
HANDLED = frozenset({What.CARRIED_OUT, What.ANSWERED_AT_CONTACT})
FOLLOWED = frozenset({*TOLD, What.SURVEY_SENT, What.RATED, What.REOPENED})


def keep_outcomes(tickets: Iterable[Ticket]) -> None:
    """Write down how the rounds of these tickets ended, anew."""
    live = [ticket for ticket in tickets if not ticket.is_history]
    histories = histories_of([ticket.pk for ticket in live])
    rows = [row for ticket in live for row in _rows(ticket, histories[str(ticket.pk)])]
    Outcome.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["ticket_id", "round"], update_fields=CHANGING, batch_size=500
    )


CHANGING = [
    field.name for field in Outcome._meta.concrete_fields if field.name not in ("id", "ticket_id", "round", "number")
]


def _rows(ticket: Ticket, history: Sequence[Happening]) -> Iterator[Outcome]:
    rules = edition(ticket.edition)
    for number, (rows, ended) in enumerate(_rounds(history), 1):
        told = [row for row in rows if row.what in TOLD]
        if told:
            state = replay(row for row in history if row.seq <= told[-1].seq)
            yield Outcome(
                ticket_id=ticket.pk,
                number=ticket.number,
                round=number,
                reopened_at=ended,
                **_as_told(state, told[-1], rules),
                **_times(rows, told),
                **_rating(rows, rules),
            )


def _rounds(history: Sequence[Happening]) -> Iterator[tuple[list[Happening], datetime | None]]:
    """The rows of each round, and when the next began."""
    rows: list[Happening] = []
    for row in history:
        if row.what is What.REOPENED:
            yield rows, row.happened_at
            rows = []
        rows.append(row)
    yield rows, None


def _as_told(state: TicketState, told: Happening, rules: Edition) -> dict[str, Any]:
    coaching = rules.telling.coaching
    return {
        "ticket_type": state.ticket_type,
        "category": state.category,
        "region": state.region,
        "team": state.team or state.lead_team or "",
        "answerable": getattr(state, coaching.whose if coaching else "first_owner"),
        "at_contact": told.what is What.ANSWERED_AT_CONTACT,
        "via": str(told.facts.get("via") or ""),
    }


def _times(rows: Sequence[Happening], told: Sequence[Happening]) -> dict[str, Any]:
    handled = [row.happened_at for row in rows if row.what in HANDLED]
    asked = [row.happened_at for row in rows if row.what is What.SURVEY_SENT]
    return {
        "handled_at": handled[-1] if handled else told[0].happened_at,
        "told_at": told[0].happened_at,
        "asked_at": asked[0] if asked else None,
    }


def _rating(rows: Sequence[Happening], rules: Edition) -> dict[str, Any]:
    rated = next((row for row in rows if row.what is What.RATED), None)
    if rated is None:
        return {}
    scores, marking = scores_of(rated.facts), rules.telling.marking
    return {
        "rated_seq": rated.seq,
        "rated_at": rated.happened_at,
        "overall": scores.get("overall") or worst(scores.values()) or None,
        **{name: scores.get(name) for name in ("result", "handling", "efficiency")},
        "nps": rated.facts.get("nps"),
        "solved": rated.facts.get("solved"),
        "worst": worst_score(rated.facts) or None,
        "marks": marking.of(scores) if marking else None,
    }
