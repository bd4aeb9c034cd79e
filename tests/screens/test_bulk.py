"""Many tickets at once: said once, made on each by itself, never twice, and a word on what became of each."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test.utils import CaptureQueriesContext

from shouwen.desk.bulk import A_STEP, Outcome, Picked, carry_out, forget_runs, picked_in
from shouwen.desk.models import BulkOutcome
from shouwen.handbook.history import What
from shouwen.handbook.moves import Move
from shouwen.handbook.refusals import ReasonRequired
from shouwen.tickets.models import Ticket, TicketEvent
from shouwen.tickets.queries import NoSuchTicket
from tests.cast import Cast
from tests.screens.desk import HTMX, Desk, brought_to, taken_in, text_of
from tests.screens.test_desk_queues import many

pytestmark = [pytest.mark.django_db, pytest.mark.clause("H5.2")]


def ticked(*tickets: Ticket) -> list[str]:
    """As the boxes of the list send it."""
    return [f"{ticket.number}:{Ticket.objects.get(pk=ticket.pk).last_seq}" for ticket in tickets]


def send(desk: Desk, noun: str, values: list[str], *, run: object = None, **said: object) -> HttpResponse:
    """The form, with HTMX, until nothing is left."""
    data = {"run": str(run or uuid4()), "ticket": values, **said}
    answer = desk.post(f"/bulk/{noun}", data, headers=HTMX)
    for _step in range(len(values)):
        if "data-running" in answer.content.decode():
            answer = desk.post(f"/bulk/{noun}", {**data, "started": "1"}, headers=HTMX)
    return answer


def became(answer: HttpResponse) -> dict[str, str]:
    """What became of each ticket: its number and the outcome."""
    found = re.findall(r'<li class="bulk-(\w+)">.*?/tickets/([^"]+)"', answer.content.decode())
    return {number: outcome for outcome, number in found}


def notes_on(*tickets: Ticket) -> list[int]:
    return [TicketEvent.objects.filter(ticket=ticket, what=What.NOTED).count() for ticket in tickets]


def test_a_note_said_once_stands_on_every_ticket(cast: Cast) -> None:
    one, two = taken_in(cast), taken_in(cast, phone="19900005678")

    answer = send(Desk(cast.agent), "note", ticked(one, two), text="片区光缆中断，已报修")

    assert became(answer) == {one.number: "done", two.number: "done"}
    assert "2 of 2 · all done" in text_of(answer)
    assert notes_on(one, two) == [1, 1]


def test_the_moves_offered_are_those_legal_on_all_and_apart_from_them_those_on_some(cast: Cast) -> None:
    at_work, held = brought_to(cast, Move.INVESTIGATE), brought_to(cast, Move.INVESTIGATE, phone="19900005678")
    Desk(cast.handler).make(held, Move.HOLD, pause="force_majeure", reason="台风", until="2027-01-01T09:00")
    held.refresh_from_db()

    page = Desk(cast.handler).get("/bulk", {"ticket": ticked(at_work, held)}, headers=HTMX).content.decode()

    common, _head, some = page.partition("On some of them")
    assert "/bulk/note?" in common
    assert "/bulk/hold?" not in common
    assert "/bulk/hold?" in some
    assert "1/2" in some


def test_those_a_move_is_not_legal_on_are_left_out_and_named(cast: Cast) -> None:
    ready, not_yet = brought_to(cast, Move.CLOSE), taken_in(cast, phone="19900005678")
    desk = Desk(cast.supervisor)

    form = desk.get("/bulk/archiving", {"ticket": ticked(ready, not_yet)}, headers=HTMX)

    assert "1 of those ticked is left out" in text_of(form)
    assert f'value="{ready.number}:' in form.content.decode()
    assert f'value="{not_yet.number}:' not in form.content.decode()


def test_a_refusal_names_its_clause_and_stops_no_other(cast: Cast) -> None:
    """Because forty-nine must not wait for the one that cannot."""
    at_desk, told = taken_in(cast), brought_to(cast, Move.TELL_CUSTOMER, phone="19900005678")
    at_work = brought_to(cast, Move.INVESTIGATE, phone="19900008765")
    values = ticked(at_desk, at_work, told)

    answer = send(
        Desk(cast.handler), "hold", values[1:], pause="force_majeure", reason="台风", until="2027-01-01T09:00"
    )

    assert became(answer) == {at_work.number: "done", told.number: "refused"}
    assert "cannot" in text_of(answer)
    assert Ticket.objects.get(pk=at_work.pk).standing == "held"
    assert at_desk.number not in became(answer)


def test_a_ticket_somebody_changed_meanwhile_is_not_moved_over_their_head(cast: Cast) -> None:
    one, two = brought_to(cast, Move.DISPATCH), brought_to(cast, Move.DISPATCH, phone="19900005678")
    values = ticked(one, two)
    Desk(cast.handler).make(one, Move.INVESTIGATE)

    answer = send(Desk(cast.supervisor), "transfer", values, team="billing", reason="转账务核查")

    assert became(answer) == {one.number: "changed", two.number: "done"}
    assert "changed meanwhile (Investigation started)" in text_of(answer)
    assert "1 was not done and stays ticked" in text_of(answer)
    assert Ticket.objects.get(pk=one.pk).team_id == "network-3401"


def test_what_does_not_fit_one_ticket_is_said_of_that_one(cast: Cast) -> None:
    here = brought_to(cast, Move.DISPATCH)
    there = brought_to(cast, Move.DISPATCH, phone="19900005678")
    Ticket.objects.filter(pk=there.pk).update(team="billing", handler=None)
    values = ticked(here, there)

    answer = send(Desk(cast.supervisor), "assignment", values, handler=str(cast.handler.pk))

    assert became(answer) == {here.number: "done", there.number: "unfit"}
    assert "Handler:" in text_of(answer)


def test_the_form_sent_twice_does_everything_once(cast: Cast) -> None:
    one, two = taken_in(cast), taken_in(cast, phone="19900005678")
    desk, run, values = Desk(cast.agent), uuid4(), ticked(one, two)

    first = send(desk, "note", values, run=run, text="已联系")
    again = send(desk, "note", values, run=run, text="已联系")

    assert became(first) == became(again)
    assert notes_on(one, two) == [1, 1]


@pytest.mark.django_db(transaction=True)
def test_pressed_twice_at_the_same_moment_it_is_done_once(cast: Cast) -> None:
    ticket = taken_in(cast)
    values, run = ticked(ticket), uuid4()

    def press(_: int) -> str:
        try:
            return became(send(Desk(cast.agent), "note", values, run=run, text="催办"))[ticket.number]
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        outcomes = set(pool.map(press, range(4)))

    assert outcomes == {"done"}
    assert notes_on(ticket) == [1]


def test_a_long_run_goes_on_step_by_step_from_where_it_stands(cast: Cast) -> None:
    """Because a line that is cut after the twelfth must not begin again with the first."""
    numbers = many(cast, A_STEP + 3)
    tickets = list(Ticket.objects.filter(number__in=numbers))
    desk, run = Desk(cast.agent), uuid4()
    data = {"run": str(run), "ticket": ticked(*tickets), "text": "群障通知"}

    first = desk.post("/bulk/note", data, headers=HTMX)
    assert f"{A_STEP} of {A_STEP + 3}" in text_of(first)
    assert "data-running" in first.content.decode()

    last = desk.post("/bulk/note", {**data, "started": "1"}, headers=HTMX)
    assert "all done" in text_of(last)
    assert set(notes_on(*tickets)) == {1}


def test_without_the_answers_a_move_needs_nothing_is_begun(cast: Cast) -> None:
    one = brought_to(cast, Move.INVESTIGATE)

    answer = Desk(cast.handler).post(
        "/bulk/hold", {"run": str(uuid4()), "ticket": ticked(one), "reason": "台风已登陆"}, headers=HTMX
    )

    assert answer.status_code == 422
    assert "台风已登陆" in answer.content.decode()
    assert not BulkOutcome.objects.exists()


@pytest.mark.clause("H7.3.1")
def test_a_ticket_out_of_sight_is_as_if_it_were_not_there(cast: Cast) -> None:
    mine, foreign = taken_in(cast), taken_in(cast, region="341204", phone="19900005678")
    first = {"first_owner": cast.other_agent}
    Ticket.objects.filter(pk=foreign.pk).update(**first)

    answer = send(Desk(cast.supervisor), "note", ticked(mine, foreign), text="看看")

    assert became(answer) == {mine.number: "done", foreign.number: "gone"}
    assert notes_on(mine, foreign) == [1, 0]


def test_nobody_reads_what_became_of_another_persons_run(cast: Cast) -> None:
    ticket, run = taken_in(cast), uuid4()
    send(Desk(cast.agent), "note", ticked(ticket), run=run, text="已联系")

    answer = send(Desk(cast.supervisor), "note", ticked(ticket), run=run, text="另一条")

    assert answer.status_code == 404
    assert notes_on(ticket) == [1]


def test_a_deed_of_another_kind_is_carried_out_on_the_same_selection(cast: Cast) -> None:
    """Because a macro is several moves and no move: whatever raises what a move raises can be run."""
    one, two, three = (taken_in(cast, phone=f"1990000{n:04}") for n in range(3))

    def deed(picked: Picked) -> str:
        if picked.number == two.number:
            raise ReasonRequired(move=Move.HOLD)
        if picked.number == three.number:
            raise NoSuchTicket(three.number)
        return "宏 已执行"

    picked = picked_in(ticked(one, two, three))
    run = carry_out(uuid4(), picked, deed, by=cast.actor("agent"), at=one.received_at)

    assert [result.outcome for result in run.results] == [Outcome.DONE, Outcome.REFUSED, Outcome.GONE]
    assert run.results[0].says == "宏 已执行"


SECOND, DAY = timedelta(seconds=1), timedelta(days=1)


@pytest.mark.parametrize(("after", "forgotten"), [(DAY - SECOND, 0), (DAY, 0), (DAY + SECOND, 1)])
def test_what_became_of_a_run_is_forgotten_after_a_day(cast: Cast, after: timedelta, forgotten: int) -> None:
    """Because nobody comes back to it then, and every ticket of every run would stay in that table for ever."""
    ticket = taken_in(cast)
    send(Desk(cast.agent), "note", ticked(ticket), text="已回电")
    at = BulkOutcome.objects.get().at

    assert forget_runs(at + after) == forgotten
    assert BulkOutcome.objects.count() == 1 - forgotten
    assert notes_on(ticket) == [1]


@pytest.mark.parametrize("value", ["", "x", "AH-0000-1:3", "AH-7K3MP-9QXTD-4:-1;drop"])
def test_what_is_no_ticket_is_not_picked(value: str) -> None:
    assert all(one.seen is None for one in picked_in([value]))


def test_a_form_without_a_run_is_no_form(cast: Cast) -> None:
    ticket = taken_in(cast)

    assert Desk(cast.agent).post("/bulk/note", {"ticket": ticked(ticket), "text": "x"}).status_code == 404


def test_it_works_without_scripts_page_by_page(cast: Cast) -> None:
    numbers = many(cast, A_STEP + 1)
    tickets = list(Ticket.objects.filter(number__in=numbers))
    desk = Desk(cast.agent)
    data = {"run": str(uuid4()), "ticket": ticked(*tickets), "text": "群障通知"}

    assert "For 11 tickets" in text_of(desk.get("/bulk/note", {"ticket": ticked(*tickets)}))
    first = desk.post("/bulk/note", data)
    assert "Go on with the rest" in text_of(first)
    assert "all done" in text_of(desk.post("/bulk/note", {**data, "started": "1"}))


def test_asking_what_can_be_done_costs_the_same_for_one_and_for_many(cast: Cast) -> None:
    tickets = list(Ticket.objects.filter(number__in=many(cast, 20)))
    desk = Desk(cast.supervisor)
    values = ticked(*tickets)
    desk.get("/bulk", {"ticket": values[:1]}, headers=HTMX)
    with CaptureQueriesContext(connection) as one:
        desk.get("/bulk", {"ticket": values[:1]}, headers=HTMX)
    with CaptureQueriesContext(connection) as twenty:
        desk.get("/bulk", {"ticket": values}, headers=HTMX)

    assert len(twenty) == len(one)
