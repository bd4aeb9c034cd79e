"""From a calendar as a pack writes it to one with every day off and make-up day written out, and to working time."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from shouwen.editions.edition import CalendarSpec
from shouwen.editions.holidays import Row
from shouwen.editions.reading import Place
from shouwen.handbook.almanac import Shift
from shouwen.handbook.refusals import Refusal
from shouwen.handbook.working_time import WorkingCalendar, exceptions_from, published_until

TABLES = Path(__file__).parent / "calendars"
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
PATTERNS = {"mon-fri": WEEKDAYS[:5], "all": WEEKDAYS}


@cache
def table(name: str) -> tuple[Row, ...]:
    """The rows of a shipped table of holidays and make-up days."""
    with (TABLES / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))


def tables() -> list[str]:
    return sorted(path.stem for path in TABLES.glob("*.csv"))


def names_a_table(days: Any) -> bool:
    """True for `days` that are a table of holidays, by its name."""
    return isinstance(days, str) and days not in PATTERNS


def written_out(spec: CalendarSpec, rows_of: Callable[[str], Sequence[Row]] = table) -> dict[str, Any]:
    """The content of a calendar version: nothing in it depends on a table that may grow later."""
    rows = rows_of(str(spec.days)) if names_a_table(spec.days) else ()
    shifts = tuple(Shift.parse(text) for text in spec.shifts)
    exceptions = exceptions_from(rows, shifts) | dict.fromkeys(spec.off, ()) | dict.fromkeys(spec.on, shifts)
    open_days = _weekdays(spec.days)
    return {
        "zone": spec.zone,
        "days": spec.days if isinstance(spec.days, str) else list(spec.days),
        "weekly": {day: [str(shift) for shift in shifts] for day in WEEKDAYS if day in open_days},
        "exceptions": {day.isoformat(): [str(s) for s in exceptions[day]] for day in sorted(exceptions)},
        "published_until": (published_until(rows) if rows else date.max).isoformat(),
    }


def with_holidays(content: Mapping[str, Any], before: Iterable[Row], after: Sequence[Row]) -> dict[str, Any]:
    """The content of a calendar version when its table of holidays has changed; the team's own days stay."""
    shifts = next(map(_shifts, content["weekly"].values()))
    of_the_table = exceptions_from(before, shifts)
    present = {date.fromisoformat(day): _shifts(texts) for day, texts in content["exceptions"].items()}
    own = {day: worked for day, worked in present.items() if of_the_table.get(day) != worked}
    exceptions = exceptions_from(after, shifts) | own
    return {
        **content,
        "exceptions": {day.isoformat(): [str(s) for s in exceptions[day]] for day in sorted(exceptions)},
        "published_until": published_until(after).isoformat(),
    }


def working_calendar(name: str, content: Mapping[str, Any], version: str) -> WorkingCalendar:
    """The working time of a calendar version."""
    return WorkingCalendar(
        name=name,
        zone=ZoneInfo(content["zone"]),
        weekly={WEEKDAYS.index(day): _shifts(texts) for day, texts in content["weekly"].items()},
        published_until=date.fromisoformat(content["published_until"]),
        exceptions={date.fromisoformat(day): _shifts(texts) for day, texts in content["exceptions"].items()},
        version=version,
    )


def calendar_of(spec: CalendarSpec) -> WorkingCalendar:
    """The working time of a calendar as its pack writes it, before it has any version: `office@0`."""
    return working_calendar(spec.name, written_out(spec), f"{spec.name}@0")


def wrongs(name: str, form: Any, place: Place) -> Iterator[tuple[Place, str]]:
    """What is wrong with a calendar of a pack: unknown days, unreadable or overlapping shifts."""
    known = (*PATTERNS, *tables())
    if isinstance(form.days, str) and form.days not in known:
        says = _('unknown days "{name}"; known: {known}').format(name=form.days, known=", ".join(known))
        yield (*place, "days"), says
    elif unknown := [day for day in form.days if not isinstance(form.days, str) and day not in WEEKDAYS]:
        yield (*place, "days"), _('unknown weekday "{name}"').format(name=unknown[0])
    elif both := set(form.off) & set(form.on):
        yield (*place, "on"), _("{day} is both off and on").format(day=min(both))
    else:
        spec = CalendarSpec(name, form.zone, form.days, tuple(form.shifts), tuple(form.off), tuple(form.on))
        try:
            working_calendar(name, written_out(spec), "")
        except Refusal as refusal:
            yield (*place, "shifts"), _(refusal.says).format_map(refusal.facts)


def _weekdays(days: str | Sequence[str]) -> Sequence[str]:
    """The weekdays of a pattern; a table of holidays stands on Monday to Friday."""
    return PATTERNS.get(days, PATTERNS["mon-fri"]) if isinstance(days, str) else days


def _shifts(texts: Sequence[str]) -> tuple[Shift, ...]:
    return tuple(Shift.parse(text) for text in texts)
