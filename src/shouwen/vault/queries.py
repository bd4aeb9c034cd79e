"""Questions to the vault. What a person is to see in full goes through `actions.reveal`, which writes it down."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.postgres.search import SearchQuery
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.db.models import Q, QuerySet, prefetch_related_objects

from shouwen.vault.models import AccessLog, DataSubject, VaultItem
from shouwen.vault.patience import for_at_most
from shouwen.vault.sealing import Keyring, SubjectKey, blind_index, blind_parts, unseal
from shouwen.vault.spelling import parts_of

PATIENCE = "100ms"
ITEMS_EACH = 20  # a customer who calls often has their number kept with every ticket
Name = UUID | str  # of a kept value: its id, or its token


def keyring() -> Keyring:
    """The keys of this installation, from its secrets file."""
    if not _held or _held[0][0] is not settings.SHOUWEN_SECRETS:
        _held[:] = [(settings.SHOUWEN_SECRETS, _read(settings.SHOUWEN_SECRETS))]
    return _held[0][1]


_held: list[tuple[Mapping[str, Any], Keyring]] = []  # what was read, and what it says


def _read(secrets: Mapping[str, Any]) -> Keyring:
    try:
        return Keyring.read(secrets)
    except KeyError as missing:
        raise ImproperlyConfigured(f"The secrets file has no {missing.args[0]}.") from None
    except ValueError as wrong:
        raise ImproperlyConfigured(str(wrong)) from None


def subject_keys(subject_ids: Iterable[UUID]) -> dict[UUID, SubjectKey]:
    """The opened data keys of these people; one who was erased, or never was, is missing."""
    return _opened_keys(DataSubject.objects.filter(id__in=set(subject_ids)))


def values_of(names: Iterable[Name]) -> dict[Name, str | None]:
    """The plain values by token or id: for masking, and for messages to the customer; never to be shown as they are.

    An erased person's value is None; a name nobody gave is missing. Raises SealBroken.
    """
    names = set(names)
    return opened(items_named(names), names)


def kept_under(tokens: Iterable[str]) -> dict[str, tuple[str, str | None]]:
    """Kind and plain value by token, for lists that mask them by the hundred: one query. Raises SealBroken."""
    tokens = set(tokens)
    if not tokens:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(KEPT, [list(tokens)])
        rows = cursor.fetchall()
    ring, keys = keyring(), dict[UUID, SubjectKey]()
    for _id, _token, _kind, subject_id, _ciphertext, wrapped in rows:
        if wrapped is not None and subject_id not in keys:
            keys[subject_id] = ring.open_subject(subject_id, bytes(wrapped))
    return {
        token: (kind, _unsealed(keys.get(subject_id), item_id, token, kind, ciphertext))
        for item_id, token, kind, subject_id, ciphertext, _wrapped in rows
    }


KEPT = """
    SELECT i.id, i.token, i.kind, i.subject_id, i.ciphertext, s.wrapped_key
    FROM vault_item i JOIN data_subject s ON s.id = i.subject_id WHERE i.token = ANY(%s)
"""


def items_named(names: Iterable[Name]) -> QuerySet[VaultItem]:
    """The rows with these tokens or ids."""
    names = set(names)
    ids = [name for name in names if isinstance(name, UUID)]
    tokens = [name for name in names if isinstance(name, str)]
    return VaultItem.objects.select_related("subject").filter(Q(id__in=ids) | Q(token__in=tokens))


def items_of(subject_id: UUID, names: Iterable[Name]) -> QuerySet[VaultItem]:
    """Those of them that were kept for this person."""
    return items_named(names).filter(subject_id=subject_id)


def opened(items: Iterable[VaultItem], names: Iterable[Name]) -> dict[Name, str | None]:
    """The values in these rows, under the names asked for."""
    items, wanted = list(items), set(names)
    prefetch_related_objects(items, "subject")  # one question for those that came without
    keys = _opened_keys(item.subject for item in items)
    found: dict[Name, str | None] = {}
    for item in items:
        value = _value(item, keys)
        found |= {name: value for name in (item.id, item.token) if name in wanted}
    return found


def items_with(kind: str, value: str) -> QuerySet[VaultItem]:
    """Every kept item with this value, newest first, found without reading any."""
    index = blind_index(keyring().index_key, kind, value)
    if index is None:
        raise ValueError(f"A {kind} is not looked up by its value.")
    return VaultItem.objects.filter(kind=kind, blind_index=index, subject__erased_at__isnull=True).order_by("-id")


def subjects_with(kind: str, value: str) -> list[UUID]:
    """The people this value was kept for, the latest first."""
    return list(dict.fromkeys(items_with(kind, value).values_list("subject_id", flat=True)))


def subjects_by_value(values: Iterable[tuple[str, str]], *, most: int = 50) -> dict[tuple[str, str], list[UUID]]:
    """The people by each (kind, value) kept for them, the latest first and `most` in all: one query, reading none."""
    key = keyring().index_key
    indexes = {index: (kind, value) for kind, value in values if (index := blind_index(key, kind, value))}
    kinds = {kind for kind, _ in indexes.values()}
    kept = VaultItem.objects.filter(kind__in=kinds, blind_index__in=indexes).order_by("-id")
    found: dict[tuple[str, str], list[UUID]] = {}
    for index, subject_id in kept.values_list("blind_index", "subject_id")[: most * ITEMS_EACH]:
        known = found.setdefault(indexes[bytes(index)], [])
        if subject_id not in known and len(known) < most:
            known.append(subject_id)
    return found


def subjects_by_part(parts: Sequence[tuple[str, str]], *, most: int = 200) -> list[list[UUID]]:
    """For each (kind, part) the people who have a value with it; nobody where that would be more than `most`.

    So common a part tells nobody from anybody. Raises TookTooLong where it takes long to find that out.
    """
    if not parts:
        return []
    with for_at_most(PATIENCE):
        return [_having(kind, part, most) for kind, part in parts]


def _having(kind: str, part: str, most: int) -> list[UUID]:
    wanted = blind_parts(keyring().index_key, kind, parts_of(kind, part) or [part])
    kept = VaultItem.objects.filter(kind=kind, words=_Parts(" & ".join(f"'{one}'" for one in wanted)))
    subjects = list(kept.values_list("subject_id", flat=True)[: most * ITEMS_EACH])
    found = list(dict.fromkeys(subjects))
    return found if len(found) <= most and len(subjects) < most * ITEMS_EACH else []


class _Parts(SearchQuery):
    """A query the vault has written, taken as it is."""

    template = "%(expressions)s::tsquery"


def accesses_to(subject_id: UUID) -> QuerySet[AccessLog]:
    """Who looked at a person's data, the latest first."""
    return AccessLog.objects.filter(subject_id=subject_id).order_by("-at", "-id")


def _opened_keys(subjects: Iterable[DataSubject]) -> dict[UUID, SubjectKey]:
    ring = keyring()
    wrapped = {subject.id: subject.wrapped_key for subject in subjects if subject.wrapped_key is not None}
    return {subject_id: ring.open_subject(subject_id, bytes(key)) for subject_id, key in wrapped.items()}


def _value(item: VaultItem, keys: Mapping[UUID, SubjectKey]) -> str | None:
    return _unsealed(keys.get(item.subject_id), item.id, item.token, item.kind, item.ciphertext)


def _unsealed(key: SubjectKey | None, item_id: UUID, token: str, kind: str, ciphertext: bytes) -> str | None:
    return None if key is None else unseal(key, item_id=item_id, token=token, kind=kind, ciphertext=bytes(ciphertext))
