"""What a search can be narrowed to: each filter takes several values, and whatever makes no sense is left out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from shouwen.desk.wording import here
from shouwen.editions.edition import Edition
from shouwen.handbook.authority import Actor
from shouwen.handbook.history import Stage
from shouwen.people.models import Person
from shouwen.people.queries import EVERYWHERE
from shouwen.screens.templatetags.spoken import stage_name

DAYS = {"1": _("today"), "7": _("last 7 days"), "30": _("last 30 days"), "365": _("last 365 days")}
STATES = {"open": _("open"), "finished": _("finished")}
MINE = {"mine": _("mine")}
Choices = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Choice:
    """One value a filter may take."""

    code: str
    name: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Filter:
    """One filter: what it is called, and what may be chosen."""

    name: str
    label: Any
    choices: tuple[Choice, ...]
    is_single: bool = False

    @property
    def chosen(self) -> tuple[Choice, ...]:
        return tuple(choice for choice in self.choices if choice.chosen and choice.code)


class Narrowing:
    """The filters of a search as they are set."""

    def __init__(self, given: QueryDict, rules: Edition, actor: Actor, at: datetime) -> None:
        self._actor, self._at = actor, at
        self.person = _person(given.get("person", ""))
        self.customers = given.getlist("of")  # ids, in links to all tickets of a customer
        offered: list[tuple[str, Any, Choices]] = [
            ("ticket_type", _("Type"), _terms(rules.ticket_types)),
            ("category", _("Category"), _categories(rules)),
            ("region", _("Region"), _regions(rules, actor)),
            ("stage", _("Stage"), [(str(stage), str(stage_name(stage))) for stage in Stage]),
            ("state", _("State"), [(code, str(name)) for code, name in STATES.items()]),
            ("days", _("Received"), [(code, str(name)) for code, name in DAYS.items()]),
            ("whose", _("Whose"), [(code, str(name)) for code, name in MINE.items()]),
        ]
        self.filters = [_filter(name, label, choices, given) for name, label, choices in offered]

    @property
    def chosen(self) -> dict[str, list[str]]:
        """The values that are set and make sense, by filter."""
        chosen = {one.name: [choice.code for choice in one.chosen] for one in self.filters if one.chosen}
        others = {"person": [str(self.person.pk)] if self.person else [], "of": self.customers}
        return chosen | {name: values for name, values in others.items() if values}

    def __bool__(self) -> bool:
        return bool(self.chosen)

    def condition(self) -> Q:
        """The tickets that are left."""
        condition = Q()
        for name, values in self.chosen.items():
            one = Q()
            for value in values:
                one |= _CONDITIONS[name](value, self)
            condition &= one
        return condition

    def since(self, days: str) -> Q:
        midnight = timezone.localtime(self._at).replace(hour=0, minute=0, second=0, microsecond=0)
        return Q(received_at__gte=midnight - timedelta(days=int(days) - 1))

    def own(self) -> Q:
        return Q(handler=self._actor.id) | Q(first_owner=self._actor.id)


_CONDITIONS: Mapping[str, Callable[[str, Narrowing], Q]] = {
    "ticket_type": lambda code, _n: Q(ticket_type=code),
    "category": lambda code, _n: Q(category=code) | Q(category__startswith=f"{code}."),
    "region": lambda code, _n: Q(region__startswith=code),
    "stage": lambda code, _n: Q(stage=code),
    "state": lambda code, _n: Q(is_open=code == "open"),
    "days": lambda days, narrowing: narrowing.since(days),
    "whose": lambda _code, narrowing: narrowing.own(),
    "of": lambda pk, _n: Q(customer=uuid) if (uuid := _uuid(pk)) else Q(pk__in=()),
    "person": lambda pk, _n: Q(handler=pk) | Q(first_owner=pk),
}
_SINGLE = frozenset({"days"})


def _filter(name: str, label: Any, choices: Choices, given: QueryDict) -> Filter:
    wanted = set(given.getlist(name)[-1:] if name in _SINGLE else given.getlist(name))
    made = [Choice(code, words, code in wanted) for code, words in choices]
    if name in _SINGLE:
        made.insert(0, Choice("", gettext("any time"), not any(choice.chosen for choice in made)))
    return Filter(name, label, tuple(made), name in _SINGLE)


def _terms(terms: Mapping[str, Any]) -> Choices:
    return [(code, here(term.words)) for code, term in terms.items()]


def _categories(rules: Edition) -> Choices:
    nodes = (node for node in rules.categories.nodes.values() if node.level <= 2)
    return [(node.code, "\u3000" * (node.level - 1) + here(node.words)) for node in nodes]


def _regions(rules: Edition, actor: Actor) -> Choices:
    """The regions the actor answers for, and those within them."""
    if EVERYWHERE in actor.regions or not actor.regions:
        return _terms(rules.regions)
    return _terms({code: term for code, term in rules.regions.items() if code.startswith(tuple(actor.regions))})


def _person(pk: str) -> Person | None:
    uuid = _uuid(pk)
    return Person.objects.filter(pk=uuid).first() if uuid else None


def _uuid(written: str) -> UUID | None:
    try:
        return UUID(written)
    except ValueError:
        return None


def without(given: Mapping[str, Iterable[str]], name: str, value: str) -> dict[str, list[str]]:
    """What is set, but for one value."""
    kept = {key: [one for one in values if (key, one) != (name, value)] for key, values in given.items()}
    return {key: values for key, values in kept.items() if values}
