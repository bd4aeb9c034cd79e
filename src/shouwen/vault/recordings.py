"""Whether a recording is built as its kind is: by the lengths its parts state, without decoding any of it."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import BinaryIO

from shouwen.vault.refusals import FileUnreadable

MOST_BOXES = 10_000
LARGEST_MOOV = 32_000_000
MP3_BEGINS_WITHIN = 4096  # bytes behind its tag: some writers pad it
HEIC_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"mif1", b"msf1"})

_BITRATES = {  # kbit/s by (MPEG-1?, layer)
    (True, 1): (32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448),
    (True, 2): (32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    (True, 3): (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (False, 1): (32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256),
    (False, 2): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
    (False, 3): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
_RATES = {0: (11025, 12000, 8000), 2: (22050, 24000, 16000), 3: (44100, 48000, 32000)}


def check_mp3(file: BinaryIO, size: int) -> str:
    """Two frames of sound that follow one another, soon after what is written before them. Raises FileUnreadable."""
    file.seek(0)
    head = file.read(10)
    start = 10 + _syncsafe(head[6:10]) if head[:3] == b"ID3" else 0
    for at in range(start, min(start + MP3_BEGINS_WITHIN, size - 4)):
        length = _frame_length(file, at)
        if length and (at + length >= size - 4 or _frame_length(file, at + length)):
            return "mp3"
    raise FileUnreadable()


def check_wav(file: BinaryIO, size: int) -> str:
    """A form of chunks, with a format and its samples. Raises FileUnreadable."""
    file.seek(0)
    riff, _length, form = struct.unpack("<4sI4s", file.read(12))
    if riff != b"RIFF" or form != b"WAVE":
        raise FileUnreadable()
    names, at = set(), 12
    while at + 8 <= size and len(names) < MOST_BOXES and b"data" not in names:
        file.seek(at)
        name, length = struct.unpack("<4sI", file.read(8))
        names.add(name)
        at += 8 + length + length % 2
    if not {b"fmt ", b"data"} <= names:
        raise FileUnreadable()
    return "wav"


def media_in_boxes(file: BinaryIO, size: int) -> str:
    """mp4 for what has pictures that move, m4a for sound alone. Raises FileUnreadable."""
    found = dict[bytes, tuple[int, int]]()
    for name, start, end in _boxes(file, size):
        found.setdefault(name, (start, end))
    if b"ftyp" not in found or b"moov" not in found:
        raise FileUnreadable()
    start, end = found[b"moov"]
    if end - start > LARGEST_MOOV:
        raise FileUnreadable()
    file.seek(start)
    moov = file.read(end - start)
    return "mp4" if b"vide" in moov else "m4a"


def check_heic(file: BinaryIO, size: int) -> str:
    """A still picture as telephones take them. Raises FileUnreadable."""
    boxes = list(_boxes(file, size))
    file.seek(0)
    head = file.read(64)
    brands = {head[at : at + 4] for at in (8, *range(16, min(len(head), boxes[0][2]) - 3, 4))}
    if boxes[0][0] != b"ftyp" or not brands & HEIC_BRANDS or b"meta" not in {name for name, _, _ in boxes}:
        raise FileUnreadable()
    return "heic"


def _boxes(file: BinaryIO, size: int) -> Iterator[tuple[bytes, int, int]]:
    """The outermost boxes: name, beginning, end. Together they are the file, to the last byte."""
    at = 0
    for _ in range(MOST_BOXES):
        if at == size:
            return
        file.seek(at)
        length, name = struct.unpack(">I4s", file.read(8))
        if length == 1:
            length = struct.unpack(">Q", file.read(8))[0]
        end = size if length == 0 else at + length
        if (length not in (0, 1) and length < 8) or end > size or end <= at:
            raise FileUnreadable()
        yield name, at, end
        at = end
    raise FileUnreadable()


def _syncsafe(four: bytes) -> int:
    one, two, three, last = four
    return (one << 21) | (two << 14) | (three << 7) | last


def _frame_length(file: BinaryIO, at: int) -> int:
    """The length of the frame of sound that begins here; 0 if none does."""
    file.seek(at)
    head = struct.unpack(">I", file.read(4))[0]
    version, layer = (head >> 19) & 3, 4 - ((head >> 17) & 3)
    bitrate, rate, padding = (head >> 12) & 15, (head >> 10) & 3, (head >> 9) & 1
    if head >> 21 != 0x7FF or version == 1 or layer == 4 or bitrate in (0, 15) or rate == 3:
        return 0
    first = version == 3
    bits = _BITRATES[first, layer][bitrate - 1] * 1000
    hertz = _RATES[version][rate]
    if layer == 1:
        return (12 * bits // hertz + padding) * 4
    return (144 if first or layer == 2 else 72) * bits // hertz + padding
