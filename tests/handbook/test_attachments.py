"""The files of a ticket, as docs/handbook/lifecycle.md tells it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from shouwen.handbook.attachments import NoSuchFile, TooManyFiles, attaching, attachments_of, check_detach, present
from shouwen.handbook.history import Happening, What
from tests.examples import codes, examples

NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)
REFUSED = {"NoSuchFile": NoSuchFile, "TooManyFiles": TooManyFiles}
MOST = 3


def after(steps: list[str]) -> list[Happening]:
    history: list[Happening] = []
    for step in steps:
        history = made(history, *step.split())
    return history


def made(history: list[Happening], move: str, name: str) -> list[Happening]:
    """The history after one more move on a file."""
    facts = {"attachment": name}
    if move == "attach":
        new = name not in {one.id for one in attachments_of(history)}
        given = {"media": "pdf", "size": 10, "digest": name * 64} if new else {}
        what, facts = What.ATTACHED, attaching(history, {**facts, **given}, MOST)
    else:
        check_detach(history, facts)
        what, facts = What.DETACHED, {**facts, "reason": "上错了"}
    at = NINE + timedelta(minutes=len(history))
    return [*history, Happening(len(history) + 1, what, at, facts, "person:1")]


@pytest.mark.clause("H5.3.3")
@pytest.mark.parametrize("row", examples("lifecycle.md", "files"), ids=lambda row: row["move"] + row["before"])
def test_a_file_is_attached_removed_and_put_back(row: dict[str, str]) -> None:
    history, (step,) = after(codes(row["before"])), codes(row["move"])

    if refusal := REFUSED.get(row["then"]):
        with pytest.raises(refusal):
            made(history, *step.split())
    else:
        assert [one.id for one in present(made(history, *step.split()))] == codes(row["then"])


@pytest.mark.clause("H5.3.3")
def test_a_removed_file_is_never_forgotten() -> None:
    [gone] = attachments_of(after(["attach a", "detach a"]))

    assert (gone.removed_by, gone.removed_at, gone.reason) == ("person:1", NINE + timedelta(minutes=1), "上错了")
    assert gone.digest == "a" * 64


def test_what_is_put_back_is_what_was_removed_whoever_says_otherwise() -> None:
    history = after(["attach a", "detach a"])

    facts = attaching(history, {"attachment": "a", "digest": "0" * 64, "media": "exe", "size": 1}, MOST)

    assert (facts["digest"], facts["media"], facts["size"]) == ("a" * 64, "pdf", 10)


def test_a_file_nobody_knows_is_not_put_back() -> None:
    with pytest.raises(NoSuchFile):
        attaching([], {"attachment": "a"}, MOST)
