"""The vault: personal data under keys, looked at with a reason, erased for good."""

import base64
from datetime import UTC, datetime, timedelta
from importlib import import_module
from uuid import UUID

import pytest
from django.apps import apps
from django.contrib.admin import AdminSite
from django.core.exceptions import ImproperlyConfigured
from django.db import IntegrityError, OperationalError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from shouwen.vault import actions, queries, sealing
from shouwen.vault.admin import AccessLogAdmin
from shouwen.vault.models import AccessLog, DataSubject, VaultItem
from shouwen.vault.patience import TookTooLong, for_at_most
from shouwen.vault.refusals import ErasureNeedsReason, ErasureTooEarly, RevealNeedsReason, SubjectErased
from shouwen.vault.sealing import Keyring, Kind, SealBroken, seal, unseal
from shouwen.vault.spelling import one_spelling, parts_of

NOW = datetime(2026, 3, 2, 4, tzinfo=UTC)
PHONE = "13800138000"
VALUES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)
RING = Keyring({"1": b"1" * 32}, "1", b"i" * 32)


def secrets_with(masters, current):
    return {
        "master_keys": {name: base64.b64encode(key).decode() for name, key in masters.items()},
        "master_key_id": current,
        "blind_index_key": base64.b64encode(b"i" * 32).decode(),
    }


@pytest.fixture(autouse=True)
def _keys(settings):
    settings.SHOUWEN_SECRETS = secrets_with({"1": b"1" * 32}, "1")


@pytest.fixture
def subject(db):
    return actions.register_subject().id


def opened(row, subject_key):
    return unseal(subject_key, item_id=row.id, token=row.token, kind=row.kind, ciphertext=row.ciphertext)


# Sealing, without a database.


@pytest.mark.clause("T1.3b")
@given(st.sampled_from(Kind), VALUES)
def test_what_was_sealed_opens_in_its_own_row(kind, value):
    subject = RING.new_subject()

    assert opened(seal(subject, kind, value), subject) == value


@pytest.mark.clause("T1.3b")
@given(st.data())
def test_no_byte_of_a_sealed_value_can_change_unnoticed(data):
    subject = RING.new_subject()
    row = seal(subject, "phone", PHONE)
    at = data.draw(st.integers(0, len(row.ciphertext) - 1))
    flipped = bytearray(row.ciphertext)
    flipped[at] ^= data.draw(st.integers(1, 255))

    with pytest.raises(SealBroken):
        opened(row._replace(ciphertext=bytes(flipped)), subject)


@pytest.mark.parametrize("length", [0, 1, 2, 10, 30])
def test_a_sealed_value_cut_short_is_named_as_such(length):
    subject = RING.new_subject()
    row = seal(subject, "phone", PHONE)

    with pytest.raises(SealBroken):
        opened(row._replace(ciphertext=row.ciphertext[:length]), subject)


@pytest.mark.clause("T1.3b")
def test_a_value_moved_to_another_row_kind_token_or_person_does_not_open():
    subject, other = RING.new_subject(), RING.new_subject()
    row, elsewhere = seal(subject, "phone", PHONE), seal(subject, "phone", "13900139000")

    for moved, key in (
        (elsewhere._replace(ciphertext=row.ciphertext), subject),
        (row._replace(kind="account"), subject),
        (row._replace(token=elsewhere.token), subject),
        (row, other),
    ):
        with pytest.raises(SealBroken):
            opened(moved, key)


def test_a_wrapped_key_moved_to_another_person_does_not_open():
    one, other = RING.new_subject(), RING.new_subject()

    with pytest.raises(SealBroken, match="altered or moved"):
        RING.open_subject(other.subject_id, one.wrapped)


def test_a_key_whose_master_is_gone_says_which_master_is_missing():
    subject = RING.new_subject()
    later = Keyring({"2": b"2" * 32}, "2", b"i" * 32)

    with pytest.raises(SealBroken, match="'1' is not in the secrets file"):
        later.open_subject(subject.subject_id, subject.wrapped)


def test_an_algorithm_of_a_later_version_is_named():
    subject = RING.new_subject()
    row = seal(subject, "phone", PHONE)
    later = bytes((row.ciphertext[0], 9)) + row.ciphertext[2:]

    with pytest.raises(SealBroken, match="algorithm 9"):
        opened(row._replace(ciphertext=later), subject)


@pytest.mark.clause("T1.3b")
def test_neither_keys_nor_values_show_in_a_repr():
    subject = RING.new_subject()
    row = seal(subject, "phone", PHONE)
    shown = f"{RING!r} {subject!r} {subject!s} {row!r}"

    for hidden in (PHONE, repr(subject.key)[2:-1], repr(b"1" * 32)[2:-1], repr(b"i" * 32)[2:-1]):
        assert hidden not in shown


def test_the_same_value_is_never_sealed_alike_and_always_found_alike():
    subject, other = RING.new_subject(), RING.new_subject()
    one, same = seal(subject, "phone", PHONE), seal(other, "phone", PHONE)

    assert one.ciphertext != same.ciphertext
    assert one.blind_index == same.blind_index
    assert one.blind_index != seal(subject, "account", PHONE).blind_index
    assert one.blind_index != sealing.blind_index(b"k" * 32, "phone", PHONE)


def test_free_text_and_addresses_have_no_blind_index():
    subject = RING.new_subject()

    assert seal(subject, "text", "早上断网").blind_index is None
    assert seal(subject, "address", "幸福路1号").blind_index is None


def test_an_empty_value_or_an_unknown_kind_is_refused():
    with pytest.raises(ValueError, match="nothing to seal"):
        seal(RING.new_subject(), "phone", "")
    with pytest.raises(ValueError, match="shoe_size"):
        seal(RING.new_subject(), "shoe_size", "42")


@pytest.mark.parametrize(
    ("kind", "typed", "spelled"),
    [
        ("phone", "138 0013 8000", PHONE),
        ("phone", "+86-138-0013-8000", PHONE),
        ("phone", "008613800138000", PHONE),
        ("phone", "１３８００１３８０００", PHONE),
        ("phone", "0551-62812345", "055162812345"),
        ("phone", "+86 551 6281 2345", "055162812345"),
        ("phone", "+1 (202) 555-0143", "+12025550143"),
        ("phone", "0012025550143", "+12025550143"),
        ("id_card", "11010519491231002x", one_spelling("id_card", "11010519491231002X")),
        ("bank_card", "6222 0212-3456 7890 123", "6222021234567890123"),
        ("email", " Someone@Example.COM ", "someone@example.com"),
        ("name", "张 三", "张三"),
        ("name", "John  Smith ", "john smith"),
        ("plate", "皖A·12345", "皖a12345"),
        ("account", "AH 0551 8888", "ah05518888"),
    ],
)
def test_a_value_has_one_spelling_however_it_was_typed(kind, typed, spelled):
    assert one_spelling(kind, typed) == spelled


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"master_keys": {"1": "not base64!"}}, "master_keys.1 in the secrets file is not base64"),
        ({"master_keys": {"1": base64.b64encode(b"short").decode()}}, "holds 5 bytes, not 32"),
        ({"master_key_id": "7"}, "master_keys has no such key"),
        ({"blind_index_key": None}, "blind_index_key in the secrets file is not base64"),
    ],
)
def test_a_broken_secrets_file_is_refused_with_a_sentence(settings, change, complaint):
    settings.SHOUWEN_SECRETS = secrets_with({"1": b"1" * 32}, "1") | change

    with pytest.raises(ImproperlyConfigured, match=complaint):
        queries.keyring()


def test_a_secrets_file_without_a_key_is_refused_with_its_name(settings):
    settings.SHOUWEN_SECRETS = {"master_keys": {}}

    with pytest.raises(ImproperlyConfigured, match="no master_key_id"):
        queries.keyring()


# In the database.


def test_a_customer_and_their_data_subject_may_share_an_id(db):
    ours = UUID("01900000-0000-7000-8000-000000000001")

    assert RING.new_subject(ours).subject_id == ours
    assert actions.register_subject(ours).id == ours
    assert ours in queries.subject_keys([ours])


@pytest.mark.clause("T1.3b")
def test_many_values_are_kept_and_read_back_in_one_question(subject, django_assert_num_queries):
    other = actions.register_subject().id
    values = [(subject, "phone", PHONE), (other, "name", "张三"), (subject, "address", "幸福路1号")]
    items = actions.keep_many(values)
    names = [items[0].token, items[1].id, items[2].token]

    with django_assert_num_queries(1):
        read = queries.values_of(names)

    assert read == {items[0].token: PHONE, items[1].id: "张三", items[2].token: "幸福路1号"}
    with django_assert_num_queries(2):  # the items, and all their people at once
        assert queries.opened(VaultItem.objects.all(), names) == read


@pytest.mark.clause("T1.3b")
def test_nothing_readable_reaches_the_database(subject):
    item = actions.keep(subject, "phone", PHONE)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT row_to_json(i)::text || row_to_json(s)::text"
            " FROM vault_item i JOIN data_subject s ON s.id = subject_id"
        )
        stored = cursor.fetchone()[0]

    assert PHONE not in stored
    assert PHONE.encode().hex() not in stored
    assert PHONE not in f"{item!r} {item!s}"


def test_a_row_sealed_elsewhere_and_inserted_by_hand_reads_back(subject):
    row = seal(queries.subject_keys([subject])[subject], "phone", PHONE)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO vault_item (id, token, subject_id, kind, ciphertext, blind_index, words)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s)",
            row,
        )

    assert queries.values_of([row.token]) == {row.token: PHONE}
    assert row._fields == ("id", "token", "subject_id", "kind", "ciphertext", "blind_index", "words")


def test_a_name_nobody_gave_is_missing_and_no_name_asks_nothing(subject, django_assert_num_queries):
    assert queries.values_of(["ZZZZZZZZ"]) == {}
    with django_assert_num_queries(0):
        assert queries.values_of([]) == {}


@pytest.mark.clause("H2.1.1b")
def test_a_person_is_found_by_any_spelling_of_their_number(subject):
    actions.keep(subject, "phone", PHONE)
    later = actions.register_subject().id
    item = actions.keep(later, "phone", "138-0013-8000")

    assert queries.subjects_with("phone", "+86 138 0013 8000") == [later, subject]
    assert queries.items_with("phone", PHONE).first() == item
    assert queries.subjects_with("phone", "13900139000") == []
    assert queries.subjects_with("account", PHONE) == []


def test_an_address_cannot_be_looked_up(db):
    with pytest.raises(ValueError, match="not looked up"):
        queries.items_with("address", "幸福路1号")


@pytest.mark.clause("T1.3b")
def test_a_ciphertext_copied_over_another_row_is_noticed(subject):
    one, other = actions.keep_many([(subject, "phone", PHONE), (subject, "phone", "13900139000")])
    VaultItem.objects.filter(id=other.id).update(ciphertext=one.ciphertext)

    with pytest.raises(SealBroken, match=other.token):
        queries.values_of([other.token])
    assert queries.values_of([one.token]) == {one.token: PHONE}


def test_a_token_drawn_twice_is_drawn_again(subject, monkeypatch):
    taken = actions.keep(subject, "phone", PHONE).token
    draws = iter([taken, "23456789"])
    monkeypatch.setattr(sealing, "draw_token", lambda: next(draws))

    assert actions.keep(subject, "phone", "13900139000").token == "23456789"
    assert VaultItem.objects.count() == 2


@pytest.mark.clause("T6.2")
def test_revealing_writes_down_who_saw_what_and_why(subject):
    item = actions.keep(subject, "phone", PHONE)

    assert actions.reveal([item.token], by="p1", reason="回拨用户", at=NOW, about="AH-1") == {item.token: PHONE}

    log = queries.accesses_to(subject).get()
    assert (log.what, log.item, log.by, log.reason, log.about, log.at) == (
        "revealed",
        item,
        "p1",
        "回拨用户",
        "AH-1",
        NOW,
    )


@pytest.mark.clause("T6.2")
@pytest.mark.parametrize("reason", ["", "  ", "\u3000\n"])
def test_revealing_without_a_reason_is_refused_and_shows_nothing(subject, reason):
    item = actions.keep(subject, "phone", PHONE)

    with pytest.raises(RevealNeedsReason):
        actions.reveal([item.token], by="p1", reason=reason, at=NOW)
    assert not AccessLog.objects.exists()


def test_the_database_itself_keeps_no_access_without_a_reason(subject):
    item = actions.keep(subject, "phone", PHONE)

    with pytest.raises(IntegrityError, match="an_access_says_why"), transaction.atomic():
        AccessLog.objects.create(what="revealed", subject_id=subject, item=item, by="p1", reason=" ", at=NOW)


@pytest.mark.clause("T6.2")
def test_an_erased_person_cannot_be_read_found_or_added_to(subject):
    other = actions.register_subject().id
    gone, stays = actions.keep_many([(subject, "phone", PHONE), (other, "phone", PHONE)])

    actions.erase_subject(subject, not_before=NOW, by="p1", reason="用户要求", at=NOW)

    assert queries.values_of([gone.token, stays.token]) == {gone.token: None, stays.token: PHONE}
    assert actions.reveal([gone.token], by="p1", reason="核对", at=NOW) == {gone.token: None}
    assert queries.subjects_with("phone", PHONE) == [other]
    assert queries.subject_keys([subject]) == {}
    with pytest.raises(SubjectErased):
        actions.keep(subject, "phone", PHONE)
    row = DataSubject.objects.get(id=subject)
    assert (row.wrapped_key, row.erased_at) == (None, NOW)
    assert set(row.items.values_list("blind_index", flat=True)) == {None}
    assert bytes(row.items.get().ciphertext) == gone.ciphertext


@pytest.mark.clause("H5.3.2")
def test_nobody_is_erased_a_microsecond_before_the_duty_to_keep_ends(subject):
    item = actions.keep(subject, "phone", PHONE)

    with pytest.raises(ErasureTooEarly, match="until 2026-03-02"):
        actions.erase_subject(subject, not_before=NOW, by="p1", reason="x", at=NOW - timedelta(microseconds=1))
    assert queries.values_of([item.token]) == {item.token: PHONE}


def test_erasing_asks_for_a_reason_and_is_logged_once(subject):
    with pytest.raises(ErasureNeedsReason):
        actions.erase_subject(subject, not_before=NOW, by="p1", reason=" ", at=NOW)
    for _ in range(2):
        actions.erase_subject(subject, not_before=NOW, by="p1", reason="用户要求", at=NOW)

    assert [log.what for log in queries.accesses_to(subject)] == ["erased"]


@pytest.mark.clause("T1.3b")
def test_after_the_master_key_changed_every_key_is_wrapped_anew_and_the_old_one_can_go(db, settings):
    items = [actions.keep(actions.register_subject().id, "phone", PHONE) for _ in range(3)]
    erased = actions.register_subject().id
    actions.erase_subject(erased, not_before=NOW, by="p1", reason="用户要求", at=NOW)

    settings.SHOUWEN_SECRETS = secrets_with({"1": b"1" * 32, "2": b"2" * 32}, "2")
    assert [actions.rewrap_subjects(batch=2) for _ in range(3)] == [2, 1, 0]

    settings.SHOUWEN_SECRETS = secrets_with({"2": b"2" * 32}, "2")
    assert queries.values_of([item.token for item in items]) == {item.token: PHONE for item in items}


@pytest.mark.clause("T6.2")
def test_the_access_log_is_only_read_in_the_admin(rf):
    page, request = AccessLogAdmin(AccessLog, AdminSite()), rf.get("/")

    assert not page.has_add_permission(request)
    assert not page.has_change_permission(request)
    assert not page.has_delete_permission(request)


@pytest.mark.parametrize(
    ("kind", "value", "parts"),
    [
        ("phone", "138 0013 8000", ["8000"]),
        ("phone", "8000", []),
        ("address", "滨湖 12 栋", ["滨湖", "湖1", "12", "2栋"]),
        ("name", "欧阳小红", []),
    ],
)
def test_a_value_has_the_parts_people_name_it_by(kind, value, parts):
    assert parts_of(kind, value) == parts


@pytest.mark.django_db
def test_a_person_is_found_by_a_part_until_they_are_erased(subject):
    other = actions.register_subject().id
    actions.keep_many([(subject, "phone", PHONE), (subject, "address", "滨湖小区 12 栋")])
    actions.keep_many([(other, "phone", "13900000001")])

    assert queries.subjects_by_part([("phone", "8000")]) == [[subject]]
    assert queries.subjects_by_part([("address", "小区12栋")]) == [[subject]]
    assert queries.subjects_by_part([("address", "8000")]) == [[]]
    assert not any(b"8000" in str(words).encode() for words in VaultItem.objects.values_list("words", flat=True))

    actions.erase_subject(subject, not_before=NOW, by="auditor", reason="期满", at=NOW)

    assert queries.subjects_by_part([("phone", "8000")]) == queries.subjects_by_part([("address", "小区12栋")]) == [[]]
    assert not VaultItem.objects.filter(subject_id=subject).exclude(words=None).exists()


@pytest.mark.django_db
def test_a_part_that_more_people_share_than_anybody_reads_finds_nobody():
    people = [actions.register_subject().id for _ in range(4)]
    actions.keep_many([(one, "phone", f"1380013800{n}"[:7] + "8000") for n, one in enumerate(people)])

    assert len(queries.subjects_by_part([("phone", "8000")])[0]) == 4
    assert queries.subjects_by_part([("phone", "8000")], most=3) == [[]]


@pytest.mark.django_db
def test_what_was_kept_before_parts_were_known_gets_them(subject):
    actions.keep_many([(subject, "phone", PHONE), (subject, "name", "欧阳小红")])
    words = dict(VaultItem.objects.values_list("kind", "words"))
    VaultItem.objects.update(words=None)

    import_module("shouwen.vault.migrations.0005_parts_of_what_is_kept").index_parts(apps, connection.schema_editor())

    assert dict(VaultItem.objects.values_list("kind", "words")) == words
    assert words["name"] is None


@pytest.mark.django_db
def test_a_question_is_given_up_after_its_time_and_leaves_nothing_behind():
    with pytest.raises(TookTooLong), for_at_most("1ms"), connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(10)")
    with for_at_most("10s"), connection.cursor() as cursor:
        cursor.execute("SELECT 1")

    with connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        assert cursor.fetchone() == ("0",)


@pytest.mark.django_db
def test_what_goes_wrong_otherwise_is_not_taken_for_slowness():
    with pytest.raises(OperationalError), for_at_most("10s"):
        raise OperationalError("the connection is lost")
