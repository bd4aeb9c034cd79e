"""Pictures: decoded once and within bounds, and drawn anew for the screen, without what a camera wrote beside them."""

from __future__ import annotations

import io
from typing import BinaryIO

from PIL import Image, ImageOps, UnidentifiedImageError

from shouwen.vault.refusals import FileUnreadable, PictureTooLarge

MOST_PIXELS = {"jpeg": 60_000_000, "png": 24_000_000, "webp": 24_000_000}  # a JPEG is decoded at a fraction
THUMBNAIL = (216, 216)  # shown at 72 by 54: sharp on any screen
VIEW = (1600, 1600)
QUALITY = 78
FORMATS = {"jpeg": "JPEG", "png": "PNG", "webp": "WEBP"}

# What Pillow raises of its own over damaged pictures, of any kind.
_BROKEN = (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError, TypeError, IndexError, KeyError)
_BROKEN += (ZeroDivisionError, OverflowError, MemoryError, AttributeError, Warning)


def check_picture(file: BinaryIO, code: str) -> None:
    """Decodes it. Raises PictureTooLarge or FileUnreadable."""
    _drawn(file, code, THUMBNAIL)


def redrawn(file: BinaryIO, code: str, size: tuple[int, int] = VIEW) -> bytes:
    """The picture as a new JPEG no larger than `size`, turned the right way up, without place, time or device."""
    out = io.BytesIO()
    _drawn(file, code, size).save(out, "JPEG", quality=QUALITY, optimize=True)
    return out.getvalue()


def _drawn(file: BinaryIO, code: str, size: tuple[int, int]) -> Image.Image:
    file.seek(0)
    try:
        with Image.open(file, formats=[FORMATS[code]]) as picture:
            if picture.width * picture.height > MOST_PIXELS[code]:
                raise _too_large(code)
            picture.thumbnail(size)
            return _on_white(ImageOps.exif_transpose(picture))
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise _too_large(code) from None
    except _BROKEN:
        raise FileUnreadable() from None


def _too_large(code: str) -> PictureTooLarge:
    return PictureTooLarge(most=MOST_PIXELS[code] // 1_000_000)


def _on_white(picture: Image.Image) -> Image.Image:
    """In plain colours."""
    if picture.mode not in ("RGBA", "LA", "PA", "P"):
        return picture.convert("RGB")
    seen = picture.convert("RGBA")
    paper = Image.new("RGB", seen.size, "white")
    paper.paste(seen, mask=seen.getchannel("A"))
    return paper
