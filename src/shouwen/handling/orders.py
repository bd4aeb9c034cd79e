"""Which messages an event orders, and to whom (T4.3: the customer need not ask)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

from shouwen.editions.edition import Edition
from shouwen.handbook.history import Happening, TicketState, What
from shouwen.language.redaction import TOKEN
from shouwen.notices.actions import order_row


def orders_for(
    ticket_id: str, state: TicketState, happening: Happening, rules: Edition, *, now: datetime
) -> list[dict[str, Any]]:
    """The message orders of one event; the event's place in the history names each, so none is ordered twice."""
    recipients = _RECIPIENTS.get(happening.what)
    if recipients is None or state.is_history:
        return []
    followed = rules.telling.progress_at(happening.what, state)  # what the customer hears of it, `telling` says
    return [
        order_row(
            cause=f"{ticket_id}/{happening.seq}/{template}/{recipient}",
            ticket_id=ticket_id,
            recipient=recipient,
            channel=rules.templates[template].channel,
            template=template,
            edition=rules.id,
            params={"number": state.number, **_params(happening)},
        )
        for recipient, template in recipients(state, happening.facts)
        if template in rules.templates and not (followed and recipient.startswith("customer:"))
    ]


Recipients = Iterator[tuple[str, str]]


def _customer(template: str) -> Callable[[TicketState, Mapping[str, Any]], Recipients]:
    def recipients(state: TicketState, facts: Mapping[str, Any]) -> Recipients:
        if state.customer:
            yield f"customer:{state.customer}", template

    return recipients


def _whoever_works(template: str) -> Callable[[TicketState, Mapping[str, Any]], Recipients]:
    def recipients(state: TicketState, facts: Mapping[str, Any]) -> Recipients:
        if state.handler:
            yield f"person:{state.handler}", template
        elif state.team:
            yield f"team:{state.team}", template

    return recipients


def _first_owner(template: str) -> Callable[[TicketState, Mapping[str, Any]], Recipients]:
    def recipients(state: TicketState, facts: Mapping[str, Any]) -> Recipients:
        if state.first_owner:
            yield f"person:{state.first_owner}", template

    return recipients


def _mentioned(state: TicketState, facts: Mapping[str, Any]) -> Recipients:
    for ref in facts.get("mentioned") or ():
        yield str(ref), "mentioned"


def _task_team(state: TicketState, facts: Mapping[str, Any]) -> Recipients:
    yield f"team:{facts['to_team']}", "task_assigned"


def _params(happening: Happening) -> dict[str, Any]:
    params = {
        name: happening.facts[name]
        for name in ("due_at", "until", "expected_at", "into", "merged")
        if name in happening.facts
    }
    if happening.what is What.BROADCAST:
        params["text"] = in_a_message(str(happening.facts.get("text") or ""))
    if happening.what is What.WAITING_STARTED:
        params["asked"] = in_a_message(str(happening.facts.get("reason") or ""))
    return params


def in_a_message(words: str) -> str:
    """What somebody typed, as it may leave the desk: without what identifies anybody, and no longer than a message."""
    said = " ".join(TOKEN.sub("***", words).split())
    return said if len(said) <= LONGEST_SAID else f"{said[:LONGEST_SAID]}…"


LONGEST_SAID = 200


_RECIPIENTS: dict[What, Callable[[TicketState, Mapping[str, Any]], Recipients]] = {
    What.DISPATCHED: _whoever_works("work_dispatched"),
    What.TRANSFERRED: _whoever_works("work_dispatched"),
    What.ASSIGNED: _whoever_works("work_dispatched"),
    What.DECLINED: _first_owner("work_declined"),
    What.RETURNED: _whoever_works("proposal_returned"),
    What.REOPENED: _first_owner("ticket_reopened"),
    What.CUSTOMER_ADDED: _whoever_works("customer_added"),
    What.INVESTIGATION_STARTED: _customer("progress_investigating"),
    What.WAITING_STARTED: _customer("more_needed"),
    What.CARRIED_OUT: _first_owner("ready_to_tell"),
    What.TASK_ASSIGNED: _task_team,
    What.NOTED: _mentioned,
    What.EXTENSION_AGREED: _customer("extension_confirmed"),
    What.MERGED: _customer("ticket_merged"),
    What.UNMERGED: _customer("ticket_unmerged"),
    What.BROADCAST: _customer("event_news"),  # the event's own; those of its children a follower tells
    What.ABSORBED: _whoever_works("matter_absorbed"),
}
