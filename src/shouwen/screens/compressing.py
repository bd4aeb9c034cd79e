"""Pages travel compressed; files, which are compressed already or must keep their length, as they are."""

from __future__ import annotations

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware

WRITTEN = ("text/", "application/json", "application/yaml")


class CompressedPages(GZipMiddleware):
    """Compresses what is written, once it is complete."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if response.streaming or not response.headers.get("Content-Type", "").startswith(WRITTEN):
            return response
        return super().process_response(request, response)
