"""What is done with personal data: keep it, reveal it, erase it, change the master key."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from shouwen.vault.models import AccessLog, DataSubject, VaultItem
from shouwen.vault.queries import Name, items_named, keyring, opened, subject_keys
from shouwen.vault.refusals import (
    ErasureNeedsReason,
    ErasureTooEarly,
    HandingOutNeedsReason,
    RevealNeedsReason,
    SubjectErased,
)
from shouwen.vault.sealing import SubjectKey, VaultRow, seal

DRAWS = 5


def register_subject(subject_id: UUID | None = None) -> DataSubject:
    """A person whose data will be kept, with a key of their own."""
    key = keyring().new_subject(subject_id)
    return DataSubject.objects.create(id=key.subject_id, wrapped_key=key.wrapped, master_key_id=key.master_key_id)


def keep(subject_id: UUID, kind: str, value: str) -> VaultItem:
    """Keep one value for a person."""
    return keep_many([(subject_id, kind, value)])[0]


def keep_many(values: Sequence[tuple[UUID, str, str]]) -> list[VaultItem]:
    """Keep many values, each (subject id, kind, value), in one statement; the items come back in order."""
    keys = subject_keys(subject_id for subject_id, _, _ in values)
    if any(subject_id not in keys for subject_id, _, _ in values):
        raise SubjectErased
    for _ in range(DRAWS - 1):
        try:
            return _insert(keys, values)
        except IntegrityError:  # a token drawn twice: draw again
            continue
    return _insert(keys, values)


@transaction.atomic(durable=True)  # nobody has seen a value before the log of it is safe
def reveal(names: Iterable[Name], *, by: str, reason: str, at: datetime, about: str = "") -> dict[Name, str | None]:
    """The plain values by token or id, shown to somebody who said why; each is logged.

    `by` is a person's id, `about` the ticket. An erased person's value is None. Raises RevealNeedsReason, SealBroken.
    """
    if not reason.strip():
        raise RevealNeedsReason
    names = set(names)
    items = list(items_named(names))
    AccessLog.objects.bulk_create(
        AccessLog(what="revealed", subject_id=item.subject_id, item=item, by=by, reason=reason, about=about, at=at)
        for item in items
    )
    return opened(items, names)


def record_handing_out(about: str, *, subject_id: UUID | None, by: str, reason: str, at: datetime) -> None:
    """Write down that a document about a ticket leaves the house, and for whom. Raises HandingOutNeedsReason."""
    if not reason.strip():
        raise HandingOutNeedsReason
    AccessLog.objects.create(what="handed_out", subject_id=subject_id, about=about, by=by, reason=reason, at=at)


@transaction.atomic
def erase_subject(subject_id: UUID, *, not_before: datetime, by: str, reason: str, at: datetime) -> DataSubject:
    """Destroy a person's key, and with it every value kept for them; safe to repeat.

    `not_before` is when the duty to keep their records ends. Raises ErasureTooEarly, ErasureNeedsReason.
    """
    if at < not_before:
        raise ErasureTooEarly(until=f"{not_before:%Y-%m-%d}")
    if not reason.strip():
        raise ErasureNeedsReason
    subject = DataSubject.objects.select_for_update().get(id=subject_id)
    subject.items.exclude(blind_index=None, words=None).update(blind_index=None, words=None)
    if subject.erased_at is not None:
        return subject
    subject.wrapped_key, subject.erased_at = None, at
    subject.save(update_fields=["wrapped_key", "erased_at"])
    AccessLog.objects.create(what="erased", subject=subject, by=by, reason=reason, at=at)
    return subject


@transaction.atomic
def rewrap_subjects(*, batch: int = 500) -> int:
    """Wrap keys of older master keys under the one in use; how many were done. Repeat until none is left."""
    ring = keyring()
    rows = DataSubject.objects.select_for_update(skip_locked=True).exclude(master_key_id=ring.current)
    subjects = list(rows.filter(wrapped_key__isnull=False)[:batch])
    for subject in subjects:
        key = ring.rewrapped(subject.id, bytes(subject.wrapped_key))
        subject.wrapped_key, subject.master_key_id = key.wrapped, key.master_key_id
    DataSubject.objects.bulk_update(subjects, ["wrapped_key", "master_key_id"])
    return len(subjects)


def _insert(keys: dict[UUID, SubjectKey], values: Sequence[tuple[UUID, str, str]]) -> list[VaultItem]:
    rows: list[VaultRow] = [seal(keys[subject_id], kind, value) for subject_id, kind, value in values]
    with transaction.atomic():
        return VaultItem.objects.bulk_create(VaultItem(**row._asdict()) for row in rows)
