"""Whether an office document is one, and nothing more: judged by the table of contents of its archive.

Nothing is unpacked but the one part that says what the document is. A document that would be larger than a document
ever is once unpacked, that brings macros, programs or other archives, or that fetches its template from elsewhere, is
refused.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from typing import BinaryIO

from shouwen.vault.refusals import FileHasMacros, FileKindNotTaken, FileUnpacksTooLarge, FileUnreadable

MOST_PARTS = 5_000
MOST_UNPACKED = 300_000_000
MOST_TIMES_LARGER = 200  # a sheet of repeated rows comes to 50; a bomb to 1,000 and more
SMALL = 5_000_000  # below which nobody minds how well it was packed
LARGEST_TABLE = 1_000_000

TYPES = "[Content_Types].xml"
MAIN = {
    "docx": ("word/document.xml", b"wordprocessingml.document.main+xml"),
    "xlsx": ("xl/workbook.xml", b"spreadsheetml.sheet.main+xml"),
}
_ACTS = re.compile(
    r"vbaproject|vbadata|macrosheets/|activex/|/embeddings/.*\.(?!docx$|xlsx$|pptx$)|"
    r"\.(exe|dll|js|vbs|bat|cmd|ps1|hta|scr|jar|zip|rar|7z|html?|svg)$",
    re.IGNORECASE,
)
_FROM_ELSEWHERE = re.compile(rb"attachedTemplate[^>]*TargetMode\s*=\s*[\"']External", re.IGNORECASE)


def check_office(file: BinaryIO, size: int) -> str:
    """docx or xlsx. Raises FileUnreadable, FileUnpacksTooLarge, FileHasMacros or FileKindNotTaken."""
    try:
        with zipfile.ZipFile(file) as archive:
            parts = archive.infolist()
            _check_bounds(parts, size)
            _check_whole(archive, parts)
            _check_still(archive, parts)
            return _kind(archive, {part.filename for part in parts})
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, OSError):
        raise FileUnreadable() from None


def _check_bounds(parts: list[zipfile.ZipInfo], size: int) -> None:
    unpacked = sum(part.file_size for part in parts)
    if len(parts) > MOST_PARTS or unpacked > MOST_UNPACKED:
        raise FileUnpacksTooLarge()
    if unpacked > SMALL and unpacked > size * MOST_TIMES_LARGER:
        raise FileUnpacksTooLarge()
    if sum(part.compress_size for part in parts) > size:  # parts that lie on one another
        raise FileUnpacksTooLarge()


def _check_whole(archive: zipfile.ZipFile, parts: list[zipfile.ZipInfo]) -> None:
    """Nothing before the archive, nothing behind it, nothing locked."""
    begins = min((part.header_offset for part in parts), default=1)
    if begins != 0 or archive.comment or any(part.flag_bits & 1 for part in parts):
        raise FileUnreadable()


def _check_still(archive: zipfile.ZipFile, parts: list[zipfile.ZipInfo]) -> None:
    """Raises FileHasMacros for what runs, or fetches what runs."""
    if any(_ACTS.search(part.filename) for part in parts):
        raise FileHasMacros()
    for part in parts:
        if part.filename.endswith("settings.xml.rels") and _FROM_ELSEWHERE.search(_read(archive, part.filename)):
            raise FileHasMacros()


def _kind(archive: zipfile.ZipFile, names: set[str]) -> str:
    if TYPES not in names:
        raise FileKindNotTaken()
    types = _read(archive, TYPES)
    if b"macroEnabled" in types:
        raise FileHasMacros()
    for kind, (part, content) in MAIN.items():
        if part in names and content in types:
            return kind
    raise FileKindNotTaken()


def _read(archive: zipfile.ZipFile, name: str) -> bytes:
    with archive.open(name) as part:
        return part.read(LARGEST_TABLE)
