"""Sealing personal data: a key for each person, wrapped under a master key that the database never sees.

A sealed blob reads `version | algorithm | length of key id | key id | nonce | ciphertext | tag`. Its place (the row and
everything the row says about it) is authenticated with it, so a value copied into another row does not open there.
Knows no database and no settings.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import sha256
from typing import Any, NamedTuple, Self
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from uuid_utils.compat import uuid7

from shouwen.handbook.numbers import UNMISTAKABLE
from shouwen.vault.spelling import one_spelling, parts_of

VERSION = 1
AES_256_GCM = 1
CIPHERS: Mapping[int, Callable[[bytes], Any]] = {AES_256_GCM: AESGCM}  # SM4-GCM takes the next number
KEY_BYTES = 32
NONCE_BYTES = 12
TAG_BYTES = 16
TOKEN_LENGTH = 8
PART_BYTES = 3
_PAIRS = [one + other for one in UNMISTAKABLE for other in UNMISTAKABLE]
_ROOM = len(_PAIRS)


class Kind(StrEnum):
    """What a kept value is; the same words stand in the tokens of redacted text."""

    PHONE = "phone"
    NAME = "name"
    ID_CARD = "id_card"
    BANK_CARD = "bank_card"
    EMAIL = "email"
    ADDRESS = "address"
    TEXT = "text"
    IP = "ip"
    PLATE = "plate"
    ACCOUNT = "account"


NEVER_LOOKED_UP = frozenset({Kind.TEXT, Kind.ADDRESS})  # so they have no blind index


class SealBroken(Exception):
    """A sealed value does not open: it was altered, moved to another row, or its key is not here."""


class Blob(NamedTuple):
    """The parts of a sealed blob; `header` is all before the nonce, `sealed` is ciphertext and tag."""

    header: bytes
    algorithm: int
    key_id: bytes
    nonce: bytes
    sealed: bytes

    @classmethod
    def read(cls, packed: bytes) -> Self:
        if len(packed) < 3 or packed[0] != VERSION:
            raise SealBroken("This is no sealed value, or one of a later version.")
        nonce_at = 3 + packed[2]
        sealed_at = nonce_at + NONCE_BYTES
        if packed[1] not in CIPHERS:
            raise SealBroken(f"Sealed with algorithm {packed[1]}, which this version does not know.")
        if len(packed) < sealed_at + TAG_BYTES:
            raise SealBroken("The sealed value is cut short.")
        return cls(packed[:nonce_at], packed[1], packed[3:nonce_at], packed[nonce_at:sealed_at], packed[sealed_at:])


@dataclass(frozen=True, slots=True)
class SubjectKey:
    """One person's data key, opened. Lives as long as the work at hand, never in a log."""

    subject_id: UUID
    key: bytes = field(repr=False)
    index_key: bytes = field(repr=False)
    wrapped: bytes = field(repr=False)
    master_key_id: str
    name: bytes = field(init=False, repr=False, compare=False)  # enough of its hash to tell a wrong key by
    cipher: AESGCM = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", sha256(b"data key\x00" + self.key).digest()[:4])
        object.__setattr__(self, "cipher", AESGCM(self.key))


class VaultRow(NamedTuple):
    """A row of `vault_item` ready to insert; its fields are the columns, in order. It holds no plaintext."""

    id: UUID
    token: str
    subject_id: UUID
    kind: str
    ciphertext: bytes
    blind_index: bytes | None
    words: str | None


@dataclass(frozen=True, slots=True)
class Keyring:
    """The keys outside the database: master keys by id, the one in use, and the key of the blind indexes."""

    masters: Mapping[str, bytes] = field(repr=False)
    current: str
    index_key: bytes = field(repr=False)

    @classmethod
    def read(cls, secrets_read: Mapping[str, Any]) -> Self:
        """The keyring in the secrets file; a ValueError says which entry is wrong."""
        masters = {str(name): _key(f"master_keys.{name}", key) for name, key in secrets_read["master_keys"].items()}
        current = str(secrets_read["master_key_id"])
        if current not in masters:
            raise ValueError(f"master_key_id is {current!r}, and master_keys has no such key.")
        return cls(masters, current, _key("blind_index_key", secrets_read["blind_index_key"]))

    def new_subject(self, subject_id: UUID | None = None) -> SubjectKey:
        """A new person with a data key of their own."""
        return self._wrapped(subject_id or uuid7(), os.urandom(KEY_BYTES))

    def open_subject(self, subject_id: UUID, wrapped: bytes) -> SubjectKey:
        """The data key in this wrapping. Raises SealBroken."""
        blob = Blob.read(wrapped)
        master_key_id = blob.key_id.decode(errors="replace")
        if master_key_id not in self.masters:
            raise SealBroken(f"The master key {master_key_id!r} is not in the secrets file.")
        key = _opened(self.masters[master_key_id], blob, _subject_place(subject_id), f"The key of {subject_id}")
        return SubjectKey(subject_id, key, self.index_key, bytes(wrapped), master_key_id)

    def rewrapped(self, subject_id: UUID, wrapped: bytes) -> SubjectKey:
        """The same data key, wrapped anew under the master key in use."""
        return self._wrapped(subject_id, self.open_subject(subject_id, wrapped).key)

    def seal_secret(self, secret: bytes, place: bytes) -> bytes:
        """A secret of the desk itself, sealed for this place under the master key in use."""
        return _sealed(AESGCM(self.masters[self.current]), self.current.encode(), secret, b"secret\x00" + place)

    def open_secret(self, packed: bytes, place: bytes) -> bytes:
        """The secret sealed for this place. Raises SealBroken."""
        blob = Blob.read(packed)
        master_key_id = blob.key_id.decode(errors="replace")
        if master_key_id not in self.masters:
            raise SealBroken(f"The master key {master_key_id!r} is not in the secrets file.")
        return _opened(self.masters[master_key_id], blob, b"secret\x00" + place, "A secret")

    def _wrapped(self, subject_id: UUID, key: bytes) -> SubjectKey:
        master = AESGCM(self.masters[self.current])
        wrapped = _sealed(master, self.current.encode(), key, _subject_place(subject_id))
        return SubjectKey(subject_id, key, self.index_key, wrapped, self.current)


def seal(subject: SubjectKey, kind: str, value: str, *, token: str | None = None) -> VaultRow:
    """The row that keeps this value for this person."""
    if not value:
        raise ValueError("There is nothing to seal.")
    kind = str(Kind(kind))
    row_id, token = uuid7(), token or draw_token()
    place = item_place(row_id, token, kind, subject.subject_id)
    ciphertext = _sealed(subject.cipher, subject.name, value.encode(), place)
    index, words = blind_index(subject.index_key, kind, value), blind_words(subject.index_key, kind, value)
    return VaultRow(row_id, token, subject.subject_id, kind, ciphertext, index, words)


def unseal(subject: SubjectKey, *, item_id: UUID, token: str, kind: str, ciphertext: bytes) -> str:
    """The value sealed in this row. Raises SealBroken."""
    blob = Blob.read(ciphertext)
    if blob.key_id != subject.name:
        raise SealBroken(f"The value {token} was sealed under another person's key.")
    place = item_place(item_id, token, kind, subject.subject_id)
    return _opened(subject.key, blob, place, f"The value {token}").decode()


def seal_bytes(subject: SubjectKey, plain: bytes, place: bytes) -> bytes:
    """These bytes sealed for this person and this place."""
    return _sealed(subject.cipher, subject.name, plain, place)


def unseal_bytes(subject: SubjectKey, packed: bytes, place: bytes) -> bytes:
    """The bytes sealed for this place. Raises SealBroken."""
    blob = Blob.read(packed)
    if blob.key_id != subject.name:
        raise SealBroken("This was sealed under another person's key.")
    return _opened(subject.key, blob, place, "A part of a file")


def file_place(file_id: UUID, subject_id: UUID, part: str) -> bytes:
    """Where a part of a file belongs: its name, its small picture, or the how-manieth of how many pieces."""
    return b"vault_file\x00" + file_id.bytes + subject_id.bytes + part.encode()


def blind_index(index_key: bytes, kind: str, value: str) -> bytes | None:
    """What finds a value again without reading it: a keyed hash over its one spelling."""
    if kind in NEVER_LOOKED_UP:
        return None
    return hmac.digest(index_key, f"{kind}\x00{one_spelling(kind, value)}".encode(), "sha256")


def blind_words(index_key: bytes, kind: str, value: str) -> str | None:
    """What finds a value by its parts: a short keyed hash of each, as a `tsvector` writes them; None without parts."""
    return " ".join(blind_parts(index_key, kind, parts_of(kind, value))) or None


def blind_parts(index_key: bytes, kind: str, parts: Iterable[str]) -> list[str]:
    """The hashes of these parts: long enough to find by, too short to tell two parts of a million from one another."""
    hashes = (hmac.digest(index_key, f"{kind} part\x00{part}".encode(), "sha256") for part in parts)
    return [one[:PART_BYTES].hex() for one in hashes]


def draw_token() -> str:
    """A random name for a value, to stand in its place in text."""
    draw = int.from_bytes(os.urandom(TOKEN_LENGTH), "big")
    pairs = []
    for _ in range(TOKEN_LENGTH // 2):
        draw, rest = divmod(draw, _ROOM)
        pairs.append(_PAIRS[rest])
    return "".join(pairs)


def item_place(item_id: UUID, token: str, kind: str, subject_id: UUID) -> bytes:
    """Where a value belongs: authenticated with it, so it opens nowhere else."""
    return b"vault_item\x00" + item_id.bytes + subject_id.bytes + f"{token}\x00{kind}".encode()


def _subject_place(subject_id: UUID) -> bytes:
    return b"data_subject\x00" + subject_id.bytes


def _sealed(cipher: AESGCM, key_id: bytes, plain: bytes, place: bytes) -> bytes:
    header = bytes((VERSION, AES_256_GCM, len(key_id))) + key_id
    nonce = os.urandom(NONCE_BYTES)
    return header + nonce + cipher.encrypt(nonce, plain, header + place)


def _opened(key: bytes, blob: Blob, place: bytes, name: str) -> bytes:
    try:
        return CIPHERS[blob.algorithm](key).decrypt(blob.nonce, blob.sealed, blob.header + place)
    except InvalidTag:
        raise SealBroken(f"{name} was altered or moved to another row.") from None


def _key(name: str, encoded: str) -> bytes:
    try:
        key = base64.b64decode(encoded, validate=True)
    except (binascii.Error, TypeError, ValueError):
        raise ValueError(f"{name} in the secrets file is not base64.") from None
    if len(key) != KEY_BYTES:
        raise ValueError(f"{name} in the secrets file holds {len(key)} bytes, not {KEY_BYTES}.")
    return key
