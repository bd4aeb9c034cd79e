"""The conversation and the history of a ticket as one line: who spoke to whom, what stayed inside, what clocks said."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from heapq import merge
from itertools import groupby
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from shouwen.desk.telling import Told
from shouwen.desk.wording import language
from shouwen.handbook.history import What
from shouwen.notices.models import MessageOrder
from shouwen.notices.queries import message_text

AT_ONCE = 40  # rows of a history that a page shows before it is asked for the rest
MOST_MESSAGES = 100

MESSAGE = "message"  # what is no event of the history
FROM_CUSTOMER, TO_CUSTOMER, NOTE, WORK, CLOCKS = "from", "to", "note", "work", "clocks"
SIDES: dict[str, str] = {
    What.ACCEPTED: FROM_CUSTOMER,
    What.CUSTOMER_ADDED: FROM_CUSTOMER,
    What.RATED: FROM_CUSTOMER,
    What.FOLLOWED_UP: FROM_CUSTOMER,
    What.WITHDRAWN: FROM_CUSTOMER,
    What.EXTENSION_AGREED: FROM_CUSTOMER,
    What.RESPONDED: TO_CUSTOMER,
    What.ANSWERED_AT_CONTACT: TO_CUSTOMER,
    What.CUSTOMER_TOLD: TO_CUSTOMER,
    What.INFORMANT_TOLD: TO_CUSTOMER,
    What.SURVEY_SENT: TO_CUSTOMER,
    What.WAITING_STARTED: TO_CUSTOMER,
    What.PROMISE_MADE: TO_CUSTOMER,
    What.BROADCAST: TO_CUSTOMER,
    What.EVENT_TOLD: TO_CUSTOMER,
    What.NOTED: NOTE,
    What.CLOCK_WARNED: CLOCKS,
    What.CLOCK_BREACHED: CLOCKS,
    What.ESCALATED: CLOCKS,
}
SIDE_WORDS = {
    FROM_CUSTOMER: pgettext_lazy("side", "from the customer"),
    TO_CUSTOMER: pgettext_lazy("side", "to the customer"),
    NOTE: pgettext_lazy("side", "internal only"),
}
# The chips above it, and the sides each of them leaves.
CHIPS = (
    ("all", gettext_lazy("All")),
    ("customer", gettext_lazy("With the customer")),
    ("internal", gettext_lazy("Internal")),
    ("clocks", gettext_lazy("Clocks")),
)
BY_WAY = {"sms": gettext_lazy("Text message"), "email": pgettext_lazy("message", "E-mail")}
MAY_BE_SPLIT = frozenset({What.ACCEPTED, What.CUSTOMER_ADDED})
DELIVERED = {
    MessageOrder.ORDERED: gettext_lazy("waiting to be sent"),
    MessageOrder.SENDING: gettext_lazy("being sent"),
    MessageOrder.DELIVERED: gettext_lazy("sent"),
    MessageOrder.NO_GATEWAY: gettext_lazy("not sent: no gateway for it"),
    MessageOrder.FAILED: gettext_lazy("could not be sent"),
    MessageOrder.UNKNOWN: gettext_lazy("may not have arrived"),
    MessageOrder.OVERTAKEN: gettext_lazy("not sent: a later message says more"),
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of it: something that happened, and on which side."""

    row: Told
    side: str
    heading: str = ""  # of what is no event of the history
    state: str = ""  # what became of a message

    @property
    def says(self) -> str:
        """On which side, in words."""
        return str(SIDE_WORDS.get(self.side, ""))

    @property
    def may_be_split(self) -> bool:
        return self.row.what in MAY_BE_SPLIT


@dataclass(frozen=True, slots=True)
class Group:
    """Rows that stand together: warnings of the clocks that follow one another, else a single row."""

    entries: tuple[Entry, ...]

    @property
    def side(self) -> str:
        return self.entries[0].side


def side_of(what: str) -> str:
    """On which side something happens; whatever is not said to anybody is work."""
    return SIDES.get(what, WORK)


def groups_of(told: Sequence[Told], messages: Iterable[MessageOrder] = ()) -> list[Group]:
    """The history and the messages sent, newest first, with the clocks' warnings together."""
    events = (Entry(row, side_of(row.what)) for row in reversed(told))
    entries = merge(events, _sent(messages), key=_recorded, reverse=True)
    runs = ([*run] for _warns, run in groupby(entries, key=lambda entry: entry.side == CLOCKS))
    return [
        Group(tuple(part)) for run in runs for part in ([run] if run[0].side == CLOCKS else [[entry] for entry in run])
    ]


def _sent(messages: Iterable[MessageOrder]) -> Iterator[Entry]:
    """Messages the desk sent to the customer by itself, newest first."""
    for order in messages:
        row = Told(0, MESSAGE, order.ordered_at, order.ordered_at, _("the desk"), (), _text(order))
        yield Entry(row, TO_CUSTOMER, str(BY_WAY.get(order.channel, _("Message"))), str(DELIVERED[order.state]))


def _text(order: MessageOrder) -> str:
    try:
        return message_text(order, language())
    except (KeyError, ValueError):
        return _("The text of this message is no longer in the rules.")


def _recorded(entry: Entry) -> datetime:
    at: Any = entry.row.recorded_at or entry.row.happened_at
    return at
