"""The leaf of a history row: what proves afterwards that nobody edited it (M6.3).

The database computes the same leaf while it inserts, because only then does it know its own time:
`sha256('\\x00'::bytea || digest || int8send((extract(epoch from recorded_at) * 1000000)::bigint))`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from math import isfinite
from typing import Any

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
LEAF_PREFIX = b"\x00"  # RFC 6962: what is hashed as a leaf can never pass for an inner node


class NotProvable(ValueError):
    """This content cannot be written down in one way only."""


def canonical(content: Mapping[str, Any]) -> bytes:
    """The one spelling of this content: sorted keys, compact JSON, UTF-8."""
    spelled = _ENCODER.encode(as_json(content))
    try:
        return spelled.encode()
    except UnicodeEncodeError as broken:
        raise NotProvable("The text holds half a character (a lone surrogate).") from broken


def content_digest(content: Mapping[str, Any]) -> bytes:
    """SHA-256 of the canonical content."""
    return sha256(canonical(content)).digest()


def leaf_hash(digest: bytes, recorded_at: datetime) -> bytes:
    """SHA-256 over the leaf prefix, the content's digest and the microsecond it was recorded at."""
    microseconds = (_aware(recorded_at) - EPOCH) // timedelta(microseconds=1)
    return sha256(LEAF_PREFIX + digest + microseconds.to_bytes(8, "big", signed=True)).digest()


def history_digest(leaves: Iterable[bytes]) -> bytes:
    """SHA-256 over the leaves of a history in their order: one value to compare a whole history by."""
    return sha256(b"".join(leaves)).digest()


def as_json(value: Any) -> Any:
    """The value in plain JSON types, as it survives a `jsonb` column: store this, prove this.

    An instant becomes UTC with microseconds and Z; a float that is a whole number becomes that number.
    """
    spelling = _SPELLINGS.get(type(value)) or next((how for kind, how in _OF_KIND if isinstance(value, kind)), None)
    if spelling is None:
        raise NotProvable(f"A {type(value).__name__} has no place in JSON; say it as text.")
    return spelling(value)


def _object(value: Mapping[Any, Any]) -> dict[str, Any]:
    # Plain text is most of a history: it is looked at here rather than in a call of its own.
    return {
        key if type(key) is str and "\x00" not in key else _key(key): member
        if type(member) is str and "\x00" not in member
        else as_json(member)
        for key, member in value.items()
    }


def _array(value: Sequence[Any]) -> list[Any]:
    return [member if type(member) is str and "\x00" not in member else as_json(member) for member in value]


def _instant(value: datetime) -> str:
    return _aware(value).astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _text(value: str) -> str:
    if "\x00" in value:
        raise NotProvable("The text holds a NUL character, which no database keeps.")
    return str.__str__(value)


def _key(key: Any) -> str:
    if not isinstance(key, str):
        raise NotProvable(f"A name in JSON is text, not {key!r}.")
    return _text(key)


def _number(value: float) -> int | float:
    if not isfinite(value):
        raise NotProvable(f"{value} is not a number JSON knows.")
    return int(value) if value.is_integer() else float(value)


def _aware(instant: datetime) -> datetime:
    if instant.tzinfo is None:
        raise NotProvable("An instant needs its zone.")
    return instant


# How what is of a kind is spelled; what is of exactly this type is found at once, what was derived from it in order.
_OF_KIND: list[tuple[type, Callable[[Any], Any]]] = [
    (str, _text),
    (type(None), lambda value: None),
    (bool, bool),
    (int, int),
    (float, _number),
    (datetime, _instant),
    (Mapping, _object),
    (list, _array),
    (tuple, _array),
]
_SPELLINGS: dict[type, Callable[[Any], Any]] = {**dict(_OF_KIND), dict: _object}
