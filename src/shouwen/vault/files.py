"""Files kept for people: sealed piece by piece under the person's own key, so that neither keeping one nor giving it
out holds more than a piece in memory.
"""

from __future__ import annotations

import io
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import BinaryIO
from uuid import UUID

from django.conf import settings
from django.db import transaction
from uuid_utils.compat import uuid7

from shouwen.vault.contents import DOCUMENT, MEDIA, PICTURE, RECORDING, Media, media_of
from shouwen.vault.models import AccessLog, VaultFile, VaultPiece
from shouwen.vault.pictures import FORMATS, THUMBNAIL, VIEW, redrawn
from shouwen.vault.queries import subject_keys
from shouwen.vault.refusals import SubjectErased
from shouwen.vault.sealing import SealBroken, SubjectKey, file_place, seal_bytes, unseal_bytes

PIECE = 1 << 18
LONGEST_NAME = 100
# What would make a name read otherwise than it is, or be more than a name.
_NOT_IN_A_NAME = re.compile('[\x00-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff\\\\/:*?"<>|]+')


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A kept file, as it may be listed: `name` is "" once its person has been erased."""

    id: UUID
    media: Media
    size: int
    digest: str
    name: str
    has_picture: bool


def limits() -> dict[str, int]:
    """The most bytes by kind of file, as the settings say."""
    return {
        PICTURE: settings.SHOUWEN_FILE_MB * 1_000_000,
        DOCUMENT: settings.SHOUWEN_FILE_MB * 1_000_000,
        RECORDING: settings.SHOUWEN_RECORDING_MB * 1_000_000,
    }


@transaction.atomic
def keep_file(subject_id: UUID, file: BinaryIO, *, size: int, name: str) -> KeptFile:
    """Keep a file for a person once its content has been looked at. Raises SubjectErased, or a FileRefused."""
    media = media_of(file, size, limits())
    subject = subject_keys([subject_id]).get(subject_id)
    if subject is None:
        raise SubjectErased
    row = VaultFile(id=uuid7(), subject_id=subject_id, media=media.code, size=size, pieces=pieces_of(size), digest=b"")
    called = proper_name(name, media)
    row.name = seal_bytes(subject, called.encode(), _place(row, "name"))
    if media.code in FORMATS:
        row.thumbnail = seal_bytes(subject, redrawn(file, media.code, THUMBNAIL), _place(row, "thumbnail"))
    row.save(force_insert=True)
    row.digest = _keep_pieces(row, subject, file)
    row.save(update_fields=["digest"])
    return _kept(row, called)


def kept_files(subject_id: UUID, ids: Iterable[UUID]) -> dict[UUID, KeptFile]:
    """Those of these files that were kept for this person, with their names: two questions."""
    rows = list(VaultFile.objects.filter(subject_id=subject_id, id__in=list(ids)).defer("thumbnail"))
    subject = subject_keys([subject_id]).get(subject_id) if rows else None
    return {row.id: _kept(row, _name(row, subject)) for row in rows}


def thumbnail_of(subject_id: UUID, file_id: UUID) -> bytes | None:
    """The small picture of a file; None where there is none, or no longer a key."""
    row = VaultFile.objects.filter(subject_id=subject_id, id=file_id).first()
    subject = subject_keys([subject_id]).get(subject_id)
    if row is None or subject is None or row.thumbnail is None:
        return None
    return unseal_bytes(subject, bytes(row.thumbnail), _place(row, "thumbnail"))


def view_of(subject_id: UUID, file_id: UUID) -> bytes | None:
    """A picture drawn anew for the screen; None where there is none, or no longer a key."""
    row = VaultFile.objects.defer("thumbnail").filter(subject_id=subject_id, id=file_id).first()
    subject = subject_keys([subject_id]).get(subject_id)
    if row is None or subject is None or row.media not in FORMATS:
        return None
    return redrawn(io.BytesIO(b"".join(_pieces(row, subject))), row.media, VIEW)  # no larger than a file may be


def contents_of(subject_id: UUID, file_id: UUID) -> Iterator[bytes]:
    """The file, piece by piece. Raises SealBroken where a piece was altered, moved or lost, and SubjectErased."""
    row = VaultFile.objects.defer("thumbnail").get(subject_id=subject_id, id=file_id)
    subject = subject_keys([subject_id]).get(subject_id)
    if subject is None:
        raise SubjectErased
    return _pieces(row, subject)


def record_opening(file_id: UUID, *, subject_id: UUID, by: str, about: str, at: datetime) -> None:
    """Write down who took a file in full."""
    AccessLog.objects.create(what="opened", subject_id=subject_id, by=by, reason=f"file {file_id}", about=about, at=at)


def digest_now(file_id: UUID) -> str:
    """The digest of the pieces as they lie there now: other than the one written down, they were altered."""
    digest = sha256()
    rows = VaultPiece.objects.filter(file_id=file_id).order_by("place")
    for ciphertext in rows.values_list("ciphertext", flat=True).iterator(chunk_size=8):
        digest.update(ciphertext)
    return digest.hexdigest()


def proper_name(name: str, media: Media) -> str:
    """The name as it may be given out: one line without paths, ending as what the file is."""
    plain = _NOT_IN_A_NAME.sub(" ", unicodedata.normalize("NFC", name.replace("\\", "/").rpartition("/")[2]))
    stem, dot, ending = plain.rpartition(".")
    if not dot or len(ending) > 8:
        stem = plain
    stem = " ".join(stem.split()).strip(". ")[:LONGEST_NAME] or "file"
    return f"{stem}.{media.extension}"


def pieces_of(size: int) -> int:
    return -(-size // PIECE)


def _keep_pieces(row: VaultFile, subject: SubjectKey, file: BinaryIO) -> bytes:
    digest = sha256()
    file.seek(0)
    for place in range(row.pieces):
        sealed = seal_bytes(subject, file.read(PIECE), _place(row, f"{place}/{row.pieces}"))
        digest.update(sealed)
        VaultPiece.objects.bulk_create([VaultPiece(file_id=row.id, place=place, ciphertext=sealed)])
    return digest.digest()


def _pieces(row: VaultFile, subject: SubjectKey) -> Iterator[bytes]:
    for place in range(row.pieces):
        found = VaultPiece.objects.filter(file_id=row.id, place=place).values_list("ciphertext", flat=True).first()
        if found is None:
            raise SealBroken(f"Piece {place} of the file {row.id} is lost.")
        yield unseal_bytes(subject, bytes(found), _place(row, f"{place}/{row.pieces}"))


def _kept(row: VaultFile, name: str) -> KeptFile:
    return KeptFile(row.id, MEDIA[row.media], row.size, bytes(row.digest).hex(), name, row.media in FORMATS)


def _name(row: VaultFile, subject: SubjectKey | None) -> str:
    return unseal_bytes(subject, bytes(row.name), _place(row, "name")).decode() if subject else ""


def _place(row: VaultFile, part: str) -> bytes:
    return file_place(row.id, row.subject_id, part)
