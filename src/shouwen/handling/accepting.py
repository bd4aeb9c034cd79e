"""Accepting complaints: one statement for any number of drafts, nothing answered before its commit."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any

from django.conf import settings
from django.db import IntegrityError
from uuid_utils.compat import uuid7

from shouwen.customers.actions import CUSTOMERS
from shouwen.customers.models import Customer
from shouwen.customers.queries import customers_by_index, identity_index
from shouwen.editions.edition import Edition
from shouwen.editions.queries import calendars_now, current_edition
from shouwen.handbook.history import FINISHED, Happening, Stage, TicketState, What, fold
from shouwen.handbook.numbers import make_number
from shouwen.handling.drafts import Accepted, CarriedOver, Draft, KeyReused
from shouwen.handling.owners import first_owners
from shouwen.handling.personal import Redactor
from shouwen.language.bigrams import search_terms
from shouwen.notices.actions import ORDERS, order_row
from shouwen.service_levels.actions import CLOCKS
from shouwen.service_levels.deriving import clock_rows
from shouwen.tickets.actions import EVENTS, TICKETS, dump, event_row, write_fresh
from shouwen.vault.queries import keyring, subject_keys
from shouwen.vault.rows import ITEMS, SUBJECTS, subject_row
from shouwen.vault.sealing import Kind, SubjectKey

DRAWS = 5
TITLE_LENGTH = 60


@dataclass
class _Rows:
    """The rows of one statement, by table."""

    keys: list[dict[str, Any]] = field(default_factory=list)
    subjects: list[dict[str, Any]] = field(default_factory=list)
    customers: list[dict[str, Any]] = field(default_factory=list)
    items: list[dict[str, Any]] = field(default_factory=list)
    tickets: list[dict[str, Any]] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)
    clocks: list[dict[str, Any]] = field(default_factory=list)
    orders: list[dict[str, Any]] = field(default_factory=list)


def accept(drafts: Sequence[Draft], *, now: datetime) -> list[Accepted | KeyReused]:
    """Take in drafts; the answers come in their order.

    A key used before brings its first answer again, or a KeyReused if it had stood for something else. Drafts must
    have been checked (`intake.checking`). A number drawn twice, or a customer met twice at once, draws again.
    """
    digests = [request_digest(draft) for draft in drafts]
    unique = {draft.key: n for n, draft in reversed(list(enumerate(drafts)))}
    chosen = [drafts[n] for n in unique.values()]
    for draw in range(DRAWS):
        try:
            answers = _write(chosen, [digests[n] for n in unique.values()], now)
            break
        except IntegrityError:
            if draw == DRAWS - 1:
                raise
    return [
        _answer(answers[draft.key], digest, repeated=unique[draft.key] != n)
        for n, (draft, digest) in enumerate(zip(drafts, digests, strict=True))
    ]


def request_digest(draft: Draft) -> bytes:
    """What a key stands for: everything the sender said, but not when it came or by whom it was typed."""
    said = {
        name: value
        for name, value in asdict(draft).items()
        if name not in {"key", "received_at", "by", "api_key", "first_owner"}
    }
    return sha256(dump([said]).encode()).digest()


def _answer(row: tuple[Any, ...], digest: bytes, *, repeated: bool) -> Accepted | KeyReused:
    _, key, ticket_id, number, known, repeats, recorded_at = row
    if bytes(known) != digest:
        return KeyReused(key)
    return Accepted(str(ticket_id), number, repeated or repeats > 0, recorded_at)


def _write(drafts: Sequence[Draft], digests: Sequence[bytes], now: datetime) -> dict[tuple[str, str], tuple[Any, ...]]:
    edition, calendars = current_edition(), calendars_now()
    people = _Subjects(drafts)
    rows = _Rows()
    for draft, digest in zip(drafts, digests, strict=True):
        _Taking(draft, digest, edition, people, rows, now).take(calendars)
    written = write_fresh(
        rows.keys,
        [
            (SUBJECTS, rows.subjects),
            (CUSTOMERS, rows.customers),
            (ITEMS, rows.items),
            (TICKETS, rows.tickets),
            (EVENTS, rows.events),
            (CLOCKS, rows.clocks),
            (ORDERS, rows.orders),
        ],
    )
    return {(row[0], row[1]): row for row in written}


class _Subjects:
    """The customers of a batch: who is known, and a new key for everybody else."""

    def __init__(self, drafts: Sequence[Draft]) -> None:
        self._ring = keyring()
        self._indexes = {draft.key: identity_index(phone=draft.phone, account=draft.account) for draft in drafts}
        known = customers_by_index({index for index in self._indexes.values() if index})
        keys = subject_keys(customer.pk for customer in known.values())
        self._known: dict[bytes, tuple[Customer | None, SubjectKey]] = {
            index: (customer, keys[customer.pk]) for index, customer in known.items() if customer.pk in keys
        }

    def of(self, draft: Draft) -> tuple[Customer | None, SubjectKey, bytes | None]:
        """The customer if known, their key, and the index they are found by. A new one is known from then on."""
        index = self._indexes[draft.key]
        if index in self._known:
            return *self._known[index], index
        key = self._ring.new_subject()
        if index:
            self._known[index] = (None, key)
        return None, key, index


class _Taking:
    """One draft on its way into rows."""

    def __init__(
        self, draft: Draft, digest: bytes, edition: Edition, people: _Subjects, rows: _Rows, now: datetime
    ) -> None:
        self.draft, self.edition, self.rows, self.now = draft, edition, rows, now
        self.ticket_id = str(uuid7())
        self.number = make_number(settings.SHOUWEN_CELL, secrets.token_bytes(8))
        self.customer, self.subject, self.index = people.of(draft)
        self.redactor = Redactor(self.subject, self.ticket_id, known=(draft.name, draft.informant_name))
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
        state = TicketState()
        for row in history:
            state = fold(state, row.facts)
        self._add_customer()
        self._add_ticket(state, history, calendars)
        if self.draft.acknowledge and not self.draft.is_history and self.draft.phone:
            self._order_acknowledgement()
        self.rows.items.extend(self.redactor.rows)

    def _accepted_facts(self) -> dict[str, Any]:
        draft = self.draft
        category = self.edition.categories.nodes.get(draft.category)
        severity = draft.severity or (category.severity if category else "") or "ordinary"
        level = draft.customer_level or (self.customer.level if self.customer else "ordinary")
        ranking = self.edition.prioritise(
            severity=severity, reach=draft.reach, customer_level=level, category=draft.category
        )
        owner = draft.first_owner or (None if draft.is_history else first_owners().next_for(draft.region))
        facts = {
            "number": self.number,
            "ticket_type": draft.ticket_type,
            "title": self.redactor.clean(draft.title or _first_line(draft.text)),
            "description": self.redactor.clean(draft.text),
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
            "details": {name: self._detail(name, value) for name, value in draft.details.items() if value},
            "requested": self.redactor.clean(draft.requested),
            "informed": draft.informed,
            "origin": draft.origin,
            "is_history": draft.is_history,
            "history": draft.is_history,
        }
        if draft.informant_name or draft.informant_phone:
            stated["has_informant"] = True
            stated["informant"] = {
                "name": draft.informant_name and self.redactor.keep(Kind.NAME, draft.informant_name),
                "phone": draft.informant_phone and self.redactor.keep(Kind.PHONE, draft.informant_phone),
            }
        return {name: value for name, value in stated.items() if value}

    def _detail(self, name: str, value: str) -> str:
        """An answer to one of the category's questions: a place goes into the vault whole."""
        field = self.edition.fields.get(name)
        if field and field.personal:
            return self.redactor.mark(Kind.PHONE if field.kind == "phone" else Kind.ADDRESS, value)
        return self.redactor.clean(value)

    def _add_customer(self) -> None:
        draft = self.draft
        if self.customer or any(row["id"] == self.subject.subject_id for row in self.rows.subjects):
            return
        self.rows.subjects.append(subject_row(self.subject, self.ticket_id))
        self.rows.customers.append(
            {
                "ticket_id": self.ticket_id,
                "id": self.subject.subject_id,
                "identity_index": self.index.hex() if self.index else None,
                "phone_token": self.redactor.keep(Kind.PHONE, draft.phone) if draft.phone else "",
                "name_token": self.redactor.keep(Kind.NAME, draft.name) if draft.name else "",
                "level": draft.customer_level or "ordinary",
                "region": draft.region,
            }
        )
        if draft.account:
            self.redactor.keep(Kind.ACCOUNT, draft.account)

    def _add_ticket(self, state: TicketState, history: list[Happening], calendars: Mapping[str, Any]) -> None:
        clocks, lead_due_at = clock_rows(self.ticket_id, history, self.edition, calendars)
        self.rows.clocks.extend(clocks)
        self.rows.tickets.append(
            {
                **asdict(state),
                "ticket_id": self.ticket_id,
                "is_open": state.stage not in FINISHED,
                "received_at": self.draft.received_at,
                "last_seq": history[-1].seq,
                "lead_due_at": lead_due_at,
                "terms": " ".join(dict.fromkeys(search_terms(f"{state.title} {state.description}"))),
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
    if carried.team:
        facts |= {"team": carried.team, "lead_team": carried.team}
    if carried.handler:
        facts["handler"] = carried.handler
    if carried.transfers:
        facts["transfers"] = carried.transfers
    if carried.clocks:
        facts["clocks"] = {rule: dict(spent) for rule, spent in carried.clocks.items()}
    return facts


def _first_line(text: str) -> str:
    line = text.strip().splitlines()[0] if text.strip() else ""
    return line if len(line) <= TITLE_LENGTH else f"{line[:TITLE_LENGTH]}…"
