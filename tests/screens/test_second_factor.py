"""One-time codes beside the password: set up, asked for, needed by some roles, taken away when a phone is lost."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.core.cache import cache
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.utils.timezone import now

from shouwen.people.models import Change, Person, WrongCode
from shouwen.people.second_factor import Adapter, refused_until, spend_code
from shouwen.vault.sealing import SealBroken
from tests.cast import Cast
from tests.screens.desk import Desk, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.clause("H7.3.1")]

PASSWORD = "correct-horse-7"
SET_UP = "/accounts/2fa/totp/activate/"
CODES = "/accounts/2fa/recovery-codes/"


@pytest.fixture(autouse=True)
def nothing_tried_before() -> None:
    cache.clear()


def code_of(secret: str) -> str:
    """The code an app shows now."""
    return format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))


def codes_around(secret: str) -> list[str]:
    """The code before, the one an app shows now and the next one, all of which open: phones' clocks are not exact."""
    return [format_hotp_value(hotp_value(secret, step)) for step in yield_hotp_counters_from_time()]


def signed_in(person: Person, **settings: Any) -> tuple[Client, HttpResponse]:
    """Name and password given; how far that came."""
    person.set_password(PASSWORD)
    person.save()
    client = Client()
    client.cookies["django_language"] = "en"
    return client, client.post("/accounts/login/", {"login": person.username, "password": PASSWORD})


def set_up(client: Client) -> str:
    """Codes set up as a person does it; the secret."""
    asked = client.get(SET_UP)["Location"]  # for the password: a desk left open must not be enough
    assert asked.startswith("/accounts/reauthenticate/")
    assert client.post(asked, {"password": PASSWORD, "next": SET_UP})["Location"] == SET_UP
    page = client.get(SET_UP)
    assert "data:image/svg+xml;base64," in page.content.decode()
    secret = re.search(r'class="qr-key">([A-Z2-7]+)<', page.content.decode())[1]
    wrong = client.post(SET_UP, {"code": "000000"})
    assert "This code is wrong or used up" in text_of(wrong)
    done = client.post(SET_UP, {"code": code_of(secret)})
    assert done["Location"] == CODES
    return secret


def test_codes_are_set_up_and_asked_for_at_the_next_sign_in(cast: Cast) -> None:
    client, _ = signed_in(cast.agent)
    secret = set_up(client)
    recovery = re.findall(r"<code>(\d+)</code>", client.get(CODES).content.decode())
    assert len(recovery) == 10
    assert Change.objects.filter(what="second_factor_set", about=str(cast.agent.pk)).exists()

    again, half = signed_in(cast.agent)
    assert half["Location"] == "/accounts/2fa/authenticate/"
    assert again.get("/notices").status_code == 302  # the password alone opens nothing
    assert again.post(half["Location"], {"code": "000000"}).status_code == 200
    assert again.get("/notices").status_code == 302
    again.post(half["Location"], {"code": code_of(secret)})
    assert again.get("/notices").status_code == 200


def test_a_demo_s_door_asks_for_the_code_too(cast: Cast, settings: Any) -> None:
    """Because a second factor that a button goes round is none, and a demo is where one tries it."""
    settings.DEMO = True
    Person.objects.filter(pk=cast.agent.pk).update(username="demo-agent")
    assert Client().post("/demo/sign-in/agent")["Location"] == "/"
    client, _ = signed_in(Person.objects.get(pk=cast.agent.pk))
    secret = set_up(client)

    visitor = Client()
    half = visitor.post("/demo/sign-in/agent")

    assert half["Location"] == "/accounts/2fa/authenticate/"
    assert visitor.get("/notices").status_code == 302
    visitor.post(half["Location"], {"code": code_of(secret)})
    assert visitor.get("/notices").status_code == 200


def test_a_demo_s_door_is_remembered_when_somebody_else_went_through_it_before(cast: Cast, settings: Any) -> None:
    """Because a page that wants to be sure who is there asks when they signed in, and people switch roles."""
    settings.DEMO = True
    Person.objects.filter(pk=cast.agent.pk).update(username="demo-agent")
    Person.objects.filter(pk=cast.supervisor.pk).update(username="demo-supervisor")
    visitor = Client()

    for role in ("agent", "supervisor", "supervisor"):
        visitor.post(f"/demo/sign-in/{role}")

    assert visitor.session["_auth_user_id"] == str(cast.supervisor.pk)
    assert "demo" in [one["method"] for one in visitor.session["account_authentication_methods"]]


def test_a_recovery_code_opens_once(cast: Cast) -> None:
    client, _ = signed_in(cast.agent)
    set_up(client)
    one = re.findall(r"<code>(\d+)</code>", client.get(CODES).content.decode())[0]

    opened = []
    for _ in range(2):
        again, half = signed_in(cast.agent)
        again.post(half["Location"], {"code": one})
        opened.append(again.get("/notices").status_code)

    assert opened == [200, 302]


def test_a_code_opens_once_even_where_another_process_is_asked(cast: Cast) -> None:
    client, _ = signed_in(cast.agent)
    secret = set_up(client)
    code, opened = codes_around(secret)[1], []
    for _process in range(2):
        again, half = signed_in(cast.agent)
        answer = again.post(half["Location"], {"code": code})
        opened.append(again.get("/notices").status_code)
        cache.clear()  # another process remembers nothing of this one

    assert opened == [200, 302]
    assert "This code is wrong or used up" in text_of(answer)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_ask_with_one_code_at_once_one_gets_in(cast: Cast) -> None:
    client, _ = signed_in(cast.agent)
    code, both_ask = codes_around(set_up(client))[1], Barrier(2)
    totp = Authenticator.objects.get(user=cast.agent, type="totp")

    def ask(_: int) -> bool:
        try:
            both_ask.wait(10)
            return spend_code(totp, code)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(ask, range(2))) == [False, True]


@pytest.mark.parametrize(
    ("earlier", "because"),
    [(0, "it is the very code"), (1, "a code of before, seen over a shoulder, is spent with the one that followed")],
)
def test_what_was_before_a_spent_code_is_spent_too(cast: Cast, earlier: int, because: str) -> None:
    client, _ = signed_in(cast.agent)
    secret = set_up(client)
    totp = Authenticator.objects.get(user=cast.agent, type="totp")
    _before, now, after = codes_around(secret)
    assert spend_code(totp, after)

    assert not spend_code(totp, now if earlier else after), because


def test_whoever_has_the_password_cannot_go_on_guessing_codes(cast: Cast) -> None:
    """Because the codes of six digits are only as good as the number of tries, in whichever process they are made."""
    client, _ = signed_in(cast.agent)
    secret = set_up(client)
    recovery = re.findall(r"<code>(\d+)</code>", client.get(CODES).content.decode())[0]
    again, half = signed_in(cast.agent)
    for guess in ("000000", "00000000", "000001", "000002", "000003"):
        answer = again.post(half["Location"], {"code": guess})
        assert "This code is wrong or used up" in text_of(answer)
        cache.clear()  # another process remembers nothing of this one

    for code in (code_of(secret), recovery):
        answer = again.post(half["Location"], {"code": code})
        assert re.search(r"5 codes were wrong\. Try again at \d\d:\d\d:\d\d", text_of(answer))
    assert again.get("/notices").status_code == 302
    WrongCode.objects.update(since=now() - timedelta(minutes=15))
    again.post(half["Location"], {"code": recovery})
    assert again.get("/notices").status_code == 200
    assert not WrongCode.objects.exists(), "a right code clears what was wrong before"


@pytest.mark.parametrize(("later", "refused"), [(899, True), (900, False), (901, False)])
def test_after_a_quarter_of_an_hour_codes_are_looked_at_again(cast: Cast, later: int, refused: bool) -> None:
    first = now()
    assert [refused_until(cast.agent, first + timedelta(seconds=n)) for n in range(5)] == [None] * 5
    assert refused_until(cast.agent, first + timedelta(seconds=5)) == first + timedelta(minutes=15)
    assert refused_until(cast.other_agent, first) is None, "everybody has their own count"

    assert bool(refused_until(cast.agent, first + timedelta(seconds=later))) is refused


def test_the_database_alone_tells_no_secret(cast: Cast) -> None:
    client, _ = signed_in(cast.agent)
    secret = set_up(client)

    for kept in Authenticator.objects.filter(user=cast.agent):
        assert secret not in str(kept.data)
    totp = Authenticator.objects.get(user=cast.agent, type="totp")
    assert Adapter().decrypt(totp.data["secret"]) == secret
    with pytest.raises(SealBroken):
        Adapter().decrypt(totp.data["secret"][:-6] + "AAAAA=")


@pytest.mark.parametrize(
    ("needed", "who", "free"),
    [
        (["supervisor"], "supervisor", False),
        (["supervisor"], "agent", True),
        (["*"], "agent", False),
        ([], "supervisor", True),
    ],
)
def test_whose_role_needs_codes_sets_them_up_before_anything_else(
    cast: Cast, settings: Any, needed: list[str], who: str, free: bool
) -> None:
    settings.SHOUWEN_SECOND_FACTOR = needed
    client, _ = signed_in(getattr(cast, who))

    page = client.get("/notices")
    part = client.get("/tabs", headers={"HX-Request": "true"})

    assert (page.status_code == 200) is free
    if free:
        return
    assert page["Location"] == SET_UP
    assert part["HX-Redirect"] == SET_UP
    set_up(client)
    assert client.get("/notices").status_code == 200
    refused = client.post("/accounts/2fa/totp/deactivate/")
    assert "cannot be switched off" in text_of(refused)
    assert client.get("/accounts/logout/").status_code == 200


def test_an_administrator_takes_the_codes_of_a_lost_phone_away_and_it_is_written_down(cast: Cast) -> None:
    client, _ = signed_in(cast.agent)
    set_up(client)
    desk = Desk(cast.administrator)
    page = f"/administration/people/{cast.agent.pk}"
    assert "One-time codes are set up" in text_of(desk.get(page))

    desk.post(f"{page}/codes/taken")

    row = Change.objects.get(what="second_factor_reset")
    assert (row.by, row.about) == (cast.administrator, str(cast.agent.pk))
    assert "one-time codes taken away" in text_of(desk.get(page))
    _, whole = signed_in(cast.agent)
    assert whole["Location"] == "/"


def test_the_old_administration_has_no_door_of_its_own(cast: Cast) -> None:
    """Because a second door without codes would be the one everybody else takes."""
    client, _ = signed_in(cast.administrator)
    set_up(client)
    stranger = Client()

    answer = stranger.post("/admin/login/", {"username": cast.administrator.username, "password": PASSWORD})

    assert answer.status_code == 302
    assert answer["Location"].startswith("/accounts/login/")
    assert stranger.get("/admin/").status_code == 302


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_page_speaks_the_readers_language(cast: Cast, language: str) -> None:
    client, _ = signed_in(cast.agent)
    client.cookies["django_language"] = language
    title = {"zh-hans": "动态口令", "en": "One-time codes"}[language]

    assert title in text_of(client.get("/accounts/2fa/"))
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    set_up_page = text_of(client.get(SET_UP))
    assert {"zh-hans": "用该应用扫描此二维码", "en": "Scan this picture"}[language] in set_up_page
    assert "Authenticator" not in set_up_page
