"""Which clause is upheld by what: every ID of the catalogue with the tests and the rules that cite it (`make clauses`).

Tests are read, not run: a citation is a `pytest.mark.clause("H5.1.2")` anywhere in a test file. Rules are the YAML of
the packs: a citation is a `clause:` (one ID or a list). With `--pages` the two README pages of the catalogue are
written anew.
"""

from __future__ import annotations

import ast
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parent.parent
HANDBOOK = ROOT / "docs" / "handbook"
CATALOGUE = HANDBOOK / "clauses.yaml"
TESTS = ROOT / "tests"
PACK = ROOT / "src" / "shouwen" / "editions" / "packs" / "cn-telecom-2025"  # whose documents the catalogue is of
PAGES = {"en": HANDBOOK / "README.md", "zh": HANDBOOK / "README.zh-CN.md"}
HEADS = {"en": ("ID", "Where", "What it demands"), "zh": ("编号", "出处", "要求")}
BEGIN, END = "<!-- the catalogue, written from clauses.yaml -->", "<!-- the end of the catalogue -->"
UNREADABLE = "?"  # a mark whose ID is computed: no reader can follow it


@dataclass(frozen=True, slots=True)
class Clause:
    """One demand of one document, in our own words."""

    id: str
    section: dict[str, str]
    document: dict[str, str]
    place: str
    zh: str
    en: str

    def says(self, language: str) -> str:
        return self.zh if language == "zh" else self.en


@dataclass(frozen=True, slots=True)
class Citation:
    """Somebody appeals to a clause: a test, or a rule of a pack."""

    clause: str
    kind: str
    where: str


def main(arguments: list[str]) -> int:
    """Print the list; 1 if something cites what the catalogue does not know."""
    clauses = catalogue()
    if "--pages" in arguments:
        for language, page in PAGES.items():
            page.write_text(written(page.read_text("utf-8"), clauses.values(), language), "utf-8")
    citations = [*cited_by_tests(TESTS), *cited_by_rules(PACK)]
    sys.stdout.write(listing(clauses, citations))
    strays = unknown(clauses, citations)
    for stray in strays:
        sys.stderr.write(f"{stray.where} cites {stray.clause}, which the catalogue does not know.\n")
    return 1 if strays else 0


def catalogue(path: Path = CATALOGUE) -> dict[str, Clause]:
    """Every clause by its ID, in the order of the catalogue."""
    entries: dict[str, dict[str, Any]] = yaml.safe_load(path.read_text("utf-8"))
    return {name: Clause(id=name, **entry) for name, entry in entries.items()}


def cited_by_tests(folder: Path) -> Iterator[Citation]:
    """What the test files of `folder` cite, found without importing them."""
    for path in sorted(folder.rglob("*.py")):
        for name, node in _marks(ast.parse(path.read_text("utf-8"), str(path))):
            where = f"{_shown(path)}::{name}" if name else f"{_shown(path)}:{node.lineno}"
            for argument in node.args:
                literal = isinstance(argument, ast.Constant) and isinstance(argument.value, str)
                yield Citation(str(argument.value) if literal else UNREADABLE, "test", where)


def cited_by_rules(folder: Path) -> Iterator[Citation]:
    """What the rules of the packs in `folder` cite, with file and line."""
    for path in sorted(folder.rglob("*.yaml")):
        for node in _mappings(yaml.compose(path.read_text("utf-8"))):
            for key, value in node.value:
                if key.value == "clause":
                    where = f"{_shown(path)}:{key.start_mark.line + 1}"
                    yield from (Citation(cited, "rule", where) for cited in _scalars(value))


def unknown(clauses: dict[str, Clause], citations: Iterable[Citation]) -> list[Citation]:
    """The citations of what the catalogue does not hold."""
    return [citation for citation in citations if citation.clause not in clauses]


def listing(clauses: dict[str, Clause], citations: Iterable[Citation]) -> str:
    """Every ID with those who cite it, then the IDs that no test cites."""
    by_clause: dict[str, list[Citation]] = defaultdict(list)
    for citation in dict.fromkeys(citations):
        by_clause[citation.clause].append(citation)
    untested = [name for name in clauses if not any(c.kind == "test" for c in by_clause[name])]
    lines = []
    for clause in clauses.values():
        lines.append(f"{clause.id:8} {clause.place}")
        lines += [f"    {citation.kind}  {citation.where}" for citation in by_clause[clause.id]]
    lines.append(f"\n{len(clauses) - len(untested)} of {len(clauses)} clauses are cited by a test; by none:")
    lines += ["    " + " ".join(untested[at : at + 12]) for at in range(0, len(untested), 12)]
    return "\n".join(lines) + "\n"


def written(page: str, clauses: Iterable[Clause], language: str) -> str:
    """The page with the catalogue in `language` between its two marks."""
    before, after = page.split(BEGIN)[0], page.split(END)[1]
    return f"{before}{BEGIN}\n{''.join(_tables(clauses, language))}\n{END}{after}"


def _tables(clauses: Iterable[Clause], language: str) -> Iterator[str]:
    head = HEADS[language]
    for section, rows in groupby(clauses, key=lambda clause: clause.section[language]):
        yield f"\n## {section}\n\n| {' | '.join(head)} |\n|{'---|' * len(head)}\n"
        yield from (f"| {row.id} | {row.place} | {row.says(language)} |\n" for row in rows)


def _marks(tree: ast.AST, name: str = "") -> Iterator[tuple[str, ast.Call]]:
    """Each `….mark.clause(…)` below `tree`, with the test or class it stands on."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("mark.clause"):
            yield name, node
        named = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        yield from _marks(node, "::".join(filter(None, (name, node.name))) if named else name)


def _mappings(node: yaml.Node | None) -> Iterator[yaml.MappingNode]:
    if isinstance(node, yaml.MappingNode):
        yield node
        for _, value in node.value:
            yield from _mappings(value)
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from _mappings(item)


def _scalars(node: yaml.Node) -> list[str]:
    return [item.value for item in node.value] if isinstance(node, yaml.SequenceNode) else [str(node.value)]


def _shown(path: Path) -> str:
    return str(path.relative_to(ROOT) if path.is_relative_to(ROOT) else path)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
