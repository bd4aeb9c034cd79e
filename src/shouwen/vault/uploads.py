"""No request brings more than the largest file that may be kept: it is refused before its body is read."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import FileUploadHandler

from shouwen.vault.files import limits

BESIDE = 1_000_000  # bytes for everything in a request that is no file


class NoMoreThanAllowed(FileUploadHandler):
    """Looks at how much is announced, and leaves the files to the handlers after it."""

    def handle_raw_input(self, input_data: Any, META: Any, content_length: int, *rest: Any, **named: Any) -> None:
        if content_length > max(limits().values()) + BESIDE:
            raise RequestDataTooBig("A request may not be larger than the largest file that is taken.")

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        return raw_data

    def file_complete(self, file_size: int) -> None:
        return None
