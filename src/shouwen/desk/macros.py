"""Macros: several moves on a ticket by one press, each made like any other move (screens: macros).

What a macro does is written once by a supervisor and kept in versions: a history says which of them was run. A step
that is refused ends the run; what was done before it stands.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from shouwen.desk.asking import KEPT, Asking, MoveForm, asking_for
from shouwen.desk.fields import MINUTE_FORMAT
from shouwen.desk.making import make_move
from shouwen.desk.models import Macro, MacroVersion
from shouwen.desk.offers import legal_moves
from shouwen.desk.phrases import known_of
from shouwen.desk.replies import blank_names, fill
from shouwen.handbook.authority import Actor
from shouwen.handbook.blanks import unfilled
from shouwen.handbook.moves import Move
from shouwen.handbook.refusals import Refusal
from shouwen.handling.actions import TicketChanged
from shouwen.people.models import Person
from shouwen.screens.templatetags.spoken import move_name, refusal_text
from shouwen.screens.templatetags.times import moment
from shouwen.tickets.queries import NoSuchTicket

# What may be a step: no decision that somebody has to look at first (approvals, money, endings), and nothing that
# needs a choice only one ticket has.
MACRO_MOVES = (
    Move.ASSESS,
    Move.RECLASSIFY,
    Move.DISPATCH,
    Move.TRANSFER,
    Move.ASSIGN,
    Move.RESPOND,
    Move.INVESTIGATE,
    Move.WAIT,
    Move.HOLD,
    Move.RESUME,
    Move.PROMISE,
    Move.ASSIGN_TASK,
    Move.TELL_CUSTOMER,
    Move.REPORT,
    Move.MARK,
    Move.NOTE,
    Move.CLOSE,
    Move.ARCHIVE,
)
HOURS = "hours"  # a time ahead, as a step keeps it: {"hours": 24} from when it is run


@dataclass(frozen=True, slots=True)
class Ran:
    """What became of a macro on one ticket."""

    macro: str
    number: str
    done: tuple[Move, ...]
    refused: Move | None = None
    why: str = ""

    @property
    def whole(self) -> bool:
        return self.refused is None

    @property
    def done_words(self) -> str:
        return _(", ").join(move_name(move) for move in self.done)


class StepNotFilled(Exception):
    """A step lacks something the ticket does not know. The message says what."""


def macros_for(actor: Actor) -> QuerySet[Macro]:
    """The macros somebody may run: their own, their teams', and those for everybody, by name."""
    may = Q(shared=Macro.EVERYBODY) | Q(shared=Macro.TEAM, team__in=actor.teams) | Q(shared=Macro.OWN, owner=actor.id)
    return Macro.objects.filter(may, retired_at=None).order_by("name", "id")


def fitting_macros(macros: Iterable[Macro], asking: Asking) -> list[Macro]:
    """Those that can begin on this ticket as it stands; on a finished one, those that can be run to their end."""
    legal = legal_moves(asking.state, asking.history, asking.rules, asking.actor)
    needed = None if asking.state.finished else 1
    return [one for one in macros if all(Move(step["move"]) in legal for step in one.steps[:needed])]


def run_macro(macro: Macro, number: str, *, by: Actor, at: datetime, seen: int | None = None) -> Ran:
    """Make the steps of a macro on a ticket, in their order, until one is refused.

    `seen` is the last event on the page it was started from: a second press finds the first one's work.
    """
    done: list[Move] = []
    for step in macro.steps:
        move = Move(step["move"])
        try:
            _make(macro, move, step["facts"], number, by, at, seen if not done else None)
        except (Refusal, StepNotFilled, TicketChanged, NoSuchTicket) as refused:
            return Ran(macro.name, number, tuple(done), move, _why(refused))
        done.append(move)
    return Ran(macro.name, number, tuple(done))


@transaction.atomic
def save_macro(macro: Macro, *, by: Person, at: datetime) -> Macro:
    """Keep a macro as it is now, as its next version."""
    macro.version = (macro.version or 0) + 1
    macro.changed_at = at
    macro.save()
    MacroVersion.objects.create(
        macro=macro, version=macro.version, name=macro.name, steps=macro.steps, by=by, at=at, shared=macro.shared
    )
    return macro


def _make(
    macro: Macro, move: Move, facts: Mapping[str, Any], number: str, by: Actor, at: datetime, seen: int | None
) -> None:
    asking = asking_for(by, number, move, at)
    kept = {name: getattr(asking.state, name) for name in KEPT}
    data = kept | _filled(facts, asking) | {"seen": asking.ticket.last_seq if seen is None else seen}
    form = MoveForm(asking, data)
    if not form.is_valid():
        raise StepNotFilled(_("; ").join(_errors(form)))
    make_move(asking, form, macro=f"{macro.name} v{macro.version}")


def stated_by(facts: Mapping[str, Any], asking: Asking) -> dict[str, Any]:
    """The facts of a step as it would state them on this ticket now: times counted from now, known blanks filled."""
    times = {name: asking.at + timedelta(hours=value[HOURS]) for name, value in facts.items() if _is_span(value)}
    known = known_of(asking) | {name: moment(time) for name, time in _time_blanks(times).items()}
    stated: dict[str, Any] = {name: timezone.localtime(time).strftime(MINUTE_FORMAT) for name, time in times.items()}
    for name, value in facts.items():
        if name not in times:
            stated[name] = fill(value, known) if isinstance(value, str) else value
    return stated


def _filled(facts: Mapping[str, Any], asking: Asking) -> dict[str, Any]:
    """The same, with no blank left. Raises StepNotFilled."""
    stated, names = stated_by(facts, asking), blank_names(asking.rules)
    if left := [blank for value in stated.values() if isinstance(value, str) for blank in unfilled(value, names)]:
        raise StepNotFilled(_("Fill in what is still blank: %(blanks)s") % {"blanks": " ".join(left)})
    return stated


def _time_blanks(times: Mapping[str, datetime]) -> dict[str, datetime]:
    """The blanks that a time of the step fills: whichever the step states, the wording calls it one or the other."""
    named = next((times[name] for name in ("expected_at", "due_at") if name in times), None)
    return {"expected_at": named, "due_at": named} if named else {}


def _is_span(value: Any) -> bool:
    return isinstance(value, dict) and HOURS in value


def _errors(form: MoveForm) -> Sequence[str]:
    return [
        " ".join([f"{form[name].label}:" if name in form.fields else "", *map(str, errors)]).strip()
        for name, errors in form.errors.items()
    ]


def _why(refused: Exception) -> str:
    if isinstance(refused, Refusal):
        return refusal_text(refused)
    if isinstance(refused, TicketChanged):
        return _("Somebody changed the ticket meanwhile. Look at it again.")
    if isinstance(refused, NoSuchTicket):
        return _("The ticket is no longer in your sight.")
    return str(refused)


def stopped_words(ran: Ran) -> str:
    """At which step a run stopped, and why."""
    return _("stopped at %(move)s: %(why)s") % {"move": move_name(ran.refused or ""), "why": ran.why}


def preview_of(macro: Macro) -> str:
    """What a macro does, in the order it does it."""
    return " → ".join(move_name(step["move"]) for step in macro.steps)
