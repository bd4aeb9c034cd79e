"""The form of a move: the fields of the table `ASKS`, with the edition's vocabulary and the ticket's own choices."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from shouwen.desk.asks import ASKS, Ask
from shouwen.desk.fields import MINUTE_FORMAT, field_for, minute_input
from shouwen.desk.mentions import Mentions, mentions_in
from shouwen.desk.replies import SAID, blank_names
from shouwen.editions.edition import Edition
from shouwen.editions.queries import edition
from shouwen.handbook.authority import Actor
from shouwen.handbook.blanks import unfilled
from shouwen.handbook.evidence import CHECKED, was_checked
from shouwen.handbook.gates import NEEDS_A_REASON, is_satisfied
from shouwen.handbook.history import Happening, TicketState
from shouwen.handbook.lifecycle import earliest_for
from shouwen.handbook.moves import Move
from shouwen.handling.hands import propose_assignment
from shouwen.people.models import Team
from shouwen.tickets.models import Ticket
from shouwen.tickets.queries import history_of, state_of, ticket_for

# Shown as the ticket has them now, to be changed.
KEPT = frozenset({"category", "severity", "reach", "customer_level", "complexity"})
BY_THE_DESK = frozenset({"score"})  # follows from the three aspects of a rating
# A link sent, an answer taken down, two tickets made one or one two: it happens when it is done.
NOW_ONLY = frozenset({Move.SEND_SURVEY, Move.RATE, Move.MERGE, Move.UNMERGE, Move.SPLIT})
OWN = frozenset({"happened_at", "seen"})  # fields of the form, not facts


@dataclass(frozen=True)
class Asking:
    """A move about to be made on a ticket, by somebody, now."""

    ticket: Ticket
    state: TicketState
    history: Sequence[Happening]
    rules: Edition
    actor: Actor
    move: Move
    at: datetime

    def must(self, ask: Ask) -> bool:
        """True when the move is not made without it."""
        if ask.name == "reason" and self.move in NEEDS_A_REASON:
            return True
        routed = self.move is Move.DISPATCH and ask.name == "team"  # left empty, the routes name one
        return ask.must or (ask.name in self.rules.needs.facts.get(self.move, ()) and not routed)


def asking_for(actor: Actor, number: str, move: Move, at: datetime) -> Asking:
    """The move as the actor would make it now. Raises NoSuchTicket."""
    ticket = ticket_for(actor, number)
    return Asking(ticket, state_of(ticket), history_of(ticket.pk), edition(ticket.edition), actor, move, at)


class MoveForm(forms.Form):
    """Only what this move needs; when it happened, if that was not now; and what its sender had seen."""

    happened_at = forms.DateTimeField(label=_("When it happened"), required=False, input_formats=[MINUTE_FORMAT])
    seen = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, asking: Asking, data: Mapping[str, Any] | None = None, given: Mapping[str, str] | None = None):
        asks = asks_of(asking)
        initial = {ask.name: getattr(asking.state, ask.name, "") for ask in asks if ask.name in KEPT}
        super().__init__(data, initial={**initial, **(given or {}), "seen": asking.ticket.last_seq})
        self.asking, self.mentioned = asking, Mentions()
        asked = {ask.name: field_for(ask, asking) for ask in asks}
        self.fields = {**asked, **self.fields}
        if asking.move in NOW_ONLY:
            del self.fields["happened_at"]
            return
        self.fields["happened_at"].widget = minute_input(self._earliest, asking.at)
        self.fields["happened_at"].help_text = _("Leave it empty if it is happening now.")

    @property
    def questions(self) -> list[forms.BoundField]:
        """The fields of the move itself."""
        return [self[name] for name in self.fields if name not in OWN]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if self.asking.move in SAID and (left := unfilled(cleaned.get("text") or "", blank_names(self.asking.rules))):
            self.add_error("text", _("Fill in what is still blank: %(blanks)s") % {"blanks": " ".join(left)})
        if self.asking.move is Move.NOTE:
            self._read_mentions(cleaned.get("text") or "")
        team, handler = cleaned.get("team"), cleaned.get("handler")
        if handler and "team" in self.fields:
            teams = _teams_of(handler)
            if team and team not in teams:
                self.add_error("handler", _("This person is not in that team."))
            elif not team and teams:
                routed = propose_assignment(self.asking.state, self.asking.rules, self.asking.at).team
                cleaned["team"] = routed if routed in teams else teams[0]
        return cleaned

    def _read_mentions(self, text: str) -> None:
        """Nobody is called to a ticket they may not see, and whoever calls them is told so."""
        self.mentioned = mentions_in(text, self.asking.ticket, by=self.asking.actor, at=self.asking.at)
        if self.mentioned.blind:
            says = _("%(names)s may not see this ticket and cannot be mentioned. Ask their team instead.")
            self.add_error("text", says % {"names": ", ".join(self.mentioned.blind)})

    def facts(self) -> dict[str, Any]:
        """What was stated, as a history keeps it."""
        stated = {name: self.cleaned_data.get(name) for name in self.fields if name not in OWN}
        if self.mentioned.seeing:
            stated["mentioned"] = list(self.mentioned.seeing)
        return {name: _plain(value) for name, value in stated.items() if value not in (None, "")}

    def when(self) -> datetime:
        """When it happened. A form knows minutes only: in the minute of what came before it was right after it."""
        stated, earliest = self.cleaned_data.get("happened_at"), self._earliest
        if stated is None:
            return self.asking.at
        return max(stated, earliest) if stated == earliest.replace(second=0, microsecond=0) else stated

    @property
    def _earliest(self) -> datetime:
        one = self.asking
        path = one.rules.path(one.state.ticket_type)
        return earliest_for(one.state, one.move, history=one.history, now=one.at, path=path, needs=one.rules.needs)


def asks_of(asking: Asking) -> tuple[Ask, ...]:
    """What the move asks for: the table's facts, and any other the edition demands, asked as elsewhere in the table."""
    known = tuple(ask for ask in ASKS[asking.move] if _is_asked(ask, asking))
    names = {ask.name for ask in known} | BY_THE_DESK
    others = [name for name in asking.rules.needs.facts.get(asking.move, ()) if name not in names]
    return (*known, *(_elsewhere(name) or Ask(name, name.replace("_", " ").capitalize(), "line") for name in others))


def _elsewhere(name: str) -> Ask | None:
    return next((ask for asks in ASKS.values() for ask in asks if ask.name == name), None)


def _is_asked(ask: Ask, asking: Asking) -> bool:
    needed = ASKED_WHERE.get((asking.move, ask.name))
    return needed is None or needed(asking)


def _is_unchecked(asking: Asking) -> bool:
    required = asking.rules.categories.find(asking.state.category).required
    return CHECKED in required and not was_checked(asking.history)


# What is asked only where something hangs on it.
ASKED_WHERE: dict[tuple[Move, str], Callable[[Asking], bool]] = {
    (Move.DISPATCH, CHECKED): _is_unchecked,  # U4.4
    (Move.CLOSE, "reason"): lambda asking: not is_satisfied(asking.history),  # S4.2c
}


def _teams_of(person: str) -> list[str]:
    return list(Team.objects.filter(members=person, active=True).values_list("code", flat=True))


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value
