"""The short way in: the same answers as the long one, and only what is plainly in order takes it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from io import BytesIO
from typing import Any

import pytest
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from django.test import Client

from shouwen.intake.short_way import ShortWay
from shouwen.people.actions import make_api_key
from shouwen.tickets.models import Ticket
from tests.api.test_tickets import BODY
from tests.cast import Cast


class Django:
    """What stands behind the short way, and how often it was asked."""

    def __init__(self) -> None:
        self.asked = 0
        self._application = get_wsgi_application()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        self.asked += 1
        return self._application(environ, start_response)


@pytest.fixture(autouse=True)
def _connection_kept() -> Iterator[None]:
    """A test lives in a transaction on its connection, and a request's end would give that back."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def secret(cast: Cast) -> str:
    return make_api_key("测试系统", ["tickets:create"], by=cast.administrator)[1]


def post(application: Any, secret: str, body: bytes | None = None, **environ: str) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body of the answer."""
    body = json.dumps(BODY, ensure_ascii=False).encode() if body is None else body
    answered: dict[str, Any] = {}

    def start_response(status: str, headers: list[tuple[str, str]], *_: Any) -> None:
        answered.update(status=int(status.split()[0]), headers=dict(headers))

    given = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": "/api/v1/tickets",
        "SCRIPT_NAME": "",
        "QUERY_STRING": "",
        "SERVER_NAME": "testserver",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.url_scheme": "http",
        "wsgi.input": BytesIO(body),
        "CONTENT_TYPE": "application/json",
        "CONTENT_LENGTH": str(len(body)),
        "HTTP_HOST": "testserver",
        "HTTP_AUTHORIZATION": f"Bearer {secret}",
        "HTTP_IDEMPOTENCY_KEY": "k1",
    } | environ
    content = b"".join(application(given, start_response))
    return answered["status"], answered["headers"], content


@pytest.mark.clause("H2.1.1b")
def test_a_complaint_in_order_never_reaches_django(secret: str) -> None:
    django = Django()

    status, headers, content = post(ShortWay(django), secret)

    assert (status, django.asked) == (201, 0)
    assert headers["Content-Length"] == str(len(content))
    assert Ticket.objects.get().number == json.loads(content)["number"]


def test_both_ways_answer_in_the_same_words(secret: str) -> None:
    _, _, short = post(ShortWay(Django()), secret)
    headers = {"Authorization": f"Bearer {secret}", "Idempotency-Key": "k1"}
    long = Client().post("/api/v1/tickets", json.dumps(BODY), "application/json", headers=headers)

    assert short == long.content
    assert (long.status_code, long["Idempotent-Replay"]) == (201, "true")


def test_sent_again_it_brings_the_first_answer_and_says_so(secret: str) -> None:
    way = ShortWay(Django())
    first, again = post(way, secret), post(way, secret)

    assert first[2] == again[2]
    assert ("Idempotent-Replay" in first[1], again[1]["Idempotent-Replay"]) == (False, "true")
    assert Ticket.objects.count() == 1


@pytest.mark.parametrize(
    ("environ", "status"),
    [
        ({"HTTP_HOST": "elsewhere.example"}, 400),
        ({"HTTP_AUTHORIZATION": "Bearer nobody.knows"}, 401),
        ({"HTTP_AUTHORIZATION": ""}, 401),
        ({"HTTP_IDEMPOTENCY_KEY": ""}, 400),
        ({"HTTP_IDEMPOTENCY_KEY": "k" * 201}, 400),
        ({"CONTENT_TYPE": "text/plain"}, 415),
        ({"REQUEST_METHOD": "GET"}, 405),
        ({"PATH_INFO": "/api/v1/elsewhere"}, 404),
    ],
)
def test_what_is_not_in_order_is_answered_by_django(secret: str, environ: dict[str, str], status: int) -> None:
    django = Django()

    answered, _, _ = post(ShortWay(django), secret, **environ)

    assert (answered, django.asked) == (status, 1)
    assert not Ticket.objects.exists()


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 422),
        (b"{", 400),
        (b"[]", 422),
        (b'{"category": "network"}', 422),
        (json.dumps(BODY | {"colour": "red"}).encode(), 422),
        (json.dumps(BODY | {"category": "no.such.category"}).encode(), 422),
        (json.dumps(BODY | {"description": "x" * 300_000}).encode(), 413),
    ],
)
def test_what_cannot_be_taken_in_is_explained_by_django(secret: str, body: bytes, status: int) -> None:
    django = Django()

    answered, _, _ = post(ShortWay(django), secret, body)

    assert (answered, django.asked) == (status, 1)
    assert not Ticket.objects.exists()


def test_a_key_used_for_something_else_is_refused_on_both_ways(secret: str) -> None:
    way = ShortWay(Django())
    post(way, secret)

    status, _, content = post(way, secret, json.dumps(BODY | {"description": "完全不同。"}).encode())

    assert (status, json.loads(content)["code"]) == (409, "idempotency_key_reused")
