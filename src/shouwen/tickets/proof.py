"""Whether a history is what was written, and whether the ticket is what its history says (M6.3)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from shouwen.handbook.history import FINISHED, Happening, replay, tasks_of
from shouwen.handbook.leaf import content_digest, history_digest, leaf_hash
from shouwen.tickets.models import Task, Ticket, TicketEvent
from shouwen.tickets.queries import columns_of, happening


@dataclass(frozen=True, slots=True)
class Flaw:
    """One row that is not what it should be, and what is wrong with it."""

    number: str
    row: str  # "ticket_event 0190…/3": the table and the key of the row
    says: str


@dataclass(frozen=True, slots=True)
class Proof:
    """A history in one value, and whether every row of it is what was written down."""

    events: int
    sound: bool
    digest: str  # hex


def proof_of(ticket: Ticket, events: Sequence[TicketEvent]) -> Proof:
    """The proof of a ticket's history. `events` by `seq`; they may have grown since the ticket row was read."""
    digest = history_digest(bytes(event.leaf) for event in events)
    complete = [event.seq for event in events] == list(range(1, max(len(events), ticket.last_seq) + 1))
    return Proof(len(events), complete and not any(_altered_events(ticket, events)), digest.hex())


def flaws_of(ticket: Ticket, events: Sequence[TicketEvent]) -> Iterator[Flaw]:
    """Everything in a ticket's rows that its history does not explain. `events` by `seq`."""
    altered = list(_altered_events(ticket, events))
    yield from altered
    yield from _gaps(ticket, events)
    if events and not altered:  # what an altered history says is not worth comparing with
        yield from _unexplained(ticket, events)


def content_of(event: TicketEvent) -> dict[str, Any]:
    """What of an event its leaf is made of, besides the time it was recorded at."""
    return {
        "ticket_id": str(event.ticket_id),
        "seq": event.seq,
        "what": event.what,
        "happened_at": event.happened_at,
        "actor": event.actor,
        "source": event.source,
        "facts": event.facts,
    }


def leaf_of(event: TicketEvent) -> bytes:
    """The leaf this event should have."""
    return leaf_hash(content_digest(content_of(event)), event.recorded_at)


def in_batches(after: Any = None, size: int = 500) -> Iterator[list[tuple[Ticket, list[TicketEvent]]]]:
    """All tickets with their events, `size` at a time, in the order of their ids."""
    while True:
        tickets = list(_following(after).order_by("pk")[:size])
        if not tickets:
            return
        yield [(ticket, events) for ticket, events in _with_events(tickets)]
        after = tickets[-1].pk


def orphans() -> Iterator[Flaw]:
    """Events whose ticket row is gone."""
    lost = TicketEvent.objects.exclude(ticket_id__in=Ticket.objects.values("pk"))
    for event in lost.order_by("ticket_id", "seq").iterator(chunk_size=1000):
        yield Flaw("", _name(event), "Its ticket is gone.")


def _following(after: Any) -> Any:
    return Ticket.objects.filter(pk__gt=after) if after else Ticket.objects.all()


def _with_events(tickets: Iterable[Ticket]) -> Iterator[tuple[Ticket, list[TicketEvent]]]:
    tickets = list(tickets)
    rows: dict[Any, list[TicketEvent]] = {ticket.pk: [] for ticket in tickets}
    for event in TicketEvent.objects.filter(ticket_id__in=rows).order_by("ticket_id", "seq"):
        rows[event.ticket_id].append(event)
    for ticket in tickets:
        yield ticket, rows[ticket.pk]


def _altered_events(ticket: Ticket, events: Sequence[TicketEvent]) -> Iterator[Flaw]:
    for event in events:
        if leaf_of(event) != bytes(event.leaf):
            yield Flaw(
                ticket.number, _name(event), "It was changed after it was recorded: its leaf hash does not match."
            )


def _gaps(ticket: Ticket, events: Sequence[TicketEvent]) -> Iterator[Flaw]:
    expected = range(1, ticket.last_seq + 1)
    present = {event.seq for event in events}
    for seq in expected:
        if seq not in present:
            yield Flaw(ticket.number, f"ticket_event {ticket.pk}/{seq}", "It is missing from the history.")
    for event in events:
        if event.seq > ticket.last_seq:
            yield Flaw(ticket.number, _name(event), "The ticket does not know of it.")


def _unexplained(ticket: Ticket, events: Sequence[TicketEvent]) -> Iterator[Flaw]:
    history = [happening(event) for event in events]
    told, shown = asdict(replay(history)), columns_of(ticket)
    told |= {"is_open": told["stage"] not in FINISHED, "received_at": history[0].happened_at}
    shown |= {"is_open": ticket.is_open, "received_at": ticket.received_at}
    for name, value in told.items():
        if shown[name] != value:
            yield Flaw(
                ticket.number,
                f"ticket {ticket.pk}",
                f"{name} is {_short(shown[name])}, but the history says {_short(value)}.",
            )


def _name(event: TicketEvent) -> str:
    return f"ticket_event {event.ticket_id}/{event.seq}"


def _short(value: object) -> str:
    text = repr(value) if not isinstance(value, str) else f"“{value}”"
    return text if len(text) <= 60 else f"{text[:57]}…”"


def unexplained_tasks(ticket: Ticket, history: Sequence[Happening], tasks: Iterable[Task]) -> Iterator[Flaw]:
    """Task rows that differ from those the history assigned."""
    shown = {task.task: (task.team_id, task.assigned_at, task.due_at, task.answered_at) for task in tasks}
    expected = {task.task: (task.team, task.assigned_at, task.due_at, task.answered_at) for task in tasks_of(history)}
    for name in sorted(shown.keys() | expected.keys()):
        if shown.get(name) != expected.get(name):
            yield Flaw(ticket.number, f"ticket_task {ticket.pk}/{name}", "It is not what the history says.")


def rows_by_ticket(model: type[Any], ticket_ids: Iterable[Any]) -> dict[Any, list[Any]]:
    """The rows of a projection by ticket id: one query."""
    rows: dict[Any, list[Any]] = {pk: [] for pk in ticket_ids}
    for row in model.objects.filter(ticket_id__in=rows):
        rows[row.ticket_id].append(row)
    return rows
