"""`shouwen edition`: rules are checked, compared and tried on real tickets before they are in force (design §7)."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from shouwen.cli.main import main
from shouwen.editions.models import EditionVersion
from shouwen.editions.pack import SHIPPED
from shouwen.handbook.lifecycle import Move
from shouwen.handling.actions import move_ticket
from tests.cast import MONDAY, Cast, take_in, walked

STRICTER = """
  - id: classify-limit
    clause: H7.2.1
    source: {place: 手册 7.2(1), says: {zh: 一天, en: a day}}
    name: {zh: 分类, en: Classification}
    kind: limit
    duration: 1d
    start: [accepted]
    stop: [assessed]
    answerable: first_owner
    ladder: limit
"""
Answer = tuple[int, Any]
Ask = Callable[..., Answer]
Edit = Callable[[str, str, str], None]


@pytest.fixture
def ask(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Ask:
    """Runs `shouwen edition …` with --json; its exit code and what it answered."""
    monkeypatch.setenv("LANGUAGE", "en")

    def command(*words: str) -> Answer:
        with pytest.raises(SystemExit) as end:
            main(["edition", *words, "--json"])
        return int(end.value.code or 0), json.loads(capsys.readouterr().out)

    return command


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    """A carrier's own copy of the shipped pack."""
    folder = tmp_path / "own"
    shutil.copytree(SHIPPED, folder)
    edit(folder, "edition.yaml", "pack: cn-telecom-2025", "pack: own")
    return folder


def edit(folder: Path, file: str, before: str, after: str) -> None:
    text = (folder / file).read_text("utf-8")
    assert before in text
    (folder / file).write_text(text.replace(before, after, 1), "utf-8")


def found(answer: Any) -> set[tuple[str, str]]:
    return {(finding["weight"], finding["part"]) for finding in answer["findings"]}


@pytest.mark.clause("X1", "H5.1.2")
def test_a_rule_that_outlasts_the_law_is_named_and_so_is_one_that_does_across_holidays(ask: Ask) -> None:
    code, answer = ask("check", "cn-telecom-2025")
    says = {finding["part"]: finding["en"] for finding in answer["findings"]}

    assert code == 0
    assert "always outlasts the law's 15d" in says["rule handling-major"]
    assert "across holidays" in says["rule handling-general"]
    assert "rule statutory-answer" not in says


@pytest.mark.parametrize(
    ("file", "before", "after", "finding"),
    [
        ("clocks.yaml", "stop: [followed_up, reopened, closed]", "stop: [promoted]", ("error", "rule follow-up-call")),
        (
            "clocks.yaml",
            "start: [investigation_started]\n    stop: [proposed, carried_out]",
            "start: [promoted]\n    stop: [proposed, carried_out]",
            ("error", "rule verify-3d"),
        ),
        ("roles.yaml", "moves: [approve, return, assign,", "moves: [return, assign,", None),
        ("clocks.yaml", "duration: 15min", "duration: 40d", ("warning", "rule classify")),
        ("clocks.yaml", "duration: 15min", "duration: 90d", ("warning", "rule classify")),
        ("clocks.yaml", "stop: [assessed, answered_at_contact]", "stop: [accepted]", ("error", "rule classify")),
        ("clocks.yaml", "kind: statutory", "kind: limit", ("warning", "ticket type complaint")),
    ],
)
def test_what_can_never_be_is_found(
    ask: Ask, pack: Path, file: str, before: str, after: str, finding: tuple[str, str] | None
) -> None:
    edit(pack, file, before, after)
    if after == "duration: 40d":
        edit(pack, file, "  - id: first-response\n", STRICTER + "  - id: first-response\n")

    code, answer = ask("check", str(pack))

    if finding:
        assert finding in found(answer)
        assert code == (1 if finding[0] == "error" else 0)
    else:
        assert code == 0


def test_a_stage_nobody_can_reach_is_found(ask: Ask, pack: Path) -> None:
    text = (pack / "roles.yaml").read_text("utf-8")
    (pack / "roles.yaml").write_text(
        text.replace("propose, approve,", "propose,").replace("[approve, return,", "[return,")
    )

    code, answer = ask("check", str(pack))

    assert code == 1
    assert ("error", "ticket type complaint") in found(answer)
    assert ("warning", "move approve") in found(answer)


def test_a_broken_pack_is_refused_with_every_file_and_line(cast: Cast, ask: Ask, pack: Path) -> None:
    edit(pack, "clocks.yaml", "calendar: office", "calendar: offce")
    edit(pack, "routing.yaml", "team: billing", "team: biling")

    for act in ("check", "publish"):
        code, answer = ask(act, str(pack))
        assert code == 2
        assert ["clocks.yaml:" in line or "routing.yaml:" in line for line in answer["refused"].splitlines()] == [
            True
        ] * 2
    assert not EditionVersion.objects.filter(pack="own").exists()


def test_editions_are_compared_in_words_rule_by_rule(ask: Ask, pack: Path) -> None:
    edit(pack, "clocks.yaml", "duration: 15min", "duration: 10min")
    edit(pack, "clocks.yaml", "  - id: automated-24h", "  - id: automated-day")

    code, answer = ask("diff", "cn-telecom-2025", str(pack))
    says = [difference["en"] for difference in answer]

    assert code == 0
    assert "rule “Classification” (classify): duration was “15min” and is “10min”" in says
    assert any(one.startswith("rule “Goal of automation” (automated-24h) is gone") for one in says)
    assert any(one.startswith("rule “Goal of automation” (automated-day) is new") for one in says)


@pytest.mark.clause("U2.2", "H4.2")
def test_nothing_a_pack_says_is_left_out_of_the_comparison(ask: Ask, pack: Path) -> None:
    """Because a reviewer was not shown a changed word of major complaints, nor how often an appointment is put off."""
    edit(pack, "edition.yaml", "at_most: 1", "at_most: 2")
    edit(pack, "edition.yaml", "  one: {zh: 一级, en: Level one,", "  one: {zh: 特级, en: Level one,")

    _, answer = ask("diff", "cn-telecom-2025", str(pack))

    assert {("pause", "agreed_appointment", "putting off"), ("term", "major_levels.one", "name")} <= {
        (one["part"], one["id"], one["field"]) for one in answer
    }


def test_an_edition_does_not_differ_from_itself(ask: Ask) -> None:
    assert ask("diff", "cn-telecom-2025", "cn-telecom-2025") == (0, [])


@pytest.mark.clause("H5.1.5")
def test_real_tickets_are_lived_through_once_more_under_other_rules(cast: Cast, ask: Ask, pack: Path) -> None:
    ticket = walked(cast, Move.ARCHIVE)
    text = (pack / "clocks.yaml").read_text("utf-8")
    before, rule, after = text.partition("  - id: first-response\n")
    (pack / "clocks.yaml").write_text(before + rule + after.replace("duration: 2h", "duration: 1min", 1), "utf-8")

    code, answer = ask("replay", str(pack), "--from", "2026-03-01", "--to", "2026-03-31")
    [first] = [rule for rule in answer["rules"] if rule["rule"] == "first-response"]

    assert (code, answer["tickets"]) == (0, 1)
    assert first["clocks"] == {"was": 1, "would": 1}
    assert first["late"]["would"] == 1
    assert answer["teams"] == [{"team": "network", "tickets": {"was": 1, "would": 1}}]
    late_anyway = any(rule["late"]["was"] for rule in answer["rules"])
    assert answer["newly_late"] == ([] if late_anyway else [ticket.number])


@pytest.mark.clause("H7.2.2")
def test_a_ticket_that_would_have_been_urgent_is_lived_through_by_the_rules_of_its_new_priority(
    cast: Cast, ask: Ask, pack: Path
) -> None:
    ticket = walked(cast, Move.ARCHIVE)
    edit(pack, "priorities.yaml", "  - priority: general\n", "  - priority: emergency\n")

    _, answer = ask("replay", str(pack), "--from", "2026-03-01", "--to", "2026-03-31")
    clocks = {rule["rule"]: rule["clocks"] for rule in answer["rules"]}

    assert ticket.priority == "general"
    assert clocks["priority-general"] == {"was": 1, "would": 0}
    assert clocks["priority-emergency"] == {"was": 0, "would": 1}
    assert clocks["classify"] == {"was": 1, "would": 1}  # what depends on no priority stays


@pytest.mark.clause("H7.2.2", "H2.1.1b")
def test_an_edition_against_itself_makes_no_difference_even_to_a_priority_that_a_merging_raised(
    cast: Cast, ask: Ask
) -> None:
    leading = walked(cast, Move.DISPATCH)
    merged = take_in(cast, received_at=MONDAY + timedelta(hours=1), severity="critical")
    at, facts = MONDAY + timedelta(hours=2), {"into": leading.number, "reason": "同一事项"}
    move_ticket(merged.number, Move.MERGE, by=cast.actor("agent"), happened_at=at, now=at, facts=facts)
    leading.refresh_from_db()

    _, answer = ask("replay", "current", "--from", "2026-03-01", "--to", "2026-03-31")

    assert leading.priority == merged.priority != "general"
    assert f"priority-{leading.priority}" in {rule["rule"] for rule in answer["rules"]}
    assert [rule for rule in answer["rules"] if any(one["was"] != one["would"] for one in sides(rule))] == []
    assert (answer["newly_late"], answer["no_longer_late"]) == ([], [])


def sides(rule: dict[str, Any]) -> list[dict[str, int]]:
    return [rule["clocks"], rule["late"]]


def test_a_time_without_tickets_is_lived_through_quickly(cast: Cast, ask: Ask) -> None:
    _, answer = ask("replay", "current", "--from", "2020-01-01", "--to", "2020-12-31")

    assert (answer["tickets"], answer["rules"], answer["newly_late"]) == (0, [], [])


def test_a_pack_is_put_in_force_from_a_stated_moment(cast: Cast, ask: Ask, pack: Path) -> None:
    code, answer = ask("publish", str(pack), "--by", "服务部", "--effective", "2999-12-01T00:00:00+08:00")

    assert (code, answer["edition"], answer["published_by"]) == (0, "own@1", "服务部")
    assert EditionVersion.objects.get(pk="own@1").effective_at.isoformat() == "2999-11-30T16:00:00+00:00"
    assert ask("diff", "own@1", str(pack)) == (0, [])


@pytest.mark.clause("H5.2")
def test_what_the_desk_would_refuse_is_refused_here(cast: Cast, ask: Ask, pack: Path) -> None:
    """Because an operator who asks for a day and is not heard believes the rules begin on it."""
    past, future = "2026-03-01T00:00:00+08:00", "2999-01-01T00:00:00+08:00"

    code, answer = ask("publish", str(pack), "--effective", past)
    assert (code, answer["clause"]) == (2, "H5.2")
    assert "never in the past" in answer["refused"]
    assert not EditionVersion.objects.filter(pack="own").exists()

    asked = ("publish", str(pack), "--effective", future, "--by", "服务部")
    assert ask(*asked) == ask(*asked)
    assert ask("publish", str(pack))[0] == 0
    for other in (("--effective", "2999-01-02T00:00:00+08:00"), ("--by", "张三")):
        code, answer = ask("publish", str(pack), *other)
        assert (code, "published before, as own@1" in answer["refused"]) == (2, True)

    code, answer = ask("publish", "uk-ofcom")
    assert (code, "own@1 is published already" in answer["refused"]) == (2, True)


@pytest.mark.parametrize("moment", ["2026-12-01T00:00:00", "Monday"])
def test_a_moment_without_a_zone_puts_nothing_in_force(cast: Cast, ask: Ask, pack: Path, moment: str) -> None:
    code, answer = ask("publish", str(pack), "--effective", moment)

    assert (code, answer["clause"]) == (2, "X3")
    assert not EditionVersion.objects.filter(pack="own").exists()


@pytest.mark.clause("H8")
def test_the_appendices_are_written_as_pages(ask: Ask, pack: Path, tmp_path: Path) -> None:
    code, answer = ask("appendices", str(pack), "--language", "zh", "--out", str(tmp_path / "out"))

    assert (code, answer["language"], len(answer["written"])) == (0, "zh", 4)
    assert "处理流程图" in (tmp_path / "out" / "process.html").read_text("utf-8")


def test_what_cannot_be_done_is_refused_as_data_too(cast: Cast, ask: Ask) -> None:
    backwards = ask("replay", "cn-telecom-2025", "--from", "2026-03-31", "--to", "2026-03-01")
    unpublished = ask("diff", "current", "cn-telecom-2025@9")

    for code, answer in (backwards, unpublished):
        assert code == 2
        assert answer["refused"]
