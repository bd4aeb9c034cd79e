"""Files by their content: whatever bytes come, they are refused with a sentence or are what they are taken for."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Callable

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from shouwen.handbook.refusals import Refusal
from shouwen.vault.contents import DOCUMENT, MEDIA, PICTURE, RECORDING, media_of
from shouwen.vault.files import proper_name
from shouwen.vault.pictures import redrawn
from shouwen.vault.refusals import (
    FileEmpty,
    FileHasMacros,
    FileHasScript,
    FileKindNotTaken,
    FileTooLarge,
    FileUnpacksTooLarge,
    FileUnreadable,
    PictureTooLarge,
)

pytestmark = pytest.mark.clause("H5.3.3")

LIMITS = {PICTURE: 1_000_000, DOCUMENT: 1_000_000, RECORDING: 3_000_000}


def told(data: bytes, limits: dict[str, int] = LIMITS) -> str:
    return media_of(io.BytesIO(data), len(data), limits).code


def picture(kind: str, size: tuple[int, int] = (40, 30), mode: str = "RGB", **how: object) -> bytes:
    out = io.BytesIO()
    Image.new(mode, size).save(out, kind, **how)
    return out.getvalue()


def workbook() -> bytes:
    out = io.BytesIO()
    openpyxl.Workbook().save(out)
    return out.getvalue()


def packed(parts: dict[str, bytes], how: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", how) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return out.getvalue()


WORD = {
    "[Content_Types].xml": b"<Types><Override ContentType='application/vnd.openxmlformats-officedocument."
    b"wordprocessingml.document.main+xml'/></Types>",
    "word/document.xml": "<w:document>网络很差</w:document>".encode(),
}


def document(**more: bytes) -> bytes:
    return packed({**WORD, **{name.replace("__", "/"): data for name, data in more.items()}})


def box(name: bytes, body: bytes = b"") -> bytes:
    return struct.pack(">I4s", len(body) + 8, name) + body


FRAME = b"\xff\xfb\x90\x00" + b"\x00" * 413
SOUND = FRAME * 4
WAVE = (
    b"RIFF" + struct.pack("<I", 44) + b"WAVEfmt " + struct.pack("<I", 16) + b"\x01" * 16 + b"data\x04\x00\x00\x00abcd"
)
VIDEO = (
    box(b"ftyp", b"mp42\x00\x00\x00\x00mp42isom")
    + box(b"moov", box(b"hdlr", b"\x00" * 8 + b"vide"))
    + box(b"mdat", b"x" * 9)
)
VOICE = (
    box(b"ftyp", b"M4A \x00\x00\x00\x00mp42isom")
    + box(b"moov", box(b"hdlr", b"\x00" * 8 + b"soun"))
    + box(b"mdat", b"x" * 9)
)
STILL = box(b"ftyp", b"heic\x00\x00\x00\x00mif1heic") + box(b"meta", b"\x00" * 8) + box(b"mdat", b"x" * 9)
PAGE = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"

TAKEN: list[tuple[str, Callable[[], bytes]]] = [
    ("jpeg", lambda: picture("JPEG")),
    ("png", lambda: picture("PNG", mode="RGBA")),
    ("webp", lambda: picture("WEBP")),
    ("heic", lambda: STILL),
    ("pdf", lambda: PAGE),
    ("docx", document),
    ("xlsx", workbook),
    ("txt", "每晚八点以后网速不到 1 Mbps。\r\n".encode),
    ("txt", lambda: "每晚八点以后网速很慢。".encode("gb18030")),
    ("mp3", lambda: SOUND),
    ("mp3", lambda: b"ID3\x04\x00\x00\x00\x00\x00\x0512345" + SOUND),
    ("wav", lambda: WAVE),
    ("m4a", lambda: VOICE),
    ("mp4", lambda: VIDEO),
]

REFUSED: list[tuple[str, Callable[[], bytes], type[Refusal]]] = [
    ("nothing", lambda: b"", FileEmpty),
    ("a program", lambda: b"MZ\x90\x00" + b"\x00" * 400, FileKindNotTaken),
    ("a page", lambda: b"<!DOCTYPE html><html><script>alert(1)</script>", FileHasScript),
    ("a drawing that runs", lambda: b'<svg xmlns="http://www.w3.org/2000/svg" onload="x()">', FileHasScript),
    ("a picture that is a page as well", lambda: picture("JPEG") + b"<script>alert(1)</script>", FileHasScript),
    ("a page in a picture's remark", lambda: picture("JPEG", comment=b"<html >"), FileHasScript),
    ("a picture cut short", lambda: picture("JPEG", (300, 300))[:400], FileUnreadable),
    ("a picture with more pixels than anybody needs", lambda: picture("PNG", (6000, 4001), "1"), PictureTooLarge),
    ("a page description that runs", lambda: PAGE.replace(b"<<>>", b"<</S/JavaScript>>", 1), FileHasScript),
    ("a page description cut short", lambda: PAGE[:20], FileUnreadable),
    ("an archive that is no document", lambda: packed({"a.txt": b"x"}), FileKindNotTaken),
    (
        "a document with macros",
        lambda: document(word__vbaProject_bin=b"x", **{"word/vbaProject.bin": b"x"}),
        FileHasMacros,
    ),
    ("a document that says it has", lambda: packed({**WORD, "[Content_Types].xml": b"macroEnabled"}), FileHasMacros),
    ("a document with a program", lambda: document(**{"word/embeddings/oleObject1.bin": b"x"}), FileHasMacros),
    (
        "a document that fetches its template",
        lambda: document(
            **{"word/_rels/settings.xml.rels": b'<Relationship Type="attachedTemplate" TargetMode="External"/>'}
        ),
        FileHasMacros,
    ),
    ("a bomb", lambda: document(**{"word/media/x.xml": b"\x00" * 8_000_000}), FileUnpacksTooLarge),
    ("a document behind something else", lambda: b"PK\x03\x04junk" + document(), FileUnreadable),
    ("a voice without its index", lambda: VOICE.replace(b"moov", b"free"), FileUnreadable),
    ("a video cut short", lambda: VIDEO[:-3], FileUnreadable),
    ("a wave without samples", lambda: WAVE[:30], FileUnreadable),
    ("one frame of noise", lambda: FRAME[:6] + b"\x01" * 600, FileUnreadable),
    ("words with bytes no words have", lambda: b"abc\x01def", FileKindNotTaken),
]


@pytest.mark.parametrize(("kind", "made"), TAKEN, ids=[f"{kind}-{n}" for n, (kind, _) in enumerate(TAKEN)])
def test_a_file_is_what_its_content_says(kind: str, made: Callable[[], bytes]) -> None:
    assert told(made()) == kind


@pytest.mark.parametrize(("what", "made", "refusal"), REFUSED, ids=[row[0] for row in REFUSED])
def test_what_is_not_taken_is_told_why(what: str, made: Callable[[], bytes], refusal: type[Refusal]) -> None:
    with pytest.raises(refusal) as refused:
        told(made())
    assert str(refused.value).endswith(".")


@pytest.mark.parametrize(("spare", "taken"), [(1, True), (0, True), (-1, False)])
def test_a_limit_holds_to_the_byte(spare: int, taken: bool) -> None:
    data = PAGE
    limits = {**LIMITS, DOCUMENT: len(data) + spare}
    if taken:
        assert told(data, limits) == "pdf"
    else:
        with pytest.raises(FileTooLarge):
            told(data, limits)


@given(st.binary(max_size=3000))
def test_no_bytes_whatever_are_more_than_a_refusal_can_say(data: bytes) -> None:
    _judged(data)


@given(st.sampled_from([made() for _, made in TAKEN]), st.data())
def test_a_file_damaged_anywhere_is_refused_or_is_still_one(whole: bytes, draw: st.DataObject) -> None:
    data = bytearray(whole)
    for _ in range(draw.draw(st.integers(1, 8))):
        data[draw.draw(st.integers(0, len(data) - 1))] = draw.draw(st.integers(0, 255))
    cut = draw.draw(st.integers(0, len(data)))
    _judged(bytes(data))
    _judged(bytes(data[:cut]))
    _judged(bytes(data[cut:]))


def _judged(data: bytes) -> None:
    try:
        kind = told(data)
    except Refusal:
        return
    assert kind in MEDIA
    if MEDIA[kind].group == PICTURE and kind != "heic":
        assert redrawn(io.BytesIO(data), kind).startswith(b"\xff\xd8\xff")


@pytest.mark.clause("T1.3b")
def test_a_picture_on_the_screen_says_nothing_of_where_and_when_it_was_taken() -> None:
    exif = Image.Exif()
    exif[0x0110], exif[0x0112], exif[0x9003] = "Phone 15", 6, "2026:03:02 09:00:00"
    taken = picture("JPEG", (40, 20), exif=exif)

    shown = redrawn(io.BytesIO(taken), "jpeg")

    assert b"Phone 15" in taken
    assert b"Phone 15" not in shown
    with Image.open(io.BytesIO(shown)) as drawn:
        assert drawn.size == (20, 40)  # and it stands upright
        assert not drawn.getexif()


@pytest.mark.parametrize(
    ("given_name", "kind", "shown"),
    [
        ("发票.PDF", "pdf", "发票.pdf"),
        ("invoice.pdf.exe", "pdf", "invoice.pdf.pdf"),
        ("C:\\temp\\照片.jpeg", "jpeg", "照片.jpg"),
        ("../../etc/passwd", "txt", "passwd.txt"),
        ("photo\u202egpj.exe", "jpeg", "photo gpj.jpg"),
        ("a\r\nb: c.png", "png", "a b c.png"),
        (".htaccess", "txt", "file.txt"),
        ("", "mp3", "file.mp3"),
        ("截图 2026.03.02 上午九点的网速", "png", "截图 2026.03.02 上午九点的网速.png"),
        ("长" * 300, "png", "长" * 100 + ".png"),
    ],
)
def test_a_name_is_a_name_and_ends_as_what_the_file_is(given_name: str, kind: str, shown: str) -> None:
    assert proper_name(given_name, MEDIA[kind]) == shown


@given(st.text(max_size=300), st.sampled_from(sorted(MEDIA)))
def test_no_name_leads_out_of_its_folder(name: str, kind: str) -> None:
    shown = proper_name(name, MEDIA[kind])

    assert shown.endswith(f".{MEDIA[kind].extension}")
    assert not set(shown) & set('/\\:*?"<>|\r\n\x00')
    assert not shown.startswith((".", " "))
    assert len(shown) <= 106
