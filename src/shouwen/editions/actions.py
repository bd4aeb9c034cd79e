"""Publishing: packs become editions, calendars get versions. What is published never changes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Max

from shouwen.editions.edition import CalendarSpec, Edition
from shouwen.editions.holidays import ConfirmationNeeded, Notice, compared, with_year
from shouwen.editions.models import CalendarVersion, EditionVersion, HolidayYear
from shouwen.editions.pack import Pack, folder_of, open_pack, read_pack
from shouwen.editions.queries import FROM_A_NOTICE, FROM_A_PACK, changed_at_desk, holiday_rows, newest_calendars
from shouwen.editions.reading import BrokenPack
from shouwen.editions.working_days import names_a_table, with_holidays, written_out
from shouwen.handbook.refusals import Refusal, gettext_noop

INSTALLER, CARRIER = "system", "carrier"
_PUBLISHING = 20_250_101  # the advisory lock that lets one publisher in at a time

IN_THE_PAST = timedelta(minutes=5)  # a form is open for a while


class RulesPublishedBefore(Refusal):
    clause = "H5.2"
    says = gettext_noop("These rules were published before, as {edition}. To return to them, give them another title.")


class EffectiveInThePast(Refusal):
    clause = "H5.2"
    says = gettext_noop("Rules take effect now or later, never in the past.")


class LaterRulesPublished(Refusal):
    clause = "H5.2"
    says = gettext_noop(
        "{edition} is published already, in effect from {effective_at}, and would undo these rules. "
        "Publish them for that time or later, on the base of {edition}."
    )


def publish_pack(
    folder: Path,
    by: str = INSTALLER,
    *,
    at: datetime,
    effective_at: datetime | None = None,
    origin: str = EditionVersion.COMMAND_LINE,
) -> EditionVersion:
    """Make an edition of a pack. Rules that were published before are found again, not doubled. Raises BrokenPack."""
    return publish(open_pack(folder), by, at=at, effective_at=effective_at or at, origin=origin)


def publish_by_hand(folder: Path, *, by: str, effective_at: datetime | None, at: datetime) -> EditionVersion:
    """`publish_pack`, as asked on the command line; `by` may be empty. Raises BrokenPack, or a `Refusal`.

    The same rules again are found again, where nothing else is asked of them than what holds.
    """
    pack = open_pack(folder)
    with transaction.atomic():
        lock_publishing()
        if before := published_before(pack):
            if by not in {"", before.published_by} or effective_at not in {None, before.effective_at}:
                raise RulesPublishedBefore(edition=before.pk)
            effective_at = before.effective_at
        else:
            effective_at = effective_from(effective_at, at)
        return publish(pack, by or CARRIER, at=at, effective_at=effective_at, origin=EditionVersion.COMMAND_LINE)


def publish(
    pack: Pack, by: str, *, at: datetime, effective_at: datetime, origin: str, approved_by: str = ""
) -> EditionVersion:
    """Make an edition of a pack that has been read. `by` and `approved_by` are names, or an `Actor.ref`.

    Raises LaterRulesPublished.
    """
    with transaction.atomic():
        lock_publishing()
        edition = _published(pack, by, at, effective_at, origin, approved_by)
        _start(_unknown(pack.edition(edition.number)), pack.name, at)
        start_calendars(at)
    return edition


def published_before(pack: Pack) -> EditionVersion | None:
    """The edition with the same rules."""
    return EditionVersion.objects.filter(pack=pack.name, digest=pack.digest).first()


def effective_from(asked: datetime | None, at: datetime) -> datetime:
    """From when rules that are published at `at` are in force, at once by default. Raises EffectiveInThePast."""
    if asked is not None and asked < at - IN_THE_PAST:
        raise EffectiveInThePast()
    return max(asked or at, at).astimezone(UTC)


def install_shipped_pack(*, at: datetime) -> EditionVersion | None:
    """Publish the pack this desk starts with, unless it has rules of its own, or began with another pack.

    The calendars kept by the program's tables of holidays follow them all the same.
    """
    edition = None
    if not EditionVersion.objects.exclude(published_by=INSTALLER, pack=settings.SHOUWEN_PACK).exists():
        edition = publish_pack(folder_of(settings.SHOUWEN_PACK), INSTALLER, at=at, origin=EditionVersion.INSTALLER)
    with transaction.atomic():
        lock_publishing()
        _follow_tables(at)
    return edition


def start_calendars(at: datetime) -> int:
    """The calendars of every edition that has taken effect by `at` and has not started them; how many editions."""
    waiting, started = EditionVersion.objects.filter(calendars_started_at=None, effective_at__lte=at), 0
    if not waiting.exists():
        return 0
    with transaction.atomic():
        lock_publishing()
        for edition in waiting.order_by("effective_at", "published_at"):
            with suppress(BrokenPack):  # made by a newer program: it is not in force here
                _start(_read(edition).calendars, edition.pack, at)
                edition.calendars_started_at = at
                edition.save(update_fields=["calendars_started_at"])
                started += 1
    return started


def publish_calendar(name: str, content: dict[str, Any], by: str, *, at: datetime) -> CalendarVersion:
    """The next version of a calendar; the newest one again if it says the same."""
    with transaction.atomic():
        lock_publishing()
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


def publish_holidays(notice: Notice, by: str, *, at: datetime, confirmed: bool = False) -> list[CalendarVersion]:
    """A year of holidays, and the next version of every calendar kept by its table; what runs settles by itself.

    Returns those versions: none, if the year says what it said before. Raises YearsMissing, and ConfirmationNeeded
    where the year changes what has been published or something about it is odd.
    """
    with transaction.atomic():
        lock_publishing()
        before = holiday_rows(notice.table)
        comparison = compared(notice, before)
        if comparison.asks and not confirmed:
            raise ConfirmationNeeded(year=notice.year)
        if comparison.known and not comparison.differences:
            return []
        _add_year(notice, by, at)
        after = with_year(before, notice)
        return [
            publish_calendar(name, with_holidays(row.content, before, after), FROM_A_NOTICE + by, at=at)
            for name, row in newest_calendars().items()
            if row.content["days"] == notice.table
        ]


def _add_year(notice: Notice, by: str, at: datetime) -> None:
    number = HolidayYear.objects.filter(table=notice.table, year=notice.year).count() + 1
    HolidayYear.objects.create(
        id=f"{notice.table}-{notice.year}@{number}",
        table=notice.table,
        year=notice.year,
        number=number,
        rows=[dict(row) for row in notice.rows],
        published_at=at,
        published_by=by,
    )


def _published(
    pack: Pack, by: str, at: datetime, effective_at: datetime, origin: str, approved_by: str
) -> EditionVersion:
    if same := published_before(pack):
        if origin != EditionVersion.INSTALLER:
            _take_calendars(same, pack)
        return same
    if origin != EditionVersion.INSTALLER:
        _check_order(effective_at)
    number = (EditionVersion.objects.filter(pack=pack.name).aggregate(last=Max("number"))["last"] or 0) + 1
    return EditionVersion.objects.create(
        id=f"{pack.name}@{number}",
        pack=pack.name,
        number=number,
        digest=pack.digest,
        content=dict(pack.texts),
        published_at=at,
        published_by=by,
        effective_at=effective_at,
        origin=origin,
        approved_by=approved_by,
    )


def _check_order(effective_at: datetime) -> None:
    """Raises LaterRulesPublished."""
    later = EditionVersion.objects.filter(effective_at__gt=effective_at).order_by("-effective_at", "-published_at")
    if last := later.first():
        raise LaterRulesPublished(edition=last.pk, effective_at=last.effective_at.isoformat())


def _take_calendars(edition: EditionVersion, pack: Pack) -> None:
    """The same rules with other calendars: these start with them, at once where the rules have taken effect."""
    if _read(edition).calendars != pack.edition(edition.number).calendars:
        edition.content = dict(pack.texts)
        edition.calendars_started_at = None
        edition.save(update_fields=["content", "calendars_started_at"])


def _start(calendars: Mapping[str, CalendarSpec], pack: str, at: datetime) -> None:
    """A pack is where calendars start; what somebody has changed at the desk is left alone.

    Until then what a pack says otherwise makes a new version; what has been published of a notice holds.
    """
    for name, spec in calendars.items():
        if not changed_at_desk(name):
            publish_calendar(name, written_out(spec, holiday_rows), FROM_A_PACK + pack, at=at)


def _follow_tables(at: datetime) -> None:
    """The next version of calendars kept by a table that has come longer with a new release; their shifts stay."""
    kept = {
        name
        for name, row in newest_calendars().items()
        if names_a_table(row.content["days"]) and not changed_at_desk(name)
    }
    started = EditionVersion.objects.exclude(calendars_started_at=None)
    for edition in started.order_by("-calendars_started_at", "-effective_at", "-published_at"):
        with suppress(BrokenPack):
            calendars = _read(edition).calendars
            _start({name: calendars[name] for name in kept & calendars.keys()}, edition.pack, at)
            kept -= calendars.keys()
        if not kept:
            return


def _unknown(edition: Edition) -> dict[str, CalendarSpec]:
    """Its calendars nobody has heard of: they change nothing, and must be there the moment it takes effect."""
    known = set(CalendarVersion.objects.values_list("name", flat=True))
    return {name: spec for name, spec in edition.calendars.items() if name not in known}


def _read(edition: EditionVersion) -> Edition:
    return read_pack(edition.content).edition(edition.number)


def lock_publishing() -> None:
    """Until the transaction ends nobody else publishes."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_PUBLISHING])


def _digest(content: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
