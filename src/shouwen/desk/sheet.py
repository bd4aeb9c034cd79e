"""Everything the page of one ticket shows, read in a fixed number of queries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from itertools import groupby
from typing import Any

from django.utils.translation import gettext as _

from shouwen.desk.clocks import LIVE, ShownClock, from_explanation
from shouwen.desk.customers import Masked, masked_values
from shouwen.desk.files import FilesShown, files_shown
from shouwen.desk.offers import Offers, offers_for
from shouwen.desk.rows import Filed, filed, priority_tone
from shouwen.desk.telling import Teller, Told
from shouwen.desk.underway import ShownItem, ShownTask, evidence_of, pause_of, pause_words, tasks_asked
from shouwen.desk.wording import here
from shouwen.editions.edition import Edition
from shouwen.editions.queries import edition
from shouwen.handbook.authority import Actor, Sight
from shouwen.handbook.history import Happening, TicketState, What, in_round, open_promises
from shouwen.handbook.merging import merged_into
from shouwen.handbook.moves import Move
from shouwen.handbook.targets import Kind
from shouwen.handbook.words import Words
from shouwen.handling.personal import stated_tokens, written_tokens
from shouwen.people.names import Names, names_in
from shouwen.service_levels.explaining import Explanation, explain
from shouwen.service_levels.ledgers import Reader, bar_of
from shouwen.tickets.models import Ticket, TicketEvent
from shouwen.tickets.proof import leaf_of
from shouwen.tickets.queries import happening, state_of, ticket_for, visible_to

OTHERS_AT_MOST = 10
CLOCKS_LEADING = 4
WARNINGS = frozenset({What.CLOCK_WARNED, What.CLOCK_BREACHED, What.ESCALATED})
LEAF_SHOWN = 8  # characters of a leaf hash: enough to compare by eye


@dataclass(frozen=True)
class Sheet:
    """One ticket as its page shows it to one actor at one moment."""

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
    explained: Sequence[Explanation]
    clocks: Sequence[ShownClock]
    offers: Offers

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
    def told(self) -> list[Told]:
        """The history in words, newest first, each row with the mark of its proof."""
        leaves = {event.seq: _proof(event) for event in self.events}
        return Teller(self.rules, self.names).tell(self.history, leaves)[::-1]

    @property
    def timeline(self) -> list[list[Told]]:
        """The history, newest first; warnings of the clocks that follow one another stand together."""
        runs = ([*run] for _warns, run in groupby(self.told, key=lambda row: row.what in WARNINGS))
        return [part for run in runs for part in ([run] if run[0].what in WARNINGS else [[row] for row in run])]

    @property
    def leading_clocks(self) -> list[ShownClock]:
        """The strictest, and the law's whatever leads; with who spent their time."""
        explained = {(one.clock.rule.id, one.clock.start_seq): one for one in self.explained}
        reader = Reader.of(self.history, self.rules, self.names)
        return [replace(clock, bar=bar_of(explained[clock.rule, clock.start_seq], reader)) for clock in self._leading]

    @property
    def other_clocks(self) -> list[ShownClock]:
        leading = self._leading
        return [clock for clock in self._live if clock not in leading]

    @property
    def _leading(self) -> list[ShownClock]:
        live = [clock for clock in self._live if clock.leads]
        return [clock for place, clock in enumerate(live) if place < CLOCKS_LEADING or clock.kind == Kind.STATUTORY]

    @property
    def _live(self) -> list[ShownClock]:
        return [clock for clock in self.clocks if clock.state in LIVE]

    @property
    def past_clocks(self) -> list[ShownClock]:
        return [clock for clock in self.clocks if clock.state not in LIVE]

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
    def evidence(self) -> list[ShownItem]:
        """The checklist, with what has been recorded."""
        return evidence_of(self.rules, self.ticket.category, self.history)

    @property
    def tasks(self) -> list[ShownTask]:
        """What other teams were asked for."""
        answers = Move.ANSWER_TASK in self.offers
        return tasks_asked(self.history, self.names, self.actor, self.at, answers=answers, finished=self.state.finished)

    @cached_property
    def files(self) -> FilesShown:
        """What was brought along, and what may be."""
        return files_shown(self.ticket, self.state, self.history, self.rules, self.actor, self.names)

    @property
    def checklist_words(self) -> Words | str:
        checklist = self.rules.checklist(self.ticket.category)
        return checklist.words if checklist else ""

    @property
    def priority_why(self) -> Any:
        """Why it has its priority: what the last judgement said."""
        reasons = (row.facts["priority_why"] for row in reversed(self.history) if "priority_why" in row.facts)
        return next(reasons, None)

    @property
    def next_roles(self) -> str:
        """Whom the next step waits for."""
        return _(", ").join(here(self.rules.roles[code].words) for code in self.offers.next_roles)

    @property
    def goes_on_as(self) -> str:
        """The number of the ticket this one was merged into."""
        return merged_into(self.history)

    @property
    def split_from(self) -> str:
        """The number of the ticket this one was a part of."""
        return str(self.accepted.get("split_from") or "")

    @property
    def may_resume(self) -> bool:
        return Move.RESUME in self.offers

    @property
    def may_wait(self) -> bool:
        return Move.WAIT in self.offers

    @property
    def may_record(self) -> bool:
        return Move.RECORD_EVIDENCE in self.offers

    @property
    def may_keep_promise(self) -> bool:
        return Move.KEEP_PROMISE in self.offers

    @property
    def may_reveal(self) -> bool:
        """True for who may see personal data in full, and hand out what is about a customer."""
        return Sight.PERSONAL in self.actor.sights

    @property
    def may_hand_slip(self) -> bool:
        return bool(self.actor.roles & {"agent", "supervisor"}) and self.ticket.customer_id is not None

    @property
    def promises(self) -> list[tuple[Happening, datetime]]:
        """The promises that are open, with the time that was promised."""
        return [(row, datetime.fromisoformat(str(row.facts["due_at"]))) for row in open_promises(self.history)]


def sheet_of(actor: Actor, number: str, at: datetime) -> Sheet:
    """The page of a ticket. Raises NoSuchTicket."""
    ticket = ticket_for(actor, number)
    events = list(TicketEvent.objects.filter(ticket_id=ticket.pk).order_by("seq"))
    history = [happening(event) for event in events]
    rules, state, others = edition(ticket.edition), state_of(ticket), _others(actor, ticket)
    pause = pause_words(rules, pause_of(state, history))
    explained = explain(history, rules, at)
    return Sheet(
        ticket,
        state,
        rules,
        actor,
        at,
        events,
        history,
        names_in([*history, _present(ticket)]),
        values_on(ticket, history) if Sight.PERSONAL in actor.sights else {},
        others,
        explained,
        [from_explanation(one, at, pause) for one in explained],
        offers_for(state, history, rules, actor, alone=not others),
    )


def values_on(ticket: Ticket, history: Sequence[Happening]) -> dict[str, Masked]:
    """The kept values a page of this ticket shows, by token: its own customer's, whatever was typed into it."""
    customer = ticket.customer
    if customer is None:
        return {}
    tokens = {customer.phone_token, customer.name_token} | stated_tokens(history) | written_tokens(history)
    return masked_values(tokens, of=customer.pk)


def _others(actor: Actor, ticket: Ticket) -> list[Ticket]:
    """The customer's other open tickets."""
    if ticket.customer_id is None:
        return []
    same = visible_to(actor).filter(customer=ticket.customer_id, is_open=True).exclude(pk=ticket.pk)
    return list(same.only("number", "title", "stage", "received_at").order_by("-received_at")[:OTHERS_AT_MOST])


def _present(ticket: Ticket) -> Happening:
    """The teams the row names, in case a history does not."""
    return Happening(0, What.NOTED, ticket.received_at, {"team": ticket.team_id, "lead_team": ticket.lead_team_id})


def _proof(event: TicketEvent) -> tuple[str, bool]:
    leaf = bytes(event.leaf)
    return leaf.hex()[:LEAF_SHOWN], leaf == leaf_of(event)
