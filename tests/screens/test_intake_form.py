"""The agent's form: one call, from the number to the ticket."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import now

from shouwen.tickets.models import Ticket, TicketEvent
from shouwen.vault.queries import items_with
from tests.cast import Cast, take_in

PHONE = "19900001234"
FORM = {
    "key": "a" * 32,
    "phone": PHONE,
    "name": "某客户",
    "channel": "hotline",
    "region": "3401",
    "ticket_type": "complaint",
    "reach": "single",
    "text": "晚上测速不到签约带宽的三分之一，已经一周了。",
    "about_1": "network",
    "about_2": "network.broadband",
    "about_3": "network.broadband.slow",
    "asked_service_address": "某市某区某路 1 号",
    "asked_when_it_happens": "periodic",
    "asked_lights": "绿灯",
}


@pytest.fixture
def desk(cast: Cast) -> Client:
    return signed_in(cast.agent)


def signed_in(person: object) -> Client:
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


def fetch(desk: Client, part: str, trigger: str = "", **typed: str):
    headers = {"HX-Request": "true", **({"HX-Trigger-Name": trigger} if trigger else {})}
    return desk.post(f"/intake/new/{part}", typed, headers=headers)


@pytest.mark.clause("S1.2a", "S1.2c")
def test_what_a_caller_does_not_know_is_left_out_and_marked_as_optional(desk: Client) -> None:
    page = fetch(desk, "about", about_1="network", about_2="network.broadband").content.decode()
    answer = desk.post("/intake/new", {**FORM, "asked_when_it_happens": "unknown", "asked_lights": ""})

    assert 'Lights on the optical modem <span class="optional">' in page
    assert 'Service address <span class="optional">' not in page
    assert answer.status_code == 302
    details = TicketEvent.objects.get(what="accepted").facts["details"]
    assert details.keys() == {"service_address", "when_it_happens"}
    assert "Not known" in desk.get(answer["Location"]).content.decode()


@pytest.mark.clause("H2.1.1", "T1.3", "S1.1b")
def test_an_agent_takes_a_call_in_and_owns_it(desk: Client, cast: Cast) -> None:
    answer = desk.post("/intake/new", FORM)

    [ticket] = Ticket.objects.all()
    assert (answer.status_code, answer["Location"]) == (302, f"/tickets/{ticket.number}")
    assert (ticket.first_owner_id, ticket.handler_id) == (cast.agent.pk, cast.agent.pk)
    assert (ticket.channel, ticket.category, ticket.region) == ("hotline", "network.broadband.slow", "3401")


@pytest.mark.clause("H2.1.1b")
@pytest.mark.clause("T1.3b", "T6.2")
def test_the_form_says_truly_what_of_the_text_is_locked_away(desk: Client) -> None:
    text = "我叫张三，住幸福路 1 号，请打 13800138000。"
    assert "addresses with building and room are locked away" in desk.get("/intake/new").content.decode()

    desk.post("/intake/new", FORM | {"text": text})

    [ticket] = Ticket.objects.all()
    assert ("张三" in ticket.description, "13800138000" in ticket.description) == (False, False)
    assert "幸福路 1 号" in ticket.description


def test_a_form_sent_twice_counts_once(desk: Client) -> None:
    first, again = desk.post("/intake/new", FORM), desk.post("/intake/new", FORM)

    assert first["Location"] == again["Location"]
    assert Ticket.objects.count() == 1


def test_a_form_brought_back_and_changed_is_not_taken_in_without_asking(desk: Client) -> None:
    desk.post("/intake/new", FORM)
    [ticket] = Ticket.objects.all()

    answer = desk.post("/intake/new", FORM | {"text": "另一件事：账单多扣了二十元。"})

    page = answer.content.decode()
    assert answer.status_code == 409
    assert ticket.number in page
    assert "账单多扣了二十元" in page
    assert FORM["key"] not in page
    assert Ticket.objects.count() == 1


@pytest.mark.clause("S1.2a")
def test_the_questions_come_with_the_category_and_say_what_for(desk: Client) -> None:
    answer = fetch(desk, "about", about_1="network", about_2="network.broadband", asked_lights="红灯")

    page = answer.content.decode()
    assert "Address" in page or "Service address" in page
    assert "to check the line and arrange a visit" in page
    assert 'value="红灯"' in page
    assert "asked_signal_bars" not in page


def test_nothing_is_called_wrong_before_it_is_sent(desk: Client) -> None:
    page = fetch(desk, "about", about_1="network", about_2="network.broadband").content.decode()

    assert "field-wrong" not in page


@pytest.mark.clause("U3.1")
def test_a_category_is_picked_in_steps_and_never_below_the_third(desk: Client) -> None:
    none = desk.get("/intake/new").content.decode()
    second = fetch(desk, "about", about_1="network").content.decode()
    third = fetch(desk, "about", about_1="network", about_2="network.coverage").content.decode()
    chosen = fetch(desk, "about", picked="network.coverage.weak").content.decode()

    asked = [[f'name="about_{level}"' in page for level in (1, 2, 3)] for page in (none, second, third)]
    assert asked == [[True, False, False], [True, True, False], [True, True, True]]
    assert 'value="network.coverage.weak"' in third
    assert "network.coverage.weak.blocked" not in chosen


def test_another_first_level_lets_go_of_what_was_below(desk: Client) -> None:
    page = fetch(desk, "about", about_1="tariff", about_2="network.coverage", about_3="network.coverage.weak")

    assert 'name="category" value="tariff"' in page.content.decode()


def test_a_category_is_found_by_what_people_call_it(desk: Client) -> None:
    english = desk.get("/intake/new/categories", {"words": "broadband slow"}, headers={"HX-Request": "true"})
    chinese = desk.get("/intake/new/categories", {"words": "宽带 速率"}, headers={"HX-Request": "true"})
    example = desk.get("/intake/new/categories", {"words": "宽带 掉线"}, headers={"HX-Request": "true"})
    cause = desk.get("/intake/new/categories", {"words": "光猫"}, headers={"HX-Request": "true"})
    checked = desk.get("/intake/new/categories", {"words": "exchange load"}, headers={"HX-Request": "true"})
    nothing = desk.get("/intake/new/categories", {"words": "qqq"}, headers={"HX-Request": "true"})

    assert 'value="network.broadband.slow"' in english.content.decode()
    assert 'value="network.broadband.slow"' in chinese.content.decode()
    assert 'value="network.broadband.drops"' in example.content.decode()  # what the field itself gives as an example
    assert 'value="network.broadband.outage"' in cause.content.decode()  # what may turn out to lie behind it
    assert 'value="network.broadband.slow"' in checked.content.decode()  # what is looked at there
    assert "No category is called that" in nothing.content.decode()


def test_a_picked_category_fills_all_its_levels(desk: Client) -> None:
    page = fetch(desk, "about", picked="network.broadband.slow", about_1="tariff").content.decode()

    for code in ("network", "network.broadband", "network.broadband.slow"):
        assert f'<option value="{code}" selected>' in page
    assert "asked_lights" in page


def test_a_draft_brought_back_brings_its_category_back(desk: Client) -> None:
    page = fetch(desk, "about", trigger="category", category="network.broadband.slow", about_1="").content.decode()

    assert 'name="category" value="network.broadband.slow"' in page
    assert "asked_lights" in page


@pytest.mark.parametrize("category", ["no.such", "network.coverage.weak.blocked", "'; --"])
def test_a_category_that_may_not_be_picked_is_none(desk: Client, category: str) -> None:
    page = fetch(desk, "about", picked=category).content.decode()

    assert 'name="category" value=""' in page


def test_without_scripts_the_button_shows_the_questions_and_keeps_what_was_typed(desk: Client) -> None:
    typed = {"more": "1", "about_1": "network", "about_2": "network.broadband", "text": "断线了", "key": "b" * 32}

    page = desk.post("/intake/new", typed).content.decode()

    assert "asked_lights" in page
    assert "断线了" in page
    assert "b" * 32 in page
    assert not Ticket.objects.exists()


@pytest.mark.clause("S1.2a", "U2.1")
def test_everything_that_is_wrong_is_said_at_once_and_nothing_typed_is_lost(desk: Client) -> None:
    sent = FORM | {"phone": "12", "text": " ", "asked_service_address": "", "requested": "请尽快修好"}

    answer = desk.post("/intake/new", sent)

    page = answer.content.decode()
    assert answer.status_code == 422
    assert page.count("field-wrong") == 3
    assert "This is not a telephone number: write a mobile number" in page
    assert "请尽快修好" in page
    assert FORM["key"] in page
    assert not Ticket.objects.exists()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"about_1": "", "about_2": "", "about_3": ""}, "Choose what it is about."),
        ({"phone": ""}, "A number to call back on is needed."),
        ({"region": "99"}, "is not known here."),
        ({"channel": "pigeon"}, "is not known here."),
        ({"received_at": "yesterday"}, "Enter a valid date/time."),
        ({"received_at": "2999-01-01T00:00"}, "This lies in the future."),
        ({"asked_when_it_happens": "never"}, "is not one of the choices."),
    ],
)
def test_each_thing_that_is_wrong_has_its_sentence(desk: Client, change: dict[str, str], says: str) -> None:
    answer = desk.post("/intake/new", FORM | change)

    assert answer.status_code == 422
    assert says in answer.content.decode()


@pytest.mark.clause("S1.2b")
def test_what_is_wrong_is_named_at_the_top_with_the_way_there(desk: Client) -> None:
    """Because at 1366 x 768 the field that is wrong may stand below the screen."""
    page = desk.post("/intake/new", FORM | {"asked_service_address": ""}).content.decode()

    assert 'id="wrong"' in page
    assert '<a href="#id_asked_service_address">' in page
    assert 'id="id_asked_service_address"' in page
    assert 'id="wrong"' not in desk.get("/intake/new").content.decode()


def test_a_change_of_plan_is_not_taken_in_before_the_customer_has_been_told(desk: Client) -> None:
    plan = {name: value for name, value in FORM.items() if not name.startswith(("asked_", "about_"))} | {
        "about_1": "contract",
        "about_2": "contract.plan_change",
        "about_3": "contract.plan_change.downgrade",
        "asked_contract_item": "某套餐",
        "asked_plan_now": "99 元",
    }

    untold = desk.post("/intake/new", plan)
    told = desk.post("/intake/new", plan | {"informed": "on"})

    assert untold.status_code == 422
    assert "how to cancel" in untold.content.decode()
    assert told.status_code == 302
    [event] = TicketEvent.objects.all()
    assert event.facts["informed"] is True


@pytest.mark.clause("T6.2")
def test_what_identifies_somebody_is_kept_out_of_the_text(desk: Client) -> None:
    desk.post("/intake/new", FORM | {"text": "我的号码 19900005678，请回电。断网一周了。"})

    [ticket] = Ticket.objects.all()
    assert "19900005678" not in ticket.description
    assert items_with("phone", "19900005678").exists()


def test_a_letter_counts_from_when_it_was_received(desk: Client) -> None:
    received = (now() - timedelta(days=2)).replace(second=0, microsecond=0)
    local = (received + timedelta(hours=8)).strftime("%Y-%m-%dT%H:%M")

    desk.post("/intake/new", FORM | {"channel": "letter", "received_at": local})

    assert Ticket.objects.get().received_at == received


def test_an_account_stands_in_for_a_number(desk: Client) -> None:
    answer = desk.post("/intake/new", FORM | {"phone": "", "account": "KD-0001"})

    assert answer.status_code == 302


def test_whoever_reports_it_for_the_customer_is_kept_too(desk: Client) -> None:
    desk.post("/intake/new", FORM | {"informant_name": "某营业员", "informant_phone": "19900007777"})

    assert Ticket.objects.get().has_informant


@pytest.mark.clause("H2.1.1b")
def test_a_callers_open_tickets_are_shown_masked(desk: Client, cast: Cast) -> None:
    ticket = take_in(cast, phone=PHONE)

    page = fetch(desk, "caller", phone="199 0000 1234").content.decode()

    assert f"/tickets/{ticket.number}" in page
    assert "199****1234" in page
    assert PHONE not in page
    assert "某客户" not in page


def test_tickets_of_a_caller_in_another_region_are_only_counted(desk: Client, cast: Cast) -> None:
    elsewhere = take_in(cast, phone=PHONE, region="341201", first_owner=None, by=cast.actor("other_agent"))

    page = fetch(desk, "caller", phone=PHONE).content.decode()

    assert elsewhere.number not in page
    assert "1 more is open in another region." in page


@pytest.mark.parametrize(
    ("phone", "says"), [("", "appears here"), ("1", "Nobody has called"), ("19900009999", "Nobody has called")]
)
def test_an_unknown_number_says_so(desk: Client, phone: str, says: str) -> None:
    assert says in fetch(desk, "caller", phone=phone).content.decode()


@pytest.mark.clause("T5.1")
def test_while_typing_the_same_matter_from_somebody_else_is_shown(desk: Client, cast: Cast) -> None:
    neighbour = take_in(
        cast, phone="19900008888", category="network.broadband.slow", text="小区宽带晚上测速很慢，不到签约带宽一半",
        received_at=now() - timedelta(days=1),
    )  # fmt: skip
    typed = {"text": FORM["text"], "region": "3401", "about_1": "network", "about_2": "network.broadband"}

    assert neighbour.number in fetch(desk, "similar", **typed).content.decode()
    assert neighbour.number not in fetch(desk, "similar", **(typed | {"region": "3412"})).content.decode()
    other = {"about_1": "tariff", "about_2": "tariff.refund"}
    assert neighbour.number not in fetch(desk, "similar", **(typed | other)).content.decode()
    assert neighbour.number not in fetch(desk, "similar", **(typed | {"text": "退费一直没有到账"})).content.decode()


def test_similar_tickets_are_only_those_the_agent_may_see(desk: Client, cast: Cast) -> None:
    foreign = take_in(
        cast, category="network.broadband.slow", text=FORM["text"], region="341201", first_owner=None,
        by=cast.actor("other_agent"), received_at=now() - timedelta(days=1),
    )  # fmt: skip

    assert foreign.number not in fetch(desk, "similar", text=FORM["text"]).content.decode()


@pytest.mark.parametrize("text", ["", "'", "it's a \\ 'quote' & | ! :*", "：，。！？", "网" * 10_001])
def test_any_text_can_be_looked_for(desk: Client, text: str) -> None:
    assert fetch(desk, "similar", text=text, region="'").status_code == 200


@pytest.mark.clause("H7.3.1")
@pytest.mark.parametrize(
    ("who", "status"),
    [("agent", 200), ("supervisor", 200), ("handler", 403), ("manager", 403), ("administrator", 403), ("", 302)],
)
def test_only_agents_and_supervisors_take_in(cast: Cast, who: str, status: int) -> None:
    client = signed_in(getattr(cast, who)) if who else Client()
    posts = [client.post("/intake/new", FORM)] + [fetch(client, part) for part in ("about", "caller", "similar")]

    assert client.get("/intake/new").status_code == status
    assert client.get("/intake/new/categories", headers={"HX-Request": "true"}).status_code == status
    assert {answer.status_code for answer in posts[1:]} == {status}
    assert Ticket.objects.exists() is (status == 200)


def test_what_a_supervisor_takes_in_goes_to_the_agent_of_the_region(cast: Cast) -> None:
    signed_in(cast.supervisor).post("/intake/new", FORM)

    assert Ticket.objects.get().first_owner_id == cast.agent.pk


def test_an_agent_of_one_region_finds_it_chosen(desk: Client) -> None:
    assert '<option value="3401" selected>' in desk.get("/intake/new").content.decode()


def test_looking_up_a_caller_takes_the_same_queries_for_one_ticket_and_for_nine(desk: Client, cast: Cast) -> None:
    take_in(cast, phone=PHONE)
    with CaptureQueriesContext(connection) as few:
        fetch(desk, "caller", phone=PHONE)
    for _ in range(8):
        take_in(cast, phone=PHONE)
    with CaptureQueriesContext(connection) as many:
        fetch(desk, "caller", phone=PHONE)

    assert len(many) == len(few)


def test_in_chinese_every_word_of_the_form_is_chinese(cast: Cast) -> None:
    client = Client(headers={"Accept-Language": "zh-CN"})
    client.force_login(cast.agent, backend="django.contrib.auth.backends.ModelBackend")

    page = client.get("/intake/new").content.decode()

    assert "来电号码" in page
    assert "Caller" not in page


@pytest.mark.clause("H2.1.2")
def test_the_levels_of_the_category_that_are_marked_optional_can_be_left_out(desk: Client) -> None:
    """Because what cannot be told on the telephone is settled when the complaint is assessed."""
    about_1 = FORM | {"about_2": "", "about_3": "", "asked_service_address": "", "asked_when_it_happens": ""}

    assert desk.post("/intake/new", about_1).status_code == 302
    assert Ticket.objects.get().category == "network"


def test_of_number_and_account_one_is_needed_and_the_form_says_so(desk: Client) -> None:
    assert desk.get("/intake/new").content.decode().count("number or account: at least one") == 2

    assert desk.post("/intake/new", FORM | {"phone": ""}).status_code == 422
    assert desk.post("/intake/new", FORM | {"phone": "", "account": "AH000123"}).status_code == 302
