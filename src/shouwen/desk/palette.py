"""What Ctrl+K finds: a table of sources, each asked for the few things it knows by these words.

Whatever else there will be to find joins by a row of its own in `SOURCES`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from typing import Any

from django.db.models import Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy, pgettext

from shouwen.desk.classes import categories_meant, in_categories
from shouwen.desk.filters import Asked
from shouwen.desk.found import extract
from shouwen.desk.header import actor_of, rules_for
from shouwen.desk.knowing import Line, lines_of
from shouwen.desk.lookups import in_short, people_called, tickets_meant
from shouwen.desk.menu import pages_for, spellings
from shouwen.desk.offers import offers_for
from shouwen.desk.queues import queues_of
from shouwen.desk.rows import filed
from shouwen.desk.views import views_of
from shouwen.editions.queries import edition
from shouwen.handbook.authority import Actor
from shouwen.handbook.numbers import normalise_number
from shouwen.language.normalising import normalise
from shouwen.language.pinyin import initials
from shouwen.screens.templatetags.spoken import move_name
from shouwen.tickets.models import Ticket
from shouwen.tickets.queries import NoSuchTicket, history_of, sees_tickets, state_of, ticket_for, visible_to

AT_MOST = 8
RECENT_AT_MOST = 6
MOVES_UNASKED = 4
EVERY_PAGE = 50
EXTRACT_BEFORE, EXTRACT = 12, 90  # characters of a text ahead of the first word found, and in all
_TICKET = re.compile(r"/tickets/([A-Z0-9-]+)")


@dataclass(frozen=True, slots=True)
class Item:
    """One line: what it is called, what is said beside it, and where it leads."""

    name: str
    url: str
    note: str = ""
    icon: str = "chevron-right"
    is_dialog: bool = False  # it opens over the page
    also: Sequence[str] = ()  # what else it goes by
    said: str = ""  # where the words stand in its text, marked


@dataclass(frozen=True, slots=True)
class Group:
    """The lines of one source."""

    code: str
    name: str
    items: Sequence[Item]


@dataclass(frozen=True, slots=True)
class Asking:
    """Who asks from which page, what for, and which tickets they had open lately."""

    request: HttpRequest
    words: str
    recent: Sequence[str]
    at: datetime

    @property
    def actor(self) -> Actor:
        return actor_of(self.request)


@dataclass(frozen=True, slots=True)
class Source:
    """Something that can be found: how its group is called, and the question to it."""

    code: str
    name: Any
    find: Callable[[Asking], Iterable[Item]]


def groups_for(asking: Asking) -> list[Group]:
    """What every source knows of these words; nothing of those that know nothing."""
    found = ((source, list(source.find(asking))) for source in SOURCES)
    return [Group(source.code, str(source.name), items) for source, items in found if items]


def named(words: str, items: Iterable[Item]) -> list[Item]:
    """Those that have all of the words in their name or its initials; those that begin so come first."""
    wanted = normalise(words).split()
    ranked = []
    for item in items:
        name, short = normalise(item.name), initials(item.name)
        known = [name, short, *(spelling for other in item.also for spelling in (normalise(other), initials(other)))]
        if all(any(word in spelling for spelling in known) for word in wanted):
            begins = bool(wanted) and (name.startswith(wanted[0]) or short.startswith(wanted[0]))
            ranked.append((not begins, item))
    return [item for _, item in sorted(ranked, key=lambda row: row[0])]


def _moves(asking: Asking) -> list[Item]:
    """What may be done with the ticket on the page behind."""
    ticket = _ticket_behind(asking)
    if ticket is None:
        return []
    history = history_of(ticket.pk)
    offers = offers_for(state_of(ticket), history, edition(ticket.edition), asking.actor, at=asking.at)
    items = [
        Item(
            str(move_name(offer.move, offer.again)),
            reverse(f"desk:{offer.move}", args=[ticket.number]),
            ticket.number,
            offer.icon or "bolt",
            is_dialog=True,
        )
        for offer in (*offers.leading, *offers.more, *offers.ending)
    ]
    return named(asking.words, items)[:AT_MOST] if asking.words else items[:MOVES_UNASKED]


def _ticket_behind(asking: Asking) -> Ticket | None:
    behind = _TICKET.match(asking.request.htmx.current_url_abs_path or "")  # type: ignore[attr-defined]
    if behind is None or not sees_tickets(asking.actor):
        return None
    try:
        return ticket_for(asking.actor, behind[1])
    except NoSuchTicket:
        return None


def _tickets(asking: Asking) -> list[Item]:
    """Those somebody may mean; before anything is typed, those they had open lately."""
    if not sees_tickets(asking.actor):
        return []
    seen = visible_to(asking.actor)
    if asking.words:
        found = tickets_meant(asking.words, seen, asking.at, by=asking.actor, classed=_classed(asking))
    else:
        numbers = [number for one in asking.recent if (number := normalise_number(one))][:RECENT_AT_MOST]
        by_number = dict(seen.filter(number__in=numbers).values_list("number", "pk")) if numbers else {}
        found = in_short(seen, [by_number[number] for number in numbers if number in by_number], asking.at)
    return [
        Item(ticket.title, reverse("desk:ticket", args=[ticket.number]), f"{ticket.number} · {ticket.note}", "ticket")
        for ticket in found
    ]


def _classed(asking: Asking) -> Q | None:
    rules = rules_for(asking.request, asking.at)
    meant = categories_meant(asking.words, rules)
    return in_categories(meant, Asked(rules, asking.actor, asking.at)) if meant else None


def _places(asking: Asking) -> list[Item]:
    """The queues and the other pages this person has, in whichever language they are called."""
    actor, rules = asking.actor, rules_for(asking.request, asking.at)
    items = [
        Item(str(queue.name), reverse("desk:queue", args=[queue.code]), icon="list", also=spellings(queue.name))
        for queue in queues_of(actor, rules)
    ]
    items += [
        Item(str(page.name), page.url, icon=page.icon, also=spellings(page.name, page.also))
        for page in pages_for(actor, rules)
    ]
    return named(asking.words, items)[: AT_MOST if asking.words else EVERY_PAGE]


def _views(asking: Asking) -> list[Item]:
    """The saved views this person finds."""
    rules = rules_for(asking.request, asking.at)
    views = views_of(Asked(rules, asking.actor, asking.at)) if asking.words else []
    return named(asking.words, [Item(view.row.name, view.url, str(view.listing.queue.name), "eye") for view in views])


def _people(asking: Asking) -> list[Item]:
    """Colleagues, and the tickets in their hands."""
    if not asking.words or not sees_tickets(asking.actor):
        return []
    away = pgettext("person", "away")
    return [
        Item(
            person.name,
            f"{reverse('desk:search')}?person={person.id}&state=open",
            _noted(person.note, away if person.is_away else ""),
            "user",
        )
        for person in people_called(asking.words, asking.at, first_of=sorted(asking.actor.teams))
    ]


def _categories(asking: Asking) -> list[Item]:
    """The tickets of a category, by its name."""
    if not asking.words or not sees_tickets(asking.actor):
        return []
    rules = rules_for(asking.request, asking.at)
    return [
        Item(name.leaf, f"{reverse('desk:search')}?category={node.code}", name.above, "category")
        for node in categories_meant(asking.words, rules)
        for name in [filed(rules, node.code)]
    ]


def _knowledge(asking: Asking) -> list[Item]:
    """What the rules in force say: by its name, then by what it says, with the stretch where the words stand."""
    if not asking.words:
        return []
    lines = lines_of(rules_for(asking.request, asking.at))
    known = [(line, Item(line.name, line.url, line.note, line.icon)) for line in lines]
    by_name = named(asking.words, [item for _line, item in known])
    urls = {item.url for item in by_name}
    by_text = (
        replace(item, said=said)
        for line, item in known
        if item.url not in urls and _may_say(line, asking.words)
        for said in [extract(line.text, asking.words, before=EXTRACT_BEFORE, shown=EXTRACT)]
        if said
    )
    return [*by_name, *islice(by_text, max(AT_MOST - len(by_name), 0))][:AT_MOST]


def _may_say(line: Line, words: str) -> bool:
    """Whether each of the words stands in the text, wherever: which of them are words is seen by who marks them."""
    return all(word in line.low for word in normalise(words).split())


def _noted(*notes: str) -> str:
    return " · ".join(filter(None, notes))


SOURCES = (
    Source("tickets", gettext_lazy("Tickets"), _tickets),
    Source("categories", gettext_lazy("Category"), _categories),
    Source("moves", gettext_lazy("This ticket"), _moves),
    Source("places", gettext_lazy("Go to"), _places),
    Source("views", gettext_lazy("Saved views"), _views),
    Source("people", gettext_lazy("Colleagues"), _people),
    Source("knowledge", gettext_lazy("What the rules say"), _knowledge),
)
