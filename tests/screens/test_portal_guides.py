"""自助排障 on the public pages: steps without an account and without scripts, and the complaint that knows of them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from shouwen.handbook.history import What
from shouwen.handling.owners import forget_loads
from shouwen.intake.guiding import outcomes_since
from shouwen.intake.models import GuideOutcome
from shouwen.portal.limits import AN_HOUR
from shouwen.portal.models import VisitCount
from shouwen.tickets.models import Ticket, TicketEvent
from shouwen.tickets.queries import history_of
from tests.cast import Cast
from tests.screens.portal import COMPLAINT, PHONE, form_name

pytestmark = [pytest.mark.usefixtures("cast"), pytest.mark.clause("S2.1b")]
GUIDE = "/portal/guides/broadband"
ASKED = "none.lit.red.red.done.broken"
FAILED = f"{ASKED}.red"


@pytest.fixture
def client() -> Client:
    forget_loads()
    return Client(HTTP_ACCEPT_LANGUAGE="en")


def shown(client: Client, said: str = "") -> str:
    return client.get(GUIDE, {"said": said} if said else {}).content.decode()


def form_after(client: Client, said: str = FAILED) -> str:
    return client.post(GUIDE, {"said": said}, follow=True).content.decode()


def complain_after(client: Client, said: str = FAILED, **changes: str) -> Ticket:
    page = client.post(GUIDE, {"said": said}, follow=True)
    sent = {
        "form": form_name(page),
        "guide": "broadband",
        "said": said,
        "category": "network.broadband.outage",
        "asked_service_address": "某市某区某路 1 号",
        "asked_when_it_happens": "always",
        "asked_lights": "after a restart: power on, LOS red",
        "text": "宽带断了一整天。",
        "region": "3401",
        "phone": PHONE,
        "website": "",
    }
    answer = client.post("/portal/submit", sent | changes)
    assert answer.status_code == 302, answer.content.decode()
    return Ticket.objects.get()


def test_the_start_page_offers_it_before_a_complaint(client):
    assert f'href="{GUIDE}"' in client.get("/portal/").content.decode()


def test_whoever_chooses_broadband_in_the_form_is_told_of_it(client):
    page = client.get("/portal/submit?category=network.broadband").content.decode()

    assert "Try it first" in page
    assert f'href="{GUIDE}"' in page


def test_it_asks_one_thing_a_page_and_each_page_is_an_address(client):
    assert "What is wrong with your broadband?" in shown(client)
    assert "Is the modem&#x27;s power light on?" in shown(client, "none")


def test_the_lights_to_look_for_are_drawn_and_said(client):
    page = shown(client, "none.lit")

    assert 'role="img" aria-label="Power: steady; PON: off; LOS: flashing red"' in page


def test_the_restart_takes_ten_seconds_and_the_wait_three_minutes(client):
    assert 'data-wait="10"' in shown(client, "none.lit.normal")
    assert 'data-wait="180"' in shown(client, "none.lit.normal.done")


@pytest.mark.parametrize("said", ["nonsense", "none.nonsense", "." * 900, "none\x00", "<script>"])
def test_an_address_that_makes_no_sense_shows_the_last_step_that_does(client, said):
    answer = client.get(GUIDE, {"said": said})

    assert answer.status_code == 200
    assert "<script>" not in answer.content.decode()


def test_a_guide_nobody_wrote_is_not_there(client):
    assert client.get("/portal/guides/television").status_code == 404


def test_it_works_again_ends_with_thanks_and_is_counted_once(client):
    said = "none.lit.normal.done.works"
    answers = [client.post(GUIDE, {"said": said}, follow=True) for _ in range(2)]

    assert all("works again" in answer.content.decode() for answer in answers)
    ended = outcomes_since(timezone.now().date() - timedelta(days=1))
    assert [(one.guide, one.step, one.solved, one.times) for one in ended] == [("broadband", "waited", True, 1)]
    assert not Ticket.objects.exists()


def test_the_address_of_the_thanks_counts_nothing_when_it_is_opened_again(client):
    client.get(GUIDE, {"said": "none.lit.normal.done.works"})

    assert not GuideOutcome.objects.exists()


def test_ends_from_one_address_are_counted_so_often_an_hour_and_nobody_is_kept_from_complaining(client):
    client.post(GUIDE, {"said": FAILED})
    VisitCount.objects.filter(deed="guide").update(times=AN_HOUR["guide"])

    assert Client().post(GUIDE, {"said": FAILED}).status_code == 302
    assert GuideOutcome.objects.get().times == 1


def test_still_broken_leads_to_a_form_that_knows_what_was_tried_and_seen(client):
    page = form_after(client)

    assert "What you have tried goes with your complaint" in page
    assert "Has the red LOS light gone out?" in page
    assert 'value="network.broadband.outage"' in page
    assert 'value="after a restart: power on, LOS red"' in page
    assert 'name="asked_service_address"' in page


def test_the_ticket_is_marked_and_carries_what_was_tried_and_seen(client):
    ticket = complain_after(client)

    [marked] = [row for row in history_of(ticket.pk) if row.what is What.MARKED]
    assert marked.facts["mark"] == "self_help_failed"
    assert "LOS 红灯灭了吗？ 还是红的" in marked.facts["evidence"]
    assert marked.by == "system"


def test_a_form_sent_twice_is_marked_once(client):
    page = client.post(GUIDE, {"said": FAILED}, follow=True)
    name = form_name(page)
    complain_after(client, form=name)
    complain_after(client, form=name)

    assert TicketEvent.objects.filter(what=What.MARKED).count() == 1


def test_whoever_skips_the_rest_is_not_asked_again_for_what_is_known(client):
    page = client.get("/portal/submit", {"guide": "broadband", "said": "none.dark"}).content.decode()

    assert 'value="power light off"' in page


def test_a_complaint_without_a_guide_bears_no_mark(client):
    client.post("/portal/submit", COMPLAINT | {"form": form_name(client.get("/portal/submit"))})

    assert not TicketEvent.objects.filter(what=What.MARKED).exists()


def test_what_was_typed_and_tried_survives_choosing_something_else(client):
    page = client.post(
        "/portal/submit",
        {"guide": "broadband", "said": FAILED, "pick": "network.broadband.slow", "text": "慢", "category": ""},
    ).content.decode()

    assert "What you have tried goes with your complaint" in page
    assert f'value="{FAILED}"' in page


def test_a_supervisor_sees_how_often_it_helped_and_where_it_did_not(client, cast: Cast):
    client.post(GUIDE, {"said": "none.lit.normal.done.works"})
    client.post(GUIDE, {"said": FAILED})
    desk = Client(HTTP_ACCEPT_LANGUAGE="en")
    desk.force_login(cast.supervisor)

    page = desk.get("/self-help").content.decode()
    file = b"".join(desk.get("/self-help?as=csv").streaming_content).decode("utf-8-sig")

    assert "Of 2 faults that went through a guide to its end, customers put 1 right themselves (50 %)" in page
    assert "After the restart, what do the lights look like?" in page
    assert "not put right" in file


def test_whoever_answers_for_nobody_does_not_see_the_figures(cast: Cast):
    desk = Client()
    desk.force_login(cast.agent)

    assert desk.get("/self-help").status_code == 403
