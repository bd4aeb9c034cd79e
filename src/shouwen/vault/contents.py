"""What a file is, told by its content and never by its name; and whether such a file is taken.

Guarantees. Whatever bytes come, the answer is a kind from the list below or a refusal in one sentence. Nothing is run
or unpacked: archives are judged by their table of contents, recordings by their boxes, pictures are decoded once and
within bounds. What two programs would read as two different things (a picture that is a page as well) is refused.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import BinaryIO

import puremagic

from shouwen.vault.office import check_office
from shouwen.vault.pictures import check_picture
from shouwen.vault.recordings import check_heic, check_mp3, check_wav, media_in_boxes
from shouwen.vault.refusals import FileEmpty, FileHasScript, FileKindNotTaken, FileTooLarge, FileUnreadable

HEAD = 4096
STRIDE = 1 << 18
PICTURE, DOCUMENT, RECORDING = "picture", "document", "recording"


@dataclass(frozen=True, slots=True)
class Media:
    """A kind of file that is taken: how it is served, how it is called, and by which limit it is measured."""

    code: str
    mime: str
    group: str

    @property
    def extension(self) -> str:
        return "jpg" if self.code == "jpeg" else self.code


MEDIA: dict[str, Media] = {
    media.code: media
    for media in (
        Media("jpeg", "image/jpeg", PICTURE),
        Media("png", "image/png", PICTURE),
        Media("webp", "image/webp", PICTURE),
        Media("heic", "image/heic", PICTURE),
        Media("pdf", "application/pdf", DOCUMENT),
        Media("docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", DOCUMENT),
        Media("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", DOCUMENT),
        Media("txt", "text/plain; charset=utf-8", DOCUMENT),
        Media("mp3", "audio/mpeg", RECORDING),
        Media("wav", "audio/wav", RECORDING),
        Media("m4a", "audio/mp4", RECORDING),
        Media("mp4", "video/mp4", RECORDING),
    )
}

# What the first bytes say, as puremagic calls it, and what has to be found then.
_SAID = {
    ".jpg": "jpeg",
    ".png": "png",
    ".webp": "webp",
    ".heic": "heic",
    ".heif": "heic",
    ".pdf": "pdf",
    ".docx": "office",
    ".mpga": "mp3",
    ".mp3": "mp3",
    ".wav": "wav",
    ".m4a": "boxes",
    ".mp4": "boxes",
    ".m4v": "boxes",
    ".mov": "boxes",
    ".3gp": "boxes",
}
_OPENS = {
    "jpeg": b"\xff\xd8\xff",
    "png": b"\x89PNG\r\n\x1a\n",
    "webp": b"RIFF",
    "pdf": b"%PDF-",
    "office": b"PK\x03\x04",
    "wav": b"RIFF",
}

# Taken in by a browser that guesses, wherever it stands. No camera, recorder or office writes it.
_SCRIPT = re.compile(rb"<script|<!doctype html|<html[\s>]|<iframe|javascript:", re.IGNORECASE)
_MARKUP = re.compile(rb"<svg[\s>]|<\?php|<body[\s>]|<img[\s>]", re.IGNORECASE)  # too short to look for among all bytes
_LONGEST_SCRIPT = 32
_PDF_ACTS = re.compile(rb"/JavaScript\b|/Launch\b|/RichMedia\b")  # an invoice may well carry its own data
LONGEST_TEXT = 2_000_000
_CONTROL = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f]")


def media_of(file: BinaryIO, size: int, limits: Mapping[str, int]) -> Media:
    """What this file is. `limits` are the most bytes by group. Raises a Refusal of `vault.refusals`."""
    if size == 0:
        raise FileEmpty()
    if size > max(limits.values()):
        raise FileTooLarge(most=in_megabytes(max(limits.values())))
    file.seek(0)
    media = MEDIA[_told(file, file.read(HEAD), size)]
    if size > limits[media.group]:
        raise FileTooLarge(most=in_megabytes(limits[media.group]))
    return media


def in_megabytes(size: int) -> str:
    return f"{size / 1_000_000:.10g} MB"


def _told(file: BinaryIO, head: bytes, size: int) -> str:
    said = _said(head)
    if said is None:
        return _check_text(file, size)
    if not head.startswith(_OPENS.get(said, b"")):
        raise FileKindNotTaken()  # what it is begins somewhere inside it: another program would read it otherwise
    if said != "office":  # its parts are packed
        _check_no_script(file, _PDF_ACTS if said == "pdf" else None)
    return _CHECKS[said](file, size)


def _said(head: bytes) -> str | None:
    """What puremagic takes it for: of what is taken the first, None for nothing it knows. Raises FileKindNotTaken."""
    try:
        found = [one.extension.lower() for one in puremagic.magic_string(head)]
    except (puremagic.PureError, ValueError):
        return None
    known = next((_SAID[extension] for extension in found if extension in _SAID), None)
    if known is None and b"\x00" in head:  # words may begin as some rare format does ("BM", "II")
        raise FileKindNotTaken()
    return known


def _check_no_script(file: BinaryIO, also: re.Pattern[bytes] | None = None) -> None:
    """Raises FileHasScript for what a browser might run, or (`also`) a reader."""
    file.seek(0)
    before = b""
    while part := file.read(STRIDE):
        window = before + part
        if _SCRIPT.search(window) or (also and also.search(window)):
            raise FileHasScript()
        before = window[-_LONGEST_SCRIPT:]


def _check_text(file: BinaryIO, size: int) -> str:
    """Raises FileKindNotTaken for what is neither UTF-8 nor GB 18030, or has bytes that no text has."""
    if size > LONGEST_TEXT:
        raise FileTooLarge(most=in_megabytes(LONGEST_TEXT))
    _check_no_script(file, _MARKUP)
    file.seek(0)
    whole = file.read()
    for encoding in ("utf-8", "gb18030"):
        try:
            text = whole.decode(encoding)
        except UnicodeDecodeError:
            continue
        if not _CONTROL.search(text):
            return "txt"
    raise FileKindNotTaken()


def _check_pdf(file: BinaryIO, size: int) -> str:
    file.seek(max(size - 2048, 0))
    if b"%%EOF" not in file.read():
        raise FileUnreadable()
    return "pdf"


def _picture(code: str) -> Callable[[BinaryIO, int], str]:
    def check(file: BinaryIO, size: int) -> str:
        check_picture(file, code)
        return code

    return check


def _structured(check: Callable[[BinaryIO, int], str]) -> Callable[[BinaryIO, int], str]:
    """A check of lengths and offsets, which in a damaged file may be anything."""

    def checked(file: BinaryIO, size: int) -> str:
        try:
            return check(file, size)
        except (struct.error, ValueError, IndexError, OverflowError, EOFError):
            raise FileUnreadable() from None

    return checked


_CHECKS: dict[str, Callable[[BinaryIO, int], str]] = {
    "jpeg": _picture("jpeg"),
    "png": _picture("png"),
    "webp": _picture("webp"),
    "heic": _structured(check_heic),
    "pdf": _check_pdf,
    "office": _structured(check_office),
    "mp3": _structured(check_mp3),
    "wav": _structured(check_wav),
    "boxes": _structured(media_in_boxes),
}
