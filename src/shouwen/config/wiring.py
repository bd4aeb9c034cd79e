"""Who follows the history, and what the worker turns over: one table each (design §4)."""

from __future__ import annotations

from datetime import datetime
from functools import partial

from shouwen.customers.mailboxes import email_of, written_to
from shouwen.customers.queries import phone_of, wishes_of
from shouwen.desk.bulk import forget_runs
from shouwen.editions.actions import start_calendars
from shouwen.escalations.followers import FOLLOWERS as ESCALATIONS
from shouwen.handling.events import FOLLOWERS as EVENTS
from shouwen.notices.delivery import deliver
from shouwen.service_levels.horizons import warn_of_horizons
from shouwen.service_levels.rehearsing import rehearse
from shouwen.service_levels.settling import follow_rules, settle
from shouwen.service_levels.sweep import sweep
from shouwen.surveys.followers import FOLLOWERS as SURVEYS
from shouwen.surveys.improving import open_improvements
from shouwen.surveys.reviewing import reopen_unreviewed
from shouwen.telling.followers import FOLLOWERS as TELLING
from shouwen.tickets.news import Follower, follow

# Satisfaction asked once the customer has been told, by link and by a call; a bad answer reviewed or reopened, three in
# a row trained (SOP 4.2). Progress and delays told to the customer (T4.3), outcomes copied in the house (U3.3). What
# ran out goes on the overdue report, and whoever sees to a measure agreed there hears of it (SOP 3.3).
FOLLOWERS: list[Follower] = [*EVENTS, *SURVEYS, *TELLING, *ESCALATIONS]

# How customers are reached, and when not (S2.1a, T4.3).
deliver_messages = partial(deliver, phone_of=phone_of, email_of=email_of, written_to=written_to, wishes_of=wishes_of)

# Name, work at a moment (how much was done), seconds to rest when that was nothing.
LOOPS: list[tuple[str, partial[int] | type[int], float]] = [
    ("clocks", partial(sweep), 1.0),
    ("new calendars", partial(start_calendars), 5.0),
    ("calendars", partial(settle), 5.0),
    ("editions", partial(follow_rules), 5.0),
    ("horizons", partial(warn_of_horizons), 6 * 3600.0),
    ("replays", partial(rehearse), 5.0),
    ("reviews", partial(reopen_unreviewed), 5.0),
    ("improvements", partial(open_improvements), 3600.0),
    ("finished runs", partial(forget_runs), 3600.0),
    ("messages", deliver_messages, 1.0),
    *((f"news for {follower.name}", partial(follow, follower), 1.0) for follower in FOLLOWERS),
]


def furnish_demo(at: datetime) -> None:
    """What the desk adds to the demo carrier while it is made."""
    from shouwen.desk import demo  # the worker, which reads this table too, needs no desk

    demo.furnish_demo(at)


def look_into_demo(at: datetime) -> None:
    """And once it is there."""
    from shouwen.desk import demo

    demo.look_into_demo(at)


def leave_demo(at: datetime) -> tuple[str, ...] | None:
    """Empty the demo where that was wished at the desk; whoever stays, or None where it stays a demo."""
    from shouwen.desk import demo_left

    emptied = demo_left.leave_demo(at)
    if emptied is not None or demo_left.has_left():
        return tuple(one.username for one in demo_left.administrators_who_stay())
    return None


def turn_all(at: datetime) -> int:
    """Everything due at `at`, once round; how much was done. For tests and `shouwen worker --once`."""
    return sum(work(at) for _, work, _ in LOOPS)
