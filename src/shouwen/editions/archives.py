"""A pack as one file: the zip somebody uploads, and the one they get back."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import PurePosixPath

from django.utils.translation import gettext as _

from shouwen.editions.reading import LONGEST, BrokenPack, Problem

LARGEST = 2_000_000  # bytes of an upload; a pack has a twentieth of it
MOST_FILES = 60
LARGEST_TEXT = 4 * LONGEST  # bytes: no character takes more


def zip_of(texts: Mapping[str, str]) -> bytes:
    """The files of a pack as a zip; the same files make the same bytes."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(texts):
            archive.writestr(zipfile.ZipInfo(file), texts[file].encode(), zipfile.ZIP_DEFLATED)
    return written.getvalue()


def uploaded_texts(name: str, content: bytes) -> dict[str, str]:
    """The YAML files in an upload, by their bare names: those of a zip, or the one file itself. Raises BrokenPack."""
    if len(content) > LARGEST:
        raise BrokenPack([Problem(name, 0, "", _("the file is too large"))])
    if zipfile.is_zipfile(io.BytesIO(content)):
        return _unzipped(name, content)
    file = PurePosixPath(name).name
    if not file.endswith(".yaml"):
        raise BrokenPack([Problem(file, 0, "", _("this is neither a zip nor a .yaml file"))])
    return {file: _text(file, content)}


def _unzipped(name: str, content: bytes) -> dict[str, str]:
    """What is hidden or no YAML is left out: computers add files of their own to every folder."""
    texts: dict[str, str] = {}
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = [one for one in archive.infolist() if _is_yaml(one.filename)]
            if len(entries) > MOST_FILES:
                raise BrokenPack([Problem(name, 0, "", _("there are too many files in it"))])
            for entry in entries:
                file = PurePosixPath(entry.filename).name
                if file in texts:
                    raise BrokenPack([Problem(file, 0, "", _("it is in the zip twice"))])
                with archive.open(entry) as inside:
                    texts[file] = _text(file, inside.read(LARGEST_TEXT + 1))
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError):
        raise BrokenPack([Problem(name, 0, "", _("the zip cannot be read"))]) from None
    if not texts:
        raise BrokenPack([Problem(name, 0, "", _("there is no .yaml file in it"))])
    return texts


def _is_yaml(filename: str) -> bool:
    path = PurePosixPath(filename)
    return path.suffix == ".yaml" and not any(part.startswith((".", "__")) for part in path.parts)


def _text(file: str, content: bytes) -> str:
    """As it would be read from a folder: a byte order mark and Windows' line ends are not part of the text."""
    if len(content) > LARGEST_TEXT:
        raise BrokenPack([Problem(file, 0, "", _("the file is too long"))])
    try:
        return content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError:
        raise BrokenPack([Problem(file, 0, "", _("it cannot be read as UTF-8 text"))]) from None
