"""People who walk tickets the whole way, and a worker beside them; whoever gets no answer sends the same form again."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import Error, connection

from shouwen.config.wiring import turn_all
from shouwen.editions.queries import current_edition
from shouwen.handbook.lifecycle import Move
from shouwen.handbook.moves import RECORDED_AS
from shouwen.handling.actions import Draft, accept
from shouwen.people.models import Person
from shouwen.people.queries import actor_for
from shouwen.tickets.models import Ticket, TicketEvent
from tests.cast import MONDAY, WHOLE_WAY, draft
from tests.faults.deeds import send
from tests.faults.papers import Paper, as_data
from tests.faults.worker_deeds import Outside

PEOPLE = 4  # at work at the same time
BY_ITSELF = {Move.SEND_SURVEY}  # the follower asks
Json = dict[str, Any]


def take_in_some(count: int) -> list[str]:
    """Fresh complaints, each of a caller of its own; their numbers."""
    agent = Person.objects.get(username="agent")
    own: Json = {"by": actor_for(agent), "first_owner": str(agent.pk)}
    drafts: Sequence[Draft] = [draft(key=("storm", str(n)), phone=f"1990040{n:04}", **own) for n in range(count)]
    return [answer.number for answer in accept(drafts, now=MONDAY)]


def whole_way() -> list[Json]:
    """The forms of one ticket's way, in their order, with an item of evidence each."""
    category, at, way = WHOLE_WAY[0][2]["category"], MONDAY, []
    for move, who, facts in WHOLE_WAY:
        at += timedelta(hours=1)
        if move is Move.PROPOSE:
            for item in current_edition(MONDAY).checklist(category).items:
                way.append(_form(Move.RECORD_EVIDENCE, "handler", {"item": item.code, "finding": "已核实"}, at))
        if move not in BY_ITSELF:
            way.append(_form(move, who, facts, at))
    return way


def _form(move: Move, who: str, facts: Json, at: datetime) -> Json:
    return as_data(Paper(what_it_does(RECORDED_AS[move], facts), "", str(move), who, facts, at.isoformat(), 0))


def what_it_does(what: str, facts: Json) -> str:
    return f"{what} {facts['item']}" if "item" in facts else str(what)


def walk_all(numbers: list[str], way: list[Json], journals: str) -> None:
    """Some people, each with their share of the tickets, step by step in turn."""
    shares = [numbers[start::PEOPLE] for start in range(PEOPLE)]
    people = [threading.Thread(target=_walk, args=(share, way, Path(journals))) for share in shares]
    for person in people:
        person.start()
    for person in people:
        person.join()


def work_on(at: str, folder: str) -> None:
    """The worker, until it is killed."""
    settings.SHOUWEN_GATEWAYS = {"sms": "tests.faults.worker_deeds.Outside"}
    Outside.folder, moment = Path(folder), datetime.fromisoformat(at)
    while True:
        try:
            if not turn_all(moment):
                time.sleep(0.02)
        except Error:  # the database is being killed, or comes back
            connection.close()


def finish(at: str, folder: str) -> None:
    """What a worker does once nobody disturbs it any more."""
    settings.SHOUWEN_GATEWAYS = {"sms": "tests.faults.worker_deeds.Outside"}
    Outside.folder = Path(folder)
    while turn_all(datetime.fromisoformat(at)):
        pass


def made(numbers: list[str]) -> dict[str, list[str]]:
    """What the histories tell people have done, each as often as it is told, in order."""
    told: dict[str, list[str]] = {number: [] for number in numbers}
    events = TicketEvent.objects.filter(ticket__number__in=numbers, source="desk").select_related("ticket")
    for event in events.order_by("seq"):
        told[event.ticket.number].append(what_it_does(event.what, event.facts))
    return told


def sent_again(journals: str) -> int:
    """How many forms had got no answer at first."""
    books = [file.read_text().splitlines() for file in Path(journals).glob("AH-*")]
    return sum(json.loads(line).get("again", False) for book in books for line in book)


def _walk(numbers: list[str], way: list[Json], journals: Path) -> None:
    walkers = [_Walker(number, way, journals / number) for number in numbers]
    while sum(walker.step() for walker in walkers):
        pass
    connection.close()


class _Walker:
    """One ticket's way, with a journal of what was asked and answered that outlives its process."""

    def __init__(self, number: str, way: list[Json], journal: Path) -> None:
        self.journal, self.papers = journal, [Paper(**step | {"number": number}) for step in way]
        lines = [json.loads(line) for line in journal.read_text().splitlines()] if journal.exists() else []
        self.done = sum(line.get("answer") == "done" for line in lines)
        self.seen: int | None = lines[-1].get("seen") if lines else None  # of a form that got no answer yet

    def step(self) -> bool:
        """Send the next form, or once more the one that got no answer; False at the end of the way."""
        if self.done == len(self.papers):
            return False
        try:
            self._ask(self.papers[self.done])
        except Error:  # no answer: the database is being killed, or comes back
            connection.close()
            time.sleep(0.02)
        return True

    def _ask(self, paper: Paper) -> None:
        again = self.seen is not None
        if not again:
            self.seen = Ticket.objects.get(number=paper.number).last_seq
            self._note(seen=self.seen)
        answer = send(replace(paper, seen=self.seen))
        if again and answer != "done" and paper.name in made([paper.number])[paper.number]:
            answer = "done"  # the page shows them that the first attempt had arrived
        self._note(answer=answer, again=again)
        self.done, self.seen = self.done + (answer == "done"), None

    def _note(self, **said: Any) -> None:
        with self.journal.open("a") as book:
            book.write(json.dumps(said) + "\n")
