"""When a message to a customer may go: not in the edition's hours of peace, nor in those the customer wishes for.

What the customer waits for (a code, the receipt) goes at once. Looked at again before each try, so that a message that
came to nothing at eight in the evening is not tried at eleven.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, time
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import DateTimeField, Exists, OuterRef, Q, QuerySet
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast

from shouwen.editions.queries import NoEdition, edition
from shouwen.handbook.quiet import QuietHours, allowed_from
from shouwen.handbook.telling import Telling
from shouwen.notices.models import MessageOrder

Wishes = Callable[[Iterable[str]], Mapping[str, tuple[time, time]]]  # by the ids of customers
TO_CUSTOMERS = "customer:"


def hours_of(telling: Telling, wish: tuple[time, time] | None = None) -> list[QuietHours]:
    """The hours in which one customer is left in peace: the edition's, and their own."""
    hours = [telling.quiet] if telling.quiet else []
    zone = telling.quiet.zone if telling.quiet else ZoneInfo(settings.TIME_ZONE)
    return [*hours, QuietHours(*wish, zone)] if wish else hours


def due_at(at: datetime) -> QuerySet[MessageOrder]:
    """What has been ordered and may be tried at `at`."""
    ready = (Q(not_before=None) | Q(not_before__lte=at)) & (Q(try_at=None) | Q(try_at__lte=at))
    return MessageOrder.objects.filter(ready, state=MessageOrder.ORDERED)


def hold_in_peace(at: datetime) -> int:
    """Put off what is due at `at` in an edition's hours of peace, until they are over; how many messages."""
    due = due_at(at).filter(recipient__startswith=TO_CUSTOMERS)
    held = 0
    for edition_id in due.order_by().values_list("edition", flat=True).distinct():
        try:
            rules = edition(edition_id)
        except NoEdition:
            continue
        ends = rules.telling.quiet.ending(at) if rules.telling.quiet else None
        if ends:
            waiting = [code for code, template in rules.templates.items() if template.waits]
            held += due.filter(edition=edition_id, template__in=waiting).update(not_before=ends)
    return held


def mend_what_waited(at: datetime) -> int:
    """What waited for the end of the hours of peace tells how it is now; how many messages need not go any more.

    Of the steps of one ticket only the last is told, and a time that has passed meanwhile is no longer named.
    """
    waited = due_at(at).filter(recipient__startswith=TO_CUSTOMERS, not_before__isnull=False)
    overtaken = 0
    for edition_id in waited.order_by().values_list("edition", flat=True).distinct():
        try:
            telling = edition(edition_id).telling
        except NoEdition:
            continue
        here = waited.filter(edition=edition_id)
        steps = here.filter(template__in=telling.passing_templates)
        overtaken += steps.filter(Exists(_later(at, telling))).update(state=MessageOrder.OVERTAKEN)
        for step in telling.progress:
            named = Cast(KeyTextTransform("expected_at", "params"), DateTimeField())
            passed = here.filter(template=step.template, params__has_key="expected_at").alias(named=named)
            passed.filter(named__lte=at).update(template=step.otherwise)
    return overtaken


def _later(at: datetime, telling: Telling) -> QuerySet[MessageOrder]:
    """What is told now about the same ticket, and was ordered later."""
    same = {name: OuterRef(name) for name in ("ticket_id", "recipient")}
    newer = Q(ordered_at__gt=OuterRef("ordered_at")) | Q(ordered_at=OuterRef("ordered_at"), id__gt=OuterRef("id"))
    return due_at(at).filter(newer, template__in=telling.progress_templates, **same)


def peace_until(order: MessageOrder, at: datetime, wishes_of: Wishes) -> datetime | None:
    """Until when this message waits; None for one that may go now."""
    if not order.recipient.startswith(TO_CUSTOMERS):
        return None
    try:
        rules = edition(order.edition)
    except NoEdition:
        return None
    template = rules.templates.get(order.template)
    if template is None or not template.waits:
        return None
    customer = order.recipient.removeprefix(TO_CUSTOMERS)
    allowed = allowed_from(at, *hours_of(rules.telling, wishes_of([customer]).get(customer)))
    return allowed if allowed > at else None
