"""What the children do: the product's own actions, each in a process that may be killed while it does them."""

from __future__ import annotations

import contextlib
import io
import json
import threading
from argparse import Namespace
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from secrets import token_hex
from typing import Any

from django.core.management import call_command
from django.db import connection
from django.utils import timezone, translation

from shouwen.cli import verify
from shouwen.editions.actions import install_shipped_pack
from shouwen.editions.queries import calendars_now, current_edition
from shouwen.handbook.authority import Actor
from shouwen.handbook.lifecycle import Move
from shouwen.handbook.refusals import Refusal
from shouwen.handling.actions import TicketChanged, accept, move_ticket
from shouwen.people.models import Person
from shouwen.people.queries import actor_for
from shouwen.portal import actions as portal
from shouwen.surveys.actions import send_survey, take_rating
from shouwen.surveys.queries import Rating
from shouwen.tickets.models import Ticket
from tests.cast import MONDAY, draft, hire
from tests.faults.children import write_whole
from tests.faults.papers import Paper, as_data, papers
from tests.faults.turnstiles import BUILD

TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"


def build() -> list[dict[str, Any]]:
    """A carrier, a ticket for every move, and turnstiles in the tables; the forms to send."""
    call_command("migrate", interactive=False, verbosity=0, skip_checks=True)
    install_shipped_pack(at=MONDAY)
    filled_in = papers(hire())
    with connection.cursor() as cursor:
        cursor.execute(BUILD)
    return [as_data(paper) for paper in filled_in]


def hire_with(password: str) -> None:
    """The cast, who sign in with this."""
    hire()
    for person in Person.objects.all():
        person.set_password(password)
        person.save()


def take_in_one() -> str:
    """A complaint of just now, of the agent's; its number."""
    return _take_in(1, timezone.now())[0]


def take_in_overdue(count: int) -> list[str]:
    """Complaints of two days ago that nobody has touched: their first clocks have run out."""
    return _take_in(count, timezone.now() - timedelta(days=2))


def _take_in(count: int, received_at: datetime) -> list[str]:
    agent = Person.objects.get(username="agent")
    own = {"by": actor_for(agent), "first_owner": str(agent.pk), "received_at": received_at}
    drafts = [draft(key=("installation", token_hex(8)), phone=f"1990060{n:04}", **own) for n in range(count)]
    return [answer.number for answer in accept(drafts, now=timezone.now())]


def record_evidence_now(number: str) -> None:
    """Everything its checklist asks for."""
    ticket, handler = Ticket.objects.get(number=number), actor_for(Person.objects.get(username="handler"))
    for item in current_edition().checklist(ticket.category).items:
        found = {"item": item.code, "finding": "已核实"}
        at = timezone.now()
        move_ticket(number, Move.RECORD_EVIDENCE, by=handler, happened_at=at, now=at, facts=found)


def warm_up() -> None:
    """Read once, for all children to come, what every process reads once."""
    current_edition(MONDAY)
    calendars_now()


def send_all(sent: list[dict[str, Any]], answers: str) -> None:
    """A web process with a thread for each form: all of them on their way at once."""
    all_at_once({one["name"]: partial(send, Paper(**one)) for one in sent}, Path(answers))


def all_at_once(asked: Mapping[str, Callable[[], str]], answers: Path) -> None:
    """A thread for each question; its answer lands in a file of its name."""
    threads = [threading.Thread(target=answer_into, args=(answers / name, ask)) for name, ask in asked.items()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def send_each(sent: list[dict[str, Any]]) -> dict[str, str]:
    """The forms one after the other; what each was answered."""
    return {one["name"]: send(Paper(**one)) for one in sent}


def sizes_by_paper(sent: list[dict[str, Any]]) -> dict[str, dict[str, int]]:
    """How many rows each form adds to which table (or takes away), when nothing disturbs it."""
    added = {}
    for one in sent:
        before = table_sizes()
        answer = send(Paper(**one))
        if answer != "done":
            raise AssertionError(f"{one['name']}: {answer}")
        added[one["name"]] = {
            table: rows - before[table] for table, rows in table_sizes().items() if rows != before[table]
        }
    return added


def send(paper: Paper) -> str:
    """Make the move as the desk or the portal makes it: "done", or why not."""
    try:
        _make(paper)
    except (Refusal, TicketChanged) as no:
        return type(no).__name__
    return "done"


def sound() -> dict[str, Any]:
    """What `shouwen verify --json` says."""
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        verify.run(Namespace(number=None, json=True))
    return json.loads(said.getvalue())


def table_sizes() -> dict[str, int]:
    with connection.cursor() as cursor:
        cursor.execute(TABLES)
        tables = [name for (name,) in cursor.fetchall()]
        cursor.execute(" UNION ALL ".join(f"SELECT '{name}', count(*) FROM \"{name}\"" for name in tables))
        return dict(cursor.fetchall())


def answer_into(file: Path, ask: Callable[[], str]) -> None:
    """What one thread of a web process does: ask, and write down what it was answered."""
    try:
        answer = ask()
    except Exception as error:  # the database is gone: an answer, and none that says it is done
        answer = f"failed: {type(error).__name__}"
    finally:
        connection.close()
    write_whole(file, answer)


def _make(paper: Paper) -> None:
    move, at = Move(paper.move), paper.moment
    if paper.who == "customer":
        return _make_as_customer(move, paper, at)
    ticket, by = (
        Ticket.objects.get(number=paper.number),
        actor_for(Person.objects.get(username=paper.who.replace("_", "-"))),
    )
    if move is Move.SEND_SURVEY:
        with translation.override("zh-hans"):
            send_survey(ticket.pk, by=by, at=at, seen=paper.seen)
    elif move is Move.RATE:
        take_rating(ticket.pk, _rating(paper), by=by, at=at, source="desk")
    else:
        move_ticket(paper.number, move, by=by, happened_at=at, now=at, facts=paper.facts, seen=paper.seen)
    return None


def _make_as_customer(move: Move, paper: Paper, at: datetime) -> None:
    ticket = Ticket.objects.get(number=paper.number)
    form = f"form-of-{paper.number}"
    if move is Move.RATE:
        by = Actor("customer", str(ticket.customer_id))
        take_rating(ticket.pk, _rating(paper), by=portal.customer_of(ticket) or by, at=at, source="portal")
    elif move is Move.REOPEN:
        portal.reopen(ticket, paper.facts["reason"], form=form, at=at)
    else:
        portal.add(ticket, paper.facts["text"], form=form, at=at)


def _rating(paper: Paper) -> Rating:
    facts = paper.facts
    return Rating(facts["result"], facts["handling"], facts["efficiency"], facts["words"], facts["again"])
