"""By which way a message leaves: its template's, or by e-mail to a customer who wishes so.

Looked at when it is delivered, so that a wish holds for what waits already, and so does taking it back. What carries a
one-time code always goes to the phone, because that is what it proves (S2.1a). Without a gateway for e-mail nobody is
written to.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from uuid import UUID

from shouwen.editions.queries import NoEdition, edition
from shouwen.notices.models import MessageOrder
from shouwen.notices.peace import TO_CUSTOMERS

SMS, EMAIL = "sms", "email"
Written = Callable[[Iterable[str]], Collection[str]]  # which of the customers with these ids want e-mail


def nobody(customer_ids: Iterable[str]) -> Collection[str]:
    """No customer wants e-mail."""
    return ()


def ways_of(orders: Sequence[MessageOrder], open_ways: Collection[str], written_to: Written) -> dict[UUID, str]:
    """The channel of each of these orders as it is to go now: one question for all of them."""
    own = {order.pk: _own_way(order) for order in orders}
    asked = {order.pk: order.recipient.removeprefix(TO_CUSTOMERS) for order in orders if own[order.pk]}
    wish = set(written_to(asked.values())) if asked and EMAIL in open_ways else set()
    letters = {pk for pk, customer in asked.items() if customer in wish}
    return {order.pk: EMAIL if order.pk in letters else own[order.pk] or order.channel for order in orders}


def _own_way(order: MessageOrder) -> str:
    """How its template would have it go; "" where that is not the customer's to choose."""
    if not order.recipient.startswith(TO_CUSTOMERS) or order.channel not in (SMS, EMAIL):
        return ""
    try:
        template = edition(order.edition).templates.get(order.template)
    except NoEdition:
        return ""
    if template is None or "code" in template.blanks:
        return ""
    return template.channel if template.channel in (SMS, EMAIL) else SMS
