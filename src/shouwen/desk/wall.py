"""What a supervisor's wall counts: each number is a question to the tickets in sight, and its list asks the same."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.db.models.lookups import IsNull
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from shouwen.editions.edition import Edition
from shouwen.handbook.authority import Actor
from shouwen.handbook.history import Stage, What
from shouwen.handbook.targets import Conditions, TargetRule
from shouwen.screens.templatetags.times import spelled
from shouwen.service_levels.models import Clock
from shouwen.tickets.models import TOLD, Ticket, TicketEvent
from shouwen.tickets.queries import visible_to

SOON = timedelta(minutes=30)
REPEATS_WITHIN = timedelta(days=30)  # T5.1 says "soon" and leaves the span to the carrier
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NOT_DISPATCHED = (Stage.RECEIVED, Stage.ASSESSED)
BY_DUE, BY_RECEIPT = ("lead_due_at", "id"), ("-received_at", "-id")


@dataclass(frozen=True, slots=True)
class Watch:
    """Who looks at the wall, when, under which rules; of what is counted for a day, an hour of it alone."""

    actor: Actor
    at: datetime
    rules: Edition
    hour: int | None = None

    @property
    def today(self) -> datetime:
        """When the carrier's day began."""
        return timezone.localtime(self.at).replace(hour=0, minute=0, second=0, microsecond=0)

    @property
    def span(self) -> tuple[datetime, datetime]:
        """The day, or the hour of it that is asked for."""
        if self.hour is None:
            return self.today, self.today + DAY
        return self.today + self.hour * HOUR, self.today + (self.hour + 1) * HOUR


@dataclass(frozen=True, slots=True)
class Count:
    """One number of the wall: what it is called, what it teaches while it is nought, which tickets it counts."""

    code: str
    name: Any
    empty: Any
    teaches: Any
    holds: Callable[[Watch], Q]
    icon: str
    tone: str = ""  # of the number, when it is not nought
    rule: Callable[[Edition], TargetRule | None] | None = None  # whose time it is about; without one it is not shown
    open_only: bool = True
    order: tuple[str, ...] = BY_DUE

    def said(self, rules: Edition) -> str:
        """Its name, with the time of the rule it is about."""
        rule = self.rule and self.rule(rules)
        return str(self.name) % {"span": _time_of(rule)} if rule else str(self.name)


def dispatch_rule(rules: Edition) -> TargetRule | None:
    """The edition's time for dispatching any ticket (S3.3)."""
    return _general(rules, What.ACCEPTED, What.DISPATCHED)


def answer_rule(rules: Edition) -> TargetRule | None:
    """The edition's time for a team's first sign of life after a dispatch (S3.3)."""
    return _general(rules, What.DISPATCHED, What.RESPONDED)


def _general(rules: Edition, start: What, stop: What) -> TargetRule | None:
    fitting = (rule for rule in rules.rules if rule.leads and start in rule.start and stop in rule.stop)
    return next((rule for rule in fitting if rule.applies == Conditions()), None)


def _time_of(rule: TargetRule) -> str:
    return spelled(rule.duration.span) if rule.duration.span else str(rule.duration)


def _undispatched(watch: Watch) -> Q:
    return Q(stage__in=NOT_DISPATCHED) & _overrun(dispatch_rule(watch.rules), watch.at)


def _silent(watch: Watch) -> Q:
    return Q(stage=Stage.DISPATCHED) & _overrun(answer_rule(watch.rules), watch.at)


def _overrun(rule: TargetRule | None, at: datetime) -> Q:
    """Those on which a clock of this rule has run out: it leads, so the nearest due time has passed too."""
    if rule is None:
        return Q(pk__in=())
    run_out = Clock.objects.filter(ticket=OuterRef("pk"), rule=rule.id, state="running", due_at__lte=at)
    # As a value, not with EXISTS: PostgreSQL would join all the clocks before it counts the first thousand.
    return Q(IsNull(Subquery(run_out.values("start_seq")[:1]), False), lead_due_at__lte=at)


def _received(watch: Watch) -> Q:
    start, end = watch.span
    return Q(received_at__gte=start, received_at__lt=end, is_history=False)


def _finished(watch: Watch) -> Q:
    """Those whose customer was told the result today: the loop is closed (工单闭环)."""
    start, end = watch.span
    told = TicketEvent.objects.filter(what__in=TOLD, happened_at__gte=start, happened_at__lt=end)
    return Q(pk__in=told.values("ticket_id"), is_history=False)


def _due_today(watch: Watch) -> Q:
    return Q(lead_due_at__gt=watch.at, lead_due_at__lt=watch.today + DAY)


def _breaching(watch: Watch) -> Q:
    return Q(lead_due_at__gt=watch.at, lead_due_at__lte=watch.at + SOON)


def _overdue(watch: Watch) -> Q:
    return Q(lead_due_at__lte=watch.at)


def _repeats(watch: Watch) -> Q:
    """Taken in today from whoever had complained of the same before, not long ago (T5.1)."""
    before = Ticket.objects.filter(
        customer=OuterRef("customer"),
        category=OuterRef("category"),
        received_at__lt=OuterRef("received_at"),
        received_at__gte=OuterRef("received_at") - REPEATS_WITHIN,
    )
    # As a value: joined, everybody's tickets of all time would be read. Whoever complained before is found by an index.
    return _received(watch) & Q(IsNull(Subquery(before.values("pk")[:1]), False), customer__isnull=False)


def _to_approve(watch: Watch) -> Q:
    return Q(stage=Stage.PROPOSED)


def _open(watch: Watch) -> Q:
    return Q()


COUNTS = {
    count.code: count
    for count in (
        Count(
            "received",
            _("Received today"),
            _("Nothing has been taken in today"),
            _("What was taken in today is counted here, whatever has become of it since."),
            _received,
            "inbox",
            open_only=False,
            order=BY_RECEIPT,
        ),
        Count(
            "finished",
            _("Finished today"),
            _("No customer has been told a result today"),
            _("A ticket counts as finished on the day its customer is told the result."),
            _finished,
            "circle-check",
            open_only=False,
            order=BY_RECEIPT,
        ),
        Count(
            "undispatched",
            _("Undispatched over %(span)s"),
            _("Everything has been dispatched in time"),
            _("Tickets whose time for dispatching has run out come here. Dispatch them, or ask their first owner to."),
            _undispatched,
            "send",
            tone="late",
            rule=dispatch_rule,
        ),
        Count(
            "silent",
            _("Silent over %(span)s"),
            _("Every team has answered in time"),
            _("Dispatched tickets of which nothing has been heard come here. Call the team, or dispatch them anew."),
            _silent,
            "player-pause",
            tone="late",
            rule=answer_rule,
        ),
        Count(
            "due_today",
            _("Due today"),
            _("Nothing more falls due today"),
            _("Tickets whose nearest time limit ends before midnight come here."),
            _due_today,
            "calendar-event",
        ),
        Count(
            "breaching",
            _("Due within 30 minutes"),
            _("Nothing runs out in the next half hour"),
            _("Tickets that will be overdue within half an hour come here: somebody has to act now."),
            _breaching,
            "alert-triangle",
            tone="press",
        ),
        Count(
            "overdue",
            _("Overdue"),
            _("Nothing is overdue"),
            _("Tickets with a clock that has run out stay here until the work it asks for is done."),
            _overdue,
            "alert-octagon",
            tone="late",
        ),
        Count(
            "repeats",
            _("Repeat complaints today"),
            _("Nobody has come back with the same matter today"),
            _("Whoever complains of the same again within 30 days comes here: what was done before did not help."),
            _repeats,
            "rotate",
            tone="press",
            open_only=False,
            order=BY_RECEIPT,
        ),
        Count(
            "to_approve",
            _("To approve"),
            _("No proposal waits for approval"),
            _("When a handler proposes a solution that needs approval, it comes here to be approved or returned."),
            _to_approve,
            "rubber-stamp",
            tone="press",
        ),
        Count(
            "open",
            _("All open"),
            _("Nothing is open"),
            _("Everything that is not finished is counted here, wherever it is."),
            _open,
            "list-check",
        ),
    )
}


def shown_counts(rules: Edition) -> list[Count]:
    """The numbers this edition has something to say about."""
    return [count for count in COUNTS.values() if count.rule is None or count.rule(rules)]


def counted_by(count: Count, watch: Watch, *, seen: QuerySet[Ticket] | None = None) -> QuerySet[Ticket]:
    """The tickets one number counts. `seen` is `visible_to(actor)` for a caller who asks for several."""
    seen = visible_to(watch.actor) if seen is None else seen
    return seen.filter(count.holds(watch), **({"is_open": True} if count.open_only else {}))


def leaf_regions(codes: Iterable[str]) -> list[str]:
    """The region codes no other one is a part of, so that every ticket counts in one."""
    known = sorted(codes)
    return [code for code in known if not any(other != code and other.startswith(code) for other in known)]
