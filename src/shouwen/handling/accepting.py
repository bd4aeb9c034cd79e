"""Accepting complaints: one statement for any number of drafts, nothing answered before its commit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, fields, replace
from datetime import datetime
from hashlib import sha256
from typing import Any

from django.db import IntegrityError

from shouwen.customers.actions import CUSTOMERS, NAMED
from shouwen.customers.queries import identity_index, known_customers
from shouwen.editions.queries import InForce, rules_in_force
from shouwen.handling.drafts import Accepted, Draft, KeyReused
from shouwen.handling.taking import Caller, Rows, Taking
from shouwen.notices.actions import ORDERS
from shouwen.service_levels.actions import FRESH, OPENED, WORKED
from shouwen.tickets.actions import EVENTS, TICKETS, dump, write_fresh
from shouwen.vault.queries import keyring, subject_keys
from shouwen.vault.rows import ITEMS, SUBJECTS

DRAWS = 5
# When it came, by whom it was typed, and what a key of its own tells already.
NOT_SAID = {"key", "received_at", "by", "api_key", "first_owner", "customer", "split_from"}
SAID = [field.name for field in fields(Draft) if field.name not in NOT_SAID]


def accept(drafts: Sequence[Draft], *, now: datetime, rules: InForce | None = None) -> list[Accepted | KeyReused]:
    """Take in drafts, under the rules in force; the answers come in their order.

    A key used before brings its first answer again, or a KeyReused if it had stood for something else. Drafts must
    have been checked (`intake.checking`). A number drawn twice, or a customer met twice at once, draws again.
    """
    digests = [request_digest(draft) for draft in drafts]
    rules = rules or rules_in_force()
    unique = {draft.key: n for n, draft in reversed(list(enumerate(drafts)))}
    chosen = [drafts[n] for n in unique.values()]
    for draw in range(DRAWS):
        try:
            answers = _write(chosen, [digests[n] for n in unique.values()], rules, now)
            break
        except IntegrityError:
            if draw == DRAWS - 1:
                raise
    return [
        _answer(answers[draft.key], digest, repeated=unique[draft.key] != n)
        for n, (draft, digest) in enumerate(zip(drafts, digests, strict=True))
    ]


def request_digest(draft: Draft) -> bytes:
    """What a key stands for: everything the sender said."""
    said = {name: getattr(draft, name) for name in SAID}
    said["carried"] = draft.carried and asdict(draft.carried)
    if not draft.email:
        del said["email"]  # keys that were used before it could be said stand for the same request
    return sha256(dump([said]).encode()).digest()


def _answer(row: tuple[Any, ...], digest: bytes, *, repeated: bool) -> Accepted | KeyReused:
    _, key, ticket_id, number, known, repeats, recorded_at = row
    if bytes(known) != digest:
        return KeyReused(key)
    return Accepted(str(ticket_id), number, repeated or repeats > 0, recorded_at)


def _write(
    drafts: Sequence[Draft], digests: Sequence[bytes], rules: InForce, now: datetime
) -> dict[tuple[str, str], tuple[Any, ...]]:
    callers, rows = _callers(drafts), Rows()
    for draft, digest, caller in zip(drafts, digests, callers, strict=True):
        Taking(draft, digest, rules.edition, caller, rows, now).take(rules.calendars)
    written = write_fresh(
        rows.keys,
        [
            (SUBJECTS, rows.subjects),
            (CUSTOMERS, rows.customers),
            (NAMED, rows.named),
            (ITEMS, rows.items),
            (TICKETS, rows.tickets),
            (EVENTS, rows.events),
            (OPENED, rows.opening.tickets, rows.opening.openings),
            (WORKED, rows.opening.worked, list(rows.opening.rules.values())),
            (FRESH, rows.clocks),
            (ORDERS, rows.orders),
        ],
    )
    return {(row[0], row[1]): row for row in written}


def _callers(drafts: Sequence[Draft]) -> list[Caller]:
    """Whose complaints these are: who is known, and a new key for everybody else, once for each."""
    ring = keyring()
    indexes = [identity_index(phone=draft.phone, account=draft.account) for draft in drafts]
    met = {
        index: Caller(known.key, index, known.level, known.nameless)
        for index, known in known_customers(indexes).items()
    }
    named = {draft.customer for draft in drafts if draft.customer}
    theirs = subject_keys(named) if named else {}
    callers = []
    for draft, index in zip(drafts, indexes, strict=True):
        if draft.customer:
            callers.append(Caller(theirs[draft.customer], index, draft.customer_level))
        elif index is None or index not in met:
            callers.append(Caller(ring.new_subject(), index, is_new=True))
            if index:
                met[index] = replace(callers[-1], is_new=False)
        else:
            callers.append(met[index])
    return callers
