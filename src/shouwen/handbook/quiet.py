"""When customers are left in peace: messages and calls wait until then (T4.3 says when to tell, not at what hour)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class QuietHours:
    """Hours of the day in a zone; those that begin later than they end go over midnight."""

    begins: time
    ends: time
    zone: ZoneInfo

    def ending(self, at: datetime) -> datetime | None:
        """When the quiet hours end in which `at` (aware) falls, as aware UTC; None outside of them."""
        local = at.astimezone(self.zone)
        now = local.time()
        overnight = self.begins > self.ends
        inside = now >= self.begins or now < self.ends if overnight else self.begins <= now < self.ends
        if not inside:
            return None
        day = local.date() + (DAY if overnight and now >= self.begins else timedelta(0))
        return datetime.combine(day, self.ends, self.zone).astimezone(UTC)

    @property
    def lasts(self) -> timedelta:
        """How long they last."""
        return (_since_midnight(self.ends) - _since_midnight(self.begins)) % DAY


def allowed_from(at: datetime, *hours: QuietHours) -> datetime:
    """The first moment from `at` on that falls in none of these hours.

    Where they cover the whole day together, each is waited for once: a message is late, but it goes.
    """
    for _ in range(2 * len(hours)):
        ends = [end for one in hours if (end := one.ending(at))]
        if not ends:
            break
        at = max(ends)
    return at


def leaves(span: timedelta, *hours: QuietHours) -> bool:
    """True if every day leaves a stretch of at least `span` outside all these hours."""
    marks = sorted({_since_midnight(mark) for one in hours for mark in (one.begins, one.ends)})
    free = DAY if not marks else max(_free_from(mark, hours) for mark in marks)
    return free >= span


def _free_from(mark: timedelta, hours: tuple[QuietHours, ...]) -> timedelta:
    """How long nothing is quiet from this time of the day on."""
    if any(_covers(one, mark) for one in hours):
        return timedelta(0)
    begins = [(_since_midnight(one.begins) - mark) % DAY or DAY for one in hours]
    return min(begins, default=DAY)


def _covers(hours: QuietHours, mark: timedelta) -> bool:
    return (mark - _since_midnight(hours.begins)) % DAY < hours.lasts


def _since_midnight(mark: time) -> timedelta:
    return timedelta(hours=mark.hour, minutes=mark.minute)
