"""Macros: several moves by one press, each made like any other, written by supervisors and kept in versions."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from shouwen.desk.macros import MACRO_MOVES, macros_for, run_macro, save_macro
from shouwen.desk.models import Macro, MacroVersion
from shouwen.handbook.moves import Move
from shouwen.people.models import Team
from shouwen.people.queries import actor_for
from shouwen.tickets.models import Ticket, TicketEvent
from tests.cast import Cast
from tests.screens.desk import HTMX, Desk, address, brought_to, taken_in, text_of

pytestmark = pytest.mark.django_db

IN_A_DAY = {"hours": 24}
PROMISED = "您反映的{matter}我们会在{due_at}前答复"
REPLY = {"move": "respond", "facts": {"via": "phone", "text": PROMISED, "expected_at": IN_A_DAY}}
NOTE = {"move": "note", "facts": {"text": "已按快捷操作首响"}}
ASK = {"move": "assign_task", "facts": {"to_team": "billing", "asked": "请核对账单", "due_at": {"hours": 8}}}


def made(cast: Cast, *steps: dict[str, Any], name: str = "首响", **more: Any) -> Macro:
    macro = Macro(name=name, owner=cast.supervisor, steps=list(steps), **{"shared": Macro.EVERYBODY, **more})
    return save_macro(macro, by=cast.supervisor, at=timezone.now())


def run(desk: Desk, ticket: Ticket, macro: Macro, seen: int | None = None) -> Any:
    last = Ticket.objects.get(pk=ticket.pk).last_seq if seen is None else seen
    return desk.post(f"{address(ticket)}/macros", {"macro": str(macro.pk), "seen": last}, headers=HTMX)


def happened(ticket: Ticket) -> list[str]:
    events = TicketEvent.objects.filter(ticket_id=ticket.pk, actor__startswith="person").order_by("seq")
    return [event.what for event in events if event.seq > 1 and event.what != "carried_over"]


def test_reply_fields_and_next_task_are_done_by_one_press(cast: Cast) -> None:
    ticket = brought_to(cast, Move.DISPATCH)
    reclassify = {"move": "reclassify", "facts": {"severity": "serious", "reason": "影响整栋楼"}}
    macro = made(cast, REPLY, reclassify, ASK)

    page = run(Desk(cast.supervisor), ticket, macro)

    assert happened(ticket) == ["responded", "reclassified", "task_assigned"]
    assert "首响: 3 steps done." in text_of(page)
    said = TicketEvent.objects.get(ticket_id=ticket.pk, what="responded").facts
    assert "{" not in said["text"]
    assert Ticket.objects.get(pk=ticket.pk).severity == "serious"


def test_what_it_would_say_can_be_read_before_it_is_run(cast: Cast) -> None:
    """Because what a customer is told cannot be taken back: wording filled for this ticket, names instead of codes."""
    ticket = brought_to(cast, Move.DISPATCH)
    made(cast, REPLY, {"move": "reclassify", "facts": {"severity": "serious", "reason": "影响整栋楼"}}, ASK)

    page = text_of(Desk(cast.agent, language="zh-hans").get(f"{address(ticket)}/macros", headers=HTMX))

    ahead = page[page.index("具体内容") :]
    assert "您反映的信号弱我们会在" in ahead
    assert "{" not in ahead
    assert f"预计答复时间{timezone.localtime() + timedelta(hours=24):%Y-%m-%d}" in ahead
    assert "严重程度严重" in ahead
    assert "协办班组班组 billing" in ahead
    assert not TicketEvent.objects.filter(ticket_id=ticket.pk, what="responded").exists()


def test_the_history_says_which_macro_in_which_version(cast: Cast) -> None:
    """Because whoever audits must know what was written then, not what the macro says today."""
    ticket = taken_in(cast)
    macro = made(cast, NOTE)
    macro.steps = [{"move": "note", "facts": {"text": "新的写法"}}]
    save_macro(macro, by=cast.supervisor, at=timezone.now())

    run(Desk(cast.agent), ticket, macro)

    event = TicketEvent.objects.get(ticket_id=ticket.pk, what="noted")
    assert event.facts["macro"] == "首响 v2"
    assert "Macro首响 v2" in text_of(Desk(cast.agent).open(ticket))
    first, second = MacroVersion.objects.filter(macro=macro).order_by("version")
    assert (first.steps, second.steps) == ([NOTE], macro.steps)
    assert second.by == cast.supervisor


def test_a_refused_step_is_named_and_what_was_done_stands(cast: Cast) -> None:
    ticket = brought_to(cast, Move.INVESTIGATE)
    macro = made(cast, NOTE, {"move": "close", "facts": {"outcome": "已解决", "reason": "x"}}, ASK)

    page = text_of(run(Desk(cast.supervisor), ticket, macro))

    assert "“首响” stopped at: Close" in page
    assert "cannot" in page
    assert "Done and standing: Add a note." in page
    assert happened(ticket) == ["noted"]


def test_nobody_can_do_by_a_macro_what_they_may_not_do(cast: Cast) -> None:
    ticket = brought_to(cast, Move.INVESTIGATE)

    ran = run_macro(made(cast, REPLY, ASK), ticket.number, by=actor_for(cast.agent), at=timezone.now())

    assert (ran.done, ran.refused) == ((Move.RESPOND,), Move.ASSIGN_TASK)
    elsewhere = taken_in(cast, region="341204", first_owner=str(cast.other_agent.pk))
    ran = run_macro(made(cast, NOTE), elsewhere.number, by=actor_for(cast.supervisor), at=timezone.now())
    assert ran.done == ()
    assert run(Desk(cast.supervisor), elsewhere, made(cast, NOTE)).status_code == 404


@pytest.mark.clause("T4.1")
def test_a_blank_the_ticket_cannot_fill_stops_it(cast: Cast) -> None:
    ticket = taken_in(cast)
    macro = made(cast, {"move": "respond", "facts": REPLY["facts"] | {"text": "您希望{demand}"}})

    page = text_of(run(Desk(cast.agent), ticket, macro))

    assert "{demand}" in page
    assert "Nothing was done." in page
    assert happened(ticket) == []


def test_a_second_press_does_nothing_twice(cast: Cast) -> None:
    ticket = taken_in(cast)
    macro, seen = made(cast, NOTE), ticket.last_seq
    run(Desk(cast.agent), ticket, macro, seen)

    page = run(Desk(cast.agent), ticket, macro, seen)

    assert "Somebody changed the ticket meanwhile" in text_of(page)
    assert happened(ticket) == ["noted"]


def test_a_macro_is_run_by_those_it_is_for(cast: Cast) -> None:
    own = made(cast, NOTE, name="自用", shared=Macro.OWN)
    network = made(cast, NOTE, name="装维", shared=Macro.TEAM, team=Team.objects.get(code="network-3401"))
    gone = made(cast, NOTE, name="旧的")
    Desk(cast.supervisor).post(f"/macros/{gone.pk}/retirement")

    offered = {who: {one.name for one in macros_for(actor_for(getattr(cast, who)))} for who in ("agent", "handler")}

    assert offered == {"agent": set(), "handler": {"装维"}}
    assert {one.name for one in macros_for(actor_for(cast.supervisor))} >= {"自用"}
    ticket = brought_to(cast, Move.INVESTIGATE)
    assert "装维" in text_of(Desk(cast.handler).get(f"{address(ticket)}/macros", headers=HTMX))
    assert run(Desk(cast.handler), ticket, own).status_code == 404
    assert run(Desk(cast.handler), ticket, gone).status_code == 404
    assert run(Desk(cast.handler), ticket, network).status_code == 200


def test_a_macro_out_of_use_is_listed_and_taken_into_use_again(cast: Cast) -> None:
    macro, own = made(cast, NOTE), made(cast, NOTE, name="别人的", shared=Macro.OWN)
    Macro.objects.filter(pk=own.pk).update(retired_at=timezone.now(), owner=cast.manager)
    desk = Desk(cast.supervisor)
    back = f"/macros/{macro.pk}/restoration"

    page = desk.post(f"/macros/{macro.pk}/retirement", follow=True)

    assert "“首响” can no longer be run." in text_of(page)
    assert page.content.decode().count(f'action="{back}"') == 2  # the undo, and the way back in the list
    assert "data-counts-down" in page.content.decode()
    later = desk.get("/macros").content.decode()
    assert later.count(f'action="{back}"') == 1
    assert "data-counts-down" not in later
    assert "别人的" not in later
    assert desk.post(f"/macros/{own.pk}/restoration").status_code == 404
    assert Desk(cast.agent).post(back).status_code in {403, 404}
    assert not macros_for(actor_for(cast.agent)).exists()

    assert "“首响” can be run again." in text_of(desk.post(back, follow=True))

    assert macros_for(actor_for(cast.agent)).get() == macro
    assert desk.post(back).status_code == 404


def test_a_supervisor_writes_one_step_by_step(cast: Cast) -> None:
    desk = Desk(cast.supervisor)
    step = desk.get("/macros/step", {"move": "respond", "place": 3}, headers=HTMX).content.decode()
    assert set(re.findall(r'name="(s3-[a-z_]+)"', step)) == {"s3-move", "s3-via", "s3-text", "s3-expected_at"}
    sent = {
        "name": "宽带首响",
        "shared": "everybody",
        "step": ["3", "0"],
        "s3-move": "respond",
        "s3-via": "phone",
        "s3-text": "会在{due_at}前答复",
        "s3-expected_at": "24",
        "s0-move": "note",
        "s0-text": "已首响",
    }
    assert desk.post("/macros/new", {"name": "空", "shared": "everybody"}).status_code == 422
    assert desk.post("/macros/new", sent | {"shared": "team"}).status_code == 422

    answer = desk.post("/macros/new", sent)

    assert answer.status_code == 302
    macro = Macro.objects.get()
    assert [one["move"] for one in macro.steps] == ["respond", "note"]
    assert macro.steps[0]["facts"]["expected_at"] == {"hours": 24}
    page = desk.get(f"/macros/{macro.pk}").content.decode()
    assert 'value="24"' in page
    assert "宽带首响" in text_of(desk.get("/macros"))


@pytest.mark.parametrize("move", MACRO_MOVES)
def test_every_move_of_a_macro_has_its_form_in_both_languages(cast: Cast, move: Move) -> None:
    asked = {"move": str(move), "place": 0}
    for language in ("en", "zh-hans"):
        page = Desk(cast.supervisor, language=language).get("/macros/step", asked, headers=HTMX)
        assert page.status_code == 200
        assert not re.search(r">\s*[a-z]+_[a-z_]+\s*<", page.content.decode())


def test_a_macro_is_run_over_many_tickets_with_a_word_on_each(cast: Cast) -> None:
    macro = made(cast, NOTE, ASK)
    whole, part = brought_to(cast, Move.INVESTIGATE), taken_in(cast)
    elsewhere = taken_in(cast, region="341204", first_owner=str(cast.other_agent.pk))
    picked = [f"{one.number}:{one.last_seq}" for one in (whole, part, elsewhere)]
    desk = Desk(cast.supervisor)
    assert f"/bulk/macros/{macro.pk}" in desk.get("/bulk", {"ticket": picked}, headers=HTMX).content.decode()
    dialog = desk.get(f"/bulk/macros/{macro.pk}", {"ticket": picked}, headers=HTMX).content.decode()
    sent = {"run": re.search(r'name="run" value="([^"]+)"', dialog)[1], "ticket": picked}

    said = text_of(desk.post(f"/bulk/macros/{macro.pk}", sent, headers=HTMX))
    desk.post(f"/bulk/macros/{macro.pk}", sent, headers=HTMX)  # sent twice, done once

    assert happened(whole) == ["noted", "task_assigned"]
    assert happened(part) == ["noted"]
    assert happened(elsewhere) == []
    assert "stopped at Ask another team" in said
    assert "no longer in your sight" in said
