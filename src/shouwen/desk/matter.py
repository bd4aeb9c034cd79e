"""What a ticket is, as a page tells it: its terms in the edition's words, its people, its past and its relations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from shouwen.desk.customers import Masked
from shouwen.desk.rows import Filed, filed, priority_tone
from shouwen.desk.telling import Teller
from shouwen.desk.underway import pause_of, pause_words
from shouwen.editions.edition import Edition
from shouwen.handbook.authority import Actor, Sight
from shouwen.handbook.history import Happening, TicketState, in_round, open_promises
from shouwen.handbook.merging import merged_here, merged_into
from shouwen.handbook.words import Words
from shouwen.people.names import Names
from shouwen.surveys.queries import surveyed_at
from shouwen.tickets.models import Ticket, TicketEvent


@dataclass(frozen=True)
class Matter:
    """One ticket as it was read for one actor at one moment."""

    ticket: Ticket
    state: TicketState
    rules: Edition
    actor: Actor
    at: datetime
    events: Sequence[TicketEvent]
    history: Sequence[Happening]
    names: Names
    values: Mapping[str, Masked]
    others: Sequence[Ticket]

    @cached_property
    def url(self) -> str:
        return reverse("desk:ticket", args=[self.ticket.number])

    @property
    def may_reveal(self) -> bool:
        """True for who may see personal data in full, and hand out what is about a customer."""
        return Sight.PERSONAL in self.actor.sights

    @property
    def reveal_url(self) -> str:
        """Where a kept value is asked for, up to its token; "" for who may not ask."""
        return f"{self.url}/values/" if self.may_reveal else ""

    @property
    def category(self) -> Filed:
        return filed(self.rules, self.ticket.category)

    @property
    def priority(self) -> Words:
        return self.rules.label("priorities", self.ticket.priority)

    @property
    def priority_tone(self) -> str:
        return priority_tone(self.rules, self.ticket.priority)

    @property
    def terms(self) -> dict[str, Words]:
        """The rest of what the ticket is, in the edition's words."""
        kinds = {
            "channel": "channels",
            "region": "regions",
            "severity": "severities",
            "reach": "reaches",
            "complexity": "complexities",
            "customer_level": "customer_levels",
            "mark": "marks",
        }
        return {name: self.rules.label(kind, getattr(self.ticket, name)) for name, kind in kinds.items()}

    @property
    def accepted(self) -> Mapping[str, Any]:
        """What was stated when the ticket was taken in."""
        return self.history[0].facts if self.history else {}

    @property
    def details(self) -> list[tuple[str, str]]:
        """The answers to the questions of the category."""
        return list(Teller(self.rules, self.names).details(self.accepted.get("details") or {}))

    @property
    def phone(self) -> Masked | None:
        customer = self.ticket.customer
        return self._contact("phone") or (self.values.get(customer.phone_token) if customer else None)

    @property
    def name(self) -> Masked | None:
        """What they called themselves this time, or else before."""
        customer = self.ticket.customer
        return self._contact("name") or (self.values.get(customer.name_token) if customer else None)

    @property
    def account(self) -> Masked | None:
        return self._contact("account")

    @property
    def email(self) -> Masked | None:
        """The address they named with it; whether they are written to there is another matter."""
        return self._contact("email")

    def _contact(self, kind: str) -> Masked | None:
        return self.values.get((self.accepted.get("contact") or {}).get(kind, ""))

    @property
    def informant(self) -> list[Masked]:
        """Who reported it, where that was somebody else."""
        tokens = (self.accepted.get("informant") or {}).values()
        return [self.values[token] for token in tokens if token in self.values]

    @property
    def lead_team(self) -> str:
        """The team that leads, where another one has the ticket now."""
        lead = self.ticket.lead_team_id
        return self.names.team(lead) if lead and lead != self.ticket.team_id else ""

    @property
    def visited(self) -> list[str]:
        """The stages of this round, in order."""
        return [str(row.facts["stage"]) for row in in_round(self.history) if "stage" in row.facts]

    @property
    def since(self) -> datetime | None:
        """When it came to its stage."""
        return next((row.happened_at for row in reversed(self.history) if "stage" in row.facts), None)

    @property
    def pause(self) -> Happening | None:
        """The row that made it stand still, while it does."""
        return pause_of(self.state, self.history)

    @property
    def pause_words(self) -> Words | None:
        return pause_words(self.rules, self.pause)

    @property
    def pause_until(self) -> datetime | None:
        until = self.pause.facts.get("until") if self.pause else None
        return datetime.fromisoformat(str(until)) if until else None

    @property
    def linked(self) -> int:
        """How many other tickets it has to do with."""
        return len(self.others) + len(self.relations)

    @cached_property
    def relations(self) -> list[tuple[str, str]]:
        """The tickets its history names, by number, and what they are to it."""
        named = [(_("Goes on as"), self.goes_on_as), (_("Split off from"), self.split_from)]
        named += [(_("Ticket merged"), number) for number in merged_here(self.history)]
        named += [(_("New ticket"), str(row.facts.get("split_off") or "")) for row in self.history]
        return [(words, number) for words, number in dict.fromkeys(named) if number]

    @property
    def priority_why(self) -> Any:
        """Why it has its priority: what the last judgement said."""
        reasons = (row.facts["priority_why"] for row in reversed(self.history) if "priority_why" in row.facts)
        return next(reasons, None)

    @property
    def surveyed_at(self) -> datetime | None:
        """When the customer was last asked about this round."""
        return surveyed_at(self.history)

    @property
    def goes_on_as(self) -> str:
        """The number of the ticket this one was merged into."""
        return merged_into(self.history)

    @property
    def split_from(self) -> str:
        """The number of the ticket this one was a part of."""
        return str(self.accepted.get("split_from") or "")

    @property
    def promises(self) -> list[tuple[Happening, datetime]]:
        """The promises that are open, with the time that was promised."""
        return [(row, datetime.fromisoformat(str(row.facts["due_at"]))) for row in open_promises(self.history)]
