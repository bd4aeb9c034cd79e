"""Workbooks that were taken away, as tests read them."""

from __future__ import annotations

import io
from typing import Any

from django.http import HttpResponse
from openpyxl import load_workbook


def sheets(answer: HttpResponse) -> dict[str, list[tuple[Any, ...]]]:
    """A workbook by the names of its leaves."""
    book = load_workbook(io.BytesIO(b"".join(answer.streaming_content)))
    return {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in book}
