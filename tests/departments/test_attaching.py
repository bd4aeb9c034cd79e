"""Files on tickets: sealed under the customer's key, proved by the history, never lost and never twice."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shouwen.customers.actions import erase_customer
from shouwen.handbook.attachments import TooManyFiles, attachments_of, present
from shouwen.handbook.authority import Actor
from shouwen.handbook.history import What
from shouwen.handbook.lifecycle import Move
from shouwen.handbook.refusals import ReasonRequired, Refusal, RoleNotAllowed
from shouwen.handling.attaching import attach_file, detach_file, file_on, files_of, put_back
from shouwen.tickets.models import Ticket, TicketEvent
from shouwen.tickets.queries import history_of
from shouwen.vault import actions
from shouwen.vault.files import PIECE, contents_of, digest_now, keep_file, thumbnail_of, view_of
from shouwen.vault.models import VaultFile, VaultPiece
from shouwen.vault.refusals import FileKindNotTaken, SubjectErased
from shouwen.vault.sealing import SealBroken
from tests.cast import MONDAY, Cast, take_in, walked
from tests.files import PDF, photo, upload

pytestmark = [pytest.mark.django_db, pytest.mark.clause("H5.3.3")]


def attach(cast: Cast, ticket: Ticket, *, form: str = "1", who: str = "agent", **what: Any) -> Ticket:
    return attach_file(ticket, upload(**what), by=cast.actor(who), at=MONDAY, form=form)


def only(ticket: Ticket) -> UUID:
    [one] = present(history_of(ticket.pk))
    return UUID(one.id)


def test_a_file_is_given_back_as_it_came(cast: Cast) -> None:
    ticket = attach(cast, take_in(cast), data=photo(), name="现场.jpg")

    file = file_on(ticket, history_of(ticket.pk), only(ticket))

    assert file.name == "现场.jpg"
    assert b"".join(contents_of(ticket.customer_id, only(ticket))) == photo()


@pytest.mark.clause("T1.3b")
def test_neither_content_nor_name_can_be_read_from_the_database(cast: Cast) -> None:
    ticket = attach(cast, take_in(cast), name="王小明的账单.pdf")

    rows = str([*TicketEvent.objects.values(), *VaultFile.objects.values(), *VaultPiece.objects.values()])

    assert "王小明" not in rows
    assert "王小明".encode() not in b"".join(bytes(piece.ciphertext) for piece in VaultPiece.objects.all())
    assert PDF not in b"".join(bytes(piece.ciphertext) for piece in VaultPiece.objects.all())
    assert history_of(ticket.pk)[-1].facts.keys() >= {"attachment", "media", "size", "digest"}


def test_the_history_proves_what_is_kept(cast: Cast) -> None:
    ticket = attach(cast, take_in(cast))
    [file] = present(history_of(ticket.pk))
    assert digest_now(UUID(file.id)) == file.digest

    piece = VaultPiece.objects.get()
    VaultPiece.objects.update(ciphertext=bytes(piece.ciphertext)[:-1] + b"\x00")

    assert digest_now(UUID(file.id)) != file.digest
    with pytest.raises(SealBroken):
        list(contents_of(ticket.customer_id, UUID(file.id)))


def test_pieces_do_not_change_places_and_none_is_missed(cast: Cast) -> None:
    words = "网速很慢。".encode() * (2 * PIECE // 15)
    ticket = attach(cast, take_in(cast), data=words, name="记录.txt")
    file = only(ticket)
    assert VaultPiece.objects.count() > 1
    assert b"".join(contents_of(ticket.customer_id, file)) == words

    VaultPiece.objects.filter(place=1).delete()
    with pytest.raises(SealBroken):
        list(contents_of(ticket.customer_id, file))

    VaultPiece.objects.filter(place=0).update(place=1)
    with pytest.raises(SealBroken):
        list(contents_of(ticket.customer_id, file))


def test_no_more_than_a_piece_is_asked_for_at_a_time(cast: Cast) -> None:
    ticket = attach(cast, take_in(cast), data="慢。".encode() * (PIECE // 2), name="记录.txt")

    pieces = contents_of(ticket.customer_id, only(ticket))

    assert max(len(piece) for piece in pieces) == PIECE


def test_a_picture_has_a_small_one_and_one_to_read(cast: Cast) -> None:
    ticket = attach(cast, take_in(cast), data=photo((3000, 2000)), name="x.jpg")

    small = thumbnail_of(ticket.customer_id, only(ticket))

    assert small.startswith(b"\xff\xd8\xff")
    assert len(small) < 20_000
    assert view_of(ticket.customer_id, only(ticket)).startswith(b"\xff\xd8\xff")


def test_what_is_no_picture_has_none(cast: Cast) -> None:
    ticket = attach(cast, take_in(cast))

    assert thumbnail_of(ticket.customer_id, only(ticket)) is None
    assert view_of(ticket.customer_id, only(ticket)) is None


def test_a_sending_that_comes_twice_counts_once(cast: Cast) -> None:
    ticket = take_in(cast)
    attach(cast, ticket, form="same")
    attach(cast, ticket, form="same")

    assert len(present(history_of(ticket.pk))) == 1
    assert VaultFile.objects.count() == 1


def test_what_is_refused_leaves_nothing_behind(cast: Cast) -> None:
    ticket = take_in(cast)
    with pytest.raises(FileKindNotTaken):
        attach(cast, ticket, data=b"MZ\x00\x00", name="账单.pdf")

    assert not VaultFile.objects.exists()
    assert What.ATTACHED not in {row.what for row in history_of(ticket.pk)}


def test_a_file_is_removed_with_a_reason_and_put_back(cast: Cast) -> None:
    ticket = attach(cast, take_in(cast))
    file = str(only(ticket))
    with pytest.raises(ReasonRequired):
        detach_file(ticket, file, " ", by=cast.actor("agent"), at=MONDAY)

    detach_file(ticket, file, "上错了", by=cast.actor("agent"), at=MONDAY)
    assert present(history_of(ticket.pk)) == []
    assert file_on(ticket, history_of(ticket.pk), UUID(file)) is None

    put_back(ticket, file, by=cast.actor("supervisor"), at=MONDAY)
    assert only(ticket) == UUID(file)
    assert [row.what for row in history_of(ticket.pk)][-3:] == [What.ATTACHED, What.DETACHED, What.ATTACHED]
    assert VaultFile.objects.count() == 1


@pytest.mark.clause("H5.3.1")
def test_the_signed_paper_is_attached_after_archiving_and_stays(cast: Cast) -> None:
    ticket = attach(cast, walked(cast, Move.ARCHIVE), who="supervisor")

    with pytest.raises(Refusal):
        detach_file(ticket, str(only(ticket)), "上错了", by=cast.actor("supervisor"), at=ticket.changed_at)


@pytest.mark.clause("H5.2")
def test_a_customer_attaches_and_removes_nothing(cast: Cast) -> None:
    ticket = take_in(cast)
    customer = Actor("customer", str(ticket.customer_id), roles=frozenset({"customer"}))
    attach_file(ticket, upload(), by=customer, at=MONDAY, form="1", source="portal")

    with pytest.raises(RoleNotAllowed):
        detach_file(ticket, str(only(ticket)), "不要了", by=customer, at=MONDAY)


def test_a_ticket_has_room_for_so_many_files(cast: Cast, settings: Any) -> None:
    settings.SHOUWEN_FILES_PER_TICKET = 2
    ticket = take_in(cast)
    attach(cast, ticket, form="1")
    attach(cast, ticket, form="2")

    with pytest.raises(TooManyFiles):
        attach(cast, ticket, form="3")
    assert VaultFile.objects.count() == 2


@pytest.mark.clause("T6.2")
def test_erasing_a_customer_closes_their_files_and_keeps_the_proof(cast: Cast) -> None:
    ticket = attach(cast, take_in(cast), data=photo(), name="x.jpg")
    [file] = attachments_of(history_of(ticket.pk))

    erase_customer(ticket.customer_id, not_before=MONDAY, by="1", reason="客户要求", at=MONDAY + timedelta(days=1))

    [shown] = files_of(ticket, [file])
    assert shown.name == ""
    assert file_on(ticket, history_of(ticket.pk), UUID(file.id)) is None
    assert thumbnail_of(ticket.customer_id, UUID(file.id)) is None
    with pytest.raises(SubjectErased):
        contents_of(ticket.customer_id, UUID(file.id))
    assert digest_now(UUID(file.id)) == file.digest
    with pytest.raises(SubjectErased):
        attach(cast, ticket, form="2")


def test_one_customers_file_is_not_found_under_another_ones_name(cast: Cast) -> None:
    ticket = attach(cast, take_in(cast), data=photo(), name="x.jpg")
    other = take_in(cast, phone="19900005678")

    assert thumbnail_of(other.customer_id, only(ticket)) is None
    with pytest.raises(VaultFile.DoesNotExist):
        contents_of(other.customer_id, only(ticket))


def test_any_number_of_files_is_listed_with_two_questions(cast: Cast) -> None:
    ticket = take_in(cast)
    for n in range(5):
        attach(cast, ticket, form=str(n))
    files = present(history_of(ticket.pk))

    with CaptureQueriesContext(connection) as asked:
        assert len(files_of(ticket, files)) == 5

    assert len(asked) == 2
    with CaptureQueriesContext(connection) as asked:
        assert files_of(ticket, []) == []
    assert len(asked) == 0


@given(data=st.one_of(st.binary(max_size=2000), st.text(max_size=2000).map(str.encode)), name=st.text(max_size=50))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_comes_is_refused_or_read_back_equal(data: bytes, name: str) -> None:
    subject = actions.register_subject().id
    try:
        kept = keep_file(subject, io.BytesIO(data), size=len(data), name=name)
    except Refusal:
        assert not VaultFile.objects.filter(subject_id=subject).exists()
        return

    assert b"".join(contents_of(subject, kept.id)) == data
    assert digest_now(kept.id) == kept.digest
