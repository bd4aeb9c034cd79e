"""What a branch does before its first real complaint: each step, whether it is done, and where it is done."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from shouwen.desk.coverage import coverage_of
from shouwen.desk.demo_left import invented_people, people_who_stay, wish
from shouwen.desk.wording import here
from shouwen.editions.edition import Edition
from shouwen.editions.queries import calendars_now
from shouwen.handbook.working_time import WorkingCalendar
from shouwen.people.changes import record
from shouwen.people.models import Change, Person, Shift
from shouwen.people.second_factor import has_codes, needs_codes
from shouwen.tickets.models import IntakeKey

SUPERVISORS_AT_LEAST = 2
NEXT_YEAR_FROM = 12  # the month in which the next year's holidays are usually out
TICKED, UNTICKED = "ticked", "unticked"
TRIED = "tried"
WAYS = {"sms": gettext_lazy("text message"), "email": gettext_lazy("e-mail")}
BY_HAND = frozenset({"carrier", "rules", "roster", "backup", "moved"})  # what no program can see for itself


@dataclass(frozen=True, slots=True)
class Step:
    """One step: what it is, what is the matter now, and where it is done."""

    code: str
    title: str
    says: str
    done: bool
    state: str
    url: str = ""
    link: str = ""
    ticked_by: str = ""
    types: tuple[str, ...] = ()  # what whoever runs the server types or sets, to be copied

    @property
    def by_hand(self) -> bool:
        return self.code in BY_HAND


def steps(rules: Edition, at: datetime) -> list[Step]:
    """All of them, in the order they are best done."""
    ticks = _ticks()
    return [step for make in _STEPS for step in [make(rules, at, ticks)]]


def left(all_steps: list[Step]) -> int:
    return sum(not step.done for step in all_steps)


def tick(code: str, done: bool, *, by: Person, at: datetime) -> None:
    """Somebody says it is done, or is not after all; the log keeps who."""
    what = TICKED if done else UNTICKED
    record(Change.SETUP, code, code, what, by=by, at=at)


Ticks = dict[str, str]


def _ticks() -> Ticks:
    """Who said last that a step is done, by step."""
    newest = Change.objects.filter(kind=Change.SETUP).select_related("by").order_by("about", "-at", "-id")
    return {row.about: str(row.by or "") for row in newest.distinct("about") if row.what == TICKED}


def _carrier(rules: Edition, at: datetime, ticks: Ticks) -> Step:
    carrier, cell = settings.SHOUWEN_CARRIER, settings.SHOUWEN_CELL
    state = _("Carrier: {carrier}. Ticket numbers begin with {cell}.").format(carrier=carrier or "—", cell=cell)
    says = _(
        "Whoever runs the server sets the name customers read, and the cell: the letters that lead every ticket "
        "number. The cell is not changed later: numbers given out stay."
    )
    done, by = bool(carrier) and "carrier" in ticks, ticks.get("carrier", "")
    types = ("SHOUWEN_CARRIER=" + _("NAME"), f"SHOUWEN_CELL={cell}")
    return Step("carrier", _("Name and cell of the carrier"), says, done, state, ticked_by=by, types=types)


def _rules(rules: Edition, at: datetime, ticks: Ticks) -> Step:
    state = _("In force: {title} ({id}).").format(title=here(rules.title), id=rules.id)
    says = _(
        "Read the appendices with whoever answers for complaints. What is other with you goes into a draft of your own."
    )
    link = (reverse("desk:rules"), _("Rules"))
    return Step("rules", _("The rules you work by"), says, "rules" in ticks, state, *link, ticks.get("rules", ""))


def _calendars(rules: Edition, at: datetime, ticks: Ticks) -> Step:
    until = min((one.published_until for one in _published()), default=date.max)
    today = timezone.localdate(at)
    year = today.year + (today.month >= NEXT_YEAR_FROM)
    state = _("Holidays are known up to {until}.").format(until=until if until < date.max else "—")
    says = _("Without the holidays of a year its due times are provisional. The next year's come out late in the year.")
    done = until >= date(year, 12, 31)
    return Step(
        "calendars",
        _("Holidays of this year and the next"),
        says,
        done,
        state,
        reverse("desk:holidays"),
        _("Calendars"),
    )


def _published() -> Iterator[WorkingCalendar]:
    return (one for one in calendars_now().values() if isinstance(one, WorkingCalendar))


def _teams(rules: Edition, at: datetime, ticks: Ticks) -> Step:
    gaps = sum(part.gaps for part in coverage_of(rules))
    state = ngettext("%(n)d gap", "%(n)d gaps", gaps) % {"n": gaps} if gaps else _("There is somebody for everything.")
    says = _(
        "Every route needs a team that does its work, and somebody in it with the skills. "
        "Move people and teams in from a table."
    )
    link = (reverse("desk:coverage"), _("Skills and regions")) if gaps else (reverse("desk:people_import"), _("Import"))
    return Step("teams", _("Teams, skills and regions"), says, not gaps, state, *link)


def _people(rules: Edition, at: datetime, ticks: Ticks) -> Step:
    real = people_who_stay().filter(is_active=True)
    count = {role: real.filter(roles__contains=[role]).count() for role in ("agent", "supervisor")}
    state = _("Agents: {agents}, supervisors: {supervisors}.").format(
        agents=count["agent"], supervisors=count["supervisor"]
    )
    says = _("At least two supervisors: one approves what the other proposes, and stands in on leave.")
    done = bool(count["agent"]) and count["supervisor"] >= SUPERVISORS_AT_LEAST
    return Step("people", _("People with their roles"), says, done, state, reverse("desk:people"), _("People"))


def _gateways(rules: Edition, at: datetime, ticks: Ticks) -> Step:
    ways = sorted(settings.SHOUWEN_GATEWAYS)
    tried = set(Change.objects.filter(kind=Change.SETUP, about="gateways", what=TRIED).values_list("name", flat=True))
    untried = [way for way in ways if way not in tried]
    state = _("Connected: {ways}.").format(ways=_ways(ways))
    if untried:
        state += " " + _("Not tried yet: {ways}.").format(ways=_ways(untried))
    says = _(
        "Without one, messages to customers wait in the outbox to be read out. Whoever runs the server connects them; "
        "the chapter “Sending messages out” of the documentation says how. A test message to yourself shows that "
        "it works."
    )
    done = bool(ways) and not untried
    link = (reverse("desk:gateway_trial"), _("Send a test message"))
    return Step("gateways", _("Ways out for messages"), says, done, state, *link)


def _ways(ways: list[str]) -> str:
    return _(", ").join(str(WAYS.get(way, way)) for way in ways) or "—"


def _codes(rules: Edition, at: datetime, ticks: Ticks) -> Step:
    administrators = list(Person.objects.filter(is_active=True, roles__contains=["administrator"]))
    without = [str(one) for one in administrators if not has_codes(one)]
    needed = all(map(needs_codes, administrators))
    state = (
        _("Without: {names}.").format(names=_(", ").join(without[:5]))
        if without
        else _("Every administrator has them.")
    )
    says = _("Whoever administers can let others in. Set on the server who needs them, so that nobody forgets.")
    link = (reverse("mfa_index"), _("One-time codes"))
    types = ("SHOUWEN_SECOND_FACTOR=administrator,auditor",)
    return Step("codes", _("One-time codes"), says, needed or not without, state, *link, types=types)


def _backup(rules: Edition, at: datetime, ticks: Ticks) -> Step:
    says = _(
        "A copy of the data folder goes to another machine every day, and the secrets file to a safe of its own: "
        "without it no personal data can ever be read again. Try once whether the copy starts."
    )
    done = "backup" in ticks
    state = _("Said to be in place.") if done else _("Nobody has said so yet.")
    return Step("backup", _("Backup and secrets"), says, done, state, ticked_by=ticks.get("backup", ""))


def _moved(rules: Edition, at: datetime, ticks: Ticks) -> Step:
    imported = IntakeKey.objects.filter(scope__startswith="import:").exists()
    state = _("Something has been moved in.") if imported else _("Nothing has been moved in.")
    says = _(
        "Open cases go on here with their clocks, finished ones become history. Take the template, or your own table. "
        "Nothing to move? Tick it."
    )
    link = (reverse("desk:moving_in"), _("Moving in"))
    return Step("moved", _("The old spreadsheets"), says, "moved" in ticks, state, *link, ticks.get("moved", ""))


def _demo(rules: Edition, at: datetime, ticks: Ticks) -> Step:
    people = invented_people().filter(is_active=True).count()
    wished = wish() if settings.DEMO else None
    done = not settings.DEMO and not people
    if done:
        state = _("No demo.")
    elif wished:
        state = _("{name} wished it: the next start leaves the demo.").format(name=wished.by)
    else:
        state = _("This is a demo: {people} invented people can sign in.").format(people=people)
    says = _(
        "What was invented goes: complaints, people and teams. What you made stays: your people, your rules, your "
        "calendars. A page cannot do that; you say so here, and the next start of the program does it."
    )
    link = (reverse("desk:leaving_demo"), _("Leave the demo")) if settings.DEMO else ("", "")
    return Step("demo", _("Out of the demo"), says, done, state, *link)


def _roster(rules: Edition, at: datetime, ticks: Ticks) -> Step:
    ahead = Shift.objects.filter(ends_at__gt=at, person__in=people_who_stay())
    count = ahead.count()
    state = ngettext("%(n)d shift from now on.", "%(n)d shifts from now on.", count) % {"n": count}
    says = _(
        "Who is on duty when: what falls due out of hours is told to them. A week is copied from the week before, or "
        "comes in from a table. No duty roster? Tick it."
    )
    done, by = bool(count) or "roster" in ticks, ticks.get("roster", "")
    return Step("roster", _("Duty roster"), says, done, state, reverse("desk:rosters"), _("Duty roster"), by)


_STEPS: list[Callable[[Edition, datetime, Ticks], Step]] = [
    _demo,
    _carrier,
    _rules,
    _calendars,
    _teams,
    _people,
    _roster,
    _codes,
    _gateways,
    _backup,
    _moved,
]
