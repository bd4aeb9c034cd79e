"""One customer and one ticket as tables, for files: the words of their pages, masked as there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from html import unescape
from typing import Any
from uuid import UUID

from django.utils.html import strip_tags
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from shouwen.customers.models import CustomerFact
from shouwen.desk.customers import Masked
from shouwen.desk.sheet import Sheet
from shouwen.desk.shown_tables import ledger_leaves
from shouwen.desk.templatetags.customers import care_name, known_kind, stands
from shouwen.desk.templatetags.desk import in_words
from shouwen.desk.whole import Whole, cases_of
from shouwen.desk.wording import here
from shouwen.handbook.authority import Actor
from shouwen.screens.tables import Leaf
from shouwen.screens.templatetags.spoken import stage_name
from shouwen.service_levels.ledgers import ClockLedger


def customer_leaves(whole: Whole, actor: Actor) -> list[Leaf]:
    """What is known of a customer, all their complaints the actor sees, and what was promised."""
    known = [_("What is it?"), _("In words"), _("Where it is known from"), _("As of"), _("By whom"), _("When")]
    told = [_("Ticket"), pgettext("of a ticket", "Title"), _("Category"), _("State"), _("Received"), _("Outcome")]
    promised = [_("Ticket"), _("Due"), _("State"), _("What was promised")]
    promises = [
        [number, one.due_at, stands(one.stands), _plain(one.text, whole.values)] for number, one in whole.promises
    ]
    return [
        Leaf(_("What is known"), known, _facts(whole)),
        Leaf(_("Complaints"), told, _cases(actor, whole.customer.pk)),
        Leaf(_("Promised"), promised, promises),
    ]


def ticket_leaves(sheet: Sheet, clocks: Iterable[ClockLedger]) -> list[Leaf]:
    """The panes beside a ticket: its clocks, its evidence, what other teams were asked for, what it is linked to."""
    evidence = [[here(one.item.words), one.item.required, one.recorded_at] for one in sheet.evidence]
    tasks = [
        [one.team, _plain(one.asked, sheet.values), one.due_at, one.answered_at, one.late, one.ended]
        for one in sheet.tasks
    ]
    asked = [_("Team"), _("What was asked"), _("Due"), _("Answered"), pgettext("task", "late")]
    asked.append(_("ended with the ticket"))
    related = [_("Ticket"), _("How they are linked"), pgettext("of a ticket", "Title"), _("State"), _("Received")]
    return [
        ledger_leaves(list(clocks))[0],
        Leaf(_("Evidence"), [pgettext("of evidence", "Item"), _("Required"), _("Recorded")], evidence),
        Leaf(_("Other teams asked"), asked, tasks),
        Leaf(pgettext("pane", "Linked"), related, _linked(sheet)),
    ]


def _facts(whole: Whole) -> Iterator[list[Any]]:
    for fact in whole.facts:
        words = care_name(fact.text) if fact.kind == CustomerFact.CARE else fact.text
        who = whole.names.of(fact.recorded_by)
        yield [known_kind(fact.kind), words, fact.source, fact.as_of, who, fact.recorded_at]


def _cases(actor: Actor, customer: UUID) -> Iterator[list[Any]]:
    for case, values in cases_of(actor, customer):
        title, outcome = _plain(case.ticket.title, values), _plain(case.outcome, values)
        stage = stage_name(case.ticket.stage)
        yield [case.ticket.number, title, case.category, stage, case.ticket.received_at, outcome]


def _linked(sheet: Sheet) -> Iterator[list[Any]]:
    for words, number in sheet.relations:
        yield [number, words, "", "", None]
    for other in sheet.others:
        title = _plain(other.title, sheet.values)
        yield [other.number, _("Also open for this customer"), title, stage_name(other.stage), other.received_at]


def _plain(text: str, values: Mapping[str, Masked]) -> str:
    """Redacted words as a cell may hold them."""
    return unescape(strip_tags(in_words(text, values)))
