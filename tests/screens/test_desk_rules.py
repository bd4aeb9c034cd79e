"""The rules at the desk: read by everybody, drafted by some, approved by others."""

from __future__ import annotations

import io
import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.utils import timezone
from openpyxl import load_workbook

from shouwen.editions.archives import uploaded_texts, zip_of
from shouwen.editions.models import EditionDraft, EditionVersion
from shouwen.editions.pack import SHIPPED, texts_of
from shouwen.editions.queries import current_edition
from shouwen.notices.models import MessageOrder
from shouwen.service_levels.rehearsing import rehearse
from tests.cast import Cast
from tests.screens.desk import Desk, ahead, taken_in, text_of
from tests.screens.workbooks import sheets

TEXTS = texts_of(SHIPPED)
SHORTER = TEXTS["clocks.yaml"].replace("duration: 7wd", "duration: 6wd", 1)
BROKEN = TEXTS["clocks.yaml"].replace("calendar: office", "calendar: offce", 1)


def begin(desk: Desk, **given: Any) -> str:
    """Begin a draft; its address."""
    answer = desk.post("/rules/drafts", {"name": "2027", **given})
    assert answer.status_code == 302, text_of(answer)
    return answer["Location"]


def act(desk: Desk, draft: str, name: str, **given: Any) -> HttpResponse:
    digest = EditionDraft.objects.get().digest
    return desk.post(f"{draft}/{name}", {"seen": digest, **given}, follow=True)


def save(desk: Desk, draft: str, file: str, text: str) -> HttpResponse:
    return act(desk, draft, f"files/{file}", text=text)


@pytest.mark.clause("H5.2", "H8")
@pytest.mark.parametrize("who", ["agent", "handler", "supervisor", "manager", "administrator"])
def test_everybody_reads_the_rules_and_some_have_a_hand_in_them(cast: Cast, who: str) -> None:
    desk = Desk(getattr(cast, who))
    page = desk.get("/rules")
    draft = begin(Desk(cast.administrator))

    assert "cn-telecom-2025@1 in force" in text_of(page)
    assert "came with the program" in text_of(page)
    for name in ("process", "time-limits", "scoring", "duties"):
        assert desk.get(f"/rules/appendices/{name}").status_code == 200
    may = who in {"manager", "administrator"}
    assert ("A new draft" in text_of(page)) == may
    assert desk.get(draft).status_code == (200 if may else 403)
    assert desk.get(f"{draft}/files/clocks.yaml").status_code == (200 if may else 403)
    assert desk.get(f"{draft}/pack").status_code == (200 if may else 403)
    assert desk.post(f"{draft}/review").status_code == (409 if may else 403)


def test_nobody_reads_them_without_signing_in(client, cast: Cast) -> None:
    assert client.get("/rules").status_code == client.get("/rules/appendices/duties").status_code == 302


@pytest.mark.clause("H5.2")
def test_a_rule_is_changed_from_draft_to_edition_by_two_people(cast: Cast) -> None:
    writer, reviewer = Desk(cast.administrator), Desk(cast.manager)
    draft = begin(writer)
    save(writer, draft, "clocks.yaml", SHORTER.replace("\n", "\r\n"))

    page = text_of(writer.get(draft))
    assert "duration was “7wd” and is “6wd”" in page
    assert "Approve what I have read" not in page
    assert "Sent to review." in text_of(act(writer, draft, "review"))
    assert act(writer, draft, "approval").status_code == 409

    assert "Approve what I have read" in text_of(reviewer.get(draft))
    assert "Approved by 经理甲" in text_of(act(reviewer, draft, "approval"))
    published = act(reviewer, draft, "publication", effective_at=ahead(48))
    assert "cn-telecom-2025@2 is published." in text_of(published)
    assert "to come" in text_of(published)
    assert current_edition().number == 1
    other = begin(writer, name="2028")
    assert "Compare with cn-telecom-2025@2" in text_of(writer.get(other))
    assert "duration was “6wd” and is “7wd”" in text_of(writer.get(f"{other}?against=cn-telecom-2025@2"))
    assert writer.get(f"{other}?against=none@1").status_code == 404
    assert str(current_edition(timezone.now() + timedelta(days=3)).rule("initial-handling-general").duration) == "6wd"
    assert EditionVersion.objects.get(number=2).content["clocks.yaml"] == SHORTER


@pytest.mark.clause("H5.2")
def test_a_draft_goes_back_with_a_reason_and_its_history_says_so(cast: Cast) -> None:
    writer, reviewer = Desk(cast.administrator), Desk(cast.manager)
    draft = begin(writer)
    save(writer, draft, "clocks.yaml", SHORTER)
    act(writer, draft, "review")

    assert act(reviewer, draft, "return", reason=" ").status_code == 422
    said = text_of(act(reviewer, draft, "return", reason="太紧"))

    assert "being written" in said
    assert "Returned 经理甲" in said
    assert "太紧" in said


@pytest.mark.clause("H5.2")
def test_those_whom_it_concerns_hear_of_a_draft(cast: Cast) -> None:
    writer, reviewer = Desk(cast.administrator), Desk(cast.manager)
    draft = begin(writer)
    save(writer, draft, "clocks.yaml", SHORTER)
    act(writer, draft, "review")

    assert "The draft of the rules “2027” waits for your review." in text_of(reviewer.get("/notices"))
    notice = MessageOrder.objects.get(template="draft_to_review")
    assert reviewer.get(f"/notices/{notice.pk}")["Location"] == draft
    act(reviewer, draft, "return", reason="太紧")
    assert "has been returned" in text_of(writer.get("/notices"))
    assert MessageOrder.objects.filter(template__startswith="draft").count() == 2


@pytest.mark.clause("X3")
def test_what_is_wrong_in_a_file_is_shown_with_its_line_and_kept(cast: Cast) -> None:
    desk = Desk(cast.administrator)
    draft = begin(desk)
    line = BROKEN[: BROKEN.index("calendar: offce")].count("\n") + 1

    page = save(desk, draft, "clocks.yaml", BROKEN)
    said = unescape(text_of(page))
    assert f"Line {line} rule" in said
    assert 'unknown calendar "offce"' in said
    assert f"clocks.yaml:{line}" in text_of(desk.get(draft))
    assert "These files cannot become rules" in text_of(act(desk, draft, "review"))
    assert EditionDraft.objects.get().content["clocks.yaml"] == BROKEN
    assert current_edition().id == "cn-telecom-2025@1"


def test_two_people_do_not_write_over_one_another(cast: Cast) -> None:
    one, other = Desk(cast.administrator), Desk(cast.manager)
    draft = begin(one)
    seen = EditionDraft.objects.get().digest
    save(one, draft, "clocks.yaml", SHORTER)

    late = other.post(f"{draft}/files/clocks.yaml", {"seen": seen, "text": BROKEN})

    assert late.status_code == 409
    assert "Somebody has changed this draft" in text_of(late)
    assert "offce" in late.content.decode()
    assert EditionDraft.objects.get().content["clocks.yaml"] == SHORTER


def test_a_pack_is_uploaded_and_got_back_as_a_zip(cast: Cast) -> None:
    desk = Desk(cast.administrator)
    own = {file: text.replace("pack: cn-telecom-2025", "pack: own") for file, text in TEXTS.items()}
    draft = begin(desk, file=SimpleUploadedFile("own.zip", zip_of(own)))
    got = desk.get(f"{draft}/pack")

    assert uploaded_texts("got.zip", got.content) == own
    act(desk, draft, "files", file=SimpleUploadedFile("clocks.yaml", SHORTER.encode()))
    assert EditionDraft.objects.get().content == {**own, "clocks.yaml": SHORTER}
    refused = act(desk, draft, "files", file=io.BytesIO(b"no zip"))
    assert (refused.status_code, "neither a zip" in text_of(refused)) == (422, True)
    edition = desk.get("/rules/editions/cn-telecom-2025@1/pack")
    assert uploaded_texts("got.zip", edition.content) == TEXTS


def test_what_cannot_be_kept_is_refused_with_a_sentence(cast: Cast) -> None:
    desk = Desk(cast.administrator)
    draft = begin(desk)

    assert save(desk, draft, "clocks.yaml", "a: \0").status_code == 422
    assert desk.get(f"{draft}/files/other.yaml").status_code == 404
    assert desk.post("/rules/drafts", {"name": ""}).status_code == 422
    assert desk.get("/rules/appendices/nonsense").status_code == 404
    assert desk.get("/rules/appendices/duties?edition=none@1").status_code == 404


def test_a_draft_is_thrown_away_and_fetched_back(cast: Cast) -> None:
    desk = Desk(cast.administrator)
    draft = begin(desk)

    assert "It can be fetched back here." in text_of(act(desk, draft, "discard"))
    assert "Thrown away (1)" in text_of(desk.get("/rules"))
    assert "being written" in text_of(act(desk, draft, "restoration"))


@pytest.mark.clause("H5.1.5")
def test_a_draft_is_tried_on_real_tickets_in_the_background(cast: Cast) -> None:
    ticket = taken_in(cast)
    desk = Desk(cast.administrator)
    draft = begin(desk)
    save(desk, draft, "clocks.yaml", TEXTS["clocks.yaml"].replace("duration: 2h", "duration: 1min"))
    today = timezone.localdate()
    span = {"start": today - timedelta(days=2), "end": today}

    assert "waiting for the worker" in text_of(act(desk, draft, "replays", **span))
    assert 'hx-trigger="every 3s"' in desk.get(f"{draft}/replays").content.decode()
    while rehearse(timezone.now()):
        pass
    said = desk.get(f"{draft}/replays")
    assert "1 ticket lived through." in text_of(said)
    assert "hx-trigger" not in said.content.decode()
    assert numbers_in(said) <= {ticket.number}
    assert act(desk, draft, "replays", start=today, end=today - timedelta(days=1)).status_code == 409


def numbers_in(page: HttpResponse) -> set[str]:
    return set(re.findall(r"[A-Z]{2}-[0-9A-Z]{5}-[0-9A-Z]{5}-[0-9A-Z]", text_of(page)))


@pytest.mark.clause("H5.2")
def test_where_one_person_may_do_it_alone_the_page_says_so(cast: Cast, settings: Any) -> None:
    settings.SHOUWEN_RULES_ALONE = True
    desk = Desk(cast.manager)
    draft = begin(desk)
    save(desk, draft, "clocks.yaml", SHORTER)

    assert "The rule of two people is switched off" in text_of(desk.get("/rules"))
    act(desk, draft, "review")
    assert "switched off" in text_of(desk.get(draft))
    assert "by its own author" in text_of(act(desk, draft, "approval"))


def test_the_page_asks_the_database_little(cast: Cast, django_assert_max_num_queries: Any) -> None:
    desk = Desk(cast.administrator)
    for _n in range(3):
        begin(desk)

    with django_assert_max_num_queries(14):
        desk.get("/rules")


@pytest.mark.clause("H8")
@pytest.mark.parametrize("name", ["process", "time-limits", "scoring", "duties"])
def test_an_appendix_is_taken_along_as_a_workbook(cast: Cast, name: str) -> None:
    """Because the branch's service managers live in spreadsheets."""
    answer = Desk(cast.agent).get(f"/rules/appendices/{name}?as=xlsx")

    book = load_workbook(io.BytesIO(b"".join(answer.streaming_content)), read_only=True)
    page = unescape(text_of(Desk(cast.agent).get(f"/rules/appendices/{name}")))
    rows = [row for sheet in book.worksheets[:-1] for row in sheet.iter_rows(min_row=2, values_only=True) if row[0]]
    assert rows
    table = Desk(cast.agent).get(f"/rules/appendices/{name}?as=csv")
    assert str(rows[0][0]) in b"".join(table.streaming_content).decode("utf-8-sig")
    for row in rows:
        assert str(row[0]) in page


@pytest.mark.clause("M3.3")
def test_what_a_draft_would_change_is_taken_along(cast: Cast) -> None:
    """Because whoever approves reads it with colleagues who have no desk to look at."""
    desk = Desk(cast.administrator)
    draft = begin(desk)
    text = EditionDraft.objects.get().content["telling.yaml"]
    save(desk, draft, "telling.yaml", f"{text}# =noted\n")

    assert "as=xlsx" in desk.get(draft).content.decode()
    book = sheets(desk.get(f"{draft}?as=xlsx"))

    assert list(book)[:3] == ["What would be other", "Changed lines", "What is wrong or unwise"]
    assert ("telling.yaml", "+", "# =noted") in book["Changed lines"]
    assert Desk(cast.agent).get(f"{draft}?as=xlsx").status_code == 403
