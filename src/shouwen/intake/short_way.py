"""The short way in for complaints from other systems: around the layers that pages need and a complaint does not.

What is plainly in order is taken in and answered 201, in the words of the API. Everything else, and everything that
goes wrong here, goes on to Django with its request untouched and is answered there: a key sent twice counts once.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from functools import cached_property
from io import BytesIO
from typing import Any

from django.conf import settings
from django.core.signals import request_finished
from django.db import connection
from django.http.request import split_domain_port, validate_host
from django.urls import reverse
from django.utils.timezone import now as current_time
from pydantic import ValidationError

from shouwen.handling.actions import Accepted
from shouwen.intake import api
from shouwen.intake.documented import LONGEST_BODY, LONGEST_KEY

Environ = dict[str, Any]
Application = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]

log = logging.getLogger(__name__)


class ShortWay:
    """A WSGI application that takes in what it can and hands on the rest."""

    def __init__(self, application: Application) -> None:
        self._application = application

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] == "POST" and environ["PATH_INFO"] == self._place:
            accepted = self._take_in(environ)
            if accepted is not None:
                return _answered(accepted, start_response)
        return self._application(environ, start_response)

    @cached_property
    def _place(self) -> str:
        return reverse("api-v1:create_ticket")

    def _take_in(self, environ: Environ) -> Accepted | None:
        """The answer, or None when this is for the long way."""
        try:
            call = _call(environ)
            outcome = call and api.intake.ask(call)
        except Exception as error:  # it will happen again there, and be dealt with
            log.warning("A complaint takes the long way: %s", type(error).__name__)
            return None
        finally:
            if connection.connection is not None:  # whoever led the group gives it back, as at the end of any request
                request_finished.send(sender=ShortWay)
        return outcome if isinstance(outcome, Accepted) else None


def _call(environ: Environ) -> api.Call | None:
    """The request, if it is of the documented form in every respect."""
    scheme, _space, secret = environ.get("HTTP_AUTHORIZATION", "").partition(" ")
    key, length = environ.get("HTTP_IDEMPOTENCY_KEY", "").strip(), environ.get("CONTENT_LENGTH", "")
    in_order = (
        scheme == "Bearer"
        and 0 < len(key) <= LONGEST_KEY
        and environ.get("CONTENT_TYPE") in {"application/json", "application/json; charset=utf-8"}
        and length.isdigit()
        and int(length) <= LONGEST_BODY
        and validate_host(split_domain_port(environ.get("HTTP_HOST", ""))[0], settings.ALLOWED_HOSTS)
    )
    if not in_order:
        return None
    body = environ["wsgi.input"].read(int(length))
    environ["wsgi.input"] = BytesIO(body)
    try:
        return api.Call(secret.strip(), key, api.TicketIn.model_validate_json(body), current_time())
    except ValidationError:
        return None


def _answered(accepted: Accepted, start_response: Callable[..., Any]) -> list[bytes]:
    answer = api.spelled(accepted)
    headers = [
        ("Content-Type", "application/json; charset=utf-8"),
        ("Content-Length", str(len(answer))),
        ("X-Content-Type-Options", "nosniff"),
    ]
    if accepted.repeated:
        headers.append(("Idempotent-Replay", "true"))
    start_response("201 Created", headers)
    return [answer]
