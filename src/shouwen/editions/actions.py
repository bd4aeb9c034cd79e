"""Publishing: packs become editions, calendars get versions. What is published never changes."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from django.db.models import Max

from shouwen.editions.models import CalendarVersion, EditionVersion
from shouwen.editions.pack import SHIPPED, Pack, open_pack
from shouwen.editions.working_days import written_out

INSTALLER = "system"
_PUBLISHING = 20_250_101  # the advisory lock that lets one publisher in at a time


def publish_pack(
    folder: Path, by: str = INSTALLER, *, at: datetime, effective_at: datetime | None = None
) -> EditionVersion:
    """Make an edition of a pack. Rules that were published before are found again, not doubled. Raises BrokenPack."""
    pack = open_pack(folder)
    with transaction.atomic():
        _lock()
        edition = _publish(pack, by, at, effective_at or at)
        for name, spec in pack.edition(edition.number).calendars.items():
            _publish_first(name, written_out(spec), by, at)
    return edition


def install_shipped_pack(*, at: datetime) -> EditionVersion | None:
    """Publish the pack that came with the program, unless a carrier has published rules of its own."""
    if EditionVersion.objects.exclude(published_by=INSTALLER).exists():
        return None
    return publish_pack(SHIPPED, INSTALLER, at=at)


def publish_calendar(name: str, content: dict[str, Any], by: str, *, at: datetime) -> CalendarVersion:
    """The next version of a calendar; the newest one again if it says the same."""
    with transaction.atomic():
        _lock()
        newest = CalendarVersion.objects.filter(name=name).order_by("-number").first()
        if newest and newest.digest == _digest(content):
            return newest
        number = newest.number + 1 if newest else 1
        return CalendarVersion.objects.create(
            id=f"{name}@{number}",
            name=name,
            number=number,
            digest=_digest(content),
            content=content,
            published_until=content["published_until"],
            published_at=at,
            published_by=by,
        )


def _publish(pack: Pack, by: str, at: datetime, effective_at: datetime) -> EditionVersion:
    editions = EditionVersion.objects.filter(pack=pack.name)
    if same := editions.filter(digest=pack.digest).first():
        return same
    number = (editions.aggregate(last=Max("number"))["last"] or 0) + 1
    return EditionVersion.objects.create(
        id=f"{pack.name}@{number}",
        pack=pack.name,
        number=number,
        digest=pack.digest,
        content=dict(pack.texts),
        published_at=at,
        published_by=by,
        effective_at=effective_at,
    )


def _publish_first(name: str, content: dict[str, Any], by: str, at: datetime) -> None:
    """A pack is where a calendar starts; once somebody has changed it at the desk, the pack leaves it alone.

    Until then a longer table of holidays, come with a new release, makes a new version.
    """
    if not CalendarVersion.objects.filter(name=name).exclude(published_by=INSTALLER).exists():
        publish_calendar(name, content, by, at=at)


def _lock() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_PUBLISHING])


def _digest(content: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
