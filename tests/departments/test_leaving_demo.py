"""Out of the demo: what was invented goes, what one made oneself stays, and nothing is ever half done."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.db import IntegrityError, connection

from shouwen.cli.migrate import _leave_demo
from shouwen.config.wiring import furnish_demo, leave_demo, look_into_demo
from shouwen.desk import demo_left
from shouwen.desk.demo_left import EMPTIED, KEPT, SIFTED, NobodyStays, take_wish_back, wish_to_leave
from shouwen.desk.macros import save_macro
from shouwen.desk.models import Macro
from shouwen.editions.actions import install_shipped_pack
from shouwen.editions.drafting import begin_draft
from shouwen.editions.models import EditionDraft, EditionVersion
from shouwen.editions.pack import SHIPPED, texts_of
from shouwen.handling.actions import accept
from shouwen.intake.demo import build_demo
from shouwen.people.actions import make_person
from shouwen.people.duty import Entry, enter_shifts
from shouwen.people.models import Change, Person, Shift, Team
from shouwen.people.queries import actor_for
from shouwen.tickets.models import Ticket, TicketEvent
from tests.cast import draft, on

NOW = on("2026-03-12 11:00")
LATER = NOW + timedelta(hours=1)


class Folder:
    """A data folder's mark, as the start reads and writes it."""

    def __init__(self, *, demo: bool = True) -> None:
        self.known: dict[str, Any] = {"demo": demo, "accounts": [["agent", "demo-agent", "secret"]]}

    def about_database(self) -> dict[str, Any]:
        return self.known

    def note(self, **facts: Any) -> None:
        self.known |= facts


@pytest.fixture
def me(db: None) -> Person:
    """A furnished demo in which somebody has begun to work: themselves, a team, a roster, a draft, a macro."""
    install_shipped_pack(at=NOW)
    build_demo(NOW)
    furnish_demo(NOW)
    look_into_demo(NOW)
    person = make_person("li", display_name="李", roles=["administrator", "manager"], password="a long password")
    person.teams.add("billing")
    shift = Entry(person, LATER, LATER + timedelta(hours=8), "")
    enter_shifts(Team.objects.get(pk="billing"), [shift], by=Person.objects.get(username="demo-administrator"), at=NOW)
    begin_draft("2027", texts_of(SHIPPED), base="", by=actor_for(person), at=NOW)
    save_macro(Macro(name="M", owner=person, shared=Macro.OWN, steps=[]), by=person, at=NOW)
    return person


def leave() -> tuple[str, ...] | None:
    """As the start does it; in a test's own transaction the rows are checked before tables are emptied."""
    connection.check_constraints()
    return leave_demo(LATER)


def test_every_table_is_emptied_sifted_or_kept_and_none_is_forgotten() -> None:
    """Because a department that comes later must say what becomes of its tables."""
    models = [one._meta.db_table for one in apps.get_models(include_auto_created=True)]
    named = [*EMPTIED, *SIFTED, *KEPT]

    assert sorted(set(models) - set(named)) == []
    assert sorted(set(named) - {*models, "django_migrations"}) == []
    assert len(named) == len(set(named))


def test_what_was_invented_goes_and_what_one_made_oneself_stays(me: Person) -> None:
    editions = EditionVersion.objects.count()
    wish_to_leave(by=me, at=NOW)

    assert leave() == ("li",)

    with connection.cursor() as cursor:
        for table in EMPTIED:
            cursor.execute(f"SELECT count(*) FROM {table}")
            assert cursor.fetchone() == (0,), table
    assert [person.username for person in Person.objects.all()] == ["li"]
    assert Person.objects.get().check_password("a long password")
    assert [team.pk for team in Team.objects.all()] == ["billing"]
    assert [shift.person_id for shift in Shift.objects.all()] == [me.pk]
    assert [macro.name for macro in Macro.objects.all()] == ["M"]
    assert EditionDraft.objects.count() == 1
    assert EditionVersion.objects.count() == editions
    last = Change.objects.latest("at")
    assert (last.what, last.by, last.facts["tickets"][1]) == ("demo_left", me, 0)


def test_the_desk_works_on_with_the_first_real_complaint(me: Person) -> None:
    wish_to_leave(by=me, at=NOW)
    leave()

    [answer] = accept([draft(by=actor_for(me), first_owner=str(me.pk), received_at=LATER)], now=LATER)

    assert Ticket.objects.get().number == answer.number
    assert TicketEvent.objects.exists()


def test_nothing_is_left_without_a_wish_or_once_it_is_taken_back(me: Person) -> None:
    assert leave() is None
    wish_to_leave(by=me, at=NOW)
    take_wish_back(by=me, at=NOW + timedelta(seconds=1))

    assert leave() is None
    assert Ticket.objects.exists()


def test_nobody_leaves_who_could_not_let_the_others_in(me: Person) -> None:
    with pytest.raises(NobodyStays):
        wish_to_leave(by=Person.objects.get(username="demo-administrator"), at=NOW)
    wish_to_leave(by=me, at=NOW)
    me.is_active = False
    me.save()

    assert leave() is None
    assert Ticket.objects.exists()


def test_a_start_that_fails_on_the_way_has_changed_nothing(me: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    """Because half a demo is worse than a whole one."""
    before = (Ticket.objects.count(), Person.objects.count(), Change.objects.count())
    wish_to_leave(by=me, at=NOW)

    def dies(*_given: object) -> None:
        raise IntegrityError("the machine stops")

    monkeypatch.setattr(demo_left, "_sift", dies)
    with pytest.raises(IntegrityError):
        leave()
    assert (Ticket.objects.count(), Person.objects.count(), Change.objects.count() - 1) == before
    assert demo_left.wish()
    monkeypatch.undo()
    assert leave() == ("li",)


def test_the_start_takes_the_mark_away_and_the_doors_without_a_password_with_it(me: Person) -> None:
    folder = Folder()
    connection.check_constraints()
    _leave_demo(folder)  # type: ignore[arg-type]
    assert folder.known["demo"]
    wish_to_leave(by=me, at=NOW)

    connection.check_constraints()
    _leave_demo(folder)  # type: ignore[arg-type]

    assert (folder.known["demo"], folder.known["accounts"]) == (False, [])


def test_a_start_killed_before_the_mark_was_taken_away_takes_it_away_later(me: Person) -> None:
    wish_to_leave(by=me, at=NOW)
    leave()
    folder = Folder()

    connection.check_constraints()
    _leave_demo(folder)  # type: ignore[arg-type]

    assert not folder.known["demo"]


def test_what_is_no_demo_is_never_emptied(me: Person) -> None:
    """Because real work may have a wish in its log, from the demo it came of or from somebody's hand."""
    wish_to_leave(by=me, at=NOW)

    _leave_demo(Folder(demo=False))  # type: ignore[arg-type]

    assert Ticket.objects.exists()
