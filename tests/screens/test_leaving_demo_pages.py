"""Leaving the demo at the desk: said in words, with one's own password, and only where there is a demo to leave."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.cache import cache

from shouwen.desk.demo_left import wish
from shouwen.notices.gateways import Message, NotNow
from shouwen.people.actions import make_person
from shouwen.people.models import Change
from tests.cast import Cast, take_in
from tests.screens.desk import Desk, text_of
from tests.screens.test_second_factor import PASSWORD, signed_in

PAGE = "/administration/first-steps/leaving"
TRIAL = "/administration/first-steps/test-message"


@pytest.fixture(autouse=True)
def a_demo(settings: Any) -> None:
    settings.DEMO = True
    cache.clear()


@pytest.mark.clause("H7.3.1")
def test_whoever_wishes_it_types_the_words_and_gives_their_password(cast: Cast) -> None:
    take_in(cast)
    client, _page = signed_in(cast.administrator)
    asked = client.post(PAGE, {"words": "leave the demo"})["Location"]
    assert asked.startswith("/accounts/reauthenticate/")
    assert wish() is None
    assert client.post(asked, {"password": PASSWORD, "next": PAGE})["Location"] == PAGE

    assert client.post(PAGE, {"words": "leave"}).status_code == 422
    assert "The next start leaves the demo." in text_of(client.post(PAGE, {"words": "Leave  the demo"}, follow=True))
    assert wish().by == cast.administrator  # type: ignore[union-attr]
    assert "管理员 wished it" in text_of(client.get("/administration/first-steps"))
    assert "It stays a demo." in text_of(client.post(f"{PAGE}/wish", follow=True))
    assert wish() is None
    assert "leaving the demo wished" in text_of(client.get("/administration/changes"))


def test_one_of_the_demos_own_is_told_to_make_an_administrator_first(cast: Cast) -> None:
    desk = Desk(make_person("demo-administrator", display_name="演示", roles=["administrator"], password="secret"))

    page = text_of(desk.get(PAGE))
    assert "Enter yourself as an administrator" in page
    assert "Type “leave the demo”" not in page
    assert desk.post(PAGE, {"words": "leave the demo"}).status_code in (302, 403)
    assert wish() is None


def test_outside_a_demo_there_is_nothing_to_leave(cast: Cast, settings: Any) -> None:
    settings.DEMO = False
    assert Desk(cast.administrator).get(PAGE)["Location"] == "/administration/first-steps"
    assert Desk(cast.supervisor).get(PAGE).status_code in (302, 403)


class Answers:
    """A gateway that answers as it is told."""

    sent: list[Message] = []
    repeats_safely = True

    def send(self, message: Message) -> None:
        if message.to.endswith("9"):
            raise NotNow("busy")
        self.sent.append(message)


@pytest.mark.clause("T4.3")
def test_a_way_out_is_done_once_a_test_message_went_by_it(cast: Cast, settings: Any) -> None:
    desk = Desk(cast.administrator)
    assert "No way out is connected" in text_of(desk.get(TRIAL))
    settings.SHOUWEN_GATEWAYS = {"sms": f"{__name__}.Answers"}

    assert desk.post(TRIAL, {"way": "sms", "to": "abc"}).status_code == 422
    assert "takes nothing now (busy)" in text_of(desk.post(TRIAL, {"way": "sms", "to": "19900001239"}))
    assert "Not tried yet: text message" in text_of(desk.get("/administration/first-steps"))
    assert "Look whether it arrives." in text_of(desk.post(TRIAL, {"way": "sms", "to": "19900001230"}))
    assert [message.to for message in Answers.sent] == ["19900001230"]
    assert "Not tried yet" not in text_of(desk.get("/administration/first-steps"))
    assert "19900001230" not in str(list(Change.objects.values_list("facts", "name", "about")))
