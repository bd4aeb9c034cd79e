"""Rules are drafted, reviewed by somebody else and published; an approval is of the very text that was read."""

from __future__ import annotations

import io
import zipfile
from datetime import timedelta

import pytest
from django.utils.translation import override

from shouwen.editions.actions import (
    EffectiveInThePast,
    LaterRulesPublished,
    RulesPublishedBefore,
    publish_calendar,
    publish_pack,
)
from shouwen.editions.archives import uploaded_texts, zip_of
from shouwen.editions.comparing import changed_files
from shouwen.editions.drafting import (
    DraftChanged,
    RulesMovedOn,
    approval_of,
    approve_draft,
    begin_draft,
    change_draft,
    discard_draft,
    publish_draft,
    restore_draft,
    return_draft,
    send_to_review,
)
from shouwen.editions.models import CalendarVersion, EditionDraft, EditionVersion
from shouwen.editions.pack import PACKS, SHIPPED, read_pack, texts_of
from shouwen.editions.queries import current_edition
from shouwen.editions.reading import BrokenPack
from shouwen.handbook.refusals import ReasonRequired
from shouwen.handbook.rulemaking import (
    ACTS,
    DraftAct,
    DraftElsewhere,
    DraftState,
    MayNotApproveRules,
    MayNotDraftRules,
    OwnDraft,
    acts_from,
)
from shouwen.service_levels.models import EditionReplay
from shouwen.service_levels.rehearsing import ReplayUnderWay, order_replay, rehearse, share_done
from shouwen.service_levels.replaying import lived
from tests.cast import MONDAY, Cast, take_in

AT = MONDAY + timedelta(days=1)
SHORTER = {"clocks.yaml": texts_of(SHIPPED)["clocks.yaml"].replace("duration: 7wd", "duration: 6wd", 1)}


def begun(cast: Cast, who: str = "administrator", **changed: str) -> EditionDraft:
    texts = {**texts_of(SHIPPED), **SHORTER, **changed}
    return begin_draft("2027", texts, base="cn-telecom-2025@1", by=cast.actor(who), at=AT)


def sent(cast: Cast, who: str = "administrator") -> EditionDraft:
    draft = begun(cast, who)
    return send_to_review(draft.pk, seen=draft.digest, by=cast.actor(who), at=AT)


def approved(cast: Cast) -> EditionDraft:
    draft = sent(cast)
    return approve_draft(draft.pk, seen=draft.digest, by=cast.actor("manager"), at=AT)


@pytest.mark.clause("H5.2")
def test_a_draft_is_written_reviewed_by_another_and_published_from_a_stated_day(cast: Cast) -> None:
    draft = approved(cast)
    from_then = AT + timedelta(days=30)

    edition = publish_draft(
        draft.pk, effective_at=from_then, seen=draft.digest, by=cast.actor("manager"), at=AT + timedelta(hours=1)
    )

    assert (edition.id, edition.origin) == ("cn-telecom-2025@2", "desk")
    assert (edition.published_by, edition.approved_by) == (cast.actor("manager").ref,) * 2
    assert current_edition(from_then - timedelta(seconds=1)).number == 1
    assert str(current_edition(from_then).rule("initial-handling-general").duration) == "6wd"
    assert list(EditionDraft.objects.get().events.values_list("what", flat=True)) == [
        "begun",
        "sent",
        "approved",
        "published",
    ]


@pytest.mark.clause("H5.2")
@pytest.mark.parametrize("later_change_by", ["manager", None])
def test_whoever_has_written_at_a_draft_does_not_approve_it(cast: Cast, later_change_by: str | None) -> None:
    draft = begun(cast, "administrator" if later_change_by else "manager")
    if later_change_by:
        more = {"retention.yaml": draft.content["retention.yaml"] + "# three years\n"}
        draft = change_draft(draft.pk, more, seen=draft.digest, by=cast.actor(later_change_by), at=AT)
    draft = send_to_review(draft.pk, seen=draft.digest, by=cast.actor("administrator"), at=AT)

    with pytest.raises(OwnDraft):
        approve_draft(draft.pk, seen=draft.digest, by=cast.actor("manager"), at=AT)


@pytest.mark.clause("H5.2")
def test_a_carrier_of_one_person_may_switch_that_off_and_it_is_written_down(cast: Cast, settings, caplog) -> None:
    settings.SHOUWEN_RULES_ALONE = True
    draft = sent(cast, "manager")

    draft = approve_draft(draft.pk, seen=draft.digest, by=cast.actor("manager"), at=AT)

    assert draft.events.last().facts["alone"] is True
    assert "approved by its own author" in caplog.text


@pytest.mark.clause("H5.2")
def test_who_has_no_right_to_the_rules_is_refused_and_told_whom_to_ask(cast: Cast) -> None:
    for who in ("agent", "handler", "supervisor"):
        with pytest.raises(MayNotDraftRules, match="manager, administrator"):
            begun(cast, who)
    draft = sent(cast)
    with pytest.raises(MayNotApproveRules, match=r"Ask: manager\."):
        approve_draft(draft.pk, seen=draft.digest, by=cast.actor("administrator"), at=AT)


@pytest.mark.clause("H5.2")
def test_a_draft_changed_after_its_approval_has_none(cast: Cast) -> None:
    draft = approved(cast)
    assert approval_of(draft) is not None

    commented = {"retention.yaml": draft.content["retention.yaml"] + "# three years\n"}
    draft = change_draft(draft.pk, commented, seen=draft.digest, by=cast.actor("administrator"), at=AT)

    assert (draft.state, approval_of(draft)) == (DraftState.WRITING, None)
    with pytest.raises(DraftElsewhere):
        publish_draft(draft.pk, effective_at=None, seen=draft.digest, by=cast.actor("manager"), at=AT)


def test_an_approval_holds_for_the_text_even_if_the_row_is_changed_behind_the_desk(cast: Cast) -> None:
    draft = approved(cast)
    EditionDraft.objects.filter(pk=draft.pk).update(digest="0" * 64)

    with pytest.raises(DraftChanged):
        publish_draft(draft.pk, effective_at=None, seen="0" * 64, by=cast.actor("manager"), at=AT)


def test_what_somebody_has_not_read_they_neither_approve_nor_overwrite(cast: Cast) -> None:
    draft = sent(cast)

    with pytest.raises(DraftChanged):
        approve_draft(draft.pk, seen="0" * 64, by=cast.actor("manager"), at=AT)
    with pytest.raises(DraftChanged):
        change_draft(draft.pk, {"retention.yaml": ""}, seen="0" * 64, by=cast.actor("administrator"), at=AT)


def test_a_broken_draft_is_kept_and_not_sent_and_the_rules_in_force_stay(cast: Cast) -> None:
    draft = begun(cast, **{"clocks.yaml": SHORTER["clocks.yaml"].replace("calendar: office", "calendar: offce", 1)})

    with override("en"), pytest.raises(BrokenPack, match=r'clocks\.yaml:\d+ rule .*: unknown calendar "offce"'):
        send_to_review(draft.pk, seen=draft.digest, by=cast.actor("administrator"), at=AT)
    assert EditionDraft.objects.get().state == DraftState.WRITING
    assert current_edition(AT).number == 1


def test_a_draft_is_returned_with_a_reason(cast: Cast) -> None:
    draft = sent(cast)

    with pytest.raises(ReasonRequired):
        return_draft(draft.pk, "  ", by=cast.actor("manager"), at=AT)
    draft = return_draft(draft.pk, "七日已经很紧", by=cast.actor("manager"), at=AT)

    assert (draft.state, draft.events.last().facts["reason"]) == (DraftState.WRITING, "七日已经很紧")


def test_what_is_thrown_away_can_be_fetched_back(cast: Cast) -> None:
    draft = discard_draft(approved(cast).pk, by=cast.actor("administrator"), at=AT)
    with pytest.raises(DraftElsewhere):
        send_to_review(draft.pk, seen=draft.digest, by=cast.actor("administrator"), at=AT)

    assert restore_draft(draft.pk, by=cast.actor("administrator"), at=AT).state == DraftState.WRITING


def test_rules_published_meanwhile_ask_for_another_approval(cast: Cast) -> None:
    draft = approved(cast)
    publish_pack(PACKS / "uk-ofcom", "operator", at=AT + timedelta(hours=1), effective_at=AT + timedelta(days=9))

    with pytest.raises(RulesMovedOn, match="uk-ofcom@1"):
        publish_draft(
            draft.pk, effective_at=None, seen=draft.digest, by=cast.actor("manager"), at=AT + timedelta(hours=2)
        )
    assert EditionVersion.objects.get(pack="uk-ofcom").origin == "command_line"


@pytest.mark.clause("H5.2")
def test_rules_are_not_published_ahead_of_those_that_would_undo_them(cast: Cast) -> None:
    """Because the edition published for later was written without them, and takes their place in its turn."""
    later = AT + timedelta(days=9)
    publish_pack(PACKS / "uk-ofcom", "operator", at=AT, effective_at=later)
    draft = approved(cast)
    how = {"seen": draft.digest, "by": cast.actor("manager"), "at": AT + timedelta(hours=1)}

    with pytest.raises(LaterRulesPublished, match=r"uk-ofcom@1 .* from 2026-03-12"):
        publish_draft(draft.pk, effective_at=None, **how)
    publish_draft(draft.pk, effective_at=later, **how)

    assert current_edition(later).id == "cn-telecom-2025@2"


def test_rules_take_effect_never_in_the_past_and_are_published_once(cast: Cast) -> None:
    draft = approved(cast)
    with pytest.raises(EffectiveInThePast):
        publish_draft(draft.pk, effective_at=AT - timedelta(days=1), seen=draft.digest, by=cast.actor("manager"), at=AT)
    same = begin_draft("same", texts_of(SHIPPED), base="", by=cast.actor("manager"), at=AT)
    with pytest.raises(RulesPublishedBefore, match="cn-telecom-2025@1"):
        send_to_review(same.pk, seen=same.digest, by=cast.actor("manager"), at=AT)


def test_the_way_of_a_draft_is_a_table_and_every_state_but_the_last_leads_on() -> None:
    assert {state for state, _act in ACTS} == set(DraftState) - {DraftState.PUBLISHED}
    assert acts_from(DraftState.APPROVED) == [DraftAct.CHANGE, DraftAct.RETURN, DraftAct.PUBLISH, DraftAct.DISCARD]


@pytest.mark.clause("H5.1.5")
def test_the_worker_lives_real_tickets_through_under_a_draft_a_batch_at_a_time(cast: Cast) -> None:
    for hour in range(5):
        take_in(cast, received_at=MONDAY + timedelta(hours=hour), now=MONDAY + timedelta(hours=hour))
    draft = begun(cast)
    order = {"by": cast.actor("administrator"), "at": AT}
    order_replay(draft, MONDAY, MONDAY + timedelta(hours=4), **order)
    with pytest.raises(ReplayUnderWay):
        order_replay(draft, MONDAY, MONDAY + timedelta(hours=4), **order)

    late = MONDAY + timedelta(days=8, hours=12)  # after 6 working days, before 7
    assert rehearse(late, batch=3) == 3
    assert share_done(EditionReplay.objects.get()) == 75
    while rehearse(late, batch=3):
        pass

    replay = EditionReplay.objects.get()
    assert (replay.state, replay.total, replay.outcome["tickets"]) == ("done", 4, 4)
    was, would = replay.outcome["late"]
    assert would["initial-handling-general"] == 4
    assert "initial-handling-general" not in was
    assert replay.outcome["teams"] == [{"network": 4}, {"network": 4}]


@pytest.mark.clause("X3", "H5.1.5")
def test_a_replay_counts_by_the_calendars_its_draft_would_start(cast: Cast) -> None:
    """Because who lengthens the office's week wants to see who would have been late under it."""
    ticket = take_in(cast)
    texts = texts_of(SHIPPED)
    texts["calendars.yaml"] = texts["calendars.yaml"].replace("days: cn", "days: all")
    rules, eighth_day = read_pack(texts).edition(0), MONDAY + timedelta(days=8)

    late = lived([ticket.pk], rules, eighth_day).late
    assert [one["initial-handling-general"] for one in late] == [0, 1]
    assert lived([ticket.pk], current_edition(AT), eighth_day).late == (late[0], late[0])

    content = CalendarVersion.objects.get(id="office@1").content
    publish_calendar("office", content | {"published_until": "2027-12-31"}, "person:p1", at=AT)
    assert lived([ticket.pk], rules, eighth_day).late == (late[0], late[0]), "packs leave it alone from now on"


def test_a_replay_ends_when_its_draft_says_something_else(cast: Cast) -> None:
    draft = begun(cast)
    order_replay(draft, MONDAY, AT, by=cast.actor("administrator"), at=AT)
    other = {"retention.yaml": draft.content["retention.yaml"] + "# three years\n"}
    change_draft(draft.pk, other, seen=draft.digest, by=cast.actor("administrator"), at=AT)

    assert (rehearse(AT), rehearse(AT)) == (1, 0)
    assert EditionReplay.objects.get().state == "failed"


def test_a_pack_comes_and_goes_as_a_zip() -> None:
    texts = texts_of(SHIPPED)
    assert uploaded_texts("pack.zip", zip_of(texts)) == texts

    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("my pack/clocks.yaml", "clocks: []\r\n")
        archive.writestr("__MACOSX/my pack/._clocks.yaml", "junk")
        archive.writestr("my pack/notes.docx", "junk")
    assert uploaded_texts("pack.zip", made.getvalue()) == {"clocks.yaml": "clocks: []\n"}
    assert uploaded_texts("clocks.yaml", b"\xef\xbb\xbfclocks: []") == {"clocks.yaml": "clocks: []"}


def archive(*files: tuple[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as zipped:
        for name, content in files:
            zipped.writestr(name, content)
    return made.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("pack.docx", b"PK", "neither a zip nor a .yaml"),
        ("pack.zip", archive(), "no .yaml file in it"),
        ("pack.zip", archive(("a/clocks.yaml", b""), ("b/clocks.yaml", b"")), "in the zip twice"),
        ("pack.zip", archive(("clocks.yaml", b"0" * 3_000_000)), "too long"),
        ("pack.zip", archive(*((f"{n}.yaml", b"") for n in range(61))), "too many files"),
        ("clocks.yaml", b"\xff\xfe", "cannot be read as UTF-8"),
        ("pack.zip", archive(("clocks.yaml", b"clocks: []" * 99))[:-40] + b"\0" * 40, "neither a zip"),
        ("clocks.yaml", b"0" * 2_000_001, "too large"),
    ],
)
def test_an_upload_that_is_no_pack_is_refused(name: str, content: bytes, says: str) -> None:
    with override("en"), pytest.raises(BrokenPack, match=says):
        uploaded_texts(name, content)


def test_every_changed_line_is_shown() -> None:
    [clocks] = changed_files(texts_of(SHIPPED), {**texts_of(SHIPPED), **SHORTER})

    assert clocks.file == "clocks.yaml"
    assert [line for mark, line in clocks.lines if mark in "+-"] == ["    duration: 7wd", "    duration: 6wd"]
