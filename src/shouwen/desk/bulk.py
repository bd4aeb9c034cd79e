"""One deed on many tickets: each in a transaction of its own, none of them twice, and a word on what became of each.

A deed is told what was ticked and does it to that one ticket: a move (`move_deed`), or anything else that raises what
a move raises. A run has an id that its form was given; whoever sends the form again, or comes back after the line was
cut, goes on where the run stands.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from django.db import connection, transaction
from django.http import QueryDict
from django.utils.translation import gettext as _

from shouwen.desk.asking import Asking, MoveForm
from shouwen.desk.making import make_move
from shouwen.desk.models import BulkOutcome
from shouwen.desk.offers import legal_moves
from shouwen.desk.sources import in_terms, source_of
from shouwen.editions.queries import edition
from shouwen.handbook.authority import Actor
from shouwen.handbook.history import Happening
from shouwen.handbook.moves import Move
from shouwen.handbook.numbers import normalise_number
from shouwen.handbook.refusals import Refusal
from shouwen.handling.actions import TicketChanged
from shouwen.screens.templatetags.spoken import happening_name, refusal_text
from shouwen.tickets.models import Ticket
from shouwen.tickets.queries import NoSuchTicket, histories_of, history_of, state_of, ticket_for, visible_to

MOST_AT_ONCE = 100  # ticked together: two pages of a list
KEPT_FOR = timedelta(days=1)  # what became of a run
A_STEP = 10  # tickets a request works through, so that somebody sees it going on
APART = ":"

# What can be said once for many: nothing that is about one customer, one task or one sum alone.
IN_BULK = (
    Move.ASSIGN,
    Move.TRANSFER,
    Move.NOTE,
    Move.DISPATCH,
    Move.HAND_OVER,
    Move.INVESTIGATE,
    Move.RESPOND,
    Move.WAIT,
    Move.HOLD,
    Move.RESUME,
    Move.ASSIGN_TASK,
    Move.MARK,
    Move.CARRY_OUT,
    Move.TELL_CUSTOMER,
    Move.TELL_INFORMANT,
    Move.CLOSE,
    Move.ARCHIVE,
)


class Outcome(StrEnum):
    """What became of one ticket."""

    DONE = "done"
    REFUSED = "refused"  # the handbook says no
    UNFIT = "unfit"  # what was said does not fit this ticket
    CHANGED = "changed"  # somebody did something to it meanwhile
    GONE = "gone"  # it has left the reader's sight


class Unfit(Exception):
    """What was said for all does not fit this ticket; `says` is why."""

    def __init__(self, says: str) -> None:
        self.says = says
        super().__init__(says)


class NotTheirRun(LookupError):
    """The run is somebody else's."""


@dataclass(frozen=True, slots=True)
class Picked:
    """A ticket that was ticked, and the last of its events the reader had seen then."""

    number: str
    seen: int | None

    @property
    def value(self) -> str:
        """As a form has it."""
        return f"{self.number}{APART}{'' if self.seen is None else self.seen}"


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one ticket, in words."""

    number: str
    outcome: Outcome
    says: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class Run:
    """How far a run is."""

    id: UUID
    results: Sequence[Result]
    total: int

    @property
    def left(self) -> int:
        return self.total - len(self.results)

    @property
    def done(self) -> list[str]:
        """The numbers of those it was done to."""
        return [one.number for one in self.results if one.outcome is Outcome.DONE]

    @property
    def failed(self) -> int:
        return len(self.results) - len(self.done)


Deed = Callable[[Picked], str]  # says what was done; raises NoSuchTicket, TicketChanged, Unfit or a `Refusal`


def picked_in(values: Iterable[str]) -> list[Picked]:
    """What was ticked: each ticket once; what is no number of a ticket is left out."""
    found: dict[str, Picked] = {}
    for value in values:
        number, _apart, seen = value.partition(APART)
        if canonical := normalise_number(number):
            found.setdefault(canonical, Picked(canonical, int(seen) if seen.isdecimal() else None))
    return list(found.values())[:MOST_AT_ONCE]


def fitting(move: Move, picked: Sequence[Picked], actor: Actor, at: datetime) -> list[Asking]:
    """The move as it would be made on those of the tickets where it is legal."""
    asked = _asked_of(move, picked, actor, at)
    return [one for one in asked if move in legal_moves(one.state, one.history, one.rules, actor)]


def _asked_of(move: Move, picked: Sequence[Picked], actor: Actor, at: datetime) -> list[Asking]:
    """The move as it would be made on each of the tickets: two queries, however many they are."""
    found = visible_to(actor).filter(number__in=[one.number for one in picked])
    tickets = {ticket.number: ticket for ticket in found.select_related("handler", "team", "first_owner")}
    histories = histories_of([ticket.pk for ticket in tickets.values()])
    return [
        _asking(tickets[one.number], histories[str(tickets[one.number].pk)], move, actor, at)
        for one in picked
        if one.number in tickets
    ]


def moves_for(picked: Sequence[Picked], actor: Actor, at: datetime) -> dict[Move, int]:
    """How many of the tickets each move is legal on, for those that are on any."""
    counted = dict.fromkeys(IN_BULK, 0)
    for one in _asked_of(Move.NOTE, picked, actor, at):
        for move in legal_moves(one.state, one.history, one.rules, actor):
            if move in counted:
                counted[move] += 1
    return {move: count for move, count in counted.items() if count}


def move_deed(move: Move, data: QueryDict, *, by: Actor, at: datetime) -> Deed:
    """Making this move, with what its form says, on whichever ticket comes."""

    def deed(one: Picked) -> str:
        ticket = ticket_for(by, one.number)
        asking = _asking(ticket, history_of(ticket.pk), move, by, at)
        form = MoveForm(asking, _for_one(data, one))
        if not form.is_valid():
            raise Unfit(_errors_of(form))
        return make_move(asking, form)

    return deed


def _errors_of(form: MoveForm) -> str:
    """What is wrong, and with which answer."""
    named = [(form.fields[name].label if name in form.fields else "", errors) for name, errors in form.errors.items()]
    return " ".join(f"{label}: {error}" if label else str(error) for label, errors in named for error in errors)


def carry_out(
    run: UUID, picked: Sequence[Picked], deed: Deed, *, by: Actor, at: datetime, at_most: int = A_STEP
) -> Run:
    """Go on with a run: do the deed to the next `at_most` tickets it has not been done to. Raises NotTheirRun."""
    if BulkOutcome.objects.filter(run=run).exclude(person=by.id).exists():
        raise NotTheirRun
    ids = dict(visible_to(by).filter(number__in=[one.number for one in picked]).values_list("number", "pk"))
    known = results_of(run, by)
    left = [one for one in picked if one.number not in known and one.number in ids]
    for one in left[:at_most]:
        _once(run, one, ids[one.number], deed, by=by, at=at)
    known = results_of(run, by)
    gone = {one.number: Result(one.number, Outcome.GONE) for one in picked if one.number not in ids | known}
    return Run(
        run, [{**known, **gone}[one.number] for one in picked if one.number in known or one.number in gone], len(picked)
    )


def forget_runs(at: datetime) -> int:
    """Nobody comes back to a run a day later: what became of its tickets then stands in their histories alone."""
    forgotten, _by_model = BulkOutcome.objects.filter(at__lt=at - KEPT_FOR).delete()
    return forgotten


def results_of(run: UUID, by: Actor) -> dict[str, Result]:
    """What has become of the tickets of a run so far, by number."""
    rows = BulkOutcome.objects.filter(run=run, person=by.id).values_list("number", "outcome", "says", "clause")
    return {number: Result(number, Outcome(outcome), says, source) for number, outcome, says, source in rows}


@transaction.atomic
def _once(run: UUID, one: Picked, ticket_id: UUID, deed: Deed, *, by: Actor, at: datetime) -> None:
    """The deed and the word of it together, or neither; nothing at all if this run has been here before."""
    if not _claimed(run, one, ticket_id, by, at):
        return
    result = _tried(one, deed)
    BulkOutcome.objects.filter(run=run, ticket_id=ticket_id).update(
        outcome=result.outcome, says=result.says, clause=result.source
    )


def _claimed(run: UUID, one: Picked, ticket_id: UUID, by: Actor, at: datetime) -> bool:
    """A twin of this request waits here until we are done, and then finds that we were."""
    with connection.cursor() as cursor:
        cursor.execute(CLAIM, [run, ticket_id, one.number, by.id, Outcome.DONE.value, at])
        return bool(cursor.rowcount)


CLAIM = """
    INSERT INTO desk_bulk_outcome (run, ticket_id, number, person_id, outcome, says, clause, at)
    VALUES (%s, %s, %s, %s, %s, '', '', %s) ON CONFLICT (run, ticket_id) DO NOTHING
"""


def _tried(one: Picked, deed: Deed) -> Result:
    try:
        with transaction.atomic():
            return Result(one.number, Outcome.DONE, deed(one))
    except NoSuchTicket:
        return Result(one.number, Outcome.GONE)
    except Unfit as unfit:
        return Result(one.number, Outcome.UNFIT, unfit.says)
    except TicketChanged as changed:
        said = _(", ").join(dict.fromkeys(happening_name(row.what) for row in changed.since))
        return Result(one.number, Outcome.CHANGED, said)
    except Refusal as refusal:
        rules = edition(Ticket.objects.values_list("edition", flat=True).get(number=one.number))
        return Result(
            one.number, Outcome.REFUSED, refusal_text(in_terms(refusal, rules)), source_of(refusal.clause, rules)
        )


def _asking(ticket: Ticket, history: Sequence[Happening], move: Move, actor: Actor, at: datetime) -> Asking:
    return Asking(ticket, state_of(ticket), history, edition(ticket.edition), actor, move, at)


def _for_one(data: QueryDict, one: Picked) -> Mapping[str, str]:
    own = data.copy()
    own["seen"] = "" if one.seen is None else str(one.seen)
    return own
