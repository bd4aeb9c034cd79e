"""A pack: the folder of YAML a service manager writes, read and checked until it can become an edition."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _
from pydantic import ValidationError

from shouwen.editions import checks, schema
from shouwen.editions.building import build_edition, calendar_specs
from shouwen.editions.edition import Edition
from shouwen.editions.reading import BrokenPack, Problem, Sheet, read_sheet

PACKS = Path(__file__).parent / "packs"
CALENDARS = "calendars.yaml"
SHIPPED = PACKS / "cn-telecom-2025"


@dataclass(frozen=True, slots=True)
class Pack:
    """A pack without problems."""

    name: str
    texts: Mapping[str, str]  # file name → what stands in it
    forms: Mapping[str, Any]  # file name → the form of `schema`
    digest: str  # over what the files say, not over their comments

    def edition(self, number: int) -> Edition:
        """The edition this pack makes."""
        return build_edition(self.forms, number)


def shipped_packs() -> list[str]:
    """The names of the packs that come with the program."""
    return sorted(folder.name for folder in PACKS.iterdir() if (folder / "edition.yaml").is_file())


def folder_of(name: str) -> Path:
    """Where a pack is: a shipped one by its name, any other by its folder."""
    return PACKS / name if name in shipped_packs() else Path(name)


def open_pack(folder: Path) -> Pack:
    """Read a pack from a folder. Raises BrokenPack."""
    return read_pack(texts_of(folder))


def texts_of(folder: Path) -> dict[str, str]:
    """What stands in the YAML files of a folder. Raises BrokenPack."""
    if not folder.is_dir():
        raise BrokenPack([Problem(str(folder), 0, "", _("there is no such folder"))])
    texts = {}
    for path in sorted(folder.glob("*.yaml")):
        try:
            texts[path.name] = path.read_text("utf-8")
        except (OSError, UnicodeDecodeError):
            raise BrokenPack([Problem(path.name, 0, "", _("it cannot be read as UTF-8 text"))]) from None
    return texts


def data_of(texts: Mapping[str, str], file: str) -> dict[str, Any]:
    """What one file of a pack says, if its form is right; nothing for one the pack has not got. Raises BrokenPack."""
    if file not in texts:
        return {}
    sheet = read_sheet(file, texts[file])
    _form, wrong = _formed(sheet)
    if wrong:
        raise BrokenPack(wrong)
    return dict(sheet.data)


def problems_of(texts: Mapping[str, str]) -> tuple[Problem, ...]:
    """Everything that is wrong with a pack; nothing for one that can become an edition."""
    try:
        read_pack(texts)
    except BrokenPack as broken:
        return broken.problems
    return ()


def open_calendars(folder: Path) -> Mapping[str, Any]:
    """The calendars of a folder that need hold nothing else, by name. Raises BrokenPack."""
    texts = texts_of(folder)
    if CALENDARS not in texts:
        raise BrokenPack([Problem(CALENDARS, 0, "", _("this file is missing"))])
    sheet = read_sheet(CALENDARS, texts[CALENDARS])
    form, wrong = _formed(sheet)
    wrong = wrong or list(checks.problems({CALENDARS: form}, {CALENDARS: sheet}))
    if wrong:
        raise BrokenPack(wrong)
    return calendar_specs(form)


def read_pack(texts: Mapping[str, str]) -> Pack:
    """Check a pack from the texts of its files. Raises BrokenPack with every problem found, not only the first."""
    return _read(tuple(sorted(texts.items())))


@lru_cache(maxsize=4)
def _read(named: tuple[tuple[str, str], ...]) -> Pack:
    """The same texts make the same pack, and reading them takes a tenth of a second."""
    texts = dict(named)
    problems = list(_misnamed(texts))
    sheets = {file: read_sheet(file, texts[file]) for file in schema.FILES if file in texts}
    forms: dict[str, Any] = dict(schema.MAY_BE_MISSING)
    for sheet in sheets.values():
        forms[sheet.file], wrong = _formed(sheet)
        problems += wrong
    if problems:
        raise BrokenPack(problems)
    if wrong := list(checks.problems(forms, sheets)):
        raise BrokenPack(wrong)
    data = {file: sheet.data for file, sheet in sheets.items() if file != CALENDARS}
    return Pack(forms["edition.yaml"].pack, texts, forms, _digest(data))


def _misnamed(texts: Mapping[str, str]) -> Iterator[Problem]:
    for file in schema.FILES:
        if file not in texts and file not in schema.MAY_BE_MISSING:
            yield Problem(file, 0, "", _("this file is missing"))
    for file in texts:
        if file not in schema.FILES:
            yield Problem(file, 0, "", _("a pack has no file of this name"))


def _formed(sheet: Sheet) -> tuple[Any, list[Problem]]:
    """The form of a sheet, or what is wrong with it."""
    if sheet.problems:
        return None, sheet.problems
    try:
        return schema.FILES[sheet.file].model_validate(sheet.data), []
    except ValidationError as error:
        return None, [_problem(sheet, wrong) for wrong in error.errors(include_url=False)]


def _problem(sheet: Sheet, wrong: Any) -> Problem:
    place = tuple(step for step in wrong["loc"] if step != "[key]")
    return sheet.problem(place, checks.owner_of(sheet, place), _sentence(wrong, place))


def _sentence(wrong: Any, place: tuple[str | int, ...]) -> str:
    """Pydantic's commonest complaints in our words; its own for the rest."""
    name = next((step for step in reversed(place) if isinstance(step, str)), "")
    match wrong["type"]:
        case "missing":
            return _("“{name}” is missing").format(name=name)
        case "extra_forbidden":
            return _("“{name}” means nothing here").format(name=name)
        case "enum" | "literal_error":
            return _("unknown {name} “{value}”; known: {known}").format(
                name=name, value=wrong["input"], known=wrong["ctx"]["expected"]
            )
        case "too_short":
            return _("“{name}” is empty").format(name=name)
        case "list_type":
            return _("“{name}” is a list: write [one, two]").format(name=name)
        case "string_type":
            return _("“{name}” is text: put it in quotes").format(name=name)
        case "value_error":
            return str(wrong["ctx"]["error"])
        case _:
            return f"{name}: {wrong['msg']}"


def _digest(data: Any) -> str:
    written = json.dumps(data, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(written.encode()).hexdigest()
