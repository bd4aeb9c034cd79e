"""One draft on its way into rows: number, first owner, history, clocks, and what of it goes into the vault."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.conf import settings
from uuid_utils import uuid7

from shouwen.editions.edition import Edition
from shouwen.handbook.history import FINISHED, Happening, Stage, TicketState, What, replay
from shouwen.handbook.numbers import make_number
from shouwen.handling.drafts import CarriedOver, Draft
from shouwen.handling.owners import first_owners
from shouwen.handling.personal import Redactor
from shouwen.language.bigrams import search_terms
from shouwen.notices.actions import order_row
from shouwen.service_levels.deriving import clock_rows
from shouwen.service_levels.opening import OpeningRows
from shouwen.tickets.actions import event_row, state_row
from shouwen.vault.rows import subject_row
from shouwen.vault.sealing import Kind, SubjectKey

TITLE_LENGTH = 60
LONGEST_TITLE = 200  # of the column


@dataclass
class Rows:
    """The rows of one statement, by table."""

    keys: list[dict[str, Any]] = field(default_factory=list)
    subjects: list[dict[str, Any]] = field(default_factory=list)
    customers: list[dict[str, Any]] = field(default_factory=list)
    named: list[dict[str, Any]] = field(default_factory=list)
    items: list[dict[str, Any]] = field(default_factory=list)
    tickets: list[dict[str, Any]] = field(default_factory=list)
    events: list[str] = field(default_factory=list)
    opening: OpeningRows = field(default_factory=OpeningRows)
    clocks: list[dict[str, Any]] = field(default_factory=list)
    orders: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Caller:
    """Whose complaint it is: their key, the index they are found by, and their level if they are known.

    `is_new` for the first complaint of somebody nobody has met: their rows come with it. `nameless` if nobody has
    written down what they are called.
    """

    key: SubjectKey
    index: bytes | None
    level: str = ""
    nameless: bool = False
    is_new: bool = False


class Taking:
    """One draft on its way into rows."""

    def __init__(
        self, draft: Draft, digest: bytes, edition: Edition, caller: Caller, rows: Rows, now: datetime
    ) -> None:
        self.draft, self.edition, self.rows, self.now = draft, edition, rows, now
        self.ticket_id = str(uuid7())
        self.number = make_number(settings.SHOUWEN_CELL, secrets.token_bytes(8))
        self.caller, self.subject = caller, caller.key
        known = (draft.name, draft.account, draft.informant_name)
        self.redactor = Redactor(self.subject, self.ticket_id, known=known, addresses=self._addresses())
        rows.keys.append(
            {
                "scope": draft.key[0],
                "key": draft.key[1],
                "ticket_id": self.ticket_id,
                "number": self.number,
                "digest": digest.hex(),
            }
        )

    def take(self, calendars: Mapping[str, Any]) -> None:
        history = [Happening(1, What.ACCEPTED, self.draft.received_at, self._accepted_facts(), self.draft.by.ref)]
        if self.draft.carried:
            facts = _carried_facts(self.draft.carried)
            history.append(Happening(2, What.CARRIED_OVER, self.now, facts, self.draft.by.ref))
        state = replay(history)
        if self.caller.is_new:
            self._add_customer()
        elif self.caller.nameless and self.draft.name:
            self._name_customer()
        self._add_ticket(state, history, self._begin_clocks(state, history, calendars))
        if self.draft.acknowledge and not self.draft.is_history and self.draft.phone:
            self._order_acknowledgement()
        self.rows.items.extend(self.redactor.rows)

    def _accepted_facts(self) -> dict[str, Any]:
        draft = self.draft
        category = self.edition.categories.nodes.get(draft.category)
        severity = draft.severity or (category.severity if category else "") or "ordinary"
        level = draft.customer_level or self.caller.level or "ordinary"
        ranking = self.edition.prioritise(
            severity=severity, reach=draft.reach, customer_level=level, category=draft.category
        )
        owner = draft.first_owner or (None if draft.is_history else first_owners(self.now).next_for(draft.region))
        description = self.redactor.clean(draft.text)
        facts = {
            "number": self.number,
            "ticket_type": draft.ticket_type,
            "title": _cut(self.redactor.clean(draft.title), LONGEST_TITLE) or _first_line(description),
            "description": description,
            "customer": str(self.subject.subject_id),
            "stage": Stage.RECEIVED,
            "category": draft.category,
            "severity": severity,
            "reach": draft.reach,
            "customer_level": level,
            "complexity": draft.complexity or (category.complexity if category else "") or "general",
            "priority": ranking.priority,
            "priority_why": {"zh": ranking.why.zh, "en": ranking.why.en},
            "channel": draft.channel,
            "region": draft.region,
            "first_owner": owner,
            "handler": owner,
            "edition": self.edition.id,
        }
        return facts | self._stated_facts()

    def _stated_facts(self) -> dict[str, Any]:
        """What is only there if it was stated."""
        draft = self.draft
        stated: dict[str, Any] = {
            "contact": self._kept(name=draft.name, phone=draft.phone, account=draft.account, email=draft.email),
            "details": {name: self._detail(name, value) for name, value in draft.details.items() if value},
            "requested": self.redactor.clean(draft.requested),
            "informed": draft.informed,
            "origin": self.redactor.clean(draft.origin),
            "split_from": draft.split_from,
            "is_history": draft.is_history,
            "history": draft.is_history,
        }
        informant = self._kept(name=draft.informant_name, phone=draft.informant_phone)
        if informant:
            stated |= {"has_informant": True, "informant": informant}
        return {name: value for name, value in stated.items() if value}

    def _kept(self, **values: str) -> dict[str, str]:
        """The tokens of these values, by kind; of what was not said there is none."""
        return {kind: self.redactor.keep(Kind(kind), value) for kind, value in values.items() if value}

    def _addresses(self) -> list[str]:
        """Where the answers say somebody lives: the same words stand in what they told, as often as not."""
        fields = self.edition.fields
        return [
            value
            for name, value in self.draft.details.items()
            if value and name in fields and fields[name].personal and fields[name].kind != "phone"
        ]

    def _detail(self, name: str, value: str) -> str:
        """An answer to one of the category's questions: a place goes into the vault whole."""
        field = self.edition.fields.get(name)
        if field and field.personal:
            return self.redactor.mark(Kind.PHONE if field.kind == "phone" else Kind.ADDRESS, value)
        if field and any(choice.code == value for choice in field.choices):
            return value
        return self.redactor.clean(value)

    def _add_customer(self) -> None:
        draft = self.draft
        self.rows.subjects.append(subject_row(self.subject, self.ticket_id))
        self.rows.customers.append(
            {
                "ticket_id": self.ticket_id,
                "id": self.subject.subject_id,
                "identity_index": self.caller.index.hex() if self.caller.index else None,
                "phone_token": self.redactor.keep(Kind.PHONE, draft.phone) if draft.phone else "",
                "name_token": self.redactor.keep(Kind.NAME, draft.name) if draft.name else "",
                "level": draft.customer_level or "ordinary",
                "region": draft.region,
            }
        )

    def _name_customer(self) -> None:
        """Somebody who had not said their name before."""
        token = self.redactor.keep(Kind.NAME, self.draft.name)
        self.rows.named.append({"ticket_id": self.ticket_id, "id": self.subject.subject_id, "name_token": token})

    def _begin_clocks(self, state: TicketState, history: list[Happening], calendars: Mapping[str, Any]) -> datetime:
        """Its clocks, and when the strictest of them is due."""
        if len(history) == 1 and not state.is_history:
            return self.rows.opening.add(self.ticket_id, state, self.draft.received_at, self.edition, calendars)
        clocks, lead_due_at = clock_rows(self.ticket_id, history, self.edition.rules, calendars)
        self.rows.clocks.extend(clocks)
        return lead_due_at

    def _add_ticket(self, state: TicketState, history: list[Happening], lead_due_at: datetime) -> None:
        self.rows.tickets.append(
            {
                **state_row(state),
                "ticket_id": self.ticket_id,
                "is_open": state.stage not in FINISHED,
                "received_at": self.draft.received_at,
                "last_seq": history[-1].seq,
                "lead_due_at": lead_due_at,
                "terms": " ".join(
                    dict.fromkeys(search_terms(f"{self.draft.title and state.title} {state.description}"))
                ),
            }
        )
        for row in history:
            self.rows.events.append(
                event_row(self.ticket_id, row.seq, row.what, row.happened_at, row.by, self.draft.source, row.facts)
            )

    def _order_acknowledgement(self) -> None:
        self.rows.orders.append(
            order_row(
                cause=f"{self.ticket_id}/1/acknowledgement",
                ticket_id=self.ticket_id,
                recipient=f"customer:{self.subject.subject_id}",
                channel="sms",
                template="acknowledgement",
                edition=self.edition.id,
                params={"number": self.number},
            )
        )


def _carried_facts(carried: CarriedOver) -> dict[str, Any]:
    facts: dict[str, Any] = {"stage": carried.stage, "standing": carried.standing}
    if carried.pause:
        facts["pause"] = carried.pause
    if carried.team:
        facts |= {"team": carried.team, "lead_team": carried.team, "handler": carried.handler}
    elif carried.handler:
        facts["handler"] = carried.handler
    if carried.transfers:
        facts["transfers"] = carried.transfers
    if carried.clocks:
        facts["clocks"] = {rule: dict(spent) for rule, spent in carried.clocks.items()}
    return facts


def _first_line(redacted: str) -> str:
    """The first line, cut short before a token rather than in it."""
    return _cut(redacted.strip().splitlines()[0], TITLE_LENGTH) if redacted.strip() else ""


def _cut(redacted: str, length: int) -> str:
    """At most so long: tokens are longer than what they stand for, and none is cut in two."""
    if len(redacted) <= length:
        return redacted
    head, opened, token = redacted[: length - 1].rpartition("⟦")
    return f"{head if opened and '⟧' not in token else redacted[: length - 1]}…"
