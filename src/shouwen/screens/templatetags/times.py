"""Instants and spans as people read them. Everything inside is UTC; here it becomes the carrier's own time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import cache

from django import template
from django.utils import timezone
from django.utils.translation import get_language, gettext, ngettext, pgettext

register = template.Library()

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
MANY_DAYS = 100  # from then on its hours say nothing


@register.filter
def day(at: datetime | None) -> str:
    """2026-11-22 周日"""
    return _day(_local(at)) if at else ""


@register.filter
def moment(at: datetime | None) -> str:
    """2026-11-22 周日 14:05"""
    return f"{_day(here := _local(at))} {here:%H:%M}" if at else ""


@register.filter
def calendar_day(on: date) -> str:
    """A day without a time: 2026-11-22 周日"""
    return f"{on:%Y-%m-%d} {_weekday(on)}"


@register.filter
def time_of_day(at: datetime | None) -> str:
    """14:05"""
    return f"{_local(at):%H:%M}" if at else ""


@register.filter
def short_moment(at: datetime | None, now: datetime | None = None) -> str:
    """As little as tells it apart: 14:05 today, 11-22 周日 14:05 this year, 2025-11-22 14:05 in another."""
    return short_moments(now or timezone.now())(at) if at else ""


def short_moments(now: datetime, *, weekday: bool = True) -> Callable[[datetime], str]:
    """`short_moment` for a whole list: what is the same for all of it is looked up once."""
    zone = timezone.get_current_timezone()
    days = [f" {name}" for name in weekdays()] if weekday else [""] * 7
    today = now.astimezone(zone).date()

    def said(at: datetime) -> str:
        here = at.astimezone(zone)
        if here.year != today.year:
            return f"{here:%Y-%m-%d %H:%M}"
        on = "" if here.date() == today else f"{here.month:02}-{here.day:02}{days[here.weekday()]} "
        return f"{on}{here.hour:02}:{here.minute:02}"

    return said


@register.filter
def ago(at: datetime | None, now: datetime | None = None) -> str:
    """How long ago, in its largest unit; an instant to come is told as a moment."""
    if not at:
        return ""
    gone = (now or timezone.now()) - at
    if gone < timedelta(0):
        return moment(at)
    if gone < MINUTE:
        return gettext("just now")
    return gettext("%(span)s ago") % {"span": units(gone)[0]}


@register.filter
def duration(span: timedelta | None) -> str:
    """A span of natural time: 1 天 3 小时"""
    return "" if span is None else spelled(span)


def spelled(span: timedelta, working_day: timedelta | None = None) -> str:
    """A span in its two largest units. With `working_day` it is working time, and its days are that long."""
    many = abs(span) // (working_day or DAY) >= MANY_DAYS
    return " ".join(units(span, working_day)[: 1 if many else 2])


def exactly(span: timedelta, working_day: timedelta | None = None) -> str:
    """A span to the minute, as it stands in a ledger."""
    return " ".join(units(span, working_day))


def units(span: timedelta, working_day: timedelta | None = None) -> list[str]:
    """The units of a span that are not nought, largest first."""
    days, left = divmod(abs(span), working_day or DAY)
    hours, left = divmod(left, HOUR)
    minutes = left // MINUTE
    counted = [(_hours, hours), (_minutes, minutes)]
    if working_day and not days:  # nobody sees from hours and minutes that they are worked ones
        counted = [(_working_hours, hours), (_minutes if hours else _working_minutes, minutes)]
    spoken = [unit() % {"n": count} for unit, count in counted if count]
    if days:
        spoken.insert(0, _days(days, working_day) % {"n": days})
    return spoken or [pgettext("span", "under 1 min")]


def _hours() -> str:
    return pgettext("span", "%(n)d h")


def _minutes() -> str:
    return pgettext("span", "%(n)d min")


def _working_hours() -> str:
    return pgettext("span", "%(n)d working h")


def _working_minutes() -> str:
    return pgettext("span", "%(n)d working min")


def _days(count: int, working_day: timedelta | None) -> str:
    if working_day:
        return ngettext("%(n)d working day", "%(n)d working days", count)
    return ngettext("%(n)d day", "%(n)d days", count)


def _day(here: datetime) -> str:
    return f"{here:%Y-%m-%d} {_weekday(here)}"


def weekdays() -> tuple[str, ...]:
    """Monday to Sunday, short, in the reader's language."""
    return _weekdays(get_language())


def _weekday(here: date) -> str:
    return weekdays()[here.weekday()]


def _local(at: datetime) -> datetime:
    return timezone.localtime(at)


@cache
def _weekdays(language: str | None) -> tuple[str, ...]:
    """Looked up once for each language: a list shows them by the hundred."""
    return (
        pgettext("weekday", "Mon"),
        pgettext("weekday", "Tue"),
        pgettext("weekday", "Wed"),
        pgettext("weekday", "Thu"),
        pgettext("weekday", "Fri"),
        pgettext("weekday", "Sat"),
        pgettext("weekday", "Sun"),
    )
