"""A complaint as it comes in, before the desk has written anything down."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from shouwen.handbook.authority import SYSTEM, Actor


@dataclass(frozen=True, slots=True)
class CarriedOver:
    """Where a ticket stood in the system it comes from (an import of open work).

    `pause` is why it stands still, if it does; with a team, its handler is the one named or nobody. `clocks` by rule
    id: `{"spent_minutes": 90}` or `{"due_at": "2026-03-02T09:00:00+00:00"}`.
    """

    stage: str
    standing: str = "running"
    pause: str = ""
    team: str | None = None
    handler: str | None = None
    transfers: int = 0
    clocks: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Draft:
    """What somebody wants taken in. Personal values are plain here and nowhere after.

    `key` is (scope, key): the same key brings the first answer again. `details` answer the category's required fields.
    `split_from` is the number of the ticket it was a part of, `customer` whose that is.
    `finished_as` is the last stage of a ticket taken in as history, which fires no clock and no message.
    """

    key: tuple[str, str]
    text: str
    category: str
    received_at: datetime
    channel: str
    ticket_type: str = "complaint"
    title: str = ""
    phone: str = ""
    name: str = ""
    account: str = ""
    email: str = ""
    informant_name: str = ""
    informant_phone: str = ""
    region: str = ""
    severity: str = ""
    reach: str = "single"
    complexity: str = ""
    customer_level: str = ""
    details: Mapping[str, str] = field(default_factory=dict)
    requested: str = ""
    informed: bool = False
    by: Actor = SYSTEM
    source: str = "form"
    first_owner: str | None = None
    origin: str = ""
    carried: CarriedOver | None = None
    is_history: bool = False
    acknowledge: bool = True
    api_key: UUID | None = None
    customer: UUID | None = None
    split_from: str = ""


@dataclass(frozen=True, slots=True)
class Accepted:
    """The answer to a draft: the ticket, and whether this key had been answered before."""

    ticket_id: str
    number: str
    repeated: bool
    recorded_at: datetime


class KeyReused(ValueError):
    """The key had stood for a different request."""
