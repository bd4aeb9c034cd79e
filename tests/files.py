"""Files to attach in tests: small, and each what it says it is."""

from __future__ import annotations

import io

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from shouwen.handling.attaching import Upload

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


def photo(size: tuple[int, int] = (640, 480)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "teal").save(out, "JPEG")
    return out.getvalue()


def upload(data: bytes = PDF, name: str = "账单.pdf") -> Upload:
    return Upload(io.BytesIO(data), len(data), name)


def sent(data: bytes = PDF, name: str = "账单.pdf") -> SimpleUploadedFile:
    """A file as a browser's form sends it."""
    return SimpleUploadedFile(name, data)
