"""The public form: asks what the business needs and no more, and gives a number at once."""

from __future__ import annotations

import json
import re

import pytest
from django.test import Client

from shouwen.handling.owners import forget_loads
from shouwen.notices.models import MessageOrder
from shouwen.portal.limits import AN_HOUR
from shouwen.portal.models import VisitCount
from shouwen.tickets.models import IntakeKey, Ticket, TicketEvent
from tests.cast import Cast
from tests.screens.portal import COMPLAINT, complain, fill_in, form_name

pytestmark = pytest.mark.usefixtures("cast")
ENGLISH = {"HTTP_ACCEPT_LANGUAGE": "en"}
HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def client() -> Client:
    forget_loads()
    return Client(HTTP_ACCEPT_LANGUAGE="en")


def text_of(page) -> str:
    return re.sub(r"\s+", " ", page.content.decode())


@pytest.mark.clause("S1.2a")
def test_at_first_the_form_asks_what_it_is_about_and_how_to_reach_the_customer(client):
    page = text_of(client.get("/portal/submit"))

    assert "What is it about?" in page
    assert "Network quality" in page
    assert "asked_" not in page


@pytest.mark.clause("S1.2a", "S1.2c", "U2.1")
def test_what_a_category_needs_is_asked_when_it_is_chosen_and_says_what_for(client):
    answer = client.post("/portal/submit", fill_in(client) | {"pick": "network.coverage"}, **HTMX)

    page = text_of(answer)
    assert page.lstrip().startswith('<div id="about"')
    for question, purpose in (
        ("Exact place and surroundings", "to find the cells that serve it"),
        ("Signal bars", "to judge the coverage"),
    ):
        assert question in page
        assert purpose in page


@pytest.mark.clause("U3.1")
def test_the_tree_is_walked_level_by_level_to_the_third_and_no_further(client):
    offered = {}
    for pick in ("", "network", "network.coverage", "network.coverage.weak"):
        page = text_of(client.post("/portal/submit", fill_in(client) | {"pick": pick}, **HTMX))
        offered[pick] = re.findall(r'<li><button class="btn" name="pick" value="([^"]+)"', page)

    assert len(offered[""]) == 8
    assert "network.coverage" in offered["network"]
    assert offered["network.coverage"] == ["network.coverage.weak", "network.coverage.none", "network.coverage.jumping"]
    assert offered["network.coverage.weak"] == []


@pytest.mark.parametrize("pick", ["nonsense", "network.coverage.weak.blocked", "<script>", "network.", "." * 500])
def test_a_category_that_cannot_be_chosen_is_as_none(client, pick):
    page = text_of(client.post("/portal/submit", fill_in(client) | {"pick": pick}, **HTMX))

    assert "What is it about?" in page
    assert "<script>" not in page


def test_without_scripts_choosing_keeps_what_was_typed(client):
    page = text_of(client.post("/portal/submit", fill_in(client) | {"pick": "tariff.refund"}))

    assert "Amount in dispute" in page
    assert COMPLAINT["text"] in page
    assert 'value="19900001234"' in page
    assert "This field is required" not in page


@pytest.mark.clause("U4.4")
def test_what_only_the_desk_can_check_is_not_asked_of_the_customer(client):
    page = text_of(client.post("/portal/submit", fill_in(client) | {"pick": "network.mobile_data.slow"}))

    assert "asked_roaming" in page
    assert "checked_with_user" not in page


@pytest.mark.clause("S1.2c")
def test_every_personal_field_says_what_it_is_for_and_how_long_it_is_kept(client):
    page = text_of(client.get("/portal/submit"))

    for purpose in ("to send you the number, to call you back", "to address you when we call", "kept for 3 years"):
        assert purpose in page


@pytest.mark.clause("H2.1.1", "S1.1b")
def test_a_complaint_has_its_number_at_once_and_by_text_message(client):
    answer = client.post("/portal/submit", fill_in(client))

    ticket = Ticket.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, "/portal/received")
    assert ticket.number in text_of(client.get("/portal/received"))
    assert MessageOrder.objects.get().params == {"number": ticket.number}
    assert (ticket.channel, ticket.ticket_type, ticket.region) == ("web", "complaint", "3401")


@pytest.mark.clause("T1.3")
def test_a_complaint_from_the_public_form_has_an_owner_from_the_start(client, cast: Cast):
    assert complain(client).first_owner_id == cast.agent.pk


@pytest.mark.clause("H5.1.1", "X1")
def test_what_happens_next_is_told_in_promises_and_never_in_internal_targets(client):
    complain(client)

    page = text_of(client.get("/portal/received"))

    assert "A first answer from us" in page
    assert "Your complaint dealt with" in page
    assert "The result told to you" in page
    for internal in ("Classification", "Dispatch", "2 hours", "bears the cost", "Goal of automation"):
        assert internal not in page


def test_the_page_with_the_number_is_nobody_elses(client):
    complain(client)

    answer = Client().get("/portal/received")

    assert (answer.status_code, answer["Location"]) == (302, "/portal/submit")


@pytest.mark.clause("T1.3b")
def test_no_event_of_a_public_complaint_carries_what_identifies_its_customer(client):
    complain(client, text="我叫王小明，电话 19900005678，请联系我。", name="王小明", phone="19900005678")

    told = json.dumps([row.facts for row in TicketEvent.objects.all()], ensure_ascii=False)
    for secret in ("王小明", "19900005678", "某路 1 号"):
        assert secret not in told


@pytest.mark.clause("H2.1.1b")
def test_a_form_sent_twice_is_one_complaint_with_one_number(client):
    filled = fill_in(client)

    client.post("/portal/submit", filled)
    number = Ticket.objects.get().number
    client.post("/portal/submit", filled)

    assert Ticket.objects.get().number == number
    assert number in text_of(client.get("/portal/received"))
    assert IntakeKey.objects.get().repeats == 1


def test_a_form_sent_again_with_other_words_asks_whether_it_is_a_further_complaint(client):
    filled = fill_in(client)
    client.post("/portal/submit", filled)

    answer = client.post("/portal/submit", filled | {"text": "另外，账单也不对。"})

    assert answer.status_code == 409
    assert "另外，账单也不对。" in text_of(answer)
    assert Ticket.objects.count() == 1
    client.post("/portal/submit", filled | {"text": "另外，账单也不对。", "form": form_name(answer)})
    assert Ticket.objects.count() == 2


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"text": ""}, "Please fill in: What happened?"),
        ({"category": ""}, "Choose what it is about."),
        ({"category": "network"}, "Choose what it is about."),
        ({"phone": "12"}, "This is not a telephone number:"),
        ({"phone": "call me"}, "This is not a telephone number:"),
        ({"region": ""}, "Please fill in: Where do you use the service?"),
        ({"region": "9999"}, "Select a valid choice"),
        ({"asked_place": ""}, "Please fill in: Exact place and surroundings"),
        ({"asked_signal_bars": "many"}, "Select a valid choice"),
        ({"text": "x" * 10_001}, "at most 10000 characters"),
        ({"text": "a\x00b"}, "Null characters are not allowed."),
    ],
)
def test_bad_input_is_named_and_what_was_typed_is_kept(client, changes, said):
    answer = client.post("/portal/submit", fill_in(client, requested="请尽快改善，谢谢", **changes))

    page = text_of(answer)
    assert answer.status_code == 422
    assert said in page
    assert "请尽快改善，谢谢" in page
    assert Ticket.objects.count() == 0


@pytest.mark.clause("S1.2a")
def test_everything_wrong_is_said_at_once_and_by_name(client):
    answer = client.post("/portal/submit", fill_in(client, text="", phone="12345", region=""))

    page = text_of(answer)
    assert answer.status_code == 422
    assert "Please fill in: What happened?" in page
    assert "Please fill in: Where do you use the service?" in page
    assert "This is not a telephone number" in page


@pytest.mark.clause("S1.2a", "S1.2c")
@pytest.mark.parametrize(
    ("about", "taken", "because"),
    [
        ({"asked_when_it_happens": "unknown", "asked_lights": ""}, 302, "a customer at work sees no modem"),
        ({"asked_when_it_happens": "", "asked_lights": "绿灯"}, 422, "when it happens is needed, if only as not known"),
    ],
)
def test_a_customer_need_not_know_everything_either(client, about, taken, because):
    matter = {"category": "network.broadband.slow", "asked_service_address": "某市某区某路 1 号"}

    assert client.post("/portal/submit", fill_in(client, **matter | about)).status_code == taken, because


@pytest.mark.clause("S1.2a")
def test_an_amount_is_a_number(client):
    disputed = {
        "category": "tariff.abnormal_fee.not_ordered",
        "asked_billing_period": "2026-10",
        "asked_item_disputed": "增值包",
        "asked_disputed_amount": "测试业务",
    }
    answer = client.post("/portal/submit", fill_in(client, **disputed))
    assert answer.status_code == 422
    assert "Write the amount as a number" in text_of(answer)

    assert (
        client.post("/portal/submit", fill_in(client, **disputed | {"asked_disputed_amount": "1,280.5"})).status_code
        == 302
    )


def test_what_is_typed_is_shown_as_text_and_never_as_markup(client):
    page = text_of(client.post("/portal/submit", fill_in(client, text="<script>alert(1)</script>", phone="")))

    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page


@pytest.mark.parametrize("form", ["", "x", "0" * 31, "g" * 32, "0" * 33])
def test_a_form_name_the_page_did_not_give_is_not_taken(client, form):
    assert client.post("/portal/submit", fill_in(client) | {"form": form}).status_code == 422


@pytest.mark.clause("S1.2b")
def test_who_wants_a_plan_changed_first_reads_that_nothing_changes_without_them(client):
    about = {"category": "contract.plan_change.refused", "asked_contract_item": "合约", "asked_plan_now": "99 元"}

    refused = client.post("/portal/submit", fill_in(client, **about))
    taken = client.post("/portal/submit", fill_in(client, **about, informed="on"))

    assert refused.status_code == 422
    assert "how to cancel" in text_of(refused)
    assert taken.status_code == 302
    assert TicketEvent.objects.get(what="accepted").facts["informed"] is True


# Spam and floods


def test_a_program_that_fills_in_the_hidden_field_is_not_taken_in_and_a_person_loses_nothing(client):
    answer = client.post("/portal/submit", fill_in(client, website="http://spam.example"))

    assert answer.status_code == 409
    assert COMPLAINT["text"] in text_of(answer)
    assert "spam.example" not in text_of(answer)
    assert Ticket.objects.count() == 0


def already(deed: str, times: int) -> None:
    """As if it had been done so often this hour, by whoever did it once."""
    VisitCount.objects.filter(deed=deed).update(times=times)


def test_one_address_sends_so_many_complaints_an_hour_and_keeps_what_it_typed(client):
    complain(client)
    already("submit", AN_HOUR["submit"])

    answer = client.post("/portal/submit", fill_in(client, phone="19900000002"))

    assert answer.status_code == 429
    assert COMPLAINT["text"] in text_of(answer)
    assert Ticket.objects.count() == 1


def test_the_last_complaint_an_address_may_send_is_taken_in(client):
    complain(client)
    already("submit", AN_HOUR["submit"] - 1)

    complain(client, phone="19900000002")


def test_one_phone_number_has_its_own_limit_however_it_is_written(client):
    complain(client)
    already("phone", AN_HOUR["phone"])

    answer = client.post("/portal/submit", fill_in(client, phone="+86 199 0000 1234"))

    assert answer.status_code == 429
    complain(client, phone="19900000002")


def test_an_address_made_up_in_a_header_gains_nothing(client, settings):
    complain(client)
    already("submit", AN_HOUR["submit"])

    answer = client.post("/portal/submit", fill_in(client), HTTP_X_FORWARDED_FOR="203.0.113.9")

    assert answer.status_code == 429


def test_behind_a_proxy_of_the_carriers_own_its_customers_are_told_apart(client, settings):
    settings.SHOUWEN_PROXIES = 1
    for address in ("203.0.113.1", "198.51.100.7, 203.0.113.2"):
        client.post("/portal/submit", fill_in(client), HTTP_X_FORWARDED_FOR=address)

    assert VisitCount.objects.filter(deed="submit").count() == 2


def test_an_address_of_the_new_kind_is_counted_by_its_network(client):
    for address in ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", "2001:db8:1:3::1"):
        client.post("/portal/submit", fill_in(client), REMOTE_ADDR=address)

    assert sorted(VisitCount.objects.filter(deed="submit").values_list("times", flat=True)) == [1, 2]


@pytest.mark.clause("T1.3b")
def test_who_came_is_counted_without_keeping_who_it_was(client):
    complain(client)

    kept = str(list(VisitCount.objects.values()))

    assert "127.0.0.1" not in kept
    assert "19900001234" not in kept


def test_a_form_from_another_site_is_refused():
    client = Client(enforce_csrf_checks=True)

    assert client.post("/portal/submit", COMPLAINT).status_code == 403


@pytest.mark.parametrize("address", ["/portal/", "/portal/submit", "/portal/track"])
def test_no_copy_of_a_public_page_is_kept_and_no_script_may_be_slipped_in(client, address):
    page = client.get(address)

    assert page["Cache-Control"] == "no-store"
    assert "script-src 'self'" in page["Content-Security-Policy"]


def test_the_form_takes_few_queries(client, django_assert_max_num_queries):
    client.get("/portal/submit")
    with django_assert_max_num_queries(3):
        client.get("/portal/submit")
