"""`shouwen due` and `shouwen rules`: what a hearing asks, answered without a database."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from shouwen.cli.main import main
from shouwen.editions.pack import SHIPPED

Answer = tuple[int, Any]
Ask = Callable[..., Answer]


@pytest.fixture
def ask(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Ask:
    """Runs a command with --json; its exit code and what it answered."""
    monkeypatch.setenv("LANGUAGE", "en")

    def command(*words: str) -> Answer:
        with pytest.raises(SystemExit) as end:
            main([*words, "--json"])
        return int(end.value.code or 0), json.loads(capsys.readouterr().out)

    return command


@pytest.mark.clause("H5.1.2")
@pytest.mark.parametrize(
    ("asked", "start", "due"),
    [
        (["--rule", "handling-general"], "2025-09-26T10:00:00+08:00", "2025-10-13T17:30:00+08:00"),
        (["--duration", "7wd", "--calendar", "office"], "2025-09-26T10:00:00+08:00", "2025-10-13T17:30:00+08:00"),
        (["--duration", "1wd", "--calendar", "office"], "2025-09-27T10:00:00+08:00", "2025-09-28T17:30:00+08:00"),
        (["--duration", "15d"], "2025-09-26T10:00:00+08:00", "2025-10-11T10:00:00+08:00"),
        (["--duration", "72h", "--calendar", "office"], "2025-09-26T10:00:00+08:00", "2025-09-29T10:00:00+08:00"),
        (["--duration", "30wmin", "--calendar", "office"], "2026-03-02T11:45:00+08:00", "2026-03-02T14:15:00+08:00"),
        (["--duration", "8wh", "--calendar", "field"], "2026-03-02T18:00:00+08:00", "2026-03-03T14:00:00+08:00"),
    ],
)
def test_a_due_time_is_told_for_a_rule_and_for_a_duration(ask: Ask, asked: list[str], start: str, due: str) -> None:
    code, answer = ask("due", *asked, "--from", start)

    assert (code, answer["due_at"], answer["provisional"]) == (0, due, False)


@pytest.mark.clause("X2")
def test_paused_minutes_do_not_spend_the_budget_and_the_ledger_says_so(ask: Ask) -> None:
    pause = "2026-03-02T11:00:00+08:00/2026-03-02T15:00:00+08:00"
    _, answer = ask(
        "due", "--duration", "4wh", "--calendar", "office", "--from", "2026-03-02T10:00:00+08:00", "--pause", pause
    )

    assert answer["due_at"] == "2026-03-03T09:00:00+08:00"
    assert [(row["why"], row["counted"], row["minutes"]) for row in answer["ledger"]] == [
        ("running", True, 60),
        ("paused:stated", False, 0),
        ("running", True, 150),
        ("off_duty", False, 0),
        ("running", True, 30),
    ]


@pytest.mark.clause("X2")
def test_pauses_that_overlap_are_one_and_what_lies_before_the_start_is_cut_off(ask: Ask) -> None:
    pauses = ["09:00/10:30", "10:15/11:00", "08:00/08:30"]
    stated = [f"2026-03-02T{a}:00Z/2026-03-02T{b}:00Z" for a, b in (pause.split("/") for pause in pauses)]
    _, answer = ask(
        "due", "--duration", "2h", "--from", "2026-03-02T10:00:00Z", *(w for p in stated for w in ("--pause", p))
    )

    assert answer["due_at"] == "2026-03-02T13:00:00+00:00"


@pytest.mark.clause("X3")
@pytest.mark.parametrize(
    ("duration", "calendar", "convention"),
    [
        ("7wd", "office", "receipt-day-not-counted"),
        ("15d", "natural", "elapsed"),
        ("72h", "natural", "elapsed"),
        ("8wh", "office", "worked"),
    ],
)
def test_every_answer_names_the_convention_it_was_reckoned_by(
    ask: Ask, duration: str, calendar: str, convention: str
) -> None:
    _, answer = ask("due", "--duration", duration, "--calendar", calendar, "--from", "2026-03-02T10:00:00+08:00")

    assert answer["convention"] == convention
    assert answer["convention_says"].keys() == {"zh", "en"}


@pytest.mark.clause("X3")
def test_beyond_what_the_state_council_has_published_it_is_provisional(ask: Ask) -> None:
    _, answer = ask("due", "--duration", "7wd", "--calendar", "office", "--from", "2026-12-28T10:00:00+08:00")

    assert answer["provisional"] is True


@pytest.mark.parametrize(
    ("asked", "clause", "says"),
    [
        (["--rule", "nonsense"], "X3", "no rule"),
        (["--duration", "7 weeks"], "X3", "is not a duration"),
        (["--duration", "7wd"], "X3", "needs a working calendar"),
        (["--duration", "7wd", "--calendar", "shop"], "X3", "no calendar"),
        (["--duration", "72h", "--calendar", "shop"], "X3", "no calendar"),
        (["--rule", "classify", "--calendar", "office"], "X3", "has its own calendar"),
        (["--duration", "1wd", "--calendar", "office", "--from", "9999-12-30T12:00:00Z"], "X3", "beyond any calendar"),
        (["--duration", "8wh", "--calendar", "office", "--from", "9999-12-31T12:00:00Z"], "X3", "beyond any calendar"),
        (["--duration", "3d", "--from", "2026-03-02T10:00:00"], "X3", "no zone"),
        (["--duration", "3d", "--from", "Monday"], "X3", "is not a moment"),
        (["--duration", "99999d"], "X3", "beyond any calendar"),
        (["--rule", "promise"], "T4.5", "when the promise says"),
        (["--duration", "3d", "--pause", "2026-03-03T10:00:00Z"], "X2", "is not a pause"),
        (["--duration", "3d", "--pause", "2026-03-03T10:00:00Z/2026-03-03T09:00:00Z"], "X2", "ends after it starts"),
        (["--rule", "classify", "--pause", "2026-03-03T10:00:00Z/2026-03-03T11:00:00Z"], "X2", "Nothing pauses"),
        (["--rule", "statutory-answer", "--pause", "2026-03-03T10:00:00Z/2026-03-03T11:00:00Z"], "X2", "The law sets"),
    ],
)
def test_what_cannot_be_answered_is_refused_with_its_clause(ask: Ask, asked: list[str], clause: str, says: str) -> None:
    start = (
        [] if "--from" in asked else ["--from", "9990-03-02T10:00:00Z" if "99999d" in asked else "2026-03-02T10:00:00Z"]
    )

    code, answer = ask("due", *asked, *start)

    assert (code, answer["clause"]) == (2, clause)
    assert says in answer["refused"]


CALENDAR = """
calendars:
  office:
    zone: Asia/Shanghai
    days: cn
    shifts: ["08:30-12:00", "14:00-17:30"]
    off: ["2025-11-14"]
    on: ["2025-11-15"]
  nights:
    zone: Europe/London
    days: [mon, wed]
    shifts: ["22:00-06:00"]
"""


@pytest.mark.clause("X3")
@pytest.mark.parametrize(
    ("duration", "calendar", "start", "due"),
    [
        ("1wd", "office", "2025-11-13T10:00:00+08:00", "2025-11-15T17:30:00+08:00"),
        ("2wd", "office", "2025-11-13T10:00:00+08:00", "2025-11-17T17:30:00+08:00"),
        ("9wh", "nights", "2026-03-23T12:00:00+00:00", "2026-03-25T23:00:00+00:00"),
    ],
)
def test_a_folder_of_calendars_alone_can_be_reckoned_by(
    ask: Ask, tmp_path: Path, duration: str, calendar: str, start: str, due: str
) -> None:
    (tmp_path / "calendars.yaml").write_text(CALENDAR)

    code, answer = ask("due", "--duration", duration, "--calendar", calendar, "--pack", str(tmp_path), "--from", start)

    assert (code, answer["due_at"]) == (0, due)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ('shifts: ["08:30-12:00", "11:00-17:30"]', "calendars.yaml:6"),
        ('shifts: ["08:30-08:30"]', "calendars.yaml:6"),
        ('shifts: ["half past eight"]', "is not a shift"),
        ("shifts: []", "calendars.yaml:6"),
    ],
)
def test_a_broken_calendar_is_refused_with_file_line_and_sentence(
    ask: Ask, tmp_path: Path, wrong: str, says: str
) -> None:
    text = CALENDAR.replace('shifts: ["08:30-12:00", "14:00-17:30"]', wrong)
    (tmp_path / "calendars.yaml").write_text(text)

    code, answer = ask(
        "due", "--duration", "1wd", "--calendar", "office", "--pack", str(tmp_path), "--from", "2026-03-02T10:00:00Z"
    )

    assert code == 2
    assert "calendars.yaml:" in answer["refused"]
    assert says in answer["refused"]


@pytest.mark.clause("X3")
def test_an_edition_may_choose_another_convention_by_name(ask: Ask, tmp_path: Path) -> None:
    folder = tmp_path / "pack"
    shutil.copytree(SHIPPED, folder)
    page = folder / "edition.yaml"
    page.write_text(page.read_text("utf-8") + "\nconventions: {working_days: receipt-day-counted}\n", "utf-8")

    asked = ["due", "--rule", "business-proposal", "--pack", str(folder), "--from"]
    in_hours, late = ask(*asked, "2026-03-02T10:00:00+08:00"), ask(*asked, "2026-03-02T18:00:00+08:00")

    assert (in_hours[1]["due_at"], in_hours[1]["convention"]) == ("2026-03-02T17:30:00+08:00", "receipt-day-counted")
    assert late[1]["due_at"] == "2026-03-03T17:30:00+08:00"


@pytest.mark.clause("X3")
def test_every_rule_of_a_pack_is_listed_with_its_source_and_what_follows(ask: Ask) -> None:
    code, listed = ask("rules")
    rules = [one for one in listed if one["kind"] != "indicator"]

    assert code == 0
    assert len({rule["id"] for rule in rules}) == len(rules) > 30
    for rule in rules:
        assert rule["clause"], rule["id"]
        assert rule["source"]["place"], rule["id"]
        assert rule["source"]["says"]["zh"], rule["id"]
        assert rule["kind"] in {"target", "limit", "statutory"}
        assert rule["start"], rule["id"]
        assert rule["stop"], rule["id"]
        assert rule["consequences"], rule["id"]


@pytest.mark.clause("S1.1a", "X3")
def test_what_is_measured_beside_the_clocks_is_listed_after_them(ask: Ask) -> None:
    _, listed = ask("rules")
    measured = {one["id"]: one for one in listed if one["kind"] == "indicator"}

    greeting = measured["store-greeting"]
    assert (greeting["clause"], greeting["unit"], greeting["goal"], greeting["over"]) == (
        "S1.1a",
        "s",
        {"at_most": 30},
        "each",
    )
    assert measured["satisfaction-30d"]["from"] == {"events": ["carried_out", "rated"]}


def test_a_pack_that_is_not_there_is_refused(ask: Ask, tmp_path: Path) -> None:
    code, answer = ask("rules", "--pack", str(tmp_path / "nowhere"))

    assert code == 2
    assert "there is no such folder" in answer["refused"]


@pytest.mark.parametrize("words", [["rules"], ["due", "--duration", "2wd", "--calendar", "office"]])
def test_people_read_a_table(
    words: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANGUAGE", "en")
    start = ["--from", "2026-03-02T10:00:00+08:00"] if words[0] == "due" else []
    with pytest.raises(SystemExit) as end:
        main([*words, *start])

    said = capsys.readouterr().out
    assert end.value.code == 0
    assert ("2026-03-04 17:30" if words[0] == "due" else "handling-general") in said


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["due", "--duration", "7wd", "--calendar", "office", "--from", "2026-03-02T10:00:00+08:00", "--json"], 0),
        (["due", "--duration", "7wd", "--calendar", "shop", "--from", "2026-03-02T10:00:00+08:00", "--json"], 2),
        (["rules", "--pack", "/nowhere", "--json"], 2),
        (["calendar", "--pack", "cn-telecom-2025", "--month", "2026-10", "--json"], 0),
    ],
)
def test_neither_a_database_nor_settings_are_needed(words: list[str], code: int, tmp_path: Path) -> None:
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-m", "shouwen.cli.main", *words],
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == code, done.stderr
    assert json.loads(done.stdout)
    assert done.stderr == ""


@pytest.mark.clause("X3")
def test_a_month_shows_what_is_off_made_up_and_unpublished(ask: Ask) -> None:
    _, october = ask("calendar", "--pack", "cn-telecom-2025", "--month", "2026-10")
    _, january = ask("calendar", "--pack", "cn-telecom-2025", "--month", "2027-01")
    days = {day["date"]: day for day in october["days"]}

    assert (days["2026-10-01"]["working"], days["2026-10-01"]["exception"]) == (False, True)
    assert (days["2026-10-10"]["working"], days["2026-10-10"]["exception"]) == (True, True)  # 调休: a Saturday
    assert days["2026-10-12"]["shifts"] == ["08:30-12:00", "14:00-17:30"]
    assert october["working_days"] == sum(day["working"] for day in october["days"])
    assert not any(day["published"] for day in january["days"])


@pytest.mark.parametrize(("words", "says"), [(["shop"], "no calendar"), (["--month", "October"], "is not a month")])
def test_a_month_that_cannot_be_shown_is_refused(ask: Ask, words: list[str], says: str) -> None:
    code, answer = ask("calendar", "--pack", "cn-telecom-2025", *words)

    assert (code, answer["clause"]) == (2, "X3")
    assert says in answer["refused"]


def test_a_month_is_printed_as_it_hangs_on_the_wall(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANGUAGE", "en")
    with pytest.raises(SystemExit):
        main(["calendar", "--pack", "cn-telecom-2025", "--month", "2026-10"])

    said = capsys.readouterr().out
    assert "(1)*" in said
    assert " 10* " in said
