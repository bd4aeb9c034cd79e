"""Everything the page of one ticket shows, read in a fixed number of queries; what a closed pane holds is not read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _

from shouwen.desk.asks import NOUNS
from shouwen.desk.clocks import LIVE, ShownClock, from_explanation, lead_clocks
from shouwen.desk.customers import Masked, masked_values
from shouwen.desk.events import EventShown, event_shown
from shouwen.desk.files import FilesShown, files_shown
from shouwen.desk.matter import Matter
from shouwen.desk.offers import Offers, offers_for
from shouwen.desk.panes import FIRST, Tab, cookie_of, tabs_of
from shouwen.desk.telling import Teller, Told
from shouwen.desk.timeline import AT_ONCE, CHIPS, MOST_MESSAGES, Group, groups_of
from shouwen.desk.underway import ShownItem, ShownTask, evidence_of, tasks_asked
from shouwen.desk.way import NextStage, stages_ahead
from shouwen.desk.wording import here
from shouwen.editions.queries import edition
from shouwen.handbook.authority import Actor, Sight
from shouwen.handbook.history import Happening, What
from shouwen.handbook.moves import Move
from shouwen.handbook.targets import Kind
from shouwen.handbook.words import Words
from shouwen.handling.personal import stated_tokens, written_tokens
from shouwen.notices.queries import messages_about
from shouwen.people.names import names_in
from shouwen.service_levels.explaining import Explanation, explain
from shouwen.service_levels.ledgers import Reader, bar_of
from shouwen.tickets.models import Ticket, TicketEvent
from shouwen.tickets.proof import leaf_of
from shouwen.tickets.queries import happening, state_of, ticket_for, visible_to

OTHERS_AT_MOST = 10
CLOCKS_LEADING = 4
LEAF_SHOWN = 8  # characters of a leaf hash: enough to compare by eye


@dataclass(frozen=True)
class Sheet(Matter):
    """A ticket's page: what can be done, what was said, and the panes beside it."""

    offers: Offers
    wanted: str = ""  # the pane its reader had open last
    whole: bool = False  # the whole history at once, however long

    @cached_property
    def tabs(self) -> list[Tab]:
        return tabs_of(self, self.wanted)

    @property
    def chips(self) -> Sequence[tuple[str, Any]]:
        return CHIPS

    @property
    def remembered_as(self) -> str:
        """The cookie in which the browser keeps which pane is open."""
        return cookie_of(self.actor)

    @property
    def split_url(self) -> str:
        """Where another matter is split off, if that can be done now."""
        return f"{self.url}/{NOUNS[Move.SPLIT]}" if Move.SPLIT in self.offers else ""

    @cached_property
    def ahead(self) -> list[NextStage]:
        """The stages the ticket can come to next, and what each needs."""
        return stages_ahead(self.state, self.history, self.rules, self.offers.moves)

    @cached_property
    def told(self) -> list[Told]:
        """The history in words, each row with the mark of its proof; only the newest, unless the whole is asked for."""
        last = len(self.events) if self.whole else AT_ONCE
        proofs = {event.seq: _proof(event) for event in self.events[-last:]}
        return Teller(self.rules, self.names).tell(self.history, proofs, last=last)

    @property
    def earlier(self) -> int:
        """How many rows of the history wait to be asked for."""
        return len(self.history) - len(self.told)

    @property
    def timeline(self) -> list[Group]:
        """What happened and what was sent, newest first."""
        since = self.told[0].recorded_at if self.earlier else None
        sent = messages_about(self.ticket.pk).filter(recipient__startswith="customer:")
        sent = sent.filter(ordered_at__gte=since) if since else sent
        return groups_of(self.told, sent[:MOST_MESSAGES])

    @cached_property
    def explained(self) -> Sequence[Explanation]:
        return explain(self.history, self.rules, self.at)

    @cached_property
    def clocks(self) -> Sequence[ShownClock]:
        return [from_explanation(one, self.at, self.pause_words) for one in self.explained]

    @property
    def lead(self) -> ShownClock | None:
        """The clock that leads, for the head of the page: from its row, unless all of them are shown anyway."""
        if any(tab.chosen and tab.pane.code == FIRST for tab in self.tabs):
            return next(iter(self._leading), None)
        return lead_clocks([self.ticket], self.at).get(str(self.ticket.pk))

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

    @cached_property
    def evidence(self) -> list[ShownItem]:
        """The checklist, with what has been recorded."""
        return evidence_of(self.rules, self.ticket.category, self.history)

    @cached_property
    def tasks(self) -> list[ShownTask]:
        """What other teams were asked for."""
        answers = Move.ANSWER_TASK in self.offers
        return tasks_asked(self.history, self.names, self.actor, self.at, answers=answers, finished=self.state.finished)

    @cached_property
    def event(self) -> EventShown | None:
        """The event it comes of, or the tickets that come of it."""
        return event_shown(self.ticket, self.history, self.actor)

    @property
    def may_gather(self) -> bool:
        """True for who may link other tickets to this one."""
        return Move.LINK in self.offers and not self.state.finished

    @cached_property
    def files(self) -> FilesShown:
        """What was brought along, and what may be."""
        return files_shown(self.ticket, self.state, self.history, self.rules, self.actor, self.names)

    @property
    def left_to_do(self) -> int:
        """Evidence still missing and tasks nobody has answered."""
        missing = sum(one.item.required and one.recorded_at is None for one in self.evidence)
        return missing + sum(task.answered_at is None and not task.ended for task in self.tasks)

    @property
    def checklist_words(self) -> Words | str:
        checklist = self.rules.checklist(self.ticket.category)
        return checklist.words if checklist else ""

    @property
    def next_roles(self) -> str:
        """Whom the next step waits for."""
        return _(", ").join(here(self.rules.roles[code].words) for code in self.offers.next_roles)

    @property
    def may_resume(self) -> bool:
        return Move.RESUME in self.offers

    @property
    def may_wait(self) -> bool:
        return Move.WAIT in self.offers

    @property
    def may_reclassify(self) -> bool:
        return Move.RECLASSIFY in self.offers

    @property
    def may_record(self) -> bool:
        return Move.RECORD_EVIDENCE in self.offers

    @property
    def may_keep_promise(self) -> bool:
        return Move.KEEP_PROMISE in self.offers

    @property
    def may_hand_slip(self) -> bool:
        return bool(self.actor.roles & {"agent", "supervisor"}) and self.ticket.customer_id is not None


def sheet_of(actor: Actor, number: str, at: datetime, *, wanted: str = "", whole: bool = False) -> Sheet:
    """The page of a ticket, with the pane `wanted` open. Raises NoSuchTicket."""
    ticket = ticket_for(actor, number)
    events = list(TicketEvent.objects.filter(ticket_id=ticket.pk).order_by("seq"))
    history = [happening(event) for event in events]
    rules, state, others = edition(ticket.edition), state_of(ticket), _others(actor, ticket)
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
        offers_for(state, history, rules, actor, at=at, alone=not others),
        wanted,
        whole,
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
