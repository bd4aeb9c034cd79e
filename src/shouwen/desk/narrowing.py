"""What a search can be narrowed to: what every list can, and a few things that only a search needs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from shouwen.desk.filters import QUESTIONS, Asked, Filters
from shouwen.editions.edition import Edition
from shouwen.handbook.authority import Actor
from shouwen.people.models import Person

OFFERED = ("ticket_type", "category", "region", "stage")  # the other questions are answered where a link does
Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Menu:
    """One filter of the page: its name, what may be chosen, and what is."""

    name: str
    label: Any
    choices: list[tuple[str, Any]]
    chosen: tuple[str, ...]
    is_single: bool = False


@dataclass(frozen=True, slots=True)
class Own:
    """A filter that only a search has."""

    label: Any
    choices: Mapping[str, Any]
    leaves: Callable[[str, Asked], Q]
    is_single: bool = False


def _lately(days: str, asked: Asked) -> Q:
    midnight = timezone.localtime(asked.at).replace(hour=0, minute=0, second=0, microsecond=0)
    return Q(received_at__gte=midnight - timedelta(days=int(days) - 1))


def _in_state(state: str, asked: Asked) -> Q:
    return Q(is_open=state == "open")


def _mine(_code: str, asked: Asked) -> Q:
    return Q(handler=asked.actor.id) | Q(first_owner=asked.actor.id)


OWN = {
    "state": Own(_("State"), {"open": _("open"), "finished": _("finished")}, _in_state),
    "days": Own(
        _("Received"),
        {"1": _("today"), "7": _("last 7 days"), "30": _("last 30 days"), "365": _("last 365 days")},
        _lately,
        is_single=True,
    ),
    "whose": Own(_("Whose"), {"mine": _("mine")}, _mine),
}


class Narrowing:
    """The filters of a search as they are set; whatever makes no sense is left out."""

    def __init__(self, given: QueryDict, rules: Edition, actor: Actor, at: datetime) -> None:
        self._asked = Asked(rules, actor, at)
        self._filters = Filters.read(given, self._asked)
        self._own = {name: [code for code in own.choices if code in given.getlist(name)] for name, own in OWN.items()}
        self._customers = given.getlist("of")  # ids, in links to all tickets of a customer
        self._person = _person(given.get("person", ""))  # in whose hands, in links from their name

    def __bool__(self) -> bool:
        return bool(self.pairs())

    def pairs(self) -> list[Pair]:
        """Names and values as an address has them."""
        own = [(name, code) for name, codes in self._own.items() for code in codes]
        person = [("person", str(self._person.pk))] if self._person else []
        return [*self._filters.pairs(), *own, *person, *(("of", one) for one in self._customers)]

    def condition(self) -> Q:
        """The tickets that are left."""
        condition = self._filters.condition()
        for name, codes in self._own.items():
            condition &= _any_of(OWN[name].leaves(code, self._asked) for code in codes)
        if self._person:
            condition &= Q(handler=self._person) | Q(first_owner=self._person)
        return condition & _any_of(Q(customer=_uuid(one)) for one in self._customers)

    def menus(self) -> list[Menu]:
        """The filters the page offers."""
        chosen = self._filters.chosen
        asked = [
            Menu(one, QUESTIONS[one].label, QUESTIONS[one].answers(self._asked), chosen.get(one, ())) for one in OFFERED
        ]
        own = [
            Menu(name, one.label, _choices(one), tuple(self._own[name]) or ("",), one.is_single)
            for name, one in OWN.items()
        ]
        return [*asked, *own]

    def beside(self) -> list[Pair]:
        """What is set and has no menu: the form carries it on."""
        return [(name, value) for name, value in self.pairs() if name not in (*OFFERED, *OWN)]

    def named(self) -> list[tuple[str, list[Pair]]]:
        """What each filter that is set is called, with the pairs that are it."""
        named = [(name, [pair]) for name, pair in zip(self._filters.names(), self._filters.pairs(), strict=True)]
        named += [(str(OWN[name].choices[code]), [(name, code)]) for name, codes in self._own.items() for code in codes]
        if self._person:
            label = _("in the hands of %(name)s") % {"name": self._person}
            named.append((label, [("person", str(self._person.pk))]))
        if count := len(self._customers):
            label = ngettext("one customer", "%(count)d customers", count) % {"count": count}
            named.append((label, [("of", one) for one in self._customers]))
        return named


def _choices(own: Own) -> list[tuple[str, Any]]:
    return [*([("", gettext("any time"))] if own.is_single else []), *own.choices.items()]


def _any_of(conditions: Any) -> Q:
    condition = Q()
    for one in conditions:
        condition |= one
    return condition


def _person(pk: str) -> Person | None:
    uuid = _uuid(pk)
    return Person.objects.filter(pk=uuid).first() if uuid else None


def _uuid(written: str) -> UUID | None:
    try:
        return UUID(written)
    except ValueError:
        return None
