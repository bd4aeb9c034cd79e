"""Editions: a pack is read, checked, published, and tickets keep theirs."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from django.db import transaction
from django.utils.translation import override

from shouwen.editions import queries
from shouwen.editions.actions import install_shipped_pack, publish_calendar, publish_pack, start_calendars
from shouwen.editions.models import CalendarVersion, EditionVersion
from shouwen.editions.pack import SHIPPED
from shouwen.editions.queries import NoEdition, calendars_now, current_edition, edition
from shouwen.editions.reading import BrokenPack
from shouwen.handbook.working_time import WorkingCalendar

AT = datetime(2026, 3, 2, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _fresh_process(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Every test is a process that has read no edition yet, and speaks English."""
    monkeypatch.setattr(queries, "_editions", {})
    queries._calendars.cache_clear()
    with override("en"):
        yield


@pytest.fixture
def later(folder: Path) -> Path:
    """Other rules and other office hours, to be published for later."""
    change(folder, "clocks.yaml", "duration: 7wd", "duration: 6wd")
    change(folder, "calendars.yaml", '"08:30-12:00"', '"08:00-12:00"')
    return folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the shipped pack to break or change."""
    return Path(shutil.copytree(SHIPPED, tmp_path / "pack"))


def change(folder: Path, file: str, old: str, new: str) -> None:
    path = folder / file
    text = path.read_text("utf-8")
    assert old in text, old
    path.write_text(text.replace(old, new, 1), "utf-8")


@pytest.mark.django_db
def test_publishing_the_same_rules_twice_makes_one_edition():
    first = publish_pack(SHIPPED, at=AT)
    again = publish_pack(SHIPPED, "person:p1", at=AT + timedelta(days=1))

    assert first == again
    assert again.published_by == "system"
    assert first.id == "cn-telecom-2025@1"
    assert EditionVersion.objects.count() == 1
    assert CalendarVersion.objects.count() == 3


@pytest.mark.django_db
def test_a_comment_makes_no_edition_but_a_changed_rule_does(folder):
    publish_pack(SHIPPED, at=AT)
    change(folder, "clocks.yaml", "clocks:\n", "clocks:  # read from the top\n")
    commented = publish_pack(folder, at=AT)
    change(folder, "clocks.yaml", "duration: 7wd", "duration: 6wd")
    changed = publish_pack(folder, at=AT + timedelta(days=1))

    assert commented.number == 1
    assert changed.id == "cn-telecom-2025@2"
    assert str(current_edition(AT + timedelta(days=1)).rule("initial-handling-general").duration) == "6wd"


@pytest.mark.django_db
def test_tickets_keep_the_edition_they_were_accepted_under(folder):
    old = publish_pack(SHIPPED, at=AT).id
    change(folder, "clocks.yaml", "duration: 7wd", "duration: 6wd")
    publish_pack(folder, at=AT)

    assert str(edition(old).rule("initial-handling-general").duration) == "7wd"


@pytest.mark.django_db
def test_an_edition_waits_for_the_day_it_takes_effect(folder):
    publish_pack(SHIPPED, at=AT)
    change(folder, "clocks.yaml", "duration: 7wd", "duration: 6wd")
    effective = AT + timedelta(days=30)
    publish_pack(folder, at=AT, effective_at=effective)

    assert current_edition(effective - timedelta(seconds=1)).number == 1
    assert current_edition(effective).number == 2


@pytest.mark.django_db
def test_a_broken_pack_changes_nothing(folder):
    publish_pack(SHIPPED, at=AT)
    change(folder, "clocks.yaml", "calendar: office", "calendar: offce")

    with pytest.raises(BrokenPack, match='unknown calendar "offce"'):
        publish_pack(folder, at=AT)

    assert EditionVersion.objects.count() == 1
    assert current_edition(AT).number == 1


@pytest.mark.django_db
def test_an_edition_this_program_cannot_read_leaves_the_last_good_one_in_force(caplog):
    good = publish_pack(SHIPPED, at=AT)
    EditionVersion.objects.create(
        id="cn-telecom-2025@2",
        pack="cn-telecom-2025",
        number=2,
        digest="0" * 64,
        content={**good.content, "clocks.yaml": "clocks: from a newer program"},
        published_at=AT,
        published_by="person:p1",
        effective_at=AT + timedelta(days=1),
    )

    assert current_edition(AT + timedelta(days=2)).id == good.id
    assert "cn-telecom-2025@2 cannot be read" in caplog.text
    with pytest.raises(BrokenPack):
        edition("cn-telecom-2025@2")


@pytest.mark.django_db
def test_an_edition_is_read_once_per_process(django_assert_num_queries):
    publish_pack(SHIPPED, at=AT)
    one = current_edition(AT)

    with django_assert_num_queries(1):
        assert current_edition(AT) is one
    with django_assert_num_queries(0):
        assert edition(one.id) is one


@pytest.mark.django_db
def test_without_an_edition_nothing_is_accepted():
    with pytest.raises(NoEdition):
        current_edition(AT)
    with pytest.raises(NoEdition):
        edition("cn-telecom-2025@1")


@pytest.mark.django_db
def test_the_shipped_pack_is_installed_once_and_never_over_a_carriers_own(folder):
    assert install_shipped_pack(at=AT) == install_shipped_pack(at=AT)

    change(folder, "clocks.yaml", "duration: 7wd", "duration: 6wd")
    publish_pack(folder, "person:p1", at=AT + timedelta(days=1))

    assert install_shipped_pack(at=AT + timedelta(days=2)) is None
    assert current_edition(AT + timedelta(days=2)).number == 2


@pytest.mark.django_db(transaction=True)
def test_two_publishers_at_once_make_one_edition():
    from threading import Barrier, Thread

    from django.db import connection

    together, made = Barrier(2), []

    def publish() -> None:
        together.wait()
        made.append(publish_pack(SHIPPED, at=AT).id)
        connection.close()

    threads = [Thread(target=publish) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert made == ["cn-telecom-2025@1"] * 2
    assert EditionVersion.objects.count() == 1


# Calendars


@pytest.mark.django_db
@pytest.mark.clause("X2")
def test_calendars_start_in_the_pack_and_natural_time_is_always_there():
    publish_pack(SHIPPED, at=AT)

    calendars = calendars_now()

    assert set(calendars) == {"natural", "office", "field", "hotline"}
    office = calendars["office"]
    assert isinstance(office, WorkingCalendar)
    assert office.version == "office@1"
    assert office.published_until == date(2026, 12, 31)
    assert not office.is_working_day(date(2026, 10, 1))  # a holiday
    assert office.is_working_day(date(2026, 10, 10))  # a make-up Saturday
    assert calendars["hotline"].between(AT, AT + timedelta(days=7)) == timedelta(days=7)


@pytest.mark.django_db
def test_own_days_off_and_make_up_days_beat_the_table(folder):
    change(
        folder, "calendars.yaml", "days: cn", 'off: ["2026-03-03"]\n    on: ["2026-03-07", "2026-10-01"]\n    days: cn'
    )
    publish_pack(folder, at=AT)

    office = calendars_now()["office"]

    assert isinstance(office, WorkingCalendar)
    assert not office.is_working_day(date(2026, 3, 3))
    assert office.is_working_day(date(2026, 3, 7))
    assert office.is_working_day(date(2026, 10, 1))


@pytest.mark.django_db
def test_a_calendar_changed_at_the_desk_is_left_alone_by_the_pack():
    publish_pack(SHIPPED, at=AT)
    content = CalendarVersion.objects.get(id="office@1").content
    changed = {**content, "exceptions": {**content["exceptions"], "2026-03-03": []}}
    publish_calendar("office", changed, "person:p1", at=AT)
    publish_pack(SHIPPED, at=AT)

    office = calendars_now()["office"]

    assert isinstance(office, WorkingCalendar)
    assert office.version == "office@2"
    assert not office.is_working_day(date(2026, 3, 3))


def lose_a_year() -> None:
    """As if the office calendar had been published by a release whose table of holidays was a year shorter."""
    version = CalendarVersion.objects.get(id="office@1")
    shorter = {**version.content, "published_until": "2025-12-31"}
    CalendarVersion.objects.filter(id="office@1").update(digest="0" * 64, content=shorter, published_until="2025-12-31")


@pytest.mark.django_db
def test_a_longer_table_of_holidays_makes_a_new_version_of_a_calendar_nobody_changed():
    install_shipped_pack(at=AT)
    lose_a_year()

    install_shipped_pack(at=AT)

    assert list(CalendarVersion.objects.filter(name="office").values_list("number", flat=True)) == [2, 1]
    assert calendars_now()["office"].version == "office@2"


@pytest.mark.django_db
def test_the_calendars_of_a_carriers_own_pack_follow_the_table_of_holidays_too(folder):
    change(folder, "edition.yaml", "pack: cn-telecom-2025", "pack: some-branch")
    publish_pack(folder, "carrier", at=AT)
    lose_a_year()

    install_shipped_pack(at=AT)

    assert calendars_now()["office"].version == "office@2"
    assert current_edition(AT).id == "some-branch@1"


@pytest.mark.django_db
def test_a_pack_that_changes_its_calendar_makes_a_new_version_each_time(folder):
    change(folder, "calendars.yaml", "days: cn", 'off: ["2026-03-03"]\n    days: cn')
    publish_pack(folder, "carrier", at=AT)
    change(folder, "calendars.yaml", "2026-03-03", "2026-03-04")
    publish_pack(folder, "carrier", at=AT)

    office = calendars_now()["office"]

    assert isinstance(office, WorkingCalendar)
    assert office.version == "office@2"
    assert office.is_working_day(date(2026, 3, 3))
    assert not office.is_working_day(date(2026, 3, 4))


def versions_of(name: str) -> list[str]:
    return list(CalendarVersion.objects.filter(name=name).order_by("number").values_list("id", flat=True))


@pytest.mark.django_db
@pytest.mark.clause("X3")
def test_an_edition_for_later_starts_its_calendars_when_it_takes_effect_and_once(later):
    """Because what counts today must not count by the hours of next month."""
    install_shipped_pack(at=AT)
    effective = AT + timedelta(days=30)
    publish_pack(later, "carrier", at=AT, effective_at=effective)
    assert start_calendars(effective - timedelta(seconds=1)) == 0
    assert versions_of("office") == ["office@1"]

    assert (start_calendars(effective), start_calendars(effective)) == (1, 0)
    assert versions_of("office") == ["office@1", "office@2"]
    assert EditionVersion.objects.get(number=2).calendars_started_at == effective
    assert CalendarVersion.objects.get(id="office@2").content["weekly"]["mon"][0] == "08:00-12:00"


@pytest.mark.django_db
@pytest.mark.clause("X3")
@pytest.mark.parametrize("days_later", [1, 29, 31])
def test_a_restart_changes_no_calendar(later, days_later):
    """Because 30 days after its publication an edition took over, and a restart may fall before, or after it."""
    install_shipped_pack(at=AT)
    publish_pack(later, "carrier", at=AT, effective_at=AT + timedelta(days=30))
    restart = AT + timedelta(days=days_later)
    before = versions_of("office"), calendars_now()["office"]

    install_shipped_pack(at=restart)

    assert (versions_of("office"), calendars_now()["office"]) == before
    started = start_calendars(restart)
    install_shipped_pack(at=restart)
    assert versions_of("office") == (["office@1", "office@2"] if started else ["office@1"])


@pytest.mark.django_db
def test_a_restart_does_not_undo_a_calendar_published_with_the_same_rules(folder):
    install_shipped_pack(at=AT)
    change(folder, "calendars.yaml", '"08:30-12:00"', '"08:00-12:00"')
    publish_pack(folder, "carrier", at=AT)

    install_shipped_pack(at=AT + timedelta(days=1))

    assert versions_of("office") == ["office@1", "office@2"]


@pytest.mark.django_db
def test_a_longer_table_reaches_a_calendar_with_the_shifts_it_has_now(later):
    install_shipped_pack(at=AT)
    publish_pack(later, "carrier", at=AT, effective_at=AT + timedelta(days=30))
    weekly = CalendarVersion.objects.get(id="office@1").content["weekly"]
    lose_a_year()

    install_shipped_pack(at=AT + timedelta(days=1))

    second = CalendarVersion.objects.get(id="office@2")
    assert (second.published_until, second.content["weekly"]) == (date(2026, 12, 31), weekly)


@pytest.mark.django_db
def test_a_calendar_nobody_knew_is_there_before_its_edition_takes_effect(later):
    """Because a complaint may be accepted in the very second in which new rules take effect."""
    install_shipped_pack(at=AT)
    path = later / "calendars.yaml"
    added = '\n  night:\n    zone: Asia/Shanghai\n    days: all\n    shifts: ["22:00-06:00"]\n'
    path.write_text(path.read_text("utf-8").rstrip() + added, "utf-8")

    publish_pack(later, "carrier", at=AT, effective_at=AT + timedelta(days=30))

    assert "night" in calendars_now()


@pytest.mark.django_db
def test_a_calendar_that_says_the_same_gets_no_new_version():
    publish_pack(SHIPPED, at=AT)
    content = CalendarVersion.objects.get(id="office@1").content

    with transaction.atomic():
        assert publish_calendar("office", content, "person:p1", at=AT).id == "office@1"
