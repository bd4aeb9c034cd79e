"""What the columns of a spreadsheet mean: written down in a mapping file, or told by their names."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml
from django.conf import settings
from django.utils.translation import gettext as _
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from shouwen.editions.edition import Edition
from shouwen.handbook.words import Words
from shouwen.intake.headings import FIELDS, heading_for, plain_heading

DETAILS = "details."


def _split(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


Columns = Annotated[list[str], BeforeValidator(_split)]


class MappingRefused(ValueError):
    """The mapping cannot be used; the message says where and why."""


class HalfSpent(BaseModel):
    """How far a clock had come: when it is due, or the minutes spent, as a column says."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    due_at: Columns = []
    spent_minutes: str = ""

    @model_validator(mode="after")
    def _one_of_both(self) -> HalfSpent:
        if bool(self.due_at) == bool(self.spent_minutes):
            raise ValueError("name either due_at or spent_minutes")
        return self


class ColumnMapping(BaseModel):
    """What the columns of one spreadsheet mean, and what to make of their values."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    name: str = Field("", pattern=r"^[\w.-]{0,50}$")
    columns: dict[str, Columns] = {}
    values: dict[str, dict[str, str]] = {}
    always: dict[str, str] = {}
    times: list[str] = []
    zone: str = ""
    clocks: dict[str, HalfSpent] = {}

    def named_columns(self) -> set[str]:
        """Every column the mapping speaks of."""
        named = {column for columns in self.columns.values() for column in columns}
        for clock in self.clocks.values():
            named |= {*clock.due_at, *filter(None, [clock.spent_minutes])}
        return named

    def heading_of(self, field: str) -> str:
        """What a field is called in the file; without a column of its own, how such a column would be called."""
        return " + ".join(self.columns.get(field, [])) or heading_for(field)


def zone_of(mapping: ColumnMapping) -> ZoneInfo:
    """On whose clocks the file's times are. Raises MappingRefused."""
    try:
        return ZoneInfo(mapping.zone or settings.TIME_ZONE)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise MappingRefused(_("There is no time zone “{zone}”.").format(zone=mapping.zone)) from None


def read_mapping(path: Path) -> ColumnMapping:
    """The mapping in a YAML file. Raises MappingRefused with everything that is wrong with it."""
    try:
        # Every value is text: 3401 is a region and 是 an answer, neither a number nor a truth.
        content = yaml.load(path.read_text(encoding="utf-8-sig"), Loader=yaml.BaseLoader)  # noqa: S506
        if isinstance(content, dict):  # a heading with everything below it commented out says nothing
            content = {name: value for name, value in content.items() if value != ""}
        return ColumnMapping.model_validate(content or {})
    except (OSError, UnicodeDecodeError) as error:
        raise MappingRefused(_("{path} cannot be read: {reason}.").format(path=path, reason=error)) from None
    except yaml.YAMLError as error:
        raise MappingRefused(f"{path}: {error}") from None
    except ValidationError as error:
        wrong = [f"{path}: {'.'.join(map(str, one['loc'])) or '-'}: {one['msg']}" for one in error.errors()]
        raise MappingRefused("\n".join(wrong)) from None


def check_mapping(mapping: ColumnMapping, rules: Edition, heading: Sequence[str]) -> None:
    """Raises MappingRefused with everything that does not fit these rules or this file."""
    wrong = [*_unknown(mapping, rules), *_missing(mapping)]
    wrong += [
        _("The file has no column “{name}”.").format(name=name)
        for name in sorted(mapping.named_columns() - set(heading))
    ]
    if wrong:
        raise MappingRefused("\n".join(wrong))


def _unknown(mapping: ColumnMapping, rules: Edition) -> Iterator[str]:
    for name in dict.fromkeys([*mapping.columns, *mapping.always]):
        if name not in FIELDS and not (name.startswith(DETAILS) and name.removeprefix(DETAILS) in rules.fields):
            yield _("“{name}” is nothing a column can mean.").format(name=name)
    for name in mapping.values.keys() - mapping.columns.keys():
        yield _("There are values for “{name}”, but no column.").format(name=name)
    for name in mapping.clocks.keys() - rules.rules_by_id.keys():
        yield _("There is no clock “{name}”.").format(name=name)


def _missing(mapping: ColumnMapping) -> Iterator[str]:
    stated = {*mapping.columns, *mapping.always}
    if "received_at" not in stated:
        yield _("No column says when it was received.")
    if not {"text", "title"} & stated:
        yield _("No column says what happened.")
    if "category" not in stated:
        yield _("No column says the category: name one for all with --category.")


def told_by_names(heading: Sequence[str]) -> ColumnMapping:
    """What the columns mean by their names alone; what is not recognised means nothing."""
    plain = {plain_heading(column): column for column in reversed(heading)}
    columns: dict[str, list[str]] = {}
    for field, (_words, names) in FIELDS.items():
        found = [plain.pop(name) for name in map(plain_heading, names.split()) if name in plain]
        if found:
            columns[field] = _date_and_time(found) if field == "received_at" else found[:1]
    return ColumnMapping(columns=columns)


def _date_and_time(found: Sequence[str]) -> list[str]:
    """A column of days and one of times belong together; otherwise the first recognised is meant."""
    days = [column for column in found if plain_heading(column) in {"日期", "受理日期", "投诉日期", "date"}]
    times = [column for column in found if plain_heading(column) in {"时间", "time"}]
    return [days[0], times[0]] if days and times else [found[0]]


def template(mapping: ColumnMapping, heading: Sequence[str], language: str) -> str:
    """A mapping file to fill in: every field explained, those already known filled."""
    unused = [column for column in heading if column not in mapping.named_columns()]
    lines = [_TEMPLATE_HEAD.spoken(language)]
    if heading:
        without = _("Columns of this file without a meaning yet")
        lines.append(f"# {without}: {', '.join(unused) or '-'}")
    lines.append("columns:")
    lines += [
        _line(field, mapping.columns.get(field, []), words.spoken(language))
        for field, (words, _names) in FIELDS.items()
    ]
    return "\n".join([*lines, _TEMPLATE_TAIL.spoken(language)])


def _line(field: str, columns: Sequence[str], explained: str) -> str:
    shown = ", ".join(map(_quoted, columns))
    meaning = f"{field}: {shown if len(columns) == 1 else f'[{shown}]'}" if columns else f"# {field}:"
    return f"  {meaning:<32}  # {explained}"


def _quoted(name: str) -> str:
    return name if re.fullmatch(r"[^\W\d][\w .]*", name) else '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'


def with_defaults(mapping: ColumnMapping, *, name: str, stem: str, zone: str, **given: str) -> ColumnMapping:
    """The mapping with what the command line said, which beats the file; without a name, the file's own."""
    always = {**mapping.always, **{field: value for field, value in given.items() if value}}
    named = re.sub(r"[^\w.-]+", "-", name or mapping.name or stem)[:50]
    return mapping.model_copy(update={"name": named, "always": always, "zone": zone or mapping.zone})


_TEMPLATE_HEAD = Words(
    """# 列映射：说明表格里每一列是什么。去掉行首的 # 并填上列名即可。
# name: 2026-branch        # 来源名称；同一来源内编号不重复。默认为文件名
""",
    """# What each column of the spreadsheet means. Take the # away and write the column's name.
# name: 2026-branch        # where it comes from: numbers are unique within it. By default the file's name
""",
)
_TEMPLATE_TAIL = Words(
    """  # details.service_address:         # 分类所需的问题，写其代码

# 表中的值与规范用语不同时，在此对应；“*” 表示其余
# values:
#   category: {宽带慢: network.broadband.slow, "*": other.suggestion}
#   stage: {处理中: investigating, 已归档: archived}

# 没有这一列、或该格为空时取的值
# always:
#   channel: letter

# 时间的写法（年在前的写法不必写）；excel 为表格序列号，epoch 为秒数
# times: ["%d/%m/%Y %H:%M"]
# zone: Asia/Shanghai

# 未办结工单已走的时限：按时限代码写到期时间，或已用分钟数（90 或 1:30）
# clocks:
#   handling-general: {due_at: 到期时间}
#   first-response: {spent_minutes: 已用分钟}
""",
    """  # details.service_address:         # a question of the category, by its code

# Where the file's values are not the words of the rules; "*" stands for all others
# values:
#   category: {slow broadband: network.broadband.slow, "*": other.suggestion}
#   stage: {in progress: investigating, done: archived}

# What to take where there is no such column or its cell is empty
# always:
#   channel: letter

# How times are written (year first needs no line); excel for serial numbers, epoch for seconds
# times: ["%d/%m/%Y %H:%M"]
# zone: Asia/Shanghai

# Clocks that are half spent, by rule: when they are due, or the minutes spent (90 or 1:30)
# clocks:
#   handling-general: {due_at: due}
#   first-response: {spent_minutes: spent}
""",
)
