"""The catalogue of clauses, and the tool that says who cites them."""

import re
import subprocess
import sys
from collections.abc import Iterator

import pytest

from shouwen.handbook import refusals
from tests.clauses import (
    PACK,
    PAGES,
    ROOT,
    TESTS,
    UNREADABLE,
    Citation,
    catalogue,
    cited_by_rules,
    cited_by_tests,
    listing,
    unknown,
    written,
)

CLAUSES = catalogue()
HAN = re.compile(r"[\u4e00-\u9fff]")
# Chinese writes 一至三 and 第四 where English writes 1 to 3 and 4.
IN_WORDS = {"U3.1"}


def figures(text: str) -> set[str]:
    return set(re.findall(r"\d+", text))


@pytest.mark.parametrize("clause", CLAUSES.values(), ids=CLAUSES)
def test_a_clause_says_in_both_languages_where_it_comes_from_and_what_it_demands(clause):
    for chinese in (clause.zh, clause.document["zh"], clause.section["zh"]):
        assert HAN.search(chinese)
    for english in (clause.en, clause.document["en"], clause.section["en"]):
        assert english
        assert not HAN.search(english)
    assert clause.place


@pytest.mark.parametrize("clause", [c for c in CLAUSES.values() if c.id not in IN_WORDS], ids=lambda c: c.id)
def test_both_languages_name_the_same_figures(clause):
    assert figures(clause.zh) == figures(clause.en)


def test_a_letter_stands_for_its_documents():
    documents = {}
    for clause in CLAUSES.values():
        documents.setdefault(clause.id[0], set()).add(clause.document["zh"])

    assert {letter: len(names) for letter, names in documents.items()} == {
        "H": 1,
        "S": 1,
        "T": 1,
        "M": 1,
        "U": 3,
        "X": 2,
    }


@pytest.mark.parametrize("language", PAGES)
def test_the_pages_show_the_catalogue_as_it_is(language):
    page = PAGES[language].read_text("utf-8")

    assert page == written(page, CLAUSES.values(), language)


def test_every_citation_in_this_project_is_of_a_clause_that_exists():
    assert unknown(CLAUSES, [*cited_by_tests(TESTS), *cited_by_rules(PACK)]) == []


def kinds_of(refusal: type[refusals.Refusal]) -> Iterator[type[refusals.Refusal]]:
    """Everything that is raised: a class that only gathers others says nothing itself."""
    for kind in refusal.__subclasses__():
        if kind.says or not kind.__subclasses__():
            yield kind
        yield from kinds_of(kind)


@pytest.mark.parametrize("refusal", list(kinds_of(refusals.Refusal)), ids=lambda refusal: refusal.__name__)
def test_a_refusal_cites_a_clause_that_exists_and_says_a_sentence(refusal):
    assert refusal.clause in CLAUSES
    assert refusal.says.endswith((".", "?"))


def test_citations_are_read_from_decorators_parameters_and_modules(tmp_path):
    (tmp_path / "test_a.py").write_text(
        """
pytestmark = pytest.mark.clause("H1.4")

@pytest.mark.clause("H5.1.2", "X2")
def test_one(): ...

class TestTwo:
    @pytest.mark.parametrize("n", [pytest.param(1, marks=pytest.mark.clause("U2.5"))])
    async def test_three(self, n): ...
"""
    )
    found = {(citation.clause, citation.where.removeprefix(str(tmp_path))) for citation in cited_by_tests(tmp_path)}

    assert found == {
        ("H1.4", "/test_a.py:2"),
        ("H5.1.2", "/test_a.py::test_one"),
        ("X2", "/test_a.py::test_one"),
        ("U2.5", "/test_a.py::TestTwo::test_three"),
    }


def test_a_computed_mark_is_unknown_because_nobody_can_read_it(tmp_path):
    (tmp_path / "test_a.py").write_text("@pytest.mark.clause(*IDS)\ndef test_one(): ...\n")

    assert [citation.clause for citation in unknown(CLAUSES, cited_by_tests(tmp_path))] == [UNREADABLE]


def test_rules_cite_one_clause_or_several_at_any_depth(tmp_path):
    (tmp_path / "clocks.yaml").write_text("rules:\n- id: a\n  clause: H5.1.2\n- id: b\n  then: {clause: [X1, Z9]}\n")
    citations = list(cited_by_rules(tmp_path))

    assert [(c.clause, c.where.rsplit(":", 1)[1]) for c in citations] == [("H5.1.2", "3"), ("X1", "5"), ("Z9", "5")]
    assert [c.clause for c in unknown(CLAUSES, citations)] == ["Z9"]


def test_the_listing_names_who_cites_and_what_nobody_tests():
    some = {name: CLAUSES[name] for name in ("H5.1.2", "X1", "X2")}
    text = listing(some, [Citation("H5.1.2", "test", "tests/a.py::test_b"), Citation("X1", "rule", "clocks.yaml:3")])

    assert "    test  tests/a.py::test_b\n" in text
    assert "    rule  clocks.yaml:3\n" in text
    assert text.endswith("1 of 3 clauses are cited by a test; by none:\n    X1 X2\n")


def test_the_command_prints_every_id_and_succeeds_on_this_project():
    done = subprocess.run(
        [sys.executable, "-m", "tests.clauses"], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr
    assert all(f"\n{name} " in "\n" + done.stdout for name in CLAUSES)
