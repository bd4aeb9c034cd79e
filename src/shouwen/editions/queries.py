"""Which rules and calendars are in force. An edition is read once per process: it never changes."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from operator import itemgetter

from django.db import connection
from django.db.models import Q
from django.utils.timezone import now

from shouwen.editions.edition import Edition
from shouwen.editions.holidays import Row
from shouwen.editions.models import CalendarVersion, EditionVersion, HolidayYear
from shouwen.editions.pack import read_pack
from shouwen.editions.reading import BrokenPack
from shouwen.editions.working_days import names_a_table, table, working_calendar, written_out
from shouwen.handbook.calendars import Calendars, Published
from shouwen.handbook.targets import NATURAL, TargetRule
from shouwen.handbook.working_time import NaturalTime

logger = logging.getLogger(__name__)

FROM_A_PACK, FROM_A_NOTICE = "pack:", "notice:"  # who published a calendar, where nobody at the desk did
ALWAYS = datetime.min.replace(tzinfo=UTC)


class NoEdition(LookupError):
    """Nothing has been published that this program can read."""


def edition(edition_id: str) -> Edition:
    """The edition of this id. Raises NoEdition."""
    known = _editions.get(edition_id)
    return known[1] if known else _read(edition_id)


def rules_of(edition_id: str) -> tuple[TargetRule, ...]:
    """The clocks' rules of an edition: what a ticket that has followed a newer one was judged by before."""
    return edition(edition_id).rules


@dataclass(frozen=True, slots=True)
class InForce:
    """What holds at a moment: an edition, and the calendars it counts by."""

    edition: Edition
    calendars: Calendars


def current_edition(at: datetime | None = None) -> Edition:
    """The rules for what is accepted at `at`, now by default. Raises NoEdition.

    An edition that cannot be read (it was made by a newer program) is passed over for the last good one.
    """
    return _last_good([row[1:] for row in _rows(EDITIONS, [at or now()])])


def effective_since(edition_id: str) -> datetime:
    """When an edition took effect. Raises EditionVersion.DoesNotExist."""
    return EditionVersion.objects.values_list("effective_at", flat=True).get(pk=edition_id)


def calendars_now() -> Calendars:
    """Every calendar with its versions, and natural time; as a mapping, the newest of each."""
    return _calendars(frozenset(row[1:] for row in _rows(CALENDARS, [])))


def calendars_under(rules: Edition) -> Calendars:
    """`calendars_now`, as they would be once these rules have started theirs."""
    known, newest = calendars_now(), newest_calendars()
    started = {
        name: (Published(ALWAYS, working_calendar(name, content, f"{name}@0")),)
        for name, spec in rules.calendars.items()
        for content in [written_out(spec, holiday_rows)]
        if name not in newest or (content != newest[name].content and not changed_at_desk(name))
    }
    return Calendars({**known.versions, **started}) if started else known


def changed_at_desk(name: str) -> bool:
    """Whether a calendar has a version that neither a pack nor a notice of holidays made: packs leave it alone."""
    led = Q(published_by__startswith=FROM_A_PACK) | Q(published_by__startswith=FROM_A_NOTICE)
    return CalendarVersion.objects.filter(name=name).exclude(led).exists()


def outdated_calendars() -> list[str]:
    """The ids of calendar versions that a newer one has replaced."""
    with connection.cursor() as cursor:
        cursor.execute(OUTDATED)
        return [version for (version,) in cursor.fetchall()]


def newest_calendars() -> dict[str, CalendarVersion]:
    """The newest version of every calendar, by name."""
    return {row.name: row for row in CalendarVersion.objects.order_by("name", "-number").distinct("name")}


def holiday_rows(name: str) -> tuple[Row, ...]:
    """A table of holidays as this desk knows it: the shipped one, with the years that were published here."""
    newest = HolidayYear.objects.filter(table=name).order_by("year", "-number").distinct("year")
    years = {row.year: row.rows for row in newest}
    shipped = [row for row in table(name) if int(row["year"]) not in years]
    published = [row for rows in years.values() for row in rows]
    return tuple(sorted([*shipped, *published], key=itemgetter("date")))


def tables_in_use() -> list[str]:
    """The tables of holidays that calendars of this desk are kept by."""
    return sorted({row.content["days"] for row in newest_calendars().values() if names_a_table(row.content["days"])})


def rules_in_force(at: datetime | None = None) -> InForce:
    """`current_edition` and `calendars_now`, asked for together. Raises NoEdition."""
    rows = _rows(f"({EDITIONS}) UNION ALL ({CALENDARS})", [at or now()])
    editions, calendars = ([row[1:] for row in rows if row[0] == kind] for kind in ("edition", "calendar"))
    return InForce(_last_good(editions), _calendars(frozenset(calendars)))


Named = tuple[str, str, datetime]  # id, digest, when it was published

# By hand: every page and every complaint asks, and the ORM takes longer to ask than PostgreSQL to answer.
EDITIONS = """
    SELECT 'edition', id, digest, published_at FROM edition_version WHERE effective_at <= %s
    ORDER BY effective_at DESC, published_at DESC LIMIT 10
"""
CALENDARS = "SELECT 'calendar', id, digest, published_at FROM calendar_version"
OUTDATED = """
    SELECT id FROM calendar_version old
    WHERE EXISTS (SELECT FROM calendar_version WHERE name = old.name AND number > old.number)
"""


def _rows(question: str, values: list[datetime]) -> list[tuple[str, str, str, datetime]]:
    """Kind, id, digest and when it was published."""
    with connection.cursor() as cursor:
        cursor.execute(question, values)
        return cursor.fetchall()


def _last_good(editions: Sequence[Named]) -> Edition:
    for edition_id, digest, _published_at in editions:
        known = _editions.get(edition_id)
        if known and known[0] == digest:
            return known[1]
        try:
            return _read(edition_id)
        except BrokenPack:
            logger.exception("Edition %s cannot be read; the one before it stays in force.", edition_id)
    raise NoEdition("No edition has been published. Run: shouwen up")


_editions: dict[str, tuple[str, Edition]] = {}  # id → digest and edition


def _read(edition_id: str) -> Edition:
    row = EditionVersion.objects.filter(id=edition_id).first()
    if row is None:
        raise NoEdition(f"There is no edition {edition_id}.")
    made = read_pack(row.content).edition(row.number)
    _editions[edition_id] = (row.digest, made)
    return made


@lru_cache(maxsize=4)
def _calendars(versions: frozenset[Named]) -> Calendars:
    found = CalendarVersion.objects.filter(id__in=[version_id for version_id, *_rest in versions])
    known: dict[str, tuple[Published, ...]] = {NATURAL: (Published(ALWAYS, NaturalTime()),)}
    for row in found.order_by("name", "number"):
        version = Published(row.published_at, working_calendar(row.name, row.content, row.id))
        known[row.name] = (*known.get(row.name, ()), version)
    return Calendars(known)
