"""Files at the desk: several at once, each taken or told why not; given out only to be saved, only to who may see."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test.utils import CaptureQueriesContext

from shouwen.handbook.attachments import present
from shouwen.handbook.history import What
from shouwen.handbook.lifecycle import Move
from shouwen.people.actions import make_person
from shouwen.tickets.models import Ticket
from shouwen.tickets.queries import history_of
from shouwen.vault.models import AccessLog, VaultFile
from tests.cast import Cast
from tests.files import PDF, photo, sent
from tests.screens.desk import HTMX, Desk, address, brought_to, taken_in, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.clause("H5.3.3")]


def bring(desk: Desk, ticket: Ticket, *files: object, form: str = "form", htmx: bool = True) -> HttpResponse:
    headers = HTMX if htmx else {}
    return desk.post(f"{address(ticket)}/attachments", {"form": form, "file": files}, headers=headers)


def only(ticket: Ticket) -> UUID:
    [one] = present(history_of(ticket.pk))
    return UUID(one.id)


def at(ticket: Ticket, what: str = "", file: UUID | None = None) -> str:
    return f"{address(ticket)}/attachments/{file or only(ticket)}{what and '/' + what}"


def body(answer: HttpResponse) -> bytes:
    return b"".join(answer.streaming_content)


def test_a_file_brought_is_on_the_tickets_page_and_in_its_history(cast: Cast) -> None:
    ticket, desk = taken_in(cast), Desk(cast.agent)

    assert bring(desk, ticket, sent()).status_code == 201

    page = text_of(desk.open(ticket))
    assert "账单.pdf" in page
    assert "File attached" in page


def test_several_come_at_once_and_each_is_judged_for_itself(cast: Cast) -> None:
    ticket, desk = taken_in(cast), Desk(cast.agent)

    answer = bring(desk, ticket, sent(), sent(b"MZ\x00\x00", "说明.pdf"), sent(photo(), "现场.jpg"), htmx=False)

    assert answer.status_code == 302
    page = text_of(desk.get(answer["Location"]))
    assert "说明.pdf: By its content this is no file we take." in page
    assert [one.media for one in present(history_of(ticket.pk))] == ["pdf", "jpeg"]


def test_a_refusal_says_why_in_the_readers_language(cast: Cast) -> None:
    answer = bring(Desk(cast.agent, language="zh-hans"), taken_in(cast), sent(b"", "空.pdf"))

    assert answer.status_code == 409
    assert "这是一个空文件" in text_of(answer)


def test_a_file_is_given_out_to_be_saved_as_what_it_is(cast: Cast) -> None:
    """Because a page that runs on our address could do whatever its reader may."""
    ticket, desk = taken_in(cast), Desk(cast.agent)
    bring(desk, ticket, sent(photo(), "evil.html"))

    answer = desk.get(at(ticket))

    assert body(answer) == photo()
    assert answer["Content-Type"] == "image/jpeg"
    assert answer["Content-Disposition"] == 'attachment; filename="evil.jpg"'
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer["Content-Security-Policy"]
    assert answer["Cache-Control"] == "no-store"


@pytest.mark.clause("T6.2")
def test_who_opened_a_file_is_written_down(cast: Cast) -> None:
    ticket, desk = taken_in(cast), Desk(cast.agent)
    bring(desk, ticket, sent(photo(), "x.jpg"))

    desk.get(at(ticket, "thumbnail"))
    assert not AccessLog.objects.exists()
    desk.get(at(ticket, "view"))
    body(desk.get(at(ticket)))

    assert [(row.what, row.about, row.by) for row in AccessLog.objects.all()] == [
        ("opened", ticket.number, str(cast.agent.pk))
    ] * 2


def test_pictures_on_the_screen_are_drawn_anew(cast: Cast) -> None:
    ticket, desk = taken_in(cast), Desk(cast.agent)
    bring(desk, ticket, sent(photo(), "x.jpg"))

    for what in ("thumbnail", "view"):
        answer = desk.get(at(ticket, what))
        assert answer["Content-Type"] == "image/jpeg"
        assert answer.content != photo()
        assert "sandbox" in answer["Content-Security-Policy"]


@pytest.mark.clause("T6.2")
def test_a_thumbnail_is_kept_by_its_browser_which_asks_each_time_because_rights_end(cast: Cast) -> None:
    ticket, desk = taken_in(cast), Desk(cast.agent)
    bring(desk, ticket, sent(photo(), "x.jpg"))
    file, first = only(ticket), desk.get(at(ticket, "thumbnail"))

    again = desk.get(at(ticket, "thumbnail"), headers={"If-None-Match": first["ETag"]})
    desk.post(at(ticket, "removal"), {"reason": "传错了工单"}, headers=HTMX)
    removed = desk.get(at(ticket, "thumbnail", file), headers={"If-None-Match": first["ETag"]})

    assert first["Cache-Control"] == "private, no-cache"
    assert (again.status_code, again.content, again["Cache-Control"]) == (304, b"", "private, no-cache")
    assert removed.status_code == 404


def test_a_file_is_removed_with_a_reason_and_taken_back_at_once(cast: Cast) -> None:
    ticket, desk = taken_in(cast), Desk(cast.agent)
    bring(desk, ticket, sent())
    file = only(ticket)
    assert desk.post(at(ticket, "removal"), {"reason": ""}, headers=HTMX).status_code == 409

    gone = desk.post(at(ticket, "removal"), {"reason": "传错了工单"}, headers=HTMX)

    assert "Removed: 账单.pdf" in text_of(gone)
    assert "传错了工单" in text_of(gone)
    assert desk.get(at(ticket, "", file)).status_code == 404
    back = desk.post(at(ticket, "restoration", file), headers=HTMX)
    assert "Removed: 账单.pdf" not in text_of(back)
    assert only(ticket) == file
    told = text_of(desk.open(ticket))
    assert "File removed" in told  # nothing is done in silence


def test_after_archiving_files_come_and_none_goes(cast: Cast) -> None:
    ticket, desk = brought_to(cast, Move.ARCHIVE), Desk(cast.supervisor)
    bring(desk, ticket, sent())

    page = desk.open(ticket).content.decode()

    assert "/removal" not in page
    assert desk.post(at(ticket, "removal"), {"reason": "x"}, headers=HTMX).status_code == 409


def test_a_sending_repeated_by_a_bad_line_brings_one_file(cast: Cast) -> None:
    ticket, desk = taken_in(cast), Desk(cast.agent)

    assert [bring(desk, ticket, sent(), form="f").status_code for _ in range(2)] == [201, 201]

    assert VaultFile.objects.count() == 1


def test_a_note_written_while_somebody_attaches_is_not_in_the_way(cast: Cast) -> None:
    ticket = taken_in(cast)
    seen = ticket.last_seq
    bring(Desk(cast.supervisor), ticket, sent())

    assert Desk(cast.agent).make(ticket, Move.NOTE, seen=seen, text="已看附件").status_code == 200


@pytest.mark.parametrize("who", ["other_agent", "handler", "other_handler", "administrator"])
def test_files_of_a_ticket_out_of_sight_are_not_there(cast: Cast, who: str) -> None:
    ticket = taken_in(cast)
    bring(Desk(cast.agent), ticket, sent(photo(), "x.jpg"))
    desk, file = Desk(getattr(cast, who)), only(ticket)
    opened = AccessLog.objects.count()

    for page in (at(ticket, "", file), at(ticket, "thumbnail", file), at(ticket, "view", file)):
        assert desk.get(page).status_code in {403, 404}
    assert desk.get(f"{address(ticket)}/attachments").status_code in {403, 404}
    assert bring(desk, ticket, sent()).status_code in {403, 404}
    assert desk.post(at(ticket, "removal", file), {"reason": "x"}).status_code in {403, 404}
    assert AccessLog.objects.count() == opened
    assert [row.what for row in history_of(ticket.pk)].count(What.ATTACHED) == 1


@pytest.mark.clause("T1.3b")
def test_whoever_may_not_see_personal_data_is_shown_that_there_is_a_file_and_nothing_of_it(cast: Cast) -> None:
    ticket = taken_in(cast)
    bring(Desk(cast.agent), ticket, sent(photo(), "王小明.jpg"))
    desk = Desk(make_person("analyst", display_name="分析", roles=["analyst"], regions=["0"]))

    page = desk.open(ticket)

    assert "picture (JPEG)" in text_of(page)
    assert "王小明" not in page.content.decode()
    assert f"/attachments/{only(ticket)}" not in page.content.decode()
    for what in ("", "thumbnail", "view"):
        assert desk.get(at(ticket, what)).status_code == 403


def test_another_tickets_file_is_not_found_under_this_number(cast: Cast) -> None:
    ticket, other = taken_in(cast), taken_in(cast)  # of the same customer
    desk = Desk(cast.agent)
    bring(desk, ticket, sent())

    assert desk.get(at(other, "", only(ticket))).status_code == 404
    assert desk.get(at(other, "", uuid4())).status_code == 404


def test_the_page_asks_no_more_for_many_files_than_for_one(cast: Cast) -> None:
    ticket, desk = taken_in(cast), Desk(cast.agent)
    bring(desk, ticket, sent())
    desk.open(ticket)

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            desk.open(ticket)
        return len(queries)

    one = asked()
    for n in range(6):
        bring(desk, ticket, sent(), form=str(n))
    assert asked() == one


def test_a_request_larger_than_any_file_is_not_even_read(cast: Cast, settings) -> None:
    settings.SHOUWEN_FILE_MB = settings.SHOUWEN_RECORDING_MB = 0

    answer = bring(Desk(cast.agent), taken_in(cast), sent(PDF + b" " * 1_100_000))

    assert answer.status_code == 400
    assert not VaultFile.objects.exists()
