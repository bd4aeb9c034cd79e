"""Delivery: what has been ordered leaves the desk, once.

`ordered` → `sending` → `delivered`. An order is claimed and the claim committed before its gateway hears of it; what
became of it is committed after. So of two deliverers one sends it, and one that is killed while sending leaves a claim
behind. Such a claim is taken up again only where the gateway repeats safely; otherwise the order becomes `unknown`,
because it may have arrived: people decide, with `send_again`. A gateway that is out of reach gets the order again later
and later, then it has `failed`, as has at once what cannot be delivered or is no longer worth it (an expired code). A
channel without a gateway makes it `no_gateway`: it can be read in the outbox and went nowhere. What waited for the
morning and says less than what goes out with it is `overtaken`.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, time, timedelta
from time import monotonic
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction

from shouwen.notices.gateways import Gateway, Message, NotNow, OutcomeUnknown, Undeliverable, gateways
from shouwen.notices.models import TO_MAILBOX, MessageOrder
from shouwen.notices.peace import Wishes, due_at, hold_in_peace, mend_what_waited, peace_until
from shouwen.notices.queries import subject_of, text_to_send
from shouwen.notices.ways import EMAIL, SMS, Written, nobody, ways_of
from shouwen.people.models import Person
from shouwen.vault.queries import values_of
from shouwen.vault.sealing import SealBroken

log = logging.getLogger(__name__)

WAITS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240, 720))  # after each try that did not succeed
LONGEST_ERROR = 200
CLAIM_HOLDS_FOR = timedelta(minutes=10)  # longer than any gateway takes over one message

# Claims are told apart by the database's own clock: `at` may be old by the time a slow gateway has been heard out.
CLAIM = """
    UPDATE message_order SET state = 'sending', tries = tries + 1, try_at = clock_timestamp()
    WHERE id = (
        SELECT id FROM message_order
        WHERE state = 'ordered' AND channel = ANY(%(channels)s) AND (try_at IS NULL OR try_at <= %(at)s)
            AND (not_before IS NULL OR not_before <= %(at)s)
        ORDER BY ordered_at, id LIMIT 1 FOR UPDATE SKIP LOCKED
    )
    RETURNING *
"""

ABANDONED = """
    UPDATE message_order
    SET state = CASE WHEN channel = ANY(%(repeats)s) AND tries <= %(most)s THEN 'ordered' ELSE 'unknown' END,
        try_at = NULL, error = 'interrupted'
    WHERE state = 'sending' AND try_at < clock_timestamp() - %(holds)s
"""

AddressOf = Callable[[str], str | None]  # the phone number, or e-mail address, of the customer with this id
Addresses = Mapping[str, AddressOf]  # by channel


def nobodys(customer_ids: Iterable[str]) -> Mapping[str, tuple[time, time]]:
    """No customer has a wish."""
    return {}


def nowhere(customer_id: str) -> None:
    """No customer has an address."""


def deliver(
    at: datetime,
    *,
    phone_of: AddressOf,
    email_of: AddressOf = nowhere,
    written_to: Written = nobody,
    wishes_of: Wishes = nobodys,
    stopwatch: Callable[[], float] = monotonic,
    batch: int = 200,
) -> int:
    """Deliver what is due at `at` (aware UTC); returns how many orders were dealt with. Any number may deliver.

    The `stopwatch` (seconds) is read before each order: slow gateways must not carry a batch into the hours of peace.
    """
    ways, addresses = gateways(), {SMS: phone_of, EMAIL: email_of}
    dealt_with = hold_in_peace(at) + mend_what_waited(at) + _set_aside(ways, at, wishes_of, written_to, batch)
    if not ways:
        return dealt_with
    _take_up_abandoned(ways)
    begun = stopwatch()
    for _ in range(batch):
        by_now = at + timedelta(seconds=stopwatch() - begun)
        order = _claim(ways, by_now)
        if order is None:
            break
        until, way = peace_until(order, by_now, wishes_of), _way(order, ways, written_to)
        if until or way != order.channel:
            _settle(order, **_put_back(order, until, way))
        else:
            _settle(order, **_outcome(order, ways[way], addresses, by_now))
        dealt_with += 1
    return dealt_with


def send_again(order_id: UUID) -> bool:
    """Order a message anew that somebody has looked into; True unless it is on its way or has arrived."""
    return bool(send_all_again([order_id]))


def send_all_again(order_ids: Sequence[UUID]) -> int:
    """Order those anew that got stuck; how many that was."""
    waiting = {"state": MessageOrder.ORDERED, "tries": 0, "try_at": None, "error": ""}
    return MessageOrder.objects.filter(pk__in=order_ids, state__in=MessageOrder.STUCK).update(**waiting)


@transaction.atomic
def _set_aside(ways: Mapping[str, Gateway], at: datetime, wishes_of: Wishes, written_to: Written, batch: int) -> int:
    """What is due and has no way out says so, and can be read; what is to wait waits, as if it had one."""
    due = due_at(at).exclude(channel__in=list(ways)).order_by("ordered_at", "id")
    orders = list(due.select_for_update(skip_locked=True)[:batch])
    until = {order.pk: peace_until(order, at, wishes_of) for order in orders}
    for ends in set(filter(None, until.values())):
        held = [pk for pk, waits in until.items() if waits == ends]
        MessageOrder.objects.filter(pk__in=held).update(not_before=ends)
    going = [order for order in orders if until[order.pk] is None]
    for way, pks in _by_way(going, ways, written_to).items():
        stuck = {} if way in ways else {"state": MessageOrder.NO_GATEWAY, **({} if settings.DEMO else {"secret": None})}
        MessageOrder.objects.filter(pk__in=pks).update(channel=way, **stuck)
    return len(orders)


def _way(order: MessageOrder, ways: Mapping[str, Gateway], written_to: Written) -> str:
    """The channel of a claimed order; one that may have arrived keeps its own: no other gateway would know it again."""
    if order.tries > 1 and ways[order.channel].repeats_safely:
        return order.channel
    return ways_of([order], ways, written_to)[order.pk]


def _by_way(orders: Sequence[MessageOrder], ways: Mapping[str, Gateway], written_to: Written) -> dict[str, list[UUID]]:
    """The orders by the channel they are to go by."""
    by_way: dict[str, list[UUID]] = defaultdict(list)
    for pk, way in ways_of(orders, ways, written_to).items():
        by_way[way].append(pk)
    return by_way


def _take_up_abandoned(ways: Mapping[str, Gateway]) -> None:
    repeats = [channel for channel, gateway in ways.items() if gateway.repeats_safely]
    with connection.cursor() as cursor:
        cursor.execute(ABANDONED, {"repeats": repeats, "holds": CLAIM_HOLDS_FOR, "most": len(WAITS)})


def _claim(ways: Mapping[str, Gateway], at: datetime) -> MessageOrder | None:
    return next(iter(MessageOrder.objects.raw(CLAIM, {"channels": list(ways), "at": at})), None)


def _outcome(order: MessageOrder, gateway: Gateway, addresses: Addresses, at: datetime) -> dict[str, Any]:
    """Try to send a claimed order; the columns that say how it went."""
    try:
        gateway.send(_message(order, addresses, at))
    except NotNow as error:
        return _later(order, _short(error), at)
    except OutcomeUnknown as error:
        return {"state": MessageOrder.UNKNOWN, "error": _short(error)}
    except Undeliverable as error:
        return {"state": MessageOrder.FAILED, "error": _short(error), "secret": None}
    except Exception as error:  # whatever a gateway comes up with stops neither the rest nor this one for good
        log.exception("The gateway of message order %s failed.", order.pk)
        return {"state": MessageOrder.UNKNOWN, "error": type(error).__name__}
    return {"state": MessageOrder.DELIVERED, "delivered_at": at, "error": "", "secret": None}


def _put_back(order: MessageOrder, until: datetime | None, way: str) -> dict[str, Any]:
    """It was not tried: its customer is left in peace until then, or wants it by another way."""
    held = {"not_before": until} if until else {"channel": way}
    return {"state": MessageOrder.ORDERED, "tries": order.tries - 1, "try_at": None, **held}


def _short(error: Exception) -> str:
    """As much of it as the outbox keeps."""
    return str(error)[:LONGEST_ERROR]


def _later(order: MessageOrder, error: str, at: datetime) -> dict[str, Any]:
    if order.tries > len(WAITS):
        return {"state": MessageOrder.FAILED, "error": error, "secret": None}
    return {"state": MessageOrder.ORDERED, "error": error, "try_at": at + WAITS[order.tries - 1]}


def _settle(order: MessageOrder, **columns: Any) -> None:
    """Unless the claim has been taken from us meanwhile, which the number of tries and the state tell."""
    claimed = MessageOrder.objects.filter(pk=order.pk, state=MessageOrder.SENDING, tries=order.tries)
    if not claimed.update(**columns):
        log.warning("Message order %s was slower than its claim holds.", order.pk)


def _message(order: MessageOrder, addresses: Addresses, at: datetime) -> Message:
    """Raises Undeliverable for what has no address, no text, or has expired."""
    if order.expired(at):
        raise Undeliverable("expired")
    to = _address(order, addresses)
    if not to:
        raise Undeliverable("no address")
    try:
        language = settings.LANGUAGE_CODE
        return Message(order.pk, to, text_to_send(order, language), subject_of(order, language))
    except (KeyError, SealBroken) as error:
        raise Undeliverable(f"no text: {type(error).__name__}") from error


def _address(order: MessageOrder, addresses: Addresses) -> str | None:
    kind, _, recipient = order.recipient.partition(":")
    if token := order.params.get(TO_MAILBOX):
        return values_of([token]).get(token)
    if kind == "customer" and order.channel in addresses:
        return addresses[order.channel](recipient)
    if kind == "person" and order.channel == EMAIL:
        return Person.objects.filter(pk=recipient, is_active=True).values_list("email", flat=True).first()
    return None
