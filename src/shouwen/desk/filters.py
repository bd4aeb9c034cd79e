"""What a list can be narrowed to: one table of questions, each with as many answers at once as somebody ticks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import Q
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from shouwen.editions.edition import Edition, Term
from shouwen.handbook.authority import Actor
from shouwen.handbook.categories import Category
from shouwen.handbook.history import Stage, Standing
from shouwen.people.models import Person, Team
from shouwen.people.names import team_words
from shouwen.people.queries import AT_WORK, EVERYWHERE
from shouwen.screens.days import day_in
from shouwen.screens.templatetags.spoken import STAGES, STANDINGS
from shouwen.tickets.models import NEVER

Choices = list[tuple[str, Any]]
ME, NOBODY = "me", "none"
AGAIN = "again"
FOUND_AT = tuple(stage for stage in Stage if stage not in {Stage.ARCHIVED, Stage.MERGED})  # what a list may hold
DEEPEST = 3  # levels of the categories that are offered
MOST_ANSWERS = 40
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Asked:
    """Who narrows a list, when, and under which rules."""

    rules: Edition
    actor: Actor
    at: datetime


@dataclass(frozen=True, slots=True)
class Question:
    """One way of narrowing a list: its name in the address, its answers, the tickets an answer leaves."""

    code: str
    label: Any
    answers: Callable[[Asked], Choices]
    leaves: Callable[[Sequence[str], Asked], Q]
    accepts: Callable[[str], bool] | None = None  # an answer that is known without reading all of them
    kind: str = "ticks"  # or "day"


@dataclass(frozen=True, slots=True)
class Chip:
    """One answer that narrows the list, and the address without it."""

    label: str
    without_url: str


@dataclass(frozen=True, slots=True)
class Filters:
    """The answers in an address that make sense; whatever does not is left out rather than refused."""

    asked: Asked
    chosen: Mapping[str, tuple[str, ...]]

    @classmethod
    def read(cls, query: QueryDict, asked: Asked) -> Filters:
        """The filters of an address."""
        found = {code: _sensible(question, query.getlist(code), asked) for code, question in QUESTIONS.items()}
        return cls(asked, {code: values for code, values in found.items() if values})

    def condition(self) -> Q:
        """The tickets that are left."""
        condition = Q()
        for code, values in self.chosen.items():
            condition &= QUESTIONS[code].leaves(values, self.asked)
        return condition

    def pairs(self, *, without: tuple[str, str] = ("", "")) -> list[tuple[str, str]]:
        """Names and values as the address has them."""
        every = [(code, value) for code, values in self.chosen.items() for value in values]
        return [pair for pair in every if pair != without]

    def named(self) -> list[tuple[str, str, str]]:
        """Each answer with its name: the answers of a question are asked for once."""
        found = []
        for code, values in self.chosen.items():
            question = QUESTIONS[code]
            names = {} if question.kind == "day" else dict(question.answers(self.asked))
            found += [(code, value, str(names.get(value, value)).strip()) for value in values]
        return found

    def chips(self, path: str, others: Sequence[tuple[str, str]] = ()) -> list[Chip]:
        """Each answer with the address that leaves it out, keeping the `others` that stand in the address."""
        return [
            Chip(
                str(_("%(what)s: %(value)s") % {"what": QUESTIONS[code].label, "value": name}),
                f"{path}?{urlencode([*self.pairs(without=(code, value)), *others])}",
            )
            for code, value, name in self.named()
        ]

    def names(self) -> list[str]:
        """The answers in words."""
        return [name for _code, _value, name in self.named()]


def _sensible(question: Question, values: Iterable[str], asked: Asked) -> tuple[str, ...]:
    """Each once, in the order they are offered in, so that one choice has one address."""
    given = list(dict.fromkeys(value for value in values if value))[:MOST_ANSWERS]
    if not given:
        return ()
    if question.kind == "day":
        return tuple(value for value in given[:1] if day_in(value))
    if question.accepts:
        return tuple(sorted(value for value in given if question.accepts(value)))
    return tuple(code for code, _name in question.answers(asked) if code in given)


def _terms(name: str) -> Callable[[Asked], Choices]:
    """A vocabulary of the edition."""
    return lambda asked: _spoken(getattr(asked.rules, name))


def _spoken(terms: Mapping[str, Any]) -> Choices:
    language = get_language() or ""
    return [(code, term.words.spoken(language)) for code, term in terms.items()]


def _categories(asked: Asked) -> Choices:
    language, nodes = get_language() or "", asked.rules.categories.nodes.values()
    return [(node.code, _indented(node, language)) for node in nodes if node.level <= DEEPEST]


def _indented(node: Category, language: str) -> str:
    return "\u3000" * (node.level - 1) + node.words.spoken(language)


def _regions(asked: Asked) -> Choices:
    """The regions the actor answers for, and those within them."""
    regions, own = asked.rules.regions, asked.actor.regions
    if EVERYWHERE in own or not own:
        return _spoken(regions)
    within: dict[str, Term] = {code: term for code, term in regions.items() if code.startswith(tuple(own))}
    return _spoken(within)


def _people(asked: Asked) -> Choices:
    """Whoever handles or owns tickets here: everybody with a role that works on them."""
    people = Person.objects.filter(is_active=True, roles__overlap=AT_WORK)
    named = people.order_by("display_name", "username").values_list("pk", "display_name", "username")
    return [(ME, _("me")), (NOBODY, _("nobody yet")), *((str(pk), shown or login) for pk, shown, login in named)]


def _teams(asked: Asked) -> Choices:
    return [(NOBODY, _("no team yet")), *((team.pk, team_words(team)) for team in Team.objects.filter(active=True))]


DUE = {
    "overdue": _("overdue"),
    "in_30_minutes": _("will breach in 30 minutes"),
    "in_4_hours": _("due within 4 hours"),
    "today": _("due today"),
    "in_7_days": _("due within 7 days"),
    "no_clock": _("no clock is running"),
}
SPANS = {
    "in_30_minutes": timedelta(minutes=30),
    "in_4_hours": timedelta(hours=4),
    "in_7_days": timedelta(days=7),
}


def _due(values: Sequence[str], asked: Asked) -> Q:
    condition = Q()
    for value in values:
        condition |= _due_state(value, asked.at)
    return condition


def _due_state(value: str, at: datetime) -> Q:
    if value == "overdue":
        return Q(lead_due_at__lte=at)
    if value == "no_clock":
        return Q(lead_due_at=NEVER)
    return Q(lead_due_at__gt=at, lead_due_at__lte=_end_of_day(at) if value == "today" else at + SPANS[value])


def _end_of_day(at: datetime) -> datetime:
    return _midnight(timezone.localtime(at).date()) + DAY


def _category(values: Sequence[str], asked: Asked) -> Q:
    condition = Q(category__in=values)
    for code in values:
        condition |= Q(category__startswith=f"{code}.")
    return condition


def _region(values: Sequence[str], asked: Asked) -> Q:
    condition = Q()
    for code in values:
        condition |= Q(region__startswith=code)
    return condition


def _person(field: str) -> Callable[[Sequence[str], Asked], Q]:
    def leaves(values: Sequence[str], asked: Asked) -> Q:
        ids = [asked.actor.id if value == ME else value for value in values if value != NOBODY]
        return Q(**{f"{field}__in": ids}) | (Q(**{field: None}) if NOBODY in values else Q())

    return leaves


def _team(values: Sequence[str], asked: Asked) -> Q:
    return Q(team__in=[value for value in values if value != NOBODY]) | (Q(team=None) if NOBODY in values else Q())


def _is_person(value: str) -> bool:
    try:
        return value in (ME, NOBODY) or bool(UUID(value))
    except ValueError:
        return False


def _one_of(field: str) -> Callable[[Sequence[str], Asked], Q]:
    return lambda values, asked: Q(**{f"{field}__in": values})


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime(day.year, day.month, day.day))  # noqa: DTZ001 - made aware here


def _from_day(values: Sequence[str], asked: Asked) -> Q:
    return Q(received_at__gte=_midnight(date.fromisoformat(values[0])))


def _to_day(values: Sequence[str], asked: Asked) -> Q:
    return Q(received_at__lt=_midnight(date.fromisoformat(values[0])) + DAY)


QUESTIONS = {
    question.code: question
    for question in (
        Question("due", _("Due"), lambda asked: list(DUE.items()), _due),
        Question("ticket_type", _("Type"), _terms("ticket_types"), _one_of("ticket_type")),
        Question("priority", _("Priority"), _terms("priorities"), _one_of("priority")),
        Question(
            "stage", _("Stage"), lambda asked: [(stage.value, STAGES[stage]) for stage in FOUND_AT], _one_of("stage")
        ),
        Question(
            "standing",
            pgettext_lazy("of a ticket", "Standing"),
            lambda asked: [(standing.value, STANDINGS[standing]) for standing in Standing],
            _one_of("standing"),
        ),
        Question("handler", _("Handler"), _people, _person("handler"), _is_person),
        Question("owner", _("First owner"), _people, _person("first_owner"), _is_person),
        Question("team", _("Team"), _teams, _team, lambda value: len(value) <= 40),
        Question("category", _("Category"), _categories, _category),
        Question("region", _("Region"), _regions, _region),
        Question("channel", _("Channel"), _terms("channels"), _one_of("channel")),
        Question("mark", _("Mark"), _terms("marks"), _one_of("mark")),
        Question(
            "round", _("Repeated"), lambda asked: [(AGAIN, _("in another round"))], lambda values, asked: Q(round__gt=1)
        ),
        Question("received_from", _("Received from"), lambda asked: [], _from_day, kind="day"),
        Question("received_to", _("Received until"), lambda asked: [], _to_day, kind="day"),
    )
}
