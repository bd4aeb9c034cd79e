"""Terms to find Chinese and Latin text by, as PostgreSQL sees them."""

from itertools import pairwise

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shouwen.language.bigrams import LONGEST_TERM, places_of, says, search_query, search_terms

TEXTS = st.text(st.sampled_from("宽带断网了很慢wifi5g ，。\n'\\:&|!<>*ABé"), max_size=30)


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("宽带断网", ["宽带", "带断", "断网", "网"]),
        ("网", ["网"]),
        ("WiFi 5G很慢", ["wifi", "5g", "很慢", "慢"]),
        ("ＷｉＦｉ，100M", ["wifi", "100m"]),
        ("电话⟦phone:7K3MP9QX⟧没声", ["电话", "话", "没声", "声"]),
        ("", []),
        ("，。!", []),
        ("x" * 100, ["x" * LONGEST_TERM]),
    ],
)
def test_text_becomes_pairs_of_characters_and_words(text, terms):
    assert search_terms(text) == terms


@pytest.mark.parametrize(
    ("typed", "query"),
    [
        ("宽带断网", "'宽带' & '带断' & '断网'"),
        ("网", "'网':*"),
        ("wifi 慢", "'wifi' & '慢':*"),
        ("wi", "'wi':*"),
        ("", ""),
        ("' | !", ""),
    ],
)
def test_what_people_type_becomes_a_query(typed, query):
    assert search_query(typed) == query


def matches(text, typed):
    with connection.cursor() as cursor:
        cursor.execute("SELECT array_to_tsvector(%s::text[]) @@ %s::tsquery", [search_terms(text), search_query(typed)])
        return cursor.fetchone()[0]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("text", "typed", "found"),
    [
        ("家里宽带断网三天", "宽带断网", True),
        ("家里宽带断网三天", "断网 宽带", True),
        ("家里宽带断网三天", "天", True),
        ("家里宽带断网三天", "带", True),
        ("家里宽带断网三天", "网宽", False),
        ("WiFi信号弱", "wif", True),
        ("WiFi信号弱", "ifi", False),
    ],
)
def test_a_query_finds_the_texts_it_should(text, typed, found):
    assert matches(text, typed) is found


@pytest.mark.django_db
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(TEXTS, TEXTS, TEXTS)
def test_any_part_of_a_text_finds_it_again(before, part, after):
    if search_query(part):
        assert matches(f"{before} {part} {after}", part)


@pytest.mark.parametrize(
    ("text", "typed", "marked"),
    [
        ("家里宽带断网三天", "宽带断网", ["宽带断网"]),
        ("宽带又断，断网三天", "宽带断网", ["宽带", "断网"]),
        ("ＷｉＦｉ信号弱，wifi慢", "wifi", ["ＷｉＦｉ", "wifi"]),
        ("WiFi信号弱", "ifi", []),
        ("网网网", "网", ["网网网"]),
        ("İ 宽带", "宽带", ["宽带"]),
        ("宽带", "", []),
    ],
)
def test_what_was_looked_for_is_marked_where_it_stands(text, typed, marked):
    assert [text[start:end] for start, end in places_of(typed, text)] == marked


@given(TEXTS, TEXTS)
def test_places_are_in_the_text_and_apart(text, typed):
    places = places_of(typed, text)

    assert all(0 <= start < end <= len(text) for start, end in places)
    assert places == sorted(places)
    assert all(end < start for (_, end), (start, _) in pairwise(places))


@pytest.mark.django_db
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(TEXTS, TEXTS)
def test_a_text_says_what_the_database_finds_in_it(text, typed):
    if search_query(typed):
        assert says(text, typed) == matches(text, typed)
