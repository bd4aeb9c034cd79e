"""The overdue report and its talks: nothing that ran out is passed over, nothing that was said is rewritten."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from shouwen.desk.leaving import hand_all_over, hanging_on
from shouwen.escalations.actions import follow_measure, record_talk
from shouwen.escalations.followers import FOLLOWERS
from shouwen.escalations.models import OverdueReport
from shouwen.escalations.queries import causes_by_month, reports_for
from shouwen.handbook.authority import SYSTEM
from shouwen.handbook.history import What
from shouwen.handbook.moves import Move
from shouwen.handbook.overdue import NoSuchMeasure, NotOverrun, talks_of
from shouwen.handbook.refusals import RoleNotAllowed
from shouwen.handling.actions import move_ticket
from shouwen.notices.models import MessageOrder
from shouwen.notices.queries import message_text
from shouwen.people.models import Person
from shouwen.service_levels.sweep import sweep
from shouwen.telling.followers import FOLLOWERS as TELLING
from shouwen.tickets.models import Cursor, Ticket, TicketEvent
from shouwen.tickets.proof import flaws_of
from shouwen.tickets.queries import NoSuchTicket, history_of
from tests.cast import MONDAY, Cast, make, take_in, walk
from tests.following import read_all, turn

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.clause("S3.3", "S3.4")]

LATER = MONDAY + timedelta(days=4)
OVERDUE = "overdue-complaint"


def overrun(cast: Cast, **changes: object) -> Ticket:
    """A complaint nobody has carried out in the 48 hours after its dispatch, as the worker leaves it."""
    ticket = walk(cast, take_in(cast, **changes), until=Move.INVESTIGATE)
    while sweep(LATER):
        pass
    for follower in FOLLOWERS:
        read_all(follower, LATER)
    ticket.refresh_from_db()
    return ticket


def report_of(ticket: Ticket) -> OverdueReport:
    return OverdueReport.objects.get(ticket=ticket, rule=OVERDUE)


def talk(cast: Cast, ticket: Ticket, who: str = "supervisor", **facts: object) -> Ticket:
    stated = {
        "overrun": report_of(ticket).name,
        "overdue_cause": "too_few_people",
        "said": "班组当天只有两人在岗，联系电话 19900008888",
        "measure": "周末增派一人",
        "measure_owner": str(cast.handler.pk),
        "measure_due": "2026-03-20",
    }
    return record_talk(ticket.number, {**stated, **facts}, by=cast.actor(who), happened_at=LATER, now=LATER)


def heard(ticket: Ticket) -> list[str]:
    """Who was told of a measure, in the order of the telling."""
    read_all(next(one for one in TELLING if one.name == "telling.tell_measure_owners"), LATER)
    notices = MessageOrder.objects.filter(ticket_id=ticket.pk, cause__contains="/measure/").order_by("ordered_at")
    return [order.recipient for order in notices]


def test_whoever_sees_to_a_measure_hears_of_it_once_for_each_overrun(cast: Cast) -> None:
    """Because a measure nobody told its owner of is still open in a month."""
    ticket = overrun(cast)
    talk(cast, ticket)
    assert heard(ticket) == [f"person:{cast.handler.pk}"]

    talk(cast, ticket, said="更正：当天三人在岗")
    assert heard(ticket) == [f"person:{cast.handler.pk}"]
    talk(cast, ticket, measure_owner=str(cast.other_handler.pk))
    assert heard(ticket) == [f"person:{cast.handler.pk}", f"person:{cast.other_handler.pk}"]
    order = MessageOrder.objects.filter(cause__contains="/measure/").first()
    assert order.channel == "desk"
    assert ticket.number in message_text(order, "zh-hans")


@pytest.mark.parametrize("who", ["nobody", "the one who talked", "somebody who has left"])
def test_of_some_measures_nobody_is_told(cast: Cast, who: str) -> None:
    ticket = overrun(cast)
    owner = {"nobody": "", "the one who talked": str(cast.supervisor.pk)}.get(who, str(cast.handler.pk))
    talk(cast, ticket, measure_owner=owner)
    if who == "somebody who has left":
        Person.objects.filter(pk=cast.handler.pk).update(is_active=False)

    assert heard(ticket) == []


def test_a_limit_that_ran_out_is_reported_with_whoever_had_it_then(cast: Cast) -> None:
    ticket = overrun(cast)

    report = report_of(ticket)

    assert (report.handler_id, report.team_id, report.clause) == (cast.handler.pk, "network-3401", "S3.3")
    assert report.talk_seq is None


def test_internal_targets_and_what_is_only_measured_are_not_reported(cast: Cast) -> None:
    """Because a report of everything is read by nobody."""
    ticket = overrun(cast)
    breached = {row.facts["rule"] for row in history_of(ticket.pk) if row.what is What.CLOCK_BREACHED}

    reported = set(OverdueReport.objects.filter(ticket=ticket).values_list("rule", flat=True))

    assert OVERDUE in reported < breached
    assert "classify" not in reported


def test_told_twice_it_reports_once_and_keeps_what_was_said(cast: Cast) -> None:
    ticket = overrun(cast)
    talk(cast, ticket)
    before = OverdueReport.objects.count()
    Cursor.objects.all().delete()

    for follower in FOLLOWERS:
        read_all(follower, LATER)

    assert OverdueReport.objects.count() == before
    assert report_of(ticket).cause == "too_few_people"


def test_a_talk_is_in_the_history_and_on_the_report_and_no_number_stands_in_either(cast: Cast) -> None:
    ticket = overrun(cast)
    talk(cast, ticket)

    row, report = history_of(ticket.pk)[-1], report_of(ticket)

    assert row.what is What.OVERDUE_TALKED
    assert "19900008888" not in str(row.facts)
    assert (report.cause, report.measure, report.measure_owner_id) == ("too_few_people", "open", cast.handler.pk)
    assert (report.talk_seq, report.measure_due_on) == (row.seq, date(2026, 3, 20))
    assert not list(flaws_of(Ticket.objects.get(), list(TicketEvent.objects.order_by("seq"))))


def test_a_talk_moves_no_clock_and_no_stage(cast: Cast) -> None:
    ticket = overrun(cast)
    before = (ticket.stage, ticket.lead_due_at)

    after = talk(cast, ticket)

    assert (after.stage, after.lead_due_at) == before


def test_a_later_talk_takes_the_place_of_the_one_before_and_both_stay(cast: Cast) -> None:
    ticket = overrun(cast)
    talk(cast, ticket)
    first = report_of(ticket).talk_seq
    talk(cast, ticket, overdue_cause="routing_gap", measure="")

    one, two = talks_of(history_of(ticket.pk))

    assert (one.stands, two.stands, two.row.facts["corrects"]) == (False, True, first)
    assert (report_of(ticket).cause, report_of(ticket).measure) == ("routing_gap", "")


@pytest.mark.parametrize(("done", "state"), [(True, "done"), (False, "not_done")])
def test_a_measure_is_followed_up(cast: Cast, done: bool, state: str) -> None:
    ticket = overrun(cast)
    talk(cast, ticket)
    facts = {"talk": str(report_of(ticket).talk_seq), "measure_done": done, "text": "已看排班"}

    follow_measure(ticket.number, facts, by=cast.actor("supervisor"), happened_at=LATER, now=LATER)

    assert (report_of(ticket).measure, report_of(ticket).followed_at) == (state, LATER)


def test_what_whoever_leaves_was_to_see_to_is_anothers_and_the_history_says_why(cast: Cast) -> None:
    ticket = overrun(cast)
    talk(cast, ticket)
    assert hanging_on(cast.handler).measures == 1
    before = talks_of(history_of(ticket.pk))[-1].row.facts

    to = {"owner": None, "handler": None, "measures": cast.other_handler}
    handed = hand_all_over(cast.handler, **to, by=cast.administrator, at=LATER)

    after = talks_of(history_of(ticket.pk))[-1].row.facts
    assert (handed.done, handed.refused) == (1, [])
    assert (report_of(ticket).measure, report_of(ticket).measure_owner) == ("open", cast.other_handler)
    assert report_of(ticket).measure_due_on == date(2026, 3, 20)
    assert after["said"] == f"{before['said']}\n处理甲离岗；由管理员安排"
    assert all(after[name] == before[name] for name in ("overrun", "overdue_cause", "measure", "measure_due"))
    assert hanging_on(cast.handler).measures == 0
    assert heard(ticket)[-1] == f"person:{cast.other_handler.pk}"


def test_there_is_no_talk_about_what_never_ran_out(cast: Cast) -> None:
    ticket = walk(cast, take_in(cast), until=Move.INVESTIGATE)
    facts = {"overrun": f"{OVERDUE}@3", "overdue_cause": "other", "said": "无"}

    with pytest.raises(NotOverrun):
        record_talk(ticket.number, facts, by=cast.actor("supervisor"), happened_at=LATER, now=LATER)


def test_there_is_no_following_up_of_what_was_not_agreed(cast: Cast) -> None:
    ticket = overrun(cast)
    talk(cast, ticket, measure="")
    facts = {"talk": str(report_of(ticket).talk_seq), "measure_done": True, "text": "已看"}

    with pytest.raises(NoSuchMeasure):
        follow_measure(ticket.number, facts, by=cast.actor("supervisor"), happened_at=LATER, now=LATER)


def test_a_talk_is_the_supervisors_of_the_region(cast: Cast) -> None:
    ticket = overrun(cast)
    with pytest.raises(RoleNotAllowed):
        talk(cast, ticket, who="handler")
    elsewhere = walk(cast, take_in(cast, phone="19900005678"), until=Move.INVESTIGATE)
    Ticket.objects.filter(pk=elsewhere.pk).update(region="341204", team="billing")
    with pytest.raises(NoSuchTicket):
        record_talk(elsewhere.number, {}, by=cast.actor("supervisor"), happened_at=LATER, now=LATER)


def test_a_supervisor_sees_the_overruns_of_their_regions_only(cast: Cast) -> None:
    ticket = overrun(cast)

    assert report_of(ticket) in reports_for(cast.actor("supervisor"))
    assert report_of(ticket) in reports_for(cast.actor("manager"))
    assert not reports_for(cast.actor("administrator")).exists()
    Ticket.objects.filter(pk=ticket.pk).update(region="341204", team="billing", lead_team="billing")
    assert not reports_for(cast.actor("supervisor")).exists()


def test_what_was_done_in_time_and_written_down_late_is_cleared(cast: Cast) -> None:
    """Because an engineer without a network is no reason for a talk."""
    ticket = overrun(cast)
    at = MONDAY + timedelta(hours=30)
    for step in ((Move.PROPOSE, "handler", {"text": "调整", "cause": "technical"}), (Move.APPROVE, "supervisor", {})):
        ticket = make(cast, ticket, step, at)
    facts = {"work": "已调整"}
    move_ticket(ticket.number, Move.CARRY_OUT, by=cast.actor("handler"), happened_at=at, now=at, facts=facts)

    [report] = reports_for(SYSTEM).filter(ticket=ticket, rule=OVERDUE)

    assert report.cleared


def test_the_months_say_which_cause_how_often(cast: Cast) -> None:
    ticket = overrun(cast)
    talk(cast, ticket)

    rows = causes_by_month(reports_for(cast.actor("supervisor")), MONDAY - timedelta(days=60))

    assert {(row["cause"], row["reports"], row["agreed"], row["done"]) for row in rows} >= {("too_few_people", 1, 1, 0)}


def test_the_worker_reports_by_itself(cast: Cast) -> None:
    walk(cast, take_in(cast), until=Move.INVESTIGATE)

    for _turn in range(3):
        turn(LATER)

    assert OverdueReport.objects.filter(rule=OVERDUE).count() == 1
