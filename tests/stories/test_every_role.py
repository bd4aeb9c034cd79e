"""A day of every role, through the screens alone: at the desk in Chinese, and on a phone in English (design §1).

Whatever a browser complains about, a refused script or a page that cannot be had, fails the story.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from django.utils.timezone import now
from playwright.sync_api import Page, expect

from shouwen.desk.asks import NOUNS
from shouwen.handbook.lifecycle import Move
from shouwen.people.models import Person
from shouwen.tickets.models import Ticket
from shouwen.vault.models import AccessLog
from tests.cast import Cast
from tests.departments.test_handling import everything_wrong_with
from tests.following import turn
from tests.screens.desk import brought_to
from tests.stories.stage import DESK, PHONE, Stage, ahead, fill, take_in

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]
pytestmark += [pytest.mark.xdist_group("story")]  # one demo for all


@pytest.fixture(params=[("zh-hans", DESK), ("en", PHONE)], ids=["desk-zh", "phone-en"])
def day(request: pytest.FixtureRequest, stage: Stage) -> Iterator[Stage]:
    stage.language, stage.width = request.param
    yield stage
    for page in stage.windows.values():
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), page.url


def company() -> Cast:
    """The demo carrier's people, as the tests know a carrier."""
    names = {name: name.replace("_", "-") for name in ("agent", "handler", "supervisor", "manager", "administrator")}
    names |= {"other_agent": "agent-2", "other_handler": "handler-2"}
    return Cast(**{place: Person.objects.get(username=f"demo-{name}") for place, name in names.items()})


def go(page: Page, path: str) -> None:
    answer = page.goto(path)
    assert answer is not None
    assert answer.status == 200, (path, answer.status)


def offers(page: Page) -> set[str]:
    """The moves a ticket's page has buttons for."""
    hrefs = page.locator(".moves a[href*='/tickets/']").evaluate_all("links => links.map(l => l.getAttribute('href'))")
    return {href.rsplit("/", 1)[1] for href in hrefs} & set(NOUNS.values())


@pytest.mark.clause("H2.1.1", "T1.3", "T4.5")
def test_an_agent_takes_a_call_promises_and_keeps_it(day: Stage) -> None:
    number = take_in(day)
    day.move("agent", number, "assessment", severity="ordinary", reach="single")
    day.move("agent", number, "promise", text="两小时内回电", due_at=ahead(2))
    day.move("agent", number, "promise-kept", text="已回电说明进展")
    day.move("agent", number, "dispatch")

    page = day.window("agent")
    page.fill("#quick", number.lower().replace("-", ""))
    page.press("#quick", "Enter")
    page.wait_for_url(f"**/tickets/{number}")

    ticket = Ticket.objects.get(number=number)
    assert ticket.stage == "dispatched"
    assert str(ticket.first_owner.username) == "demo-agent"  # and stays so, whoever works on it
    assert everything_wrong_with(ticket) == []


@pytest.mark.clause("S3.2b", "U2.2", "U2.5")
def test_a_field_engineer_visits_and_shows_what_was_found(day: Stage) -> None:
    ticket = brought_to(company(), Move.DISPATCH, category="network.broadband.outage", details={})
    engineer = Person.objects.get(username="demo-field_engineer")
    day.move("supervisor", ticket.number, "transfer", team="installation-3401", handler=str(engineer.pk), reason="上门")
    day.move("field_engineer", ticket.number, "investigation")
    day.move("field_engineer", ticket.number, "arrival", text="光猫光信号灯红色")
    page = day.window("field_engineer")
    go(page, f"{day.base}/tickets/{ticket.number}")
    page.locator("[data-files] input[type=file]").first.set_input_files(
        {"name": "光猫.png", "mimeType": "image/png", "buffer": picture()}
    )
    expect(page.locator("[data-files-list] li").first).to_be_visible()

    ticket.refresh_from_db()
    assert [row.what for row in ticket.events.order_by("seq")][-1] == "attached"
    assert everything_wrong_with(ticket) == []


def picture() -> bytes:
    """A small picture, made here."""
    from io import BytesIO

    from PIL import Image

    out = BytesIO()
    Image.new("RGB", (64, 64), (180, 40, 30)).save(out, "PNG")
    return out.getvalue()


@pytest.mark.clause("S3.1", "S3.3", "M3.3")
def test_a_supervisor_sees_what_is_late_and_approves_what_waits(day: Stage) -> None:
    ticket = brought_to(company(), Move.PROPOSE)
    page = day.window("supervisor")
    go(page, f"{day.base}/wall")
    tile = page.locator("[data-count='to_approve']")
    shown = int(re.sub(r"\D", "", tile.locator(".wall-number").inner_text()))
    tile.click()
    page.wait_for_load_state()
    assert page.locator("a[data-row]").count() == shown

    day.move("supervisor", ticket.number, "approval", text="同意")

    ticket.refresh_from_db()
    assert ticket.stage == "approved"
    go(page, f"{day.base}/wall")
    assert int(re.sub(r"\D", "", page.locator("[data-count='to_approve'] .wall-number").inner_text())) == shown - 1


@pytest.mark.clause("M3.3", "H5.2")
def test_a_manager_returns_a_proposal_and_keeps_the_rules(day: Stage) -> None:
    ticket = brought_to(company(), Move.PROPOSE)
    day.move("manager", ticket.number, "return", reason="补充依据")

    page = day.window("manager")
    go(page, f"{day.base}/rules")
    page.fill("[name=name]", "2027")
    page.locator("section[aria-labelledby=new-draft] button").click()
    page.wait_for_url("**/rules/drafts/*")

    ticket.refresh_from_db()
    assert ticket.stage == "investigating"


@pytest.mark.clause("U5.1", "U5.2")
def test_an_account_manager_looks_after_enterprise_customers_alone(day: Stage) -> None:
    cast = company()
    theirs = brought_to(cast, Move.DISPATCH, customer_level="enterprise", phone="19900004321")
    foreign = brought_to(cast, Move.DISPATCH, phone="19900004322")

    day.move("account_manager", theirs.number, "promise", text="四小时内恢复", due_at=ahead(4))

    page = day.window("account_manager")
    answer = page.context.request.get(f"{day.base}/tickets/{foreign.number}")
    assert answer.status == 404
    assert theirs.events.filter(what="promise_made").exists()


@pytest.mark.clause("H7.3.1", "T6.2")
@pytest.mark.parametrize("role", ["analyst", "executive", "auditor"])
def test_whoever_only_reads_reads_without_personal_data_or_leaves_a_trace(day: Stage, role: str) -> None:
    ticket = brought_to(company(), Move.INVESTIGATE, phone="19900001111")
    page = day.window(role)
    go(page, f"{day.base}/tickets/{ticket.number}")

    assert offers(page) == set()
    assert "19900001111" not in page.content()
    assert page.locator("[data-reveal]").count() == 0
    for path in ("/queues/overdue", "/rules", "/rules/appendices/time-limits"):
        go(page, f"{day.base}{path}")


@pytest.mark.clause("S5.1", "H7.3.1")
def test_an_inspector_reads_finished_tickets_and_no_others(day: Stage) -> None:
    cast = company()
    finished, working = brought_to(cast, Move.CLOSE), brought_to(cast, Move.INVESTIGATE, phone="19900003333")
    page = day.window("quality_inspector")
    go(page, f"{day.base}/tickets/{finished.number}")

    assert offers(page) == set()
    assert page.context.request.get(f"{day.base}/tickets/{working.number}").status == 404


@pytest.mark.clause("H7.3.1", "T6.2")
def test_an_auditor_finds_who_looked_at_a_number_and_why(day: Stage) -> None:
    ticket = brought_to(company(), Move.INVESTIGATE, phone="19900002222")
    page = day.window("agent")
    go(page, f"{day.base}/tickets/{ticket.number}")
    page.locator("[role=tab]").nth(1).click()
    page.locator("[data-place=customer] .eye").last.click()
    page.locator("#reveal [data-reason]").first.click()
    page.click("#reveal button.btn-primary")
    expect(page.locator("[data-place=customer]")).to_contain_text("19900002222")
    assert AccessLog.objects.filter(about=ticket.number).exists()

    page = day.window("auditor")
    go(page, f"{day.base}/access-log")
    expect(page.locator("main")).to_contain_text(ticket.number)
    assert "19900002222" not in page.content()


@pytest.mark.clause("H7.3.1")
def test_an_administrator_enters_somebody_and_lets_a_system_call_in(day: Stage) -> None:
    page = day.window("administrator")
    go(page, f"{day.base}/administration/people/new")
    form = page.locator("main form").last
    fill(form, "display_name", "新来的坐席")
    fill(form, "username", "newcomer")
    form.locator("[name=roles][value=agent]").check()
    form.locator("button.btn-primary").click()
    page.wait_for_load_state()
    newcomer = Person.objects.get(username="newcomer")
    assert newcomer.roles == ["agent"]
    assert not newcomer.has_usable_password()  # they set their own, by a link

    go(page, f"{day.base}/administration/keys")
    fill(page, "name", "短信平台")
    page.locator("[name=scopes]").first.check()
    page.locator("main form button.btn-primary").first.click()
    page.wait_for_load_state()
    assert page.locator("main").inner_text().count("短信平台") >= 1
    answer = page.context.request.get(f"{day.base}/queues/overdue")
    assert answer.status in {403, 404}  # whoever looks after the desk sees no complaint


@pytest.mark.clause("S4.2b", "S4.2c")
def test_who_is_called_back_and_is_not_satisfied_gets_another_round(day: Stage) -> None:
    ticket = brought_to(company(), Move.CARRY_OUT, phone="19900006789")
    day.move("agent", ticket.number, "word-to-customer", via="phone", text="已优化", proof="录音 8")
    turn(now())
    page = day.window("agent")
    go(page, f"{day.base}/callbacks?whose=all&when=later")
    page.locator("tr", has_text=ticket.number).locator("a[data-row]").click()
    page.wait_for_load_state()
    form = page.locator("form[data-draft^='callback-']")
    form.locator("[name=went]").first.check()
    form.locator("[name=overall][value='4']").check()
    if form.locator("[name=solved]").count():
        form.locator("[name=solved]").last.check()
    fill(form, "words", "还是没有信号")
    fill(form, "again", "on")
    form.locator("button.btn-primary").click()
    page.wait_for_load_state()
    turn(now())

    ticket.refresh_from_db()
    assert ticket.events.filter(what="rated").exists(), page.locator("main").inner_text()
    assert ticket.round == 2
    assert everything_wrong_with(ticket) == []
