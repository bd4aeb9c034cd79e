"""Duty rosters and shift handover: a week entered, copied and imported; what a shift leaves to the next, confirmed."""

from __future__ import annotations

import io
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from openpyxl import Workbook, load_workbook

from shouwen.desk.rosters import entry_again, kept_of
from shouwen.handbook.lifecycle import Move
from shouwen.people.actions import UNDO_WITHIN
from shouwen.people.duty import Entry, copy_week, enter_shifts
from shouwen.people.leaves import take_leave
from shouwen.people.models import Change, Handover, Person, Shift, Team
from shouwen.tickets.models import Ticket
from tests.cast import Cast, make
from tests.screens.desk import Desk, ahead, brought_to, taken_in, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.clause("T1.3")]

TEAM = "network-3401"
ROSTER = f"/duty/{TEAM}"
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=ZoneInfo("Asia/Shanghai"))


def monday() -> date:
    today = timezone.localdate()
    return today - timedelta(days=today.weekday())


def shift(person: Person, on: date, starts: str = "08:00", ends: str = "17:30", **more: str) -> dict[str, Any]:
    return {"on": on.isoformat(), "starts": starts, "ends": ends, "person": person.pk, **more}


def shifts() -> list[tuple[str, str, str]]:
    rows = Shift.objects.order_by("starts_at", "id").select_related("person")
    local = timezone.localtime
    return [(str(one.person), f"{local(one.starts_at):%a %H:%M}", f"{local(one.ends_at):%a %H:%M}") for one in rows]


def test_a_week_is_entered_a_night_ends_on_the_next_day_and_nobody_is_in_two_places(cast: Cast) -> None:
    desk = Desk(cast.supervisor)

    assert desk.post(ROSTER, shift(cast.handler, monday())).status_code == 302
    desk.post(ROSTER, shift(cast.handler, monday() + timedelta(days=1), "22:00", "06:00", note="夜班"))
    twice = desk.post(ROSTER, shift(cast.handler, monday(), "17:00", "20:00"))

    assert shifts() == [("处理甲", "Mon 08:00", "Mon 17:30"), ("处理甲", "Tue 22:00", "Wed 06:00")]
    assert twice.status_code == 409
    assert "处理甲 is on duty for a part of this time already." in text_of(twice)
    assert "夜班" in text_of(desk.get(f"{ROSTER}?week={monday()}"))
    assert Change.objects.filter(kind="duty", about=TEAM, by=cast.supervisor).count() == 2


def test_whoever_is_on_leave_is_not_put_on_duty_and_the_week_says_so(cast: Cast) -> None:
    start = datetime.combine(monday() + timedelta(days=8), datetime.min.time(), timezone.get_default_timezone())
    take_leave(
        cast.handler,
        from_at=start,
        until_at=start + timedelta(days=2),
        cover=cast.other_handler,
        by=None,
        at=start - timedelta(days=30),
    )
    desk = Desk(cast.supervisor)
    for day in (0, 1):
        desk.post(ROSTER, shift(cast.handler, monday() + timedelta(days=day)))

    copied = desk.post(f"{ROSTER}/copies", {"week": (monday() + timedelta(days=7)).isoformat()}, follow=True)
    refused = desk.post(ROSTER, shift(cast.handler, monday() + timedelta(days=8)))

    assert "1 shift copied." in text_of(copied)
    assert "away or on duty already: 处理甲" in text_of(copied)
    assert "处理甲 is on leave · cover: 处理乙" in text_of(copied)
    assert refused.status_code == 409
    assert Shift.objects.count() == 3


def test_a_shift_is_taken_out_and_the_log_keeps_it(cast: Cast) -> None:
    desk = Desk(cast.supervisor)
    desk.post(ROSTER, shift(cast.handler, monday()))
    [one] = Shift.objects.all()

    desk.post(f"{ROSTER}/shifts/{one.pk}/removal")

    assert shifts() == []
    assert [row.what for row in Change.objects.filter(kind="duty").order_by("at", "id")] == ["made", "ended"]


def test_a_shift_taken_out_by_mistake_is_had_back_as_it_was(cast: Cast) -> None:
    desk = Desk(cast.supervisor)
    desk.post(ROSTER, shift(cast.handler, monday(), "22:00", "06:00", note="夜班"))
    before = [*Shift.objects.values_list("person", "starts_at", "ends_at", "note")]
    [one] = Shift.objects.all()

    page = desk.post(f"{ROSTER}/shifts/{one.pk}/removal", follow=True)
    assert "Taken out: 处理甲" in text_of(page)
    assert f'action="{ROSTER}/restoration"' in page.content.decode()
    assert "处理甲 is on duty again." in text_of(desk.post(f"{ROSTER}/restoration", follow=True))

    assert [*Shift.objects.values_list("person", "starts_at", "ends_at", "note")] == before
    assert "too late to undo" in text_of(desk.post(f"{ROSTER}/restoration", follow=True))  # and not twice
    assert Shift.objects.count() == 1


def test_taking_out_is_undone_within_seconds_by_who_did_it_in_that_team_and_if_nothing_stands_in_the_way(
    cast: Cast,
) -> None:
    desk = Desk(cast.supervisor)
    desk.post(ROSTER, shift(cast.handler, monday()))
    [one] = Shift.objects.select_related("team", "person")
    kept = kept_of(one, NOW)
    assert entry_again(kept, one.team, NOW + UNDO_WITHIN) is not None
    assert entry_again(kept, one.team, NOW + UNDO_WITHIN + timedelta(seconds=1)) is None
    assert entry_again(kept, Team.objects.exclude(pk=TEAM).first(), NOW) is None  # type: ignore[arg-type]

    desk.post(f"{ROSTER}/shifts/{one.pk}/removal")
    assert "Taken out" not in text_of(Desk(cast.manager).get(ROSTER))
    desk.post(ROSTER, shift(cast.handler, monday(), "07:00", "12:00"))
    refused = desk.post(f"{ROSTER}/restoration")

    assert refused.status_code == 409
    assert "处理甲 is on duty for a part of this time already." in text_of(refused)


@pytest.mark.parametrize(
    ("who", "may"), [("handler", True), ("agent", False), ("manager", True), ("administrator", True)]
)
def test_a_roster_is_kept_by_the_lead_and_by_who_answers_for_the_team(cast: Cast, who: str, may: bool) -> None:
    """The handler of the cast leads the team; a member who does not lead only reads."""
    answer = Desk(getattr(cast, who)).post(ROSTER, shift(cast.handler, monday()))

    assert (answer.status_code == 302) is may
    assert Shift.objects.exists() is may


def test_a_member_reads_and_does_not_write(cast: Cast) -> None:
    Team.objects.filter(pk=TEAM).update(lead=None)
    desk = Desk(cast.handler)

    assert desk.get(ROSTER).status_code == 200
    assert "One more shift" not in text_of(desk.get(ROSTER))
    assert desk.post(ROSTER, shift(cast.handler, monday())).status_code == 403
    assert desk.get("/duty")["Location"] == ROSTER


@pytest.mark.parametrize(
    ("who", "team"),
    [
        ("handler", TEAM),
        ("other_handler", "billing"),
        ("agent", "service"),
        ("supervisor", TEAM),
        ("manager", TEAM),
        ("administrator", TEAM),
    ],
)
def test_rosters_open_on_ones_own_team_or_the_nearest(cast: Cast, who: str, team: str) -> None:
    """Because the alphabet's first is hardly ever whose roster somebody wants to see."""
    assert Desk(getattr(cast, who)).get("/duty")["Location"] == f"/duty/{team}"


@pytest.mark.parametrize(("who", "opens"), [("supervisor", "billing"), ("manager", "billing"), ("handler", TEAM)])
def test_who_has_no_team_of_their_own_finds_the_one_they_looked_at_last(cast: Cast, who: str, opens: str) -> None:
    desk = Desk(getattr(cast, who))
    desk.get("/duty/billing")

    assert desk.get("/duty")["Location"] == f"/duty/{opens}"


def test_who_belongs_to_several_finds_the_one_they_lead(cast: Cast) -> None:
    cast.supervisor.teams.set(Team.objects.filter(active=True))
    Team.objects.filter(pk="service").update(lead=cast.supervisor)

    assert Desk(cast.supervisor).get("/duty")["Location"] == "/duty/service"


def sheet(*rows: list[Any]) -> SimpleUploadedFile:
    book, file = Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(file)
    return SimpleUploadedFile("班表.xlsx", file.getvalue())


def test_a_table_is_entered_whole_or_not_at_all(cast: Cast) -> None:
    desk = Desk(cast.supervisor)
    headings = ["日期", "开始", "结束", "账号"]
    good = [date(2031, 3, 3), "08:00", "17:30", "handler"]

    wrong = desk.post(f"{ROSTER}/import", {"file": sheet(headings, good, ["明天", "8点", "", "agent"])})
    assert wrong.status_code == 409
    assert "row 3: “agent” is not a member of the team." in text_of(wrong)
    assert shifts() == []

    desk.post(f"{ROSTER}/import", {"file": sheet(headings, good)})
    assert shifts() == [("处理甲", "Mon 08:00", "Mon 17:30")]


def test_a_row_whose_last_cells_are_empty_is_told_of(cast: Cast) -> None:
    file = sheet(["日期", "开始", "结束", "账号"], [date(2031, 3, 3), "08:00", "17:30"])

    answer = Desk(cast.supervisor).post(f"{ROSTER}/import", {"file": file})

    assert answer.status_code == 409
    assert "row 2: “” is not a member of the team." in text_of(answer)


def test_a_week_is_copied_by_the_clock_on_the_wall(cast: Cast, settings: Any) -> None:
    """Because where clocks are put back in between, 08:00 stays 08:00."""
    settings.TIME_ZONE = "Europe/London"
    team, zone = Team.objects.get(pk="network-3401"), ZoneInfo("Europe/London")
    before, after = datetime(2031, 10, 20, 8, tzinfo=zone), datetime(2031, 10, 27, 8, tzinfo=zone)
    entry = Entry(cast.handler, before, before + timedelta(hours=9))
    enter_shifts(team, [entry], by=cast.administrator, at=before)

    made, left = copy_week(team, after.replace(hour=0), by=cast.administrator, at=before)

    assert (made, left) == (1, [])
    assert Shift.objects.latest("starts_at").starts_at == after
    assert Shift.objects.latest("starts_at").ends_at == after.replace(hour=17)


def test_what_was_taken_away_can_be_brought_in_again(cast: Cast) -> None:
    desk = Desk(cast.supervisor, language="zh-hans")
    desk.post(ROSTER, shift(cast.handler, monday(), "22:00", "06:00", note="夜班"))
    before = shifts()
    file = b"".join(desk.get(f"{ROSTER}?as=xlsx").streaming_content)
    assert load_workbook(io.BytesIO(file)).active["F2"].value == "夜班"
    Shift.objects.all().delete()

    desk.post(f"{ROSTER}/import", {"file": SimpleUploadedFile("t.xlsx", file)})

    assert shifts() == before


def test_a_week_costs_the_same_however_full_it_is(cast: Cast) -> None:
    desk = Desk(cast.supervisor)
    desk.get(ROSTER)

    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            desk.get(ROSTER)
        return len(asked)

    empty = queries()
    for day in range(7):
        desk.post(ROSTER, shift(cast.handler, monday() + timedelta(days=day)))
    assert queries() == empty


def test_a_shift_hands_over_what_is_open_each_ticket_once_under_its_reason(cast: Cast) -> None:
    promised, plain = brought_to(cast, Move.INVESTIGATE), brought_to(cast, Move.DISPATCH)
    elsewhere = taken_in(cast)
    desk = Desk(cast.handler)
    desk.make(promised, Move.PROMISE, due_at=ahead(3), text="三小时内回电")

    page = text_of(desk.get(f"{ROSTER}/handover"))
    assert "Promised to customers (1)" in page
    assert page.count(promised.number) >= 1
    assert plain.number in page
    assert elsewhere.number not in page

    form = {f"note-{promised.number}": "先打 19900001234 找王先生", "notes": "机房钥匙在值班室"}
    handed = desk.post(f"{ROSTER}/handover", form)
    [row] = Handover.objects.all()
    assert handed["Location"] == f"/handovers/{row.pk}"
    said = text_of(desk.get(f"/handovers/{row.pk}"))
    assert "机房钥匙在值班室" in said
    assert "199****1234" in said
    assert "19900001234" not in str(row.content)


def test_a_note_on_a_ticket_that_left_the_list_meanwhile_is_handed_over_all_the_same(cast: Cast) -> None:
    """Because whoever wrote it goes home, and the ticket goes on elsewhere."""
    stays, leaves = brought_to(cast, Move.INVESTIGATE), brought_to(cast, Move.INVESTIGATE, phone="19900005678")
    desk = Desk(cast.handler)
    assert leaves.number in text_of(desk.get(f"{ROSTER}/handover"))
    Ticket.objects.filter(pk=leaves.pk).update(team="billing")

    form = {f"note-{stays.number}": "等备件", f"note-{leaves.number}": "回电 19900005678", "notes": "钥匙在值班室"}
    desk.post(f"{ROSTER}/handover", form)

    row = Handover.objects.get()
    assert row.notes == f"钥匙在值班室\n{leaves.number}: 回电 199****5678"
    assert [line["note"] for line in row.content] == ["等备件"]


def test_a_list_that_does_not_hold_everything_says_so_and_leads_to_the_rest(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Because it is signed as the list of what the shift leaves."""
    for n in range(4):
        brought_to(cast, Move.INVESTIGATE, phone=f"1990000567{n}")
    desk = Desk(cast.handler)
    assert "not on this list" not in text_of(desk.get(f"{ROSTER}/handover"))
    monkeypatch.setattr("shouwen.desk.handovers.EACH_AT_MOST", 1)

    page = desk.get(f"{ROSTER}/handover")
    desk.post(f"{ROSTER}/handover", {"notes": ""})

    row = Handover.objects.get()
    assert (row.left_out, len(row.content)) == (3, 1)
    for shown in (page, desk.get(f"/handovers/{row.pk}")):
        assert "3 open tickets of the team are not on this list" in text_of(shown)
        assert f'href="/queues/all?team={TEAM}"' in shown.content.decode()
    assert desk.get(f"/queues/all?team={TEAM}").content.decode().count("data-row") >= 4


def test_what_is_typed_into_a_list_is_kept_until_it_is_handed_over(cast: Cast) -> None:
    assert f'data-draft="handover-{TEAM}"' in Desk(cast.handler).get(f"{ROSTER}/handover").content.decode()


def test_a_list_is_confirmed_once_by_somebody_else_and_stays_as_it_was(cast: Cast) -> None:
    ticket = brought_to(cast, Move.INVESTIGATE)
    desk, next_shift = Desk(cast.handler), Desk(cast.supervisor)
    desk.post(f"{ROSTER}/handover", {"notes": ""})
    [row] = Handover.objects.all()
    page = f"/handovers/{row.pk}"

    own = desk.post(f"{page}/confirmation", {"remark": ""})
    taken = next_shift.post(f"{page}/confirmation", {"remark": "已清点"}, follow=True)
    again = next_shift.post(f"{page}/confirmation", {"remark": "再来"})

    assert own.status_code == 409
    assert "You handed this over yourself" in text_of(own)
    assert "Taken over." in text_of(taken)
    assert again.status_code == 409
    row.refresh_from_db()
    assert (row.confirmed_by, row.remark) == (cast.supervisor, "已清点")
    make(cast, ticket, (Move.PROPOSE, "handler", {"text": "调整参数", "cause": "technical"}), timezone.now())
    assert ticket.number in text_of(desk.get(page))


def test_lists_of_other_teams_are_not_there(cast: Cast) -> None:
    Desk(cast.handler).post(f"{ROSTER}/handover", {"notes": ""})
    [row] = Handover.objects.all()
    stranger = Desk(cast.other_handler)

    assert stranger.get(f"/handovers/{row.pk}").status_code == 404
    assert stranger.post(f"/handovers/{row.pk}/confirmation").status_code == 404
    assert str(row.pk) not in stranger.get("/handovers").content.decode()
    assert "班组 network-3401" in text_of(Desk(cast.supervisor).get("/handovers"))


def test_one_select_leads_to_any_team_s_roster_in_the_same_week_and_to_its_lists(cast: Cast) -> None:
    """Because a phone has no room for a row of chips for each team ahead of what is looked for."""
    desk = Desk(cast.supervisor)

    page = desk.get("/duty/network-3401").content.decode()

    assert 'class="chip' not in page
    assert '<select id="team" name="team"' in page
    chosen = desk.get("/duty?team=billing&week=2026-03-02")
    assert chosen["Location"] == "/duty/billing?week=2026-03-02"
    assert desk.get("/duty?team=network-3412").status_code == 404
    assert '<option value="billing" selected>' in desk.get("/handovers?team=billing").content.decode()
