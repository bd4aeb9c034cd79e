"""One complaint, from the phone call to the archive, in four roles, through the screens alone (H2.4, T1.3, U2.5)."""

from __future__ import annotations

import pytest
from django.utils.timezone import now

from shouwen.editions.queries import current_edition
from shouwen.notices.codes import opened_code
from shouwen.notices.models import MessageOrder
from shouwen.tickets.models import Ticket
from tests.departments.test_handling import everything_wrong_with
from tests.following import turn
from tests.stories.stage import CALLER, Stage, ahead, fill, take_in

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]
pytestmark += [pytest.mark.xdist_group("story")]  # one demo for both


@pytest.mark.clause("H2.4", "T1.3", "U2.5", "S4.1", "H7.2.4")
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_a_complaint_goes_the_whole_way_through_the_screens(stage: Stage, language: str) -> None:
    stage.language = language
    number = take_in(stage)

    stage.move("agent", number, "assessment", severity="ordinary", reach="single")
    stage.move("agent", number, "dispatch")
    stage.move("agent", number, "response", via="phone", text="先核实基站情况", expected_at=ahead())
    stage.move("handler", number, "investigation")
    checklist = current_edition().checklist("network.coverage.weak")
    assert checklist
    for item in checklist.items:
        stage.move("handler", number, "evidence", item=item.code, finding="现场已核实")
    stage.move("handler", number, "proposal", text="调整邻区参数并复测", cause="technical")
    stage.move("supervisor", number, "approval")
    stage.move("handler", number, "execution", work="参数已调整，复测正常")
    stage.move("agent", number, "word-to-customer", via="phone", text="已优化完成", proof="录音 1")
    stage.move("agent", number, "word-to-informant", via="phone", text="已优化完成", proof="录音 2")

    follow_as_customer(stage, number)

    stage.move("agent", number, "follow-up", via="phone", outcome="信号恢复", satisfied="true")
    stage.move("agent", number, "closure", outcome="已解决")
    stage.move("supervisor", number, "archiving")

    ticket = Ticket.objects.get(number=number)
    assert ticket.stage == "archived"
    assert everything_wrong_with(ticket) == []


def follow_as_customer(stage: Stage, number: str) -> None:
    """The customer tracks it by number and phone code on a phone, and rates it."""
    page = stage.open(width=360)
    page.goto(f"{stage.base}/portal/track")
    form = page.locator("form[action$='/portal/track']")
    fill(form, "number", number)
    fill(form, "phone", CALLER)
    form.locator("button.btn-primary").click()
    page.wait_for_url("**/portal/track/code*")
    code = opened_code(MessageOrder.objects.filter(template="phone_code").latest("ordered_at"))
    page.locator("input[name='code']").fill(code or "")
    page.locator("main form button.btn-primary").first.click()
    page.wait_for_url(f"**/portal/tickets/{number}*")
    assert number in page.locator("main").inner_text()
    page.locator("[name='overall'][value='1']").check()
    page.locator(".rating-more summary").click()
    for name, value in (("efficiency", "2"), ("solved", "yes"), ("nps", "9")):
        page.locator(f"[name='{name}'][value='{value}']").check()
    page.locator(f"form[action$='/portal/tickets/{number}/rating'] button.btn-primary").click()
    page.wait_for_load_state()
    turn(now())
    assert Ticket.objects.get(number=number).events.filter(what="rated").exists()
    page.context.close()
