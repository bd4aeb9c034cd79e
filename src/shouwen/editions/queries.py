"""Which rules and calendars are in force. An edition is read once per process: it never changes."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache

from django.db.models import OuterRef, Subquery
from django.utils.timezone import now

from shouwen.editions.edition import Edition
from shouwen.editions.models import CalendarVersion, EditionVersion
from shouwen.editions.pack import read_pack
from shouwen.editions.reading import BrokenPack
from shouwen.editions.working_days import working_calendar
from shouwen.handbook.targets import NATURAL
from shouwen.handbook.working_time import Calendar, NaturalTime

logger = logging.getLogger(__name__)


class NoEdition(LookupError):
    """Nothing has been published that this program can read."""


def edition(edition_id: str) -> Edition:
    """The edition of this id. Raises NoEdition."""
    known = _editions.get(edition_id)
    return known[1] if known else _read(edition_id)


def current_edition(at: datetime | None = None) -> Edition:
    """The rules for what is accepted at `at`, now by default. Raises NoEdition.

    An edition that cannot be read (it was made by a newer program) is passed over for the last good one.
    """
    in_effect = EditionVersion.objects.filter(effective_at__lte=at or now())
    for edition_id, digest in in_effect.values_list("id", "digest").iterator(chunk_size=10):
        known = _editions.get(edition_id)
        if known and known[0] == digest:
            return known[1]
        try:
            return _read(edition_id)
        except BrokenPack:
            logger.exception("Edition %s cannot be read; the one before it stays in force.", edition_id)
    raise NoEdition("No edition has been published. Run: shouwen up")


def calendars_now() -> Mapping[str, Calendar]:
    """The newest version of every calendar, and natural time."""
    newest = CalendarVersion.objects.filter(name=OuterRef("name")).order_by("-number").values("id")[:1]
    rows = CalendarVersion.objects.filter(id=Subquery(newest)).order_by("name").values_list("id", "digest")
    return _calendars(tuple(rows))


_editions: dict[str, tuple[str, Edition]] = {}  # id → digest and edition


def _read(edition_id: str) -> Edition:
    row = EditionVersion.objects.filter(id=edition_id).first()
    if row is None:
        raise NoEdition(f"There is no edition {edition_id}.")
    made = read_pack(row.content).edition(row.number)
    _editions[edition_id] = (row.digest, made)
    return made


@lru_cache(maxsize=4)
def _calendars(versions: tuple[tuple[str, str], ...]) -> Mapping[str, Calendar]:
    rows = CalendarVersion.objects.in_bulk([version_id for version_id, _digest in versions]).values()
    return {NATURAL: NaturalTime(), **{row.name: working_calendar(row.name, row.content, row.id) for row in rows}}
