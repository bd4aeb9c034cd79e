"""`shouwen calendar --notice`: looked at first, published when asked, refused with the line that is wrong."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from shouwen.cli.main import main
from shouwen.editions.models import CalendarVersion
from tests.cast import Cast
from tests.departments.test_holidays import LINES

pytestmark = pytest.mark.clause("X3")
Ask = Callable[..., tuple[int, Any]]


@pytest.fixture
def ask(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Ask:
    monkeypatch.setenv("LANGUAGE", "en")

    def command(*words: str) -> tuple[int, Any]:
        with pytest.raises(SystemExit) as end:
            main(["calendar", *words, "--json"])
        return int(end.value.code or 0), json.loads(capsys.readouterr().out)

    return command


@pytest.fixture
def notice(tmp_path: Path) -> Path:
    path = tmp_path / "2027.csv"
    path.write_text("\n".join(["date,kind,name", *LINES]), "utf-8")
    return path


def test_a_notice_is_looked_at_without_a_desk_and_changes_nothing(ask: Ask, notice: Path) -> None:
    code, answer = ask("--notice", str(notice), "--pack", "cn-telecom-2025")

    assert (code, answer["year"], answer["known"], answer["published"]) == (0, 2027, False, [])
    assert {"date": "2027-02-20", "works": True, "zh": "春节", "en": "Spring Festival"} in answer["differences"]


def test_published_it_is_every_calendar_s_that_keeps_the_table(cast: Cast, ask: Ask, notice: Path) -> None:
    assert ask("--notice", str(notice))[1]["published"] == []
    assert ask("--notice", str(notice), "--publish", "--by", "branch")[1]["published"] == ["office@2"]
    assert ask("office", "--month", "2027-02")[1]["version"] == "office@2"

    notice.write_text("\n".join(["date,kind", *LINES, "2027-12-24,off"]), "utf-8")
    refused = ask("--notice", str(notice), "--publish")
    assert (refused[0], refused[1]["clause"]) == (2, "X3")
    assert CalendarVersion.objects.filter(name="office").count() == 2
    assert ask("--notice", str(notice), "--publish", "--confirm")[1]["published"] == ["office@3"]


def test_what_is_wrong_with_it_is_said_with_file_and_line(ask: Ask, notice: Path) -> None:
    notice.write_text("date,kind\n2027-02-31,off\n", "utf-8")

    code, answer = ask("--notice", str(notice), "--pack", "cn-telecom-2025")

    assert (code, answer["refused"]) == (2, "2027.csv:2: “2027-02-31” is not a date: write 2027-02-06")


def test_a_calendar_says_how_far_it_is_published(ask: Ask) -> None:
    _, answer = ask("office", "--pack", "cn-telecom-2025", "--month", "2027-01")
    _, hotline = ask("hotline", "--pack", "cn-telecom-2025", "--month", "2027-01")

    assert (answer["published_until"], hotline["published_until"]) == ("2026-12-31", None)
    assert (hotline["days_left"], hotline["ends_soon"]) == (None, False)
