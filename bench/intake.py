"""Complaints taken in through HTTP by sixteen callers at once, each answered after its commit."""

from __future__ import annotations

import json
from typing import Any

from bench.complaints import body
from bench.figures import against_floor, percentiles
from bench.ground import Ground
from bench.load import NUMBER, generate

CLIENTS = 16
BODIES = 500
WARM_UP = 2  # seconds


def measure(ground: Ground, floor: float, seconds: int) -> dict[str, Any]:
    """Answers a second, and that each one stands for one ticket."""
    ground.clear()
    secret = _key()
    with ground.web() as port:
        generate(port, _requests(secret, "warm"), clients=CLIENTS, seconds=WARM_UP)
        told = generate(port, _requests(secret, "told"), clients=CLIENTS, seconds=seconds)
    _check(ground, told)
    return against_floor(len(told["taken"]) / told["seconds"], floor, "tickets/s") | percentiles(
        told["milliseconds"], 95
    )


def _key() -> str:
    from shouwen.people.actions import make_api_key

    return make_api_key("bench", ["tickets:create"], by=None)[1]


def _requests(secret: str, run: str) -> list[str]:
    return [_request(secret, run, body(n)) for n in range(BODIES)]


def _request(secret: str, run: str, said: dict[str, Any]) -> str:
    """A request with gaps for its number: in its key, and in the phone number, so that every caller is another."""
    number = NUMBER.decode()
    complainant = said["complainant"] | {"phone": f"17{number}"}
    sent = json.dumps(said | {"complainant": complainant}, ensure_ascii=False)
    head = [
        "POST /api/v1/tickets HTTP/1.1",
        "Host: 127.0.0.1",
        f"Authorization: Bearer {secret}",
        f"Idempotency-Key: {run}-{number}",
        "Content-Type: application/json",
        f"Content-Length: {len(sent.encode())}",
    ]
    return "\r\n".join([*head, "", sent])


def _check(ground: Ground, told: dict[str, Any]) -> None:
    """Every 201 is one ticket in the database, and there is no other."""
    assert set(told["statuses"]) == {"201"}, told["statuses"]
    rows = ground.ask(
        "SELECT key, count(ticket.id) FROM intake_key LEFT JOIN ticket ON ticket.id = intake_key.ticket_id "
        "WHERE key LIKE 'told-%' GROUP BY key"
    )
    assert {int(key.removeprefix("told-")): tickets for key, tickets in rows} == dict.fromkeys(told["taken"], 1)
