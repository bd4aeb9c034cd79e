"""What the API is made of before anything is taken in: the bodies it reads, and the document that describes it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import NinjaAPI
from ninja.parser import Parser

LONGEST_KEY = 200
LONGEST_BODY = 256 * 1024  # bytes: ten thousand characters, each escaped, and the rest


class NotJson(ValueError):
    """The body is said to be something else."""


class TooLong(ValueError):
    """The body is longer than any complaint."""


class JsonOnly(Parser):
    """Reads what is said to be JSON, and no more of it than a complaint can be."""

    def parse_body(self, request: HttpRequest) -> dict[str, Any]:
        if request.content_type != "application/json":
            raise NotJson
        if len(request.body) > LONGEST_BODY:
            raise TooLong
        return super().parse_body(request)


class Documented(NinjaAPI):
    """Its document also says how a key is shown: whether it is live, each group of calls asks once for all."""

    def get_openapi_schema(self, **options: Any) -> Any:
        schema = super().get_openapi_schema(**options)
        schema["components"]["securitySchemes"] = {"key": {"type": "http", "scheme": "bearer"}}
        return schema


WITH_KEY: dict[str, Any] = {"security": [{"key": []}]}
ONCE: dict[str, Any] = {
    "parameters": [
        {
            "name": "Idempotency-Key",
            "in": "header",
            "required": True,
            "schema": {"type": "string", "maxLength": LONGEST_KEY},
            "description": "One value for each complaint; send it again with the same body after any doubt.",
        }
    ]
}
