"""What the department does of itself when a time limit runs out. Told twice, it acts once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from shouwen.editions.queries import edition
from shouwen.escalations.actions import report_overruns
from shouwen.handbook.history import What
from shouwen.handbook.overdue import overruns_of
from shouwen.handbook.targets import Kind
from shouwen.tickets.models import Ticket
from shouwen.tickets.news import Follower, News
from shouwen.tickets.queries import histories_of

REPORTED = frozenset({Kind.LIMIT, Kind.STATUTORY})


def report_limits(news: Sequence[News], at: datetime) -> None:
    """A limit that ran out goes on the overdue report; internal targets and what is only measured do not (S3.3)."""
    breached = defaultdict(set)
    for item in news:
        breached[item.ticket_id].add(f"{item.facts['rule']}@{item.facts['clock']}")
    histories = histories_of(list(breached))
    for ticket in Ticket.objects.filter(pk__in=list(breached)):
        history, rules = histories[str(ticket.pk)], edition(ticket.edition).rules_by_id
        overruns = [
            one
            for one in overruns_of(history)
            if one.name in breached[str(ticket.pk)]
            and (rule := rules.get(one.rule)) is not None
            and rule.leads
            and rule.kind in REPORTED
        ]
        report_overruns(ticket, overruns, history)


FOLLOWERS = (Follower("escalations.report_limits", frozenset({What.CLOCK_BREACHED}), report_limits),)
