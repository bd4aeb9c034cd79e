"""Parts of a draft in forms: templates, scripts, hours of peace, skills and regions, without a line of YAML."""

from __future__ import annotations

from difflib import ndiff
from html import unescape
from typing import Any

import pytest
import yaml
from django.http import HttpResponse
from playwright.sync_api import Browser, expect

from shouwen.editions.filled import BY_CODE, fills_of
from shouwen.editions.models import EditionDraft
from shouwen.editions.pack import PACKS, SHIPPED, problems_of, texts_of
from tests.cast import Cast
from tests.screens.desk import Desk, text_of
from tests.screens.looking import Look, browsing
from tests.screens.test_desk_rules import act, begin

TEXTS = texts_of(SHIPPED)
TEMPLATES = yaml.safe_load(TEXTS["templates.yaml"])["templates"]


@pytest.fixture
def desk(cast: Cast) -> Desk:
    return Desk(cast.administrator)


@pytest.fixture
def draft(desk: Desk) -> str:
    return begin(desk)


def form_of(code: str, **other: Any) -> dict[str, Any]:
    """What the form of a template sends when nothing but this was changed."""
    one = TEMPLATES[code]
    name = one.get("name", {"zh": "", "en": ""})
    sent = {"name_zh": name["zh"], "name_en": name["en"], "channel": one["channel"], "clause": one["clause"]}
    return sent | {"zh": one["zh"], "en": one["en"], **({"at_once": "on"} if one.get("at_once") else {})} | other


def content(file: str) -> str:
    return str(EditionDraft.objects.get().content[file])


def changed(file: str) -> list[str]:
    lines = ndiff(TEXTS[file].splitlines(), content(file).splitlines())
    return [line for line in lines if line[0] in "+-"]


def said(page: HttpResponse) -> str:
    return unescape(text_of(page))


@pytest.mark.clause("H5.2")
def test_the_words_of_a_message_are_changed_and_nothing_else_in_its_file(desk: Desk, draft: str) -> None:
    words = {"zh": "您好，工单 {number} 已受理。", "en": "Hello, {number} is received."}
    answer = act(desk, draft, "templates/acknowledgement", **form_of("acknowledgement", **words))

    assert "Saved." in said(answer)
    new = ['+     zh: "您好，工单 {number} 已受理。"', '+     en: "Hello, {number} is received."']
    assert [line for line in changed("templates.yaml") if line.startswith("+")] == new
    assert len(changed("templates.yaml")) == 4
    assert "Complaint received changed" in said(answer)
    assert "Changed" in said(desk.get(draft))


def test_saving_what_was_not_changed_changes_nothing(desk: Desk, draft: str) -> None:
    """Because an approval is of the very text that was read, and opening a form must not end it."""
    for code in ("acknowledgement", "clock_warned", "apology"):
        assert act(desk, draft, f"templates/{code}", **form_of(code)).status_code == 200
    assert content("templates.yaml") == TEXTS["templates.yaml"]


@pytest.mark.clause("T1.3")
@pytest.mark.parametrize(
    ("code", "words", "complaint"),
    [
        ("acknowledgement", {"zh": "{number} {due_at}", "en": "{number} {due_at}"}, "Nobody fills {due_at}"),
        ("phone_code", {"zh": "您好", "en": "Hello"}, "This template says nothing without {code}."),
        ("acknowledgement", {"zh": "{number", "en": "{number}"}, "A blank is a name in braces"),
        ("acknowledgement", {"zh": "{number:99}", "en": "{number}"}, "A blank is a name in braces"),
        ("apology", {"zh": "{matter}", "en": "sorry"}, "The other language has these blanks too: {matter}"),
        ("acknowledgement", {"clause": "Q9"}, "of no document of this edition"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_not_saved(
    desk: Desk, draft: str, code: str, words: dict[str, str], complaint: str
) -> None:
    answer = act(desk, draft, f"templates/{code}", **form_of(code, **words))

    assert answer.status_code == 422
    assert complaint in said(answer)
    assert content("templates.yaml") == TEXTS["templates.yaml"]


def test_a_template_is_added_beside_its_kind_and_taken_out_again(desk: Desk, draft: str) -> None:
    given = form_of("apology", name_zh="致谢", name_en="Thanks", zh="谢谢", en="Thank you") | {"code": "thanks"}
    act(desk, draft, "new-template?kind=reply", **given)

    assert yaml.safe_load(content("templates.yaml"))["templates"]["thanks"]["kind"] == "reply"
    assert problems_of(EditionDraft.objects.get().content) == ()
    twice = act(desk, draft, "new-template?kind=reply", **given)
    assert (twice.status_code, "There is a template of this code already." in said(twice)) == (422, True)
    act(desk, draft, "templates/thanks/removal")
    assert content("templates.yaml") == TEXTS["templates.yaml"]


def test_what_the_rules_name_cannot_be_taken_away_from_them(desk: Desk, draft: str) -> None:
    answer = act(desk, draft, "templates/delay_ahead/removal")

    assert answer.status_code == 422
    assert 'unknown template "delay_ahead"' in said(answer)
    own = act(desk, draft, "templates/phone_code/removal")
    assert (own.status_code, "its words may be other, but it stays" in said(own)) == (422, True)
    assert "Take it out" not in said(desk.get(f"{draft}/templates/phone_code"))
    assert content("templates.yaml") == TEXTS["templates.yaml"]


def test_how_it_will_read_is_shown_with_examples_and_its_length(desk: Desk, draft: str) -> None:
    page = said(desk.get(f"{draft}/templates/acknowledgement"))
    assert "AH-7K3MP-9QXTD-4" in page
    assert "sent as 1 text message" in page

    typed = {"zh": "好" * 71, "en": "{number", "channel": "sms"}
    shown = said(desk.post(f"{draft}/reading", typed))
    assert "71 characters · sent as 2 text messages" in shown
    assert "A blank is a name in braces" in shown


@pytest.mark.clause("S4.2b")
def test_a_script_gets_another_line_and_the_lines_around_it_stay(desk: Desk, draft: str) -> None:
    [script] = [one for one in yaml.safe_load(TEXTS["telling.yaml"])["calls"]["scripts"] if one["id"] == "fault"]
    lines = [*script["lines"], {"zh": "还有什么可以帮您？", "en": "Is there anything else?"}]
    given = {"zh": script["zh"], "en": script["en"], "ticket_type": ["fault"], "line": list(range(len(lines)))}
    given |= {f"l{place}-{name}": line[name] for place, line in enumerate(lines) for name in ("zh", "en")}
    act(desk, draft, "scripts/fault", **given)

    scripts = {one["id"]: one for one in yaml.safe_load(content("telling.yaml"))["calls"]["scripts"]}
    assert scripts["fault"]["lines"] == lines
    assert "# What a rating is worth" in content("telling.yaml")
    given["l1-zh"] = "{matter}？"
    assert "Nobody fills {matter} in a call" in said(act(desk, draft, "scripts/fault", **given))


def test_a_new_script_comes_before_the_one_that_fits_everything(desk: Desk, draft: str) -> None:
    given = {"id": "appeal", "zh": "申诉回访", "en": "After an appeal", "ticket_type": ["appeal"], "line": ["0"]}
    act(desk, draft, "new-script", **given, **{"l0-zh": "您好", "l0-en": "Good day"})

    scripts = [one["id"] for one in yaml.safe_load(content("telling.yaml"))["calls"]["scripts"]]
    assert scripts == ["fault", "business", "appeal", "complaint"]
    act(desk, draft, "scripts/appeal/removal")
    refused = act(desk, draft, "scripts/complaint/removal")
    assert (refused.status_code, "the last script must fit everything" in said(refused)) == (422, True)


@pytest.mark.clause("T4.3")
def test_hours_of_peace_are_moved_and_switched_off(desk: Desk, draft: str) -> None:
    says = {"says_zh": "由运营商自定", "says_en": "as the carrier decides", "where": "培训 四", "clause": "T4.3"}
    given = {"on": "on", "begins": "20:30", "ends": "08:00", "zone": "Asia/Shanghai", **says}
    act(desk, draft, "quiet-hours", **given)
    assert '+   from: "20:30"' in changed("telling.yaml")

    assert act(desk, draft, "quiet-hours", **{**given, "ends": "20:30"}).status_code == 422
    assert act(desk, draft, "quiet-hours", **{**given, "zone": "Mars"}).status_code == 422
    act(desk, draft, "quiet-hours", **{**given, "on": ""})
    assert "quiet" not in yaml.safe_load(content("telling.yaml"))


@pytest.mark.clause("S3.1")
def test_regions_and_skills_are_named_added_and_taken_out(desk: Desk, draft: str) -> None:
    regions = yaml.safe_load(TEXTS["routing.yaml"])["regions"]
    rows = {f"r{place}-{name}": one[name] for place, one in enumerate(regions.values()) for name in ("zh", "en")}
    new = f"r{len(regions)}"
    added = {f"{new}-code": "340104", f"{new}-zh": "蜀山区", f"{new}-en": "Shushan"}
    act(desk, draft, "regions", **{**rows, **added, "r0-zh": "首都"})

    assert [*yaml.safe_load(content("routing.yaml"))["regions"]].index("340104") == [*regions].index("3401") + 1
    assert len(changed("routing.yaml")) == 3
    assert "340104 in Hefei 3401" in said(desk.get(f"{draft}/regions"))
    skills = {"r0-zh": "无线测试", "r0-en": "Radio testing", "r0-gone": "on", "r1-zh": "光", "r1-en": "F"}
    refused = act(desk, draft, "skills", **skills, **{"r2-zh": "账务核查", "r2-en": "Billing checks"})
    assert (refused.status_code, 'unknown skill "radio"' in said(refused)) == (422, True)


def test_a_file_that_is_wrong_is_mended_in_its_text_first(desk: Desk, draft: str) -> None:
    act(desk, draft, "files/templates.yaml", text="templates: {a: 1}\n")

    assert "mend them here first" in said(desk.get(f"{draft}/templates", follow=True))
    assert desk.get(f"{draft}/skills").status_code == 200


def test_who_may_not_write_rules_gets_no_form(cast: Cast, draft: str) -> None:
    for page in ("templates", "templates/apology", "scripts", "quiet-hours", "skills", "regions"):
        assert Desk(cast.agent).get(f"{draft}/{page}").status_code == 403
        assert Desk(cast.agent).post(f"{draft}/{page}").status_code in (403, 405)


def test_two_people_do_not_write_over_one_another_in_forms_either(cast: Cast, desk: Desk, draft: str) -> None:
    seen = EditionDraft.objects.get().digest
    act(desk, draft, "templates/apology", **form_of("apology", zh="抱歉，{matter}"))
    late = Desk(cast.manager).post(f"{draft}/templates/apology", {"seen": seen, **form_of("apology")})

    assert late.status_code == 409
    assert "Somebody has changed this draft" in text_of(late)


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_a_blank_is_put_in_by_a_press_and_the_preview_follows(
    browser: Browser, live_server: object, cast: Cast
) -> None:
    desk = Desk(cast.administrator)
    draft = begin(desk)
    with browsing(browser, str(live_server), desk, Look("en")) as (page, seen):
        page.goto(f"{draft}/templates/apology")
        words = page.get_by_label("Words in English", exact=True)
        words.fill("About ")
        page.get_by_role("group", name="Blanks for: Words in English").get_by_role("button", name="{fee}").click()

        expect(words).to_have_value("About {fee}")
        expect(page.locator("#readings")).to_contain_text("About 19")
        assert seen.complaints == []


@pytest.mark.parametrize("pack", ["cn-telecom-2025", "uk-ofcom"])
def test_the_shipped_templates_have_the_blanks_the_desk_fills(pack: str) -> None:
    """Because a form that refused what is shipped could not save it."""
    texts = texts_of(PACKS / pack)
    telling = yaml.safe_load(texts["telling.yaml"])
    for code, one in yaml.safe_load(texts["templates.yaml"])["templates"].items():
        fills = fills_of(code, telling)
        used = {part.split("}")[0] for part in one["zh"].split("{")[1:]}
        if fills:
            assert used <= fills.known, code
            assert fills.needed <= used, code
    assert BY_CODE.keys() <= TEMPLATES.keys()
