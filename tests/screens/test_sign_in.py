"""The door of the desk: who may sign in, what locks it, and what is not offered there."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.cache import cache
from django.http import HttpResponse
from django.test import Client

from shouwen.people.models import Person, Team
from tests.cast import Cast
from tests.screens.desk import Desk

pytestmark = pytest.mark.django_db
PASSWORD = "correct-horse-7"
HERE, THERE = "203.0.113.7", "203.0.113.8"


@pytest.fixture(autouse=True)
def nobody_has_tried() -> None:
    cache.clear()


@pytest.fixture
def agent(cast: Cast) -> Person:
    cast.agent.set_password(PASSWORD)
    cast.agent.save()
    return cast.agent


def sign_in(password: str, **sent: str) -> HttpResponse:
    return Client().post("/accounts/login/", {"login": "agent", "password": password}, **sent)


@pytest.mark.clause("H7.3.1")
def test_wrong_tries_lock_a_name_for_the_address_they_came_from_only(agent: Person, settings: Any) -> None:
    settings.SHOUWEN_PROXIES = 1
    for _ in range(5):
        sign_in("wrong", HTTP_X_FORWARDED_FOR=HERE)

    assert sign_in(PASSWORD, HTTP_X_FORWARDED_FOR=HERE).status_code == 429
    assert sign_in(PASSWORD, HTTP_X_FORWARDED_FOR=THERE).status_code == 302


def test_an_address_made_up_in_front_of_the_proxys_own_gains_nothing(agent: Person, settings: Any) -> None:
    settings.SHOUWEN_PROXIES = 1
    for n in range(5):
        sign_in("wrong", HTTP_X_FORWARDED_FOR=f"198.51.100.{n}, {HERE}")

    assert sign_in(PASSWORD, HTTP_X_FORWARDED_FOR=f"198.51.100.9, {HERE}").status_code == 429


def test_nobody_locks_a_name_for_others_alone(agent: Person) -> None:
    for _ in range(40):
        sign_in("wrong", REMOTE_ADDR=HERE)

    assert sign_in(PASSWORD, REMOTE_ADDR=HERE).status_code != 302
    assert sign_in(PASSWORD, REMOTE_ADDR=THERE).status_code == 302


def test_tries_from_everywhere_are_counted_apart_by_who_sent_them_through_the_proxy(
    agent: Person, settings: Any
) -> None:
    """Because behind a proxy all would be one visitor, whose tries are soon too many."""
    settings.SHOUWEN_PROXIES = 1
    settings.ACCOUNT_RATE_LIMITS = {"login": "2/m/ip"}
    for n in range(4):
        sign_in("wrong", HTTP_X_FORWARDED_FOR=f"203.0.113.{n}")

    assert sign_in(PASSWORD, HTTP_X_FORWARDED_FOR="203.0.113.99").status_code == 302


@pytest.mark.parametrize("sent", [{}, {"HTTP_X_FORWARDED_FOR": "nowhere"}, {"HTTP_X_FORWARDED_FOR": "2001:db8::1"}])
def test_whoever_comes_past_the_proxy_can_sign_in(agent: Person, settings: Any, sent: dict[str, str]) -> None:
    settings.SHOUWEN_PROXIES = 2

    assert sign_in("wrong", **sent).status_code == 200
    assert sign_in(PASSWORD, **sent).status_code == 302


@pytest.mark.parametrize("page", ["signup/", "email/", "password/reset/", "confirm-email/", "login/code/confirm/"])
def test_the_door_offers_nothing_that_needs_mail(cast: Cast, page: str) -> None:
    assert Client().get(f"/accounts/{page}").status_code == 404


def test_whoever_is_signed_in_changes_their_password(agent: Person) -> None:
    desk, new = Desk(agent), "battery-staple-8"
    assert desk.get("/accounts/password/change/").status_code == 200

    sent = {"oldpassword": PASSWORD, "password1": new, "password2": new}
    assert desk.post("/accounts/password/change/", sent).status_code == 302

    assert sign_in(new).status_code == 302
    assert Desk(Person.objects.get(username="handler")).get("/accounts/password/change/").status_code == 302


@pytest.mark.clause("H7.3.1")
def test_the_administration_opens_to_the_role_and_shuts_with_it(cast: Cast) -> None:
    agent, administrator = cast.agent, cast.administrator
    agent.roles = ["agent", "administrator"]
    agent.save(update_fields=["roles"])
    administrator.roles = []
    administrator.save()

    assert Desk(agent).get("/admin/people/person/").status_code == 200
    assert Desk(administrator).get("/admin/people/person/").status_code == 302


@pytest.mark.clause("M3.3")
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_people_and_teams_are_taken_out_of_service_and_never_deleted(cast: Cast, language: str) -> None:
    desk = Desk(cast.administrator, language=language)
    team = Team.objects.get(pk="billing")
    for one in (f"/admin/people/person/{cast.agent.pk}", f"/admin/people/team/{team.pk}"):
        page = desk.get(f"{one}/change/").content.decode()
        assert ("is deleted, because" if language == "en" else "不能删除") in page
        assert f"{one}/delete/" not in page
        assert desk.post(f"{one}/delete/", {"post": "yes"}).status_code == 403

    assert Person.objects.filter(pk=cast.agent.pk).exists()
    assert Team.objects.filter(pk=team.pk).exists()
