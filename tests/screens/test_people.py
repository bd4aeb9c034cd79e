"""People and teams at the desk: entered, changed, moved in from a table, let go; and a log of who did it."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.translation import override
from openpyxl import Workbook, load_workbook

from shouwen.desk.staffing import region_meant, regions_by_name, regions_suggested
from shouwen.editions.queries import current_edition
from shouwen.handbook.lifecycle import Move
from shouwen.handbook.words import Words
from shouwen.notices.models import MessageOrder
from shouwen.people.actions import LinkSpent, make_password_link, make_person, use_password_link
from shouwen.people.models import Change, Leave, Person, Team
from shouwen.surveys.models import Callback
from shouwen.tickets.models import Ticket, TicketEvent
from tests.cast import Cast
from tests.screens.desk import Desk, brought_to, taken_in, text_of
from tests.screens.test_asking import told as called_back

pytestmark = [pytest.mark.django_db, pytest.mark.clause("H5.2")]

PEOPLE = "/administration/people"
NEW = {"username": "wang.li", "display_name": "王丽", "staff_no": "S100", "roles": ["agent"], "regions": "3401"}


def page_of(person: Person, further: str = "") -> str:
    return f"{PEOPLE}/{person.pk}{further}"


def table(*rows: list[Any], name: str = "人员.xlsx") -> SimpleUploadedFile:
    book, file = Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(file)
    return SimpleUploadedFile(name, file.getvalue())


def what_changed(**of: Any) -> list[tuple[str, str]]:
    return list(Change.objects.filter(**of).order_by("at", "id").values_list("name", "what"))


def test_regions_are_ticked_by_name_and_a_place_within_one_is_typed(cast: Cast) -> None:
    """Because nobody knows by heart that 3412 is Fuyang."""
    desk = Desk(cast.administrator)
    desk.post(f"{PEOPLE}/new", {**NEW, "regions": ["3412", "340104，340111"]})
    person = Person.objects.get(username="wang.li")
    assert person.regions == ["3412", "340104", "340111"]

    page = desk.get(page_of(person)).content.decode()

    assert re.findall(r'name="regions" value="(\d+)"[^>]* checked', page) == ["3412"]
    assert 'name="regions" value="340104, 340111"' in page
    assert "Fuyang <small" in page


def test_somebody_new_is_entered_without_a_password_and_sets_their_own(cast: Cast) -> None:
    """Because a password an administrator has typed is a password two people know."""
    desk = Desk(cast.administrator)
    made = desk.post(f"{PEOPLE}/new", {**NEW, "teams": ["service"], "skills": ["billing"]})
    person = Person.objects.get(username="wang.li")
    assert made["Location"] == page_of(person)
    assert (person.roles, person.regions, person.skills) == (["agent"], ["3401"], ["billing"])
    assert not person.has_usable_password()

    shown = desk.post(page_of(person, "/link")).content.decode()
    link = re.search(r'class="slip-code slip-link">http://testserver(/[^<]+)<', shown)[1]
    assert link not in desk.get(page_of(person)).content.decode()
    visitor, form = Client(), "/accounts/password/link"
    assert visitor.get(link)["Location"] == form  # the secret stands in no address while the form is filled in
    assert "wang.li" in visitor.get(form).content.decode()
    weak = visitor.post(form, {"new_password1": "123", "new_password2": "123"})
    assert weak.status_code == 422
    done = visitor.post(form, {"new_password1": "correct-horse-7", "new_password2": "correct-horse-7"})
    assert done["Location"] == "/accounts/login/"
    assert visitor.get(link).status_code == 410
    assert visitor.get(form).status_code == 410
    assert Person.objects.get(pk=person.pk).check_password("correct-horse-7")
    assert what_changed(about=str(person.pk)) == [("王丽", "made"), ("王丽", "link_made"), ("王丽", "password_set")]


def test_a_link_opens_once_for_a_while_and_only_the_newest(cast: Cast) -> None:
    at = timezone.now()
    first = make_password_link(cast.agent, by=cast.administrator, at=at)
    second = make_password_link(cast.agent, by=cast.administrator, at=at + timedelta(seconds=1))

    for secret, when in ((first, at + timedelta(seconds=2)), (second, at + timedelta(hours=73)), ("guessed", at)):
        with pytest.raises(LinkSpent):
            use_password_link(secret, "correct-horse-7", at=when)
    assert use_password_link(second, "correct-horse-7", at=at + timedelta(hours=71)) == cast.agent


WRONG = [
    ({"username": "AGENT"}, "Somebody else signs in with this name."),
    ({"username": "a b"}, "Enter a valid username"),
    ({"display_name": ""}, "This field is required."),
    ({"roles": ["boss"]}, "boss is not one of the available choices"),
    ({"regions": "3401, 9999"}, "“9999” is not a region code."),
    ({"staff_no": "S1"}, "Somebody else has this staff number."),
]


@pytest.mark.parametrize(("changes", "says"), WRONG)
def test_what_cannot_be_is_said_beside_its_field(cast: Cast, changes: dict[str, Any], says: str) -> None:
    Person.objects.filter(pk=cast.agent.pk).update(staff_no="S1")

    answer = Desk(cast.administrator).post(f"{PEOPLE}/new", {**NEW, **changes})

    assert answer.status_code == 422
    assert says in text_of(answer)
    assert not Person.objects.filter(username="wang.li").exists()


def form_of(person: Person, **changes: Any) -> dict[str, Any]:
    kept = {
        "username": person.username,
        "display_name": person.display_name,
        "staff_no": person.staff_no,
        "roles": person.roles,
        "teams": [team.pk for team in person.teams.all()],
        "regions": ", ".join(person.regions),
        "skills": person.skills,
    }
    return {**kept, **changes}


def test_a_change_says_who_made_it_what_was_and_what_is(cast: Cast) -> None:
    desk = Desk(cast.administrator)

    desk.post(page_of(cast.agent), form_of(cast.agent, roles=["supervisor"], teams=["billing"]))

    [row] = Change.objects.filter(about=str(cast.agent.pk))
    assert row.by == cast.administrator
    assert row.facts == {"roles": [["agent"], ["supervisor"]], "teams": [["service"], ["billing"]]}
    assert "roles: Agent → Supervisor" in text_of(desk.get(page_of(cast.agent)))
    assert "roles: Agent → Supervisor" in text_of(desk.get("/administration/changes?q=坐席甲"))
    assert "roles" not in text_of(desk.get("/administration/changes?q=经理")).partition("What was and what is")[2]


def test_nobody_takes_the_keys_of_the_house_from_themselves_or_from_the_last_who_has_them(cast: Cast) -> None:
    desk = Desk(cast.administrator)

    own = desk.post(page_of(cast.administrator), form_of(cast.administrator, roles=["agent"]))
    shut = desk.post(page_of(cast.administrator, "/departure"), follow=True)

    assert own.status_code == 409
    assert "ask another administrator" in text_of(own)
    assert "ask another administrator" in text_of(shut)
    assert Person.objects.get(pk=cast.administrator.pk).is_active


@pytest.mark.clause("T1.3")
def test_whoever_leaves_hands_over_first_and_the_history_says_who_ordered_it(cast: Cast) -> None:
    owned, in_hand = taken_in(cast), brought_to(cast, Move.DISPATCH)
    desk = Desk(cast.administrator)
    second = make_person("second", display_name="坐席丙", roles=["agent"], regions=["3401"])
    page = text_of(desk.get(page_of(cast.agent, "/leaving")))
    assert owned.number in page
    assert "They own 2 open tickets" in page

    told = desk.post(page_of(cast.agent, "/leaving"), {"owner": second.pk})

    assert "Nothing open is theirs any more" in text_of(told)
    assert set(Ticket.objects.values_list("first_owner", flat=True)) == {second.pk}
    assert Ticket.objects.get(pk=in_hand.pk).handler_id == cast.handler.pk
    event = TicketEvent.objects.filter(ticket_id=owned.pk).order_by("seq").last()
    assert event.facts["reason"] == "坐席甲离岗；由管理员安排"
    desk.post(page_of(cast.agent, "/departure"))
    assert not Person.objects.get(pk=cast.agent.pk).is_active
    assert desk.get(page_of(cast.agent)).status_code == 200


def test_work_in_hand_goes_to_a_colleague_and_what_cannot_be_is_told(cast: Cast) -> None:
    investigated = brought_to(cast, Move.INVESTIGATE)
    told = brought_to(cast, Move.TELL_CUSTOMER)

    answer = Desk(cast.administrator).post(page_of(cast.handler, "/leaving"), {"handler": cast.other_handler.pk})

    assert Ticket.objects.get(pk=investigated.pk).handler_id == cast.other_handler.pk
    if Ticket.objects.get(pk=told.pk).handler_id == cast.handler.pk:
        assert told.number in text_of(answer)


@pytest.mark.clause("S4.2b")
def test_the_calls_of_whoever_leaves_are_anothers_who_hears_of_them(cast: Cast) -> None:
    """Because nobody is called whose call waits on the list of somebody who is gone."""
    ticket, desk = called_back(cast), Desk(cast.administrator)
    Ticket.objects.update(first_owner=cast.other_agent.pk)
    Callback.objects.update(agent=cast.agent)
    assert "Calls they are still to make: 1." in text_of(desk.get(page_of(cast.agent, "/leaving")))

    told = desk.post(page_of(cast.agent, "/leaving"), {"owner": cast.other_agent.pk})

    assert "1 call handed on." in text_of(told)
    assert "Nothing open is theirs any more" in text_of(told)
    callback = Callback.objects.get(ticket_id=ticket.pk)
    assert (callback.agent, callback.state) == (cast.other_agent, Callback.PLANNED)
    assert MessageOrder.objects.filter(recipient=f"person:{cast.other_agent.pk}", template="callback_assigned").exists()


def test_whoever_is_shut_out_is_signed_out_at_once_and_let_in_again(cast: Cast) -> None:
    theirs, desk = Desk(cast.agent), Desk(cast.administrator)

    desk.post(page_of(cast.agent, "/departure"))
    assert theirs.get("/notices").status_code == 302
    assert "cannot sign in" in text_of(desk.get(f"{PEOPLE}?state=inactive"))
    desk.post(page_of(cast.agent, "/return"))

    assert [what for _name, what in what_changed(about=str(cast.agent.pk))] == ["deactivated", "activated"]


@pytest.mark.clause("T1.3")
def test_a_leave_is_entered_with_a_cover_and_seen_in_the_list(cast: Cast) -> None:
    desk, now = Desk(cast.administrator), timezone.localtime()
    form = {
        "from_at": (now - timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M"),
        "until_at": (now + timedelta(days=3)).strftime("%Y-%m-%dT%H:%M"),
        "cover": "",
        "reason": "年假",
    }
    second = make_person("second", display_name="坐席丙", roles=["agent"], teams=[Team.objects.get(pk="service")])

    done = desk.post(page_of(cast.agent, "/leaves"), {**form, "cover": second.pk})
    again = desk.post(page_of(cast.agent, "/leaves"), form)

    assert done.status_code == 302
    assert again.status_code == 409
    assert "on leave for a part of this time already" in text_of(again)
    away = text_of(desk.get(f"{PEOPLE}?state=away"))
    assert "cover: 坐席丙" in away
    assert "坐席乙" not in away
    [leave] = Leave.objects.all()
    desk.post(page_of(cast.agent, f"/leaves/{leave.pk}/end"))
    assert "坐席甲" not in text_of(desk.get(f"{PEOPLE}?state=away")).partition("Skills State")[2]


def test_the_list_is_narrowed_and_costs_the_same_however_long_it_is(cast: Cast) -> None:
    desk = Desk(cast.administrator)
    desk.get(PEOPLE)

    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as asked:
            assert desk.get(PEOPLE).status_code == 200
        return len(asked)

    few = queries()
    for number in range(45):
        make_person(f"more-{number}", display_name=f"更多{number:02}", roles=["agent"], teams=Team.objects.all()[:2])
    assert queries() == few
    found = text_of(desk.get(f"{PEOPLE}?role=handler&team=billing"))
    assert "处理乙" in found
    assert "处理甲" not in found
    assert 'rel="next"' in desk.get(PEOPLE).content.decode()


def test_a_team_is_made_and_changed(cast: Cast) -> None:
    desk = Desk(cast.administrator)
    form = {"code": "rights", "name": "合规组", "name_en": "", "region": "", "lead": cast.manager.pk, "active": "on"}

    assert desk.post("/administration/teams/new", form)["Location"] == "/administration/teams/rights"
    assert desk.post("/administration/teams/new", form).status_code == 422
    desk.post("/administration/teams/rights", {**form, "name": "合规班", "active": ""})

    team = Team.objects.get(pk="rights")
    assert (team.name, team.active, team.lead) == ("合规班", False, cast.manager)
    assert what_changed(kind="team") == [("合规组", "made"), ("合规班", "changed")]


@pytest.mark.parametrize(
    ("written", "code"),
    [("3401", "3401"), ("合肥市", "3401"), ("合肥", "3401"), ("hefei", "3401"), ("340104", "340104"), ("", "")],
)
def test_the_region_of_a_team_is_written_as_its_name_or_its_code(cast: Cast, written: str, code: str) -> None:
    form = {"code": "rights", "name": "合规组", "name_en": "", "region": written, "lead": "", "active": "on"}

    Desk(cast.administrator).post("/administration/teams/new", form)

    assert Team.objects.get(pk="rights").region == code


def test_the_form_of_a_team_offers_regions_by_name_and_says_which_it_has(cast: Cast) -> None:
    desk = Desk(cast.administrator, language="zh-hans")
    page = desk.get("/administration/teams/network-3401").content.decode()

    assert re.search(r'name="region" value="合肥市"[^>]* list="region-choices"', page)
    assert '<option value="合肥市">3401</option>' in page
    saved = dict(re.findall(r'name="(code|name|name_en|region)" value="([^"]*)"', page)) | {"active": "on"}
    assert desk.post("/administration/teams/network-3401", saved).status_code == 302
    assert Team.objects.get(pk="network-3401").region == "3401"


def test_a_region_whose_name_could_be_two_is_offered_by_its_code(cast: Cast) -> None:
    """Because 吉林 is a province and a city, and Jilin is the English of both."""
    rules = current_edition()
    both = {"22": Words("吉林省", "Jilin"), "2202": Words("吉林市", "Jilin")}
    two = replace(rules, regions={code: replace(rules.regions["34"], words=words) for code, words in both.items()})
    names = regions_by_name(two)

    with override("en"):
        assert regions_suggested(names, two) == [("22", "Jilin"), ("2202", "Jilin")]
    with override("zh-hans"):
        assert regions_suggested(names, two) == [("吉林省", "22"), ("吉林市", "2202")]
    assert region_meant("吉林", names, two) is None


def test_what_is_no_region_is_refused_in_the_form_of_a_team(cast: Cast) -> None:
    form = {"code": "rights", "name": "合规组", "region": "火星"}

    refused = Desk(cast.administrator).post("/administration/teams/new", form)

    assert refused.status_code == 422
    assert "“火星” is no region: write its name or its code." in text_of(refused)
    assert 'value="火星"' in refused.content.decode()


def test_a_page_shows_where_nobody_is_there_for_what_a_route_needs(cast: Cast) -> None:
    Team.objects.filter(pk="billing").update(active=False)

    page = text_of(Desk(cast.administrator).get("/administration/coverage"))

    assert "nobody, and a route needs it" in page
    assert "班组 network-3401" in page


HEADINGS = ["账号", "姓名", "角色", "班组", "地区"]


def sent(desk: Desk, *rows: list[Any]) -> HttpResponse:
    return desk.post(f"{PEOPLE}/import", {"file": table(*rows)})


def ticket_in(page: HttpResponse) -> str:
    return re.search(r'name="ticket" value="([^"]+)"', page.content.decode())[1]


def test_a_table_is_compared_row_by_row_before_anything_changes(cast: Cast) -> None:
    desk = Desk(cast.administrator)

    shown = sent(
        desk,
        HEADINGS,
        ["zhao.min", "赵敏", "客服坐席、Supervisor", "service", "3401"],
        ["agent", "坐席甲", "客服坐席", "班组 service", "合肥市、阜阳"],
        ["other-agent", "坐席乙", "客服坐席", "", "3412"],
        ["handler", "处理甲", "老板", "", ""],
        ["zhao.min", "赵敏", "", "", ""],
    )

    said = text_of(shown)
    for count in ("new 1", "changed 1", "unchanged 1", "refused 2"):
        assert count in said
    assert "regions: 3401 → 3401, 3412" in said
    assert "“老板” under “Roles” is not known." in said
    assert "zhao.min stands in the table twice." in said
    assert "Sheet “Sheet”, row 5" in said
    assert not Person.objects.filter(username="zhao.min").exists()

    taken = desk.post(f"{PEOPLE}/import/takeover", {"ticket": ticket_in(shown)}, follow=True)
    assert "2 rows taken over." in text_of(taken)
    new = Person.objects.get(username="zhao.min")
    assert (new.roles, [team.pk for team in new.teams.all()]) == (["agent", "supervisor"], ["service"])
    assert Person.objects.get(pk=cast.agent.pk).regions == ["3401", "3412"]
    assert Person.objects.get(pk=cast.handler.pk).roles == ["handler"]


def test_a_region_no_rules_know_is_refused_with_what_may_be_written(cast: Cast) -> None:
    desk = Desk(cast.administrator)

    people = text_of(sent(desk, HEADINGS, ["zhao.min", "赵敏", "客服坐席", "", "火星"]))
    rows = [["billing-3401", "账务", "合肥市"], ["late", "晚班", "火星"]]
    teams = text_of(sent(desk, ["班组代码", "班组名称", "地区"], *rows))

    assert "“火星” is no region: write its name or its code." in people
    assert "“火星” is no region: write its name or its code." in teams
    assert "new 1" in teams


def test_lists_say_regions_by_name_with_the_code_beside_it(cast: Cast) -> None:
    desk = Desk(cast.administrator, language="zh-hans")

    assert re.search(r"合肥市? 3401", text_of(desk.get(PEOPLE)))
    assert re.search(r"合肥市? 3401", text_of(desk.get("/administration/teams")))


def test_a_staff_number_is_one_persons_in_a_table_too(cast: Cast) -> None:
    """Because the form of a person refuses to be saved as long as somebody else has their number."""
    Person.objects.filter(pk=cast.agent.pk).update(staff_no="S1")
    headings = ["账号", "姓名", "工号"]

    shown = sent(
        Desk(cast.administrator),
        headings,
        ["agent", "坐席甲", "S1"],
        ["zhao.min", "赵敏", "S1"],
        ["qian.li", "钱力", "S2"],
        ["sun.wu", "孙武", "S2"],
        ["li.yi", "李一", ""],
        ["li.er", "李二", ""],
    )

    said = text_of(shown)
    for count in ("new 3", "unchanged 1", "refused 2"):
        assert count in said
    assert said.count("Somebody else has this staff number.") == 2


def test_where_one_row_is_refused_by_now_none_is_taken_over(cast: Cast) -> None:
    desk = Desk(cast.administrator)
    rows = [["zhao.min", "赵敏", "客服坐席", "", ""], ["agent", "坐席甲", "客服坐席", "rights", "3401"]]
    Team.objects.create(code="rights", name="合规组")
    shown = sent(desk, HEADINGS, *rows)
    Team.objects.get(pk="rights").delete()

    refused = desk.post(f"{PEOPLE}/import/takeover", {"ticket": ticket_in(shown)})

    assert refused.status_code == 409
    assert "none was taken over" in text_of(refused)
    assert not Person.objects.filter(username="zhao.min").exists()


@pytest.mark.parametrize("ticket", ["", "forged", "W10:1abc:def"])
def test_a_comparison_that_was_altered_is_not_taken_over(cast: Cast, ticket: str) -> None:
    answer = Desk(cast.administrator).post(f"{PEOPLE}/import/takeover", {"ticket": ticket}, follow=True)

    assert "send the table again" in text_of(answer)


@pytest.mark.parametrize("kind", ["people", "teams"])
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_what_was_exported_is_imported_as_unchanged(cast: Cast, kind: str, language: str) -> None:
    """Because a table is taken away, mended in one cell and brought back: nothing else may seem changed."""
    desk = Desk(cast.administrator, language=language)
    file = b"".join(desk.get(f"/administration/{kind}?as=xlsx").streaming_content)

    shown = desk.post(f"{PEOPLE}/import", {"file": SimpleUploadedFile("t.xlsx", file)})

    counted = {"zh-hans": r"无变化 (\d+)", "en": r"unchanged (\d+)"}[language]
    there = (Person if kind == "people" else Team).objects.count()
    assert re.search(counted, text_of(shown))[1] == str(there)
    assert "ticket" not in re.findall(r'name="(ticket)"', shown.content.decode())


def test_the_template_explains_itself_and_a_table_of_something_else_is_refused(cast: Cast) -> None:
    desk = Desk(cast.administrator, language="zh-hans")

    book = load_workbook(io.BytesIO(b"".join(desk.get(f"{PEOPLE}/template").streaming_content)))
    other = sent(desk, ["天气", "温度"], ["晴", "20"])

    assert book.sheetnames == ["人员", "班组", "可填写的内容"]
    assert "质检员" in book["人员"]["D1"].comment.text
    assert other.status_code == 422
    assert "人员表" in text_of(other)


@pytest.mark.parametrize(
    ("filled", "says"),
    [
        (["班组"], "billing"),
        ([], "表头下面没有填写任何一行"),
        (["人员", "班组"], "有多张工作表填了内容"),
    ],
)
def test_of_the_template_the_sheet_that_is_filled_in_is_taken(cast: Cast, filled: list[str], says: str) -> None:
    """Because a filled sheet of teams was passed over without a word."""
    desk = Desk(cast.administrator, language="zh-hans")
    book, file = load_workbook(io.BytesIO(b"".join(desk.get(f"{PEOPLE}/template").streaming_content))), io.BytesIO()
    for name in filled:
        book[name].append(["billing", "账务组", "", ""])
    book.save(file)

    answer = desk.post(f"{PEOPLE}/import", {"file": SimpleUploadedFile("人员和班组.xlsx", file.getvalue())})

    assert says in text_of(answer)


def test_teams_come_in_from_a_table_too(cast: Cast) -> None:
    desk = Desk(cast.administrator)
    rows = [
        ["班组代码", "班组名称", "负责人账号"],
        ["rights", "合规组", "manager"],
        ["billing", "账务组", "nobody-here"],
    ]

    shown = sent(desk, *rows)
    desk.post(f"{PEOPLE}/import/takeover", {"ticket": ticket_in(shown)})

    assert "Nobody who works here signs in as “nobody-here”." in text_of(shown)
    assert Team.objects.get(pk="rights").lead == cast.manager


def test_the_log_is_taken_away_as_a_table_and_the_old_administration_writes_into_it(cast: Cast) -> None:
    desk = Desk(cast.administrator)
    anew = {"username": "new", "display_name": "新人", "password1": "correct-horse-7", "password2": "correct-horse-7"}
    desk.post("/admin/people/person/add/", anew | {"roles": ["agent"], "regions": "3401"})

    answer = desk.get("/administration/changes?as=csv")

    table = b"".join(answer.streaming_content).decode("utf-8-sig")
    assert "管理员,Person,新人,entered" in table
