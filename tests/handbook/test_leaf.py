"""The leaf hash of a history row: one content, one spelling, one proof (M6.3)."""

import json
from collections import OrderedDict
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from hashlib import sha256

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shouwen.handbook.history import Stage
from shouwen.handbook.leaf import NotProvable, as_json, canonical, content_digest, leaf_hash

NOON = datetime(2026, 3, 2, 4, 0, 0, 123456, tzinfo=UTC)
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"))
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT
CONTENTS = st.dictionaries(
    TEXT,
    st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4)),
    max_size=6,
)
INSTANTS = st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@pytest.mark.clause("M6.3")
def test_content_has_one_spelling_whatever_its_order_and_its_zone():
    china = timezone(timedelta(hours=8))
    one = {"what": "accepted", "at": NOON, "facts": {"b": [1, 2.0], "a": "宽带"}}
    other = OrderedDict(facts={"a": "宽带", "b": (1, 2)}, at=NOON.astimezone(china), what="accepted")

    assert canonical(one) == canonical(other)
    assert (
        canonical(one)
        == '{"at":"2026-03-02T04:00:00.123456Z","facts":{"a":"宽带","b":[1,2]},"what":"accepted"}'.encode()
    )


def test_an_instant_on_the_whole_second_still_has_six_digits():
    assert canonical({"at": datetime(2026, 3, 2, tzinfo=UTC)}) == b'{"at":"2026-03-02T00:00:00.000000Z"}'


def test_an_enumeration_is_its_text():
    assert canonical({"stage": Stage.RECEIVED}) == b'{"stage":"received"}'
    assert type(as_json(Stage.RECEIVED)) is str


@pytest.mark.clause("M6.3")
@given(CONTENTS)
def test_reading_content_back_gives_the_same_spelling(content):
    assert canonical(json.loads(canonical(content))) == canonical(content)
    assert canonical(as_json(content)) == canonical(content)


@settings(max_examples=50)
@given(CONTENTS, CONTENTS)
def test_different_content_has_a_different_digest(one, other):
    assert (content_digest(one) == content_digest(other)) == (
        as_json(one) == as_json(other) and _same_types(one, other)
    )


@pytest.mark.parametrize(
    "value",
    [Decimal("1.5"), b"bytes", {1, 2}, object(), float("nan"), float("inf"), "a\x00b", "\ud800", {1: "a"}, {"\x00": 1}],
)
def test_what_json_or_the_database_cannot_keep_is_refused(value):
    with pytest.raises(NotProvable):
        canonical({"value": value})


def test_an_instant_without_a_zone_is_refused():
    naive = datetime(2026, 3, 2, 4)  # noqa: DTZ001
    with pytest.raises(NotProvable, match="zone"):
        canonical({"at": naive})
    with pytest.raises(NotProvable, match="zone"):
        leaf_hash(b"", naive)


@pytest.mark.clause("M6.3")
def test_a_leaf_is_the_prefix_the_digest_and_the_microsecond():
    digest = content_digest({"what": "accepted"})
    microseconds = 1772424000123456

    assert leaf_hash(digest, NOON) == sha256(b"\x00" + digest + microseconds.to_bytes(8, "big")).digest()
    assert leaf_hash(digest, NOON) != leaf_hash(digest, NOON + timedelta(microseconds=1))


@pytest.mark.clause("M6.3")
@pytest.mark.django_db
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=CONTENTS, recorded_at=INSTANTS)
def test_the_database_computes_the_same_leaf(content, recorded_at):
    digest = content_digest(content)
    with connection.cursor() as cursor:
        cursor.execute(
            r"""SELECT sha256('\x00'::bytea || %(digest)s
                              || int8send((extract(epoch from %(at)s::timestamptz) * 1000000)::bigint))""",
            {"digest": digest, "at": recorded_at},
        )
        assert bytes(cursor.fetchone()[0]) == leaf_hash(digest, recorded_at)


@pytest.mark.clause("M6.3")
@pytest.mark.django_db
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=CONTENTS)
def test_content_that_went_through_the_database_has_the_same_digest(content):
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s::jsonb::text", [canonical(content).decode()])
        assert content_digest(json.loads(cursor.fetchone()[0])) == content_digest(content)


def _same_types(one, other):
    """1 and True are equal in Python, and different content."""
    return json.dumps(as_json(one), sort_keys=True) == json.dumps(as_json(other), sort_keys=True)
