"""Moments as spreadsheets write them. What could mean two days is not guessed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

# Written year first, so that no day is taken for a month; the rest has to be named in the mapping.
USUAL = (
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%d %H:%M",
    "%Y-%m-%d %I:%M:%S %p",
    "%Y-%m-%d %I:%M %p",
    "%Y-%m-%d %H:%M:%S.%f",
    "%Y-%m-%d",
    "%Y%m%d%H%M%S",
    "%Y%m%d",
)
EXCEL, EPOCH = "excel", "epoch"  # names of formats for numbers
EARLIEST = 1970  # an earlier year is a cell that was left at its nought
EXCEL_BEGINS = datetime(1899, 12, 30)  # noqa: DTZ001 -- a wall clock's, put into its zone below
_CHINESE = re.compile(r"\s*[年月]\s*")
_CLOCK = re.compile(r"\s*[时点]\s*|分(?=\s*\d)")
_SLASHES = re.compile(r"(?<=\d)[/.](?=\d{1,2}[/.\s]|\d{1,2}$)")


class NotAMoment(ValueError):
    """The text is no moment, or could mean several; the message says what to do."""


def moment_in(text: str, formats: Sequence[str], zone: ZoneInfo) -> datetime:
    """The moment a text means, as aware UTC; without a zone of its own, on the clocks of `zone`. Raises NotAMoment."""
    text = " ".join(text.split())
    for read in formats or ("",):
        at = _read(text, read)
        if at is not None and at.year >= EARLIEST:
            return (at if at.tzinfo else at.replace(tzinfo=zone)).astimezone(UTC)
    raise NotAMoment(_says(bool(formats)).format(text=text[:40]))


def _says(by_mapping: bool) -> str:
    """Whoever brings a file through the browser has no mapping file, and reads how a time is written."""
    if by_mapping:
        return _("“{text}” is not a moment this file's mapping knows (see “times”).")
    return _("“{text}” is not a time: write it year first, as 2026-03-02 14:05, 2026/3/2 14:05 or 2026年3月2日 14:05.")


def _read(text: str, format_: str) -> datetime | None:
    try:
        if format_ == EXCEL:
            return EXCEL_BEGINS + timedelta(seconds=round(float(text) * 86_400))
        if format_ == EPOCH:
            return datetime.fromtimestamp(float(text), UTC)
        return datetime.strptime(text, format_) if format_ else _usual(text)  # noqa: DTZ007 -- the zone comes after
    except (ValueError, OverflowError, OSError):
        return None


def _usual(text: str) -> datetime | None:
    """Year first, however it is punctuated."""
    plain = _CHINESE.sub("-", text).replace("日", " ")
    plain = _CLOCK.sub(":", plain).removesuffix("分").removesuffix("秒").strip().rstrip(":")
    plain = " ".join(_SLASHES.sub("-", plain).split())
    if plain[:4].isdigit() and not plain.isdigit():
        try:
            return datetime.fromisoformat(plain)
        except ValueError:
            pass
    for format_ in USUAL:
        try:
            return datetime.strptime(plain, format_)  # noqa: DTZ007
        except ValueError:
            continue
    return None
