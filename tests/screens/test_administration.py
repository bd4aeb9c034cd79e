"""The administration: people with roles of the rules, and who saw what, by name."""

from __future__ import annotations

import pytest
from django.utils import timezone

from shouwen.customers.models import Customer
from shouwen.people.models import Person, Team
from shouwen.vault.actions import reveal
from tests.cast import Cast, take_in
from tests.screens.desk import Desk, text_of

ANEW = {"username": "new", "display_name": "新人", "password1": "correct-horse-7", "password2": "correct-horse-7"}


@pytest.mark.clause("H5.2")
def test_roles_are_ticked_from_those_of_the_rules_and_anything_else_is_refused(cast: Cast) -> None:
    desk = Desk(cast.administrator, language="zh-hans")
    page = desk.get("/admin/people/person/add/").content.decode()
    assert 'type="checkbox" name="roles" value="supervisor"' in page
    assert 'name="roles" value="customer"' not in page

    refused = desk.post("/admin/people/person/add/", ANEW | {"roles": ["boss"]})
    assert refused.status_code == 200
    assert not Person.objects.filter(username="new").exists()

    given = {"roles": ["agent", "supervisor"], "regions": "3401，3412", "teams": ["service"], "skills": ["radio"]}
    made = desk.post("/admin/people/person/add/", ANEW | given)
    assert made.status_code == 302, text_of(made)
    person = Person.objects.get(username="new")
    assert (person.roles, person.regions, person.skills) == (["agent", "supervisor"], ["3401", "3412"], ["radio"])
    assert list(person.teams.all()) == [Team.objects.get(pk="service")]


def test_a_region_nobody_knows_is_refused_by_name(cast: Cast) -> None:
    desk = Desk(cast.administrator)

    answer = desk.post("/admin/people/person/add/", ANEW | {"roles": ["agent"], "regions": "3401, 9999"})

    assert "“9999” is not a region code." in text_of(answer)


def test_what_somebody_has_stands_in_their_form(cast: Cast) -> None:
    page = Desk(cast.administrator).get(f"/admin/people/person/{cast.supervisor.pk}/change/").content.decode()

    assert 'name="regions" value="3401"' in page
    assert 'name="roles" value="supervisor" ' in page
    assert page.count(" checked") >= 1


def test_the_administration_bears_the_products_name_and_offers_no_deletion_of_many(cast: Cast) -> None:
    desk = Desk(cast.administrator, language="zh-hans")

    index, people = desk.get("/admin/"), desk.get("/admin/people/person/")

    assert "首问 · 系统管理" in text_of(index)
    assert "Django" not in text_of(index)
    for name in ("Axes", "Vault", "AXES", "VAULT"):
        assert name not in text_of(index)
    assert "来修改" not in text_of(people)
    assert "Model name" not in text_of(people)
    assert "delete_selected" not in people.content.decode()
    assert 'name="language" value="en"' in people.content.decode()
    assert "坐席" in text_of(people)


@pytest.mark.clause("H7.3.1")
def test_the_access_log_names_who_saw_what(cast: Cast) -> None:
    Person.objects.filter(pk=cast.agent.pk).update(staff_no="S0001")
    ticket = take_in(cast)
    token = Customer.objects.get(pk=ticket.customer_id).phone_token
    for who in (cast.agent, cast.supervisor):
        reveal([token], by=str(who.pk), reason="回电", at=timezone.now(), about=ticket.number)

    said = text_of(Desk(cast.administrator).get("/admin/vault/accesslog/"))
    found = text_of(Desk(cast.administrator).get("/admin/vault/accesslog/?q=S0001"))

    assert "坐席甲 · S0001" in said
    assert "主管甲 · supervisor" in said
    assert str(cast.agent.pk) not in said
    assert "坐席甲" in found
    assert "主管甲" not in found
