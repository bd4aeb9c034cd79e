"""A branch moves its spreadsheets in: as history or as open work, with bad rows handed back, as often as one likes."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import now

from shouwen.cli.main import main
from shouwen.handbook.lifecycle import Move
from shouwen.handling import accepting
from shouwen.handling.actions import move_ticket
from shouwen.intake import importing
from shouwen.notices.models import MessageOrder
from shouwen.people.models import Person
from shouwen.service_levels.models import Clock
from shouwen.service_levels.sweep import sweep
from shouwen.tickets.models import IntakeKey, Ticket, TicketEvent
from shouwen.vault.queries import items_with
from tests.cast import Cast

pytestmark = pytest.mark.clause("H5.3.3")
HEADING = ["编号", "受理时间", "投诉内容", "联系电话", "分类", "地区", "状态", "班组", "处理人", "首问责任人"]
FINISHED = [
    "T-1",
    "2025-03-01 09:30",
    "宽带总是掉线",
    "19900001234",
    "network.broadband.drops",
    "合肥市",
    "已归档",
    "",
    "",
    "",
]
OPEN = ["T-2", "2026/2/27 16:40", "手机信号弱", "", "信号弱", "3401", "处理中", "network-3401", "handler", "坐席甲"]
Said = tuple[int, str]


@pytest.fixture
def sheet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Writes rows into a spreadsheet; reports land beside it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LANGUAGE", "en")

    def write(*rows: list[str], heading: list[str] = HEADING, name: str = "branch.csv") -> str:
        with (tmp_path / name).open("w", encoding="utf-8-sig", newline="") as file:
            csv.writer(file).writerows([heading, *rows])
        return str(tmp_path / name)

    return write


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Callable[..., Said]:
    """Runs `shouwen import`; tells its exit code and what it said."""

    def command(*arguments: str) -> Said:
        with pytest.raises(SystemExit) as end:
            main(["import", *arguments])
        said = capsys.readouterr()
        return int(end.value.code or 0), said.out + said.err

    return command


def stayed_out(path: Path = Path("branch-stayed-out.csv")) -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))[1:]


@pytest.mark.usefixtures("cast")
def test_history_comes_in_finished_with_its_own_dates_and_fires_nothing(sheet, run) -> None:
    code, said = run(sheet(FINISHED))

    [ticket] = Ticket.objects.all()
    assert (code, ticket.stage, ticket.is_history, ticket.is_open) == (0, "archived", True, False)
    assert ticket.received_at.isoformat() == "2025-03-01T01:30:00+00:00"
    assert (ticket.category, ticket.region) == ("network.broadband.drops", "3401")
    assert not Clock.objects.exists()
    assert not MessageOrder.objects.exists()
    assert "1  taken in" in said


def test_open_work_comes_in_where_it_stood_with_its_people_and_clocks(cast: Cast, sheet, run) -> None:
    code, _ = run(sheet(OPEN), "--as", "open", "--by", "supervisor")

    [ticket] = Ticket.objects.all()
    assert (code, ticket.stage, ticket.team_id, ticket.is_open) == (0, "investigating", "network-3401", True)
    assert (ticket.handler_id, ticket.first_owner_id) == (cast.handler.pk, cast.agent.pk)
    assert Clock.objects.filter(ticket=ticket, state="running").exists()
    assert {event.actor for event in TicketEvent.objects.all()} == {f"person:{cast.supervisor.pk}"}
    assert not MessageOrder.objects.filter(template="acknowledgement").exists()


def test_what_came_in_open_can_be_worked_on(cast: Cast, sheet, run) -> None:
    run(sheet(OPEN), "--as", "open")
    number, at = Ticket.objects.get().number, now()

    facts = {"item": "other", "finding": "已到现场测试"}
    ticket = move_ticket(
        number, Move.RECORD_EVIDENCE, by=cast.actor("handler"), happened_at=at, now=at, facts=facts
    )  # fmt: skip

    assert ticket.last_seq == 3


@pytest.mark.usefixtures("cast")
def test_finished_rows_among_open_ones_are_history(sheet, run) -> None:
    run(sheet(FINISHED, OPEN), "--as", "open")

    assert dict(Ticket.objects.values_list("stage", "is_history")) == {"archived": True, "investigating": False}


@pytest.mark.clause("S3.3")
@pytest.mark.usefixtures("cast")
def test_what_was_overdue_elsewhere_is_overdue_here_but_nobody_is_told_of_it_again(sheet, run) -> None:
    run(sheet(OPEN), "--as", "open")
    ticket, moved_in = Ticket.objects.get(), TicketEvent.objects.get(what="carried_over").happened_at

    sweep(now())

    assert ticket.lead_due_at < moved_in
    assert not MessageOrder.objects.exists()


@pytest.mark.clause("S3.3")
@pytest.mark.usefixtures("cast")
def test_what_falls_due_after_the_move_is_told_as_always(sheet, run) -> None:
    received = (now() - timedelta(hours=1)).isoformat()
    run(sheet([OPEN[0], received, *OPEN[2:]]), "--as", "open")

    sweep(now() + timedelta(days=40))

    assert MessageOrder.objects.filter(template="clock_breached").exists()


@pytest.mark.usefixtures("cast")
def test_a_case_dispatched_to_a_team_is_nobodys_until_somebody_takes_it(sheet, run) -> None:
    run(sheet([*OPEN[:6], "已派单", "network-3401", "", "agent"]), "--as", "open")

    assert Ticket.objects.get().handler_id is None


@pytest.mark.clause("X2")
@pytest.mark.usefixtures("cast")
def test_a_clock_that_was_half_spent_goes_on_from_there(sheet, run, tmp_path: Path) -> None:
    due = (now() + timedelta(days=9)).replace(microsecond=0)
    mapping = tmp_path / "map.yaml"
    mapping.write_text(
        "columns: {key: n, received_at: at, text: t, category: c, stage: s, team: g}\n"
        "clocks: {handling-general: {due_at: due}, closed-loop-joint: {spent_minutes: spent}}\n",
        encoding="utf-8",
    )
    received = (now() - timedelta(days=30)).isoformat()
    row = ["1", received, "信号弱", "network.coverage.weak", "investigating", "network-3401", due.isoformat(), "1:30"]

    code, said = run(
        sheet(row, heading=["n", "at", "t", "c", "s", "g", "due", "spent"]), "--map", str(mapping), "--as", "open"
    )

    assert (code, Clock.objects.get(rule="handling-general").due_at) == (0, due), said
    facts = TicketEvent.objects.get(what="carried_over").facts
    assert facts["clocks"]["closed-loop-joint"] == {"spent_minutes": 90}


@pytest.mark.clause("X2")
@pytest.mark.usefixtures("cast")
def test_a_case_that_waited_for_its_customer_still_waits(sheet, run) -> None:
    heading = [*HEADING, "挂起状态"]
    run(sheet([*OPEN, "待用户"], heading=heading), "--as", "open")

    [ticket] = Ticket.objects.all()
    assert ticket.standing == "waiting"
    assert Clock.objects.filter(ticket=ticket, state="paused").exists()


@pytest.mark.clause("H2.1.1b")
@pytest.mark.usefixtures("cast")
def test_running_it_twice_takes_nothing_in_twice(sheet, run) -> None:
    path = sheet(FINISHED, [*FINISHED[:1], *FINISHED[1:]], ["T-3", *FINISHED[1:]])
    run(path)

    code, said = run(path)

    assert (code, Ticket.objects.count()) == (0, 2)
    assert "0  taken in" in said
    assert "3  there already\n" in said


@pytest.mark.usefixtures("cast")
def test_a_row_that_changed_since_is_handed_back_with_its_ticket(sheet, run) -> None:
    run(sheet(FINISHED))

    code, said = run(sheet([FINISHED[0], FINISHED[1], "后来又改了内容", *FINISHED[3:]]))

    assert (code, Ticket.objects.count()) == (3, 1)
    assert "1  there already, and changed since" in said
    [[number, reason, *cells]] = stayed_out()
    assert (number, cells[0]) == ("2", "T-1")
    assert Ticket.objects.get().number in reason


@pytest.mark.usefixtures("cast")
def test_without_numbers_a_row_is_known_by_all_it_says(sheet, run) -> None:
    path = sheet(FINISHED[1:], [*FINISHED[1:3], "19900009999", *FINISHED[4:]], heading=HEADING[1:])

    run(path)
    run(path)

    assert Ticket.objects.count() == 2


@pytest.mark.usefixtures("cast")
def test_the_same_number_of_another_source_is_another_case(sheet, run) -> None:
    run(sheet(FINISHED, name="east.csv"))
    run(sheet(FINISHED, name="west.csv"))

    assert sorted(IntakeKey.objects.values_list("scope", flat=True)) == ["import:east", "import:west"]


@pytest.mark.parametrize(
    ("column", "value", "as_", "says"),
    [
        ("受理时间", "", "history", "受理时间: There is no time here."),
        ("受理时间", "3/4/2026", "history", "受理时间: “3/4/2026” is not a time: write it year first"),
        ("受理时间", "2999-01-01", "history", "受理时间: This lies in the future."),
        ("投诉内容", " ", "history", "投诉内容: Say what happened."),
        ("联系电话", "12", "history", "联系电话: This is not a telephone number."),
        ("分类", "外星人", "history", "分类: “外星人” is not known here."),
        ("地区", "火星", "history", "地区: “火星” is not known here."),
        ("状态", "处理中", "history", "状态: “处理中” is not finished"),
        ("状态", "不明", "open", "状态: “不明” is not known here."),
        ("状态", "处理中", "open", "班组: A case that has been dispatched has a team."),
        ("班组", "不存在", "open", "班组: “不存在” is not known here."),
        ("首问责任人", "谁", "history", "首问责任人: “谁” is not known here."),
    ],
)
@pytest.mark.usefixtures("cast")
def test_a_bad_row_is_handed_back_with_its_reason_and_the_good_ones_go_in(
    sheet, run, column: str, value: str, as_: str, says: str
) -> None:
    bad = ["T-9", *FINISHED[1:]]
    bad[HEADING.index(column)] = value

    code, said = run(sheet(FINISHED, bad, ["T-3", *FINISHED[1:]]), "--as", as_)

    assert (code, Ticket.objects.count()) == (3, 2), said
    [[number, reason, *cells]] = stayed_out()
    assert (number, cells) == ("3", bad)
    assert says in reason


@pytest.mark.usefixtures("cast")
def test_what_the_report_hands_back_can_be_mended_and_imported_as_it_is(sheet, run) -> None:
    run(sheet(FINISHED, ["T-9", "", *FINISHED[2:]]))
    report = Path("branch-stayed-out.csv")
    report.write_text(report.read_text("utf-8-sig").replace(",T-9,,", ",T-9,2025-03-02,"), "utf-8-sig")

    code, _ = run(str(report), "--name", "branch")

    assert (code, Ticket.objects.count()) == (0, 2)


@pytest.mark.usefixtures("cast")
def test_the_report_is_for_its_owner_alone(sheet, run) -> None:
    run(sheet(["T-9", "", *FINISHED[2:]]))

    assert Path("branch-stayed-out.csv").stat().st_mode & 0o777 == 0o600


@pytest.mark.usefixtures("cast")
def test_a_dry_run_says_the_same_and_writes_nothing(sheet, run) -> None:
    run(sheet(FINISHED))
    changed = ["T-1", "2025-03-01 09:30", "改了", *FINISHED[3:]]
    twice = ["T-5", *FINISHED[1:]]
    path = sheet(changed, twice, twice, ["T-6", "", *FINISHED[2:]])

    code, said = run(path, "--dry-run")

    assert (code, Ticket.objects.count()) == (3, 1)
    counts = [line.split()[0] for line in said.splitlines() if line.startswith("       ")]
    assert counts == ["1", "1", "1", "1"], said
    real, told = run(path)
    assert real == code
    assert [line.split()[0] for line in told.splitlines() if line.startswith("       ")] == counts


@pytest.mark.usefixtures("cast")
def test_rows_go_in_by_the_hundred_in_one_statement(sheet, run) -> None:
    rows = [[f"T-{n}", *FINISHED[1:3], f"199{n:08}", *FINISHED[4:]] for n in range(1200)]
    path = sheet(*rows)

    with CaptureQueriesContext(connection) as asked:
        code, _ = run(path)

    assert (code, Ticket.objects.count()) == (0, 1200)
    assert len(asked) < 60


@pytest.mark.usefixtures("cast")
def test_a_row_the_database_refuses_does_not_hold_up_its_batch(sheet, run, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = accepting.accept

    def accept(drafts, *, now):
        if any(draft.origin == "T-13" for draft in drafts):
            raise ValueError("no room for T-13")
        return whole(drafts, now=now)

    monkeypatch.setattr(importing, "accept", accept)

    code, _ = run(sheet(*([f"T-{n}", *FINISHED[1:]] for n in range(40))))

    assert (code, Ticket.objects.count()) == (3, 39)
    [[_, reason, *cells]] = stayed_out()
    assert ("no room for T-13" in reason, cells[0]) == (True, "T-13")


@pytest.mark.clause("T6.2")
@pytest.mark.usefixtures("cast")
def test_what_identifies_somebody_goes_into_the_vault(sheet, run) -> None:
    run(sheet([*FINISHED[:2], "请回电 19900005678", "19900001234.0", *FINISHED[4:]]))

    [ticket] = Ticket.objects.all()
    assert "19900005678" not in json.dumps([event.facts for event in TicketEvent.objects.all()])
    assert "⟦phone:" in ticket.description
    assert items_with("phone", "19900001234").exists()


@pytest.mark.usefixtures("cast")
def test_lines_of_json_come_in_too(run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    row = {"id": 7, "created_at": "2025-03-01T09:30:00+08:00", "message": "断网", "details": {"when": "periodic"}}
    Path("old.jsonl").write_text(json.dumps(row, ensure_ascii=False), encoding="utf-8")
    Path("map.yaml").write_text(
        "columns: {key: id, received_at: created_at, text: message, details.when_it_happens: details.when}\n"
        "always: {category: network.broadband.outage, channel: web}\n",
        encoding="utf-8",
    )

    code, said = run("old.jsonl", "--map", "map.yaml")

    assert code == 0, said
    assert TicketEvent.objects.get(seq=1).facts["details"] == {"when_it_happens": "periodic"}
    assert Ticket.objects.get().channel == "web"


@pytest.mark.usefixtures("cast")
def test_a_verified_case_keeps_its_fourth_level(sheet, run) -> None:
    code, _ = run(sheet([*FINISHED[:4], "network.coverage.weak.blocked", *FINISHED[5:]]))

    assert (code, Ticket.objects.get().category) == (0, "network.coverage.weak.blocked")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--map", "none.yaml"], "none.yaml cannot be read"),
        (["--by", "nobody"], "Nobody here signs in as nobody."),
        (["--zone", "Mars/Base"], "There is no time zone “Mars/Base”."),
        (["--encoding", "klingon"], "There is no encoding called “klingon”."),
        (["--report", "no/such/folder.csv"], "cannot be written"),
        (["--report", "branch.csv"], "cannot be written"),
    ],
)
@pytest.mark.usefixtures("cast")
def test_what_cannot_be_done_is_said_in_one_sentence_before_anything_is_written(
    sheet, run, arguments: list[str], says: str
) -> None:
    code, said = run(sheet(["T-9", "", *FINISHED[2:]], FINISHED), *arguments)

    assert code == 1
    assert says in said
    assert not Ticket.objects.exists()


@pytest.mark.usefixtures("cast")
def test_everything_a_mapping_gets_wrong_is_said_at_once(sheet, run, tmp_path: Path) -> None:
    (tmp_path / "map.yaml").write_text(
        "columns: {text: 没有这列, colour: 编号}\nclocks: {no-such-clock: {due_at: 编号}}\n", encoding="utf-8"
    )

    code, said = run(sheet(FINISHED), "--map", "map.yaml")

    assert code == 1
    for sentence in (
        "“colour” is nothing a column can mean.",
        "There is no clock “no-such-clock”.",
        "The file has no column “没有这列”.",
        "No column says when it was received.",
        "No column says the category",
    ):
        assert sentence in said


@pytest.mark.usefixtures("cast")
def test_whoever_has_left_is_not_given_work(cast: Cast, sheet, run) -> None:
    Person.objects.filter(pk=cast.handler.pk).update(is_active=False)

    code, _ = run(sheet(OPEN), "--as", "open")

    assert (code, Ticket.objects.count()) == (3, 0)


def test_the_template_is_printed_without_a_file(run, db: None) -> None:
    code, said = run("--map-template")

    assert code == 0
    assert "received_at" in said
