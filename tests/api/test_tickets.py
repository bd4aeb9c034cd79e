"""The API other systems send complaints through."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import now

from shouwen.editions.actions import install_shipped_pack
from shouwen.handbook.lifecycle import Move
from shouwen.handling.actions import move_ticket
from shouwen.intake import api
from shouwen.intake.api import Call, TicketIn, take_in
from shouwen.people.actions import make_api_key
from shouwen.people.models import ApiKey
from shouwen.tickets.models import Ticket
from tests.cast import MONDAY, Cast, hire

BODY = {
    "description": "宽带每晚掉线，已报修两次。",
    "category": "network.broadband.drops",
    "complainant": {"name": "某客户", "phone": "19900001234"},
    "region": "340104",
    "details": {"service_address": "某路 1 号", "when_it_happens": "periodic", "lights": "red"},
}


@pytest.fixture
def secret(cast: Cast) -> str:
    return make_api_key("测试系统", ["tickets:create", "tickets:read"], by=cast.administrator)[1]


def send(secret: str, key: str = "k1", body: object = BODY, **headers: str):
    given = {"Authorization": f"Bearer {secret}", "Idempotency-Key": key, **headers}
    return Client().post("/api/v1/tickets", json.dumps(body), "application/json", headers=given)


@pytest.mark.clause("S1.1b", "H7.1")
def test_a_complaint_sent_in_gets_a_number_and_can_be_read_by_its_sender(secret: str) -> None:
    answer = send(secret)

    assert answer.status_code == 201
    sent = answer.json()
    assert sent["status"] == "acknowledged"
    read = Client().get(sent["href"], headers={"Authorization": f"Bearer {secret}"})
    assert (read.status_code, read.json()["number"]) == (200, sent["number"])


@pytest.mark.clause("S1.2a", "S1.2c")
@pytest.mark.parametrize(
    ("details", "status", "because"),
    [
        ({"service_address": "某路 1 号", "when_it_happens": "unknown"}, 201, "the lights may be left out"),
        ({"when_it_happens": "unknown", "lights": "red"}, 422, "an engineer must know where to go"),
    ],
)
def test_a_caller_may_leave_out_what_an_agent_may(secret: str, details: dict, status: int, because: str) -> None:
    assert send(secret, body=BODY | {"details": details}).status_code == status, because


@pytest.mark.clause("H2.1.1b")
def test_sending_it_again_brings_the_first_answer(secret: str) -> None:
    first, again = send(secret), send(secret)

    assert again.status_code == 201
    assert again.json() == first.json()
    assert again["Idempotent-Replay"] == "true"
    assert "Idempotent-Replay" not in first
    assert Ticket.objects.count() == 1


def test_a_key_used_for_something_else_is_refused(secret: str) -> None:
    send(secret)

    answer = send(secret, body=BODY | {"description": "完全不同。"})

    assert (answer.status_code, answer.json()["code"]) == (409, "idempotency_key_reused")


def test_the_keys_of_two_senders_are_two_keys(cast: Cast, secret: str) -> None:
    other = make_api_key("另一系统", ["tickets:create", "tickets:read"], by=cast.administrator)[1]

    first, second = send(secret), send(other)

    assert first.json()["number"] != second.json()["number"]
    foreign = Client().get(first.json()["href"], headers={"Authorization": f"Bearer {other}"})
    assert foreign.status_code == 404


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({"Authorization": ""}, 401, "key_unknown"),
        ({"Authorization": "Bearer no.such"}, 401, "key_unknown"),
        ({"Idempotency-Key": ""}, 400, "idempotency_key_missing"),
        ({"Idempotency-Key": "x" * 201}, 400, "idempotency_key_missing"),
    ],
)
def test_what_is_missing_is_said(secret: str, headers: dict[str, str], status: int, code: str) -> None:
    answer = send(secret, **headers)

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert not Ticket.objects.exists()


@pytest.mark.clause("H7.3.1")
def test_a_key_does_only_what_its_scopes_say(cast: Cast) -> None:
    reader = make_api_key("只读", ["tickets:read"], by=cast.administrator)[1]

    assert send(reader).status_code == 403


@pytest.mark.clause("X2", "H7.3.1")
def test_the_ledger_of_a_ticket_is_read_by_its_sender_and_by_nobody_else(cast: Cast) -> None:
    scopes = ["tickets:create", "tickets:ledger"]
    own, other = (make_api_key(name, scopes, by=cast.administrator)[1] for name in ("甲", "乙"))
    blind = make_api_key("丙", ["tickets:create", "tickets:read"], by=cast.administrator)[1]
    address = f"{send(own).json()['href']}/ledger"

    read = {who: Client().get(address, headers={"Authorization": f"Bearer {who}"}) for who in (own, other, blind, "")}

    assert [answer.status_code for answer in read.values()] == [200, 404, 403, 401]
    told = read[own].json()
    assert told["proof"]["sound"]
    law = next(clock for clock in told["clocks"] if clock["kind"] == "statutory")
    assert law["used_minutes"] == pytest.approx(sum(part["minutes"] for part in law["split"]), abs=0.01)
    assert "handler" not in read[own].content.decode()
    missing = Client().get("/api/v1/tickets/AH-22222-22222-2/ledger", headers={"Authorization": f"Bearer {own}"})
    assert (missing.status_code, missing.json()["code"]) == (404, "no_such_ticket")


@pytest.mark.clause("H7.3.1")
@pytest.mark.parametrize(
    ("regions", "region", "status"),
    [
        (["3412"], "340104", 422),
        (["3412"], "", 422),
        (["3412"], "341204", 201),
        (["3412", "3401"], "340104", 201),
        (["0"], "", 201),
        ([], "340104", 201),
    ],
)
def test_a_key_sends_in_complaints_of_its_regions_only(
    cast: Cast, regions: list[str], region: str, status: int
) -> None:
    limited = make_api_key("阜阳", ["tickets:create"], by=cast.administrator, regions=regions)[1]

    answer = send(limited, body=BODY | {"region": region})

    assert answer.status_code == status
    assert Ticket.objects.exists() == (status == 201)
    if status == 422:
        assert list(answer.json()["errors"]) == ["region"]


@pytest.mark.parametrize("change", [{"revoked_at": MONDAY}, {"expires_at": MONDAY}])
def test_a_key_taken_back_is_dead_at_once(secret: str, change: dict[str, object]) -> None:
    assert send(secret, "k1").status_code == 201
    ApiKey.objects.update(**change)

    assert send(secret, "k2").status_code == 401


def test_every_field_that_is_wrong_is_named_in_the_callers_language(secret: str) -> None:
    body = BODY | {"category": "no.such", "details": {}}

    english = send(secret, body=body, **{"Accept-Language": "en"}).json()
    chinese = send(secret, body=body, **{"Accept-Language": "zh-CN"}).json()

    assert english["errors"]["category"] == ["Choose what it is about."]
    assert chinese["errors"].keys() == english["errors"].keys()


@pytest.mark.parametrize(
    "body", [[], {}, {"description": 7}, BODY | {"surprise": 1}, BODY | {"received_at": "2026-03-02T09:00:00"}]
)
def test_a_body_of_another_shape_is_refused_whole(secret: str, body: object) -> None:
    answer = send(secret, body=body)

    assert answer.status_code == 422
    assert not Ticket.objects.exists()


@pytest.mark.parametrize(
    ("content", "kind", "status", "code"),
    [
        ("{", "application/json", 400, "unreadable"),
        (b"\xff", "application/json", 400, "unreadable"),
        (json.dumps(BODY), "text/plain", 415, "not_json"),
        ("a=b", "application/x-www-form-urlencoded", 415, "not_json"),
        (json.dumps(BODY | {"description": "很" * 50_000}), "application/json", 413, "too_long"),
        (" " * 3_000_000, "application/json", 413, "too_long"),
    ],
)
def test_what_cannot_be_read_is_the_senders_fault(
    secret: str, content: str | bytes, kind: str, status: int, code: str
) -> None:
    given = {"Authorization": f"Bearer {secret}", "Idempotency-Key": "k"}
    answer = Client().post("/api/v1/tickets", content, kind, headers=given)

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert not Ticket.objects.exists()


@pytest.mark.parametrize("field", ["name", "account", "region", "external_id", "requested_resolution"])
def test_a_character_that_cannot_be_kept_is_refused_wherever_it_stands(secret: str, field: str) -> None:
    answer = send(secret, body=BODY | {field: "a\x00b"})

    assert answer.status_code == 422


def test_the_document_names_the_key_and_how_to_show_it() -> None:
    document = Client().get("/api/v1/openapi.json").json()

    post = document["paths"]["/api/v1/tickets"]["post"]
    assert [one["name"] for one in post["parameters"]] == ["Idempotency-Key"]
    assert post["security"] == [{"key": []}]
    assert document["components"]["securitySchemes"] == {"key": {"type": "http", "scheme": "bearer"}}
    assert "TicketIn" in document["components"]["schemas"]


def test_a_group_of_calls_takes_as_many_queries_as_one(secret: str) -> None:
    def call(number: int) -> Call:
        return Call(secret, f"g{number}", TicketIn(**BODY), now())

    take_in([call(0)])
    with CaptureQueriesContext(connection) as one:
        take_in([call(1)])
    with CaptureQueriesContext(connection) as many:
        answers = take_in([call(number) for number in range(2, 52)])

    assert len(many) <= len(one)
    assert len({answer.number for answer in answers}) == 50


def test_one_bad_call_does_not_fail_its_neighbours(secret: str) -> None:
    bad = TicketIn(**(BODY | {"category": "no.such"}))
    calls = [Call(secret, "a", TicketIn(**BODY), now()), Call(secret, "b", bad, now()), Call("", "c", bad, now())]

    answers = take_in(calls)

    assert [type(answer).__name__ for answer in answers] == ["Accepted", "DraftRefused", "NotAdmitted"]


@pytest.mark.clause("H2.1.1b")
@pytest.mark.django_db(transaction=True)
def test_many_callers_with_the_same_keys_at_once_make_one_ticket_a_key() -> None:
    install_shipped_pack(at=now() - timedelta(days=1))
    secret = make_api_key("测试系统", ["tickets:create"], by=hire().administrator)[1]

    def call(number: int) -> str:
        try:
            return send(secret, f"k{number % 10}").json()["number"]
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        numbers = list(pool.map(call, range(80)))

    assert Ticket.objects.count() == 10
    assert len(set(numbers)) == 10


@pytest.mark.clause("T1.3b")
def test_a_title_full_of_numbers_is_cut_where_their_tokens_make_it_too_long(secret: str) -> None:
    title = " ".join(f"1990000{n:04}" for n in range(16))

    answer = send(secret, body=BODY | {"name": title})

    assert answer.status_code == 201
    assert len(Ticket.objects.get().title) <= 200
    assert Ticket.objects.get().title.endswith("⟧ …")


def test_our_own_mistakes_are_answered_in_the_form_of_any_other_answer(
    secret: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("13812345678")

    monkeypatch.setattr(api, "intake", SimpleNamespace(ask=broken))

    answer = send(secret)

    assert (answer.status_code, answer.json()["code"]) == (500, "failed")
    assert "13812345678" not in answer.content.decode()


@pytest.mark.clause("H7.3.1")
def test_reading_a_ticket_asks_for_it_by_its_number(secret: str) -> None:
    number = send(secret).json()["number"]
    with CaptureQueriesContext(connection) as asked:
        read = Client().get(f"/api/v1/tickets/{number}", headers={"Authorization": f"Bearer {secret}"})

    assert read.status_code == 200
    assert not [query for query in asked if "intake_key" in query["sql"]]


@pytest.mark.clause("H2.1.1b")
def test_a_merged_ticket_says_under_which_number_it_goes_on(cast: Cast, secret: str) -> None:
    earlier, later = send(secret, "k1").json(), send(secret, "k2").json()
    facts = {"into": earlier["number"], "reason": "同一事项"}
    at = Ticket.objects.get(number=later["number"]).received_at
    move_ticket(later["number"], Move.MERGE, by=cast.actor("supervisor"), happened_at=at, now=at, facts=facts)

    first, second = (
        Client().get(sent["href"], headers={"Authorization": f"Bearer {secret}"}).json() for sent in (earlier, later)
    )

    assert (first["stage"], first["goes_on_as"]) == ("received", "")
    assert (second["stage"], second["status"], second["goes_on_as"]) == ("merged", "cancelled", earlier["number"])
