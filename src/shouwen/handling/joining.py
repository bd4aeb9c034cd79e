"""Moves by which two tickets have to do with one another: merged, split, linked to an event."""

from __future__ import annotations

from shouwen.editions.edition import Edition
from shouwen.editions.queries import calendars_now, edition, rules_in_force, rules_of
from shouwen.handbook.categories import check_intake_level
from shouwen.handbook.clock import clocks
from shouwen.handbook.events import NoSuchEvent, check_link, check_unlink
from shouwen.handbook.history import TicketState, fold
from shouwen.handbook.merging import NoSuchLead, Side, absorbing, check_limits, check_merge, check_unmerge
from shouwen.handling.moving import Moving
from shouwen.tickets.models import Ticket
from shouwen.tickets.queries import history_of, state_of
from shouwen.vault.queries import subject_keys
from shouwen.vault.refusals import SubjectErased


def merge(moving: Moving) -> Moving:
    """The older of two tickets for one matter leads (H2.1.1b)."""
    if moving.other is None:
        raise NoSuchLead(into=moving.facts.get("into") or "-")
    leading = Side(state_of(moving.other), moving.other.received_at)
    check_merge(Side(moving.state, moving.ticket.received_at), leading, moving.history)
    _check_limits(moving, moving.other, leading.state)
    return moving.adding(into=moving.other.number)


def _check_limits(moving: Moving, other: Ticket, state: TicketState) -> None:
    """What is owed is compared under the priority that will stand: the stricter of the two."""
    leading, theirs = fold(state, taken_over(moving, other, state)), edition(other.edition)
    merged = fold(moving.state, absorbing(moving.state, leading, _hours(moving.rules)))
    calendars = calendars_now()
    here = clocks(moving.history, moving.rules.rules, calendars, state=merged, former=rules_of)
    there = clocks(history_of(other.pk), theirs.rules, calendars, state=leading, former=rules_of)
    check_limits(other.number, here, there, moving.now)


def taken_over(moving: Moving, other: Ticket, state: TicketState) -> dict[str, object]:
    """The facts of a leading ticket in this state taking over the one that moves."""
    return absorbing(state, moving.state, _hours(edition(other.edition)))


def _hours(rules: Edition) -> dict[str, int]:
    return {code: priority.hours for code, priority in rules.priorities.items()}


def unmerge(moving: Moving) -> Moving:
    """Taken back while it may be."""
    check_unmerge(moving.history, moving.now)
    return moving


def split(moving: Moving) -> Moving:
    """The other matter is taken in under the rules of today, in its customer's name (U3.1)."""
    category = str(moving.facts.get("other_category") or "")
    rules_in_force(moving.now).edition.categories.find(category)
    check_intake_level(category)
    customer = moving.ticket.customer_id
    if customer is None or not subject_keys([customer]):
        raise SubjectErased
    return moving


def link(moving: Moving) -> Moving:
    """Each ticket of an event keeps its customer and its clocks; one level, so that nobody is told twice."""
    if moving.other is None:
        raise NoSuchEvent(event=moving.facts.get("parent") or "-")
    check_link(moving.state, state_of(moving.other))
    return moving.adding(parent=moving.other.number)


def unlink(moving: Moving) -> Moving:
    """On its own again; the event it came of is remembered."""
    check_unlink(moving.state)
    return moving.adding(parent="", former_event=moving.state.parent)
