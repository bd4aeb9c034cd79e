"""What the desk says of itself when something happens to a ticket. Told twice, it says it once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from shouwen.customers.queries import in_reach
from shouwen.editions.edition import Edition
from shouwen.editions.queries import calendars_now, edition, rules_of
from shouwen.handbook.clock import ServiceClock, clocks
from shouwen.handbook.history import Happening, What, in_round
from shouwen.handbook.telling import Copy, Delay, Progress, expected_by
from shouwen.notices.actions import order_messages, order_row
from shouwen.people.queries import Roster, roster
from shouwen.tickets.models import Ticket
from shouwen.tickets.news import Follower, News
from shouwen.tickets.queries import histories_of, state_of

Orders = Iterator[dict[str, Any]]
STALE = timedelta(hours=12)  # what happened longer ago is no news to anybody
PUSHED = frozenset(set(What) - {What.CLOCK_WARNED, What.CLOCK_BREACHED, What.ESCALATED, What.NOTED})
CONCERNED = "concerned"
AGREED = ("measure_agreed", "mentioned")  # the notice of a measure; rules without the first say the second


def tell_progress(news: Sequence[News], at: datetime) -> None:
    """A customer hears how far it is and by when the next step comes; of several steps at once, the last (T4.3)."""
    fresh = _fresh(news, at)
    tickets = _tickets(fresh)
    stepped = ((item, _step(tickets[item.ticket_id], item)) for item in fresh if item.ticket_id in tickets)
    steps = {item.ticket_id: (item, step) for item, step in stepped if step}  # the last of each ticket
    reached = in_reach(tickets[pk].customer_id for pk in steps)
    histories = histories_of([pk for pk in steps if tickets[pk].customer_id in reached])
    order_messages(
        [_progress(tickets[pk], *steps[pk], history, at) for pk, history in histories.items()],
    )


def announce_delays(news: Sequence[News], at: datetime) -> None:
    """Before a time runs out that a customer counts on, they hear of it, and what they may do instead (T4.3)."""
    fresh = [item for item in _fresh(news, at) if datetime.fromisoformat(str(item.facts["due_at"])) > at]
    tickets = _tickets(fresh)
    warned = [
        (item, delay)
        for item in fresh
        if item.ticket_id in tickets and (delay := _delay(edition(tickets[item.ticket_id].edition), item))
    ]
    reached = in_reach(tickets[item.ticket_id].customer_id for item, _ in warned)
    warned = [(item, delay) for item, delay in warned if tickets[item.ticket_id].customer_id in reached]
    histories = histories_of([item.ticket_id for item, _ in warned])
    orders = (_announced(tickets[item.ticket_id], item, delay, histories[item.ticket_id]) for item, delay in warned)
    order_messages([order for order in orders if order])


def copy_outcomes(news: Sequence[News], at: datetime) -> None:
    """The person complained about, their manager and for a major one the executive hear of the outcome (U3.3)."""
    fresh = _fresh(news, at)
    tickets = _tickets(fresh)
    copied = [item for item in fresh if (one := tickets.get(item.ticket_id)) and edition(one.edition).telling.copies]
    if not copied:
        return
    histories, on_duty = histories_of([item.ticket_id for item in copied]), roster()
    order_messages(
        [
            order
            for item in copied
            for order in _copies(tickets[item.ticket_id], item, histories[item.ticket_id], on_duty)
        ]
    )


def tell_measure_owners(news: Sequence[News], at: datetime) -> None:
    """Whoever is to see to a measure hears of it, once for each overrun; who has put themselves down knows (S3.3)."""
    fresh = [item for item in _fresh(news, at) if item.facts.get("measure") and item.facts.get("measure_owner")]
    tickets, posts = _tickets(fresh), roster().posts if fresh else {}
    agreed = (_agreed(tickets[item.ticket_id], item) for item in fresh if item.ticket_id in tickets)
    order_messages([order for order in agreed if order and order["recipient"].partition(":")[2] in posts])


def _fresh(news: Iterable[News], at: datetime) -> list[News]:
    return [item for item in news if at - item.recorded_at < STALE]


def _tickets(news: Iterable[News]) -> dict[str, Ticket]:
    """The tickets these are news of, but for those taken in as history."""
    found = Ticket.objects.filter(pk__in={item.ticket_id for item in news}, is_history=False)
    return {str(ticket.pk): ticket for ticket in found}


def _step(ticket: Ticket, item: News) -> Progress | None:
    rules = edition(ticket.edition)
    step = rules.telling.progress_at(item.what, state_of(ticket))
    return step if step and ticket.customer_id and _known(rules, step.template, step.otherwise) else None


def _progress(ticket: Ticket, item: News, step: Progress, history: Sequence[Happening], at: datetime) -> dict[str, Any]:
    expected = expected_by(_clocks(ticket, history), step.next, at)
    template = step.template if expected or not step.next else step.otherwise
    params = {"expected_at": expected.isoformat()} if expected else {}
    return _to_customer(ticket, f"{ticket.pk}/{item.seq}/progress", template, params)


def _delay(rules: Edition, item: News) -> Delay | None:
    rule = rules.rules_by_id.get(str(item.facts["rule"]))
    found = (one for one in rules.telling.delays if rule and one.warns(rule, int(item.facts["step"])))
    return next((one for one in found if _known(rules, one.template)), None)


def _announced(ticket: Ticket, item: News, delay: Delay, history: Sequence[Happening]) -> dict[str, Any] | None:
    """None where no limit lies behind the time named: then nobody knows what to promise instead."""
    due_at = datetime.fromisoformat(str(item.facts["due_at"]))
    expected = expected_by(_clocks(ticket, history), frozenset({What.CUSTOMER_TOLD}), due_at)
    if expected is None:
        return None
    params = {"due_at": due_at.isoformat(), "expected_at": expected.isoformat(), "rule": item.facts["rule"]}
    return _to_customer(ticket, f"{ticket.pk}/{item.facts['rule']}/{item.facts['clock']}/delay", delay.template, params)


def _copies(ticket: Ticket, item: News, history: Sequence[Happening], on_duty: Roster) -> Orders:
    rules, state = edition(ticket.edition), state_of(ticket)
    for copy in rules.telling.copies:
        if copy.template in rules.templates and copy.applies.fit(state):
            for person in sorted(_recipients(copy, ticket, history, on_duty)):
                yield order_row(
                    cause=f"{ticket.pk}/{item.seq}/{copy.template}/{person}",
                    ticket_id=str(ticket.pk),
                    recipient=f"person:{person}",
                    channel=rules.templates[copy.template].channel,
                    template=copy.template,
                    edition=rules.id,
                    params={"number": ticket.number},
                )


def _agreed(ticket: Ticket, item: News) -> dict[str, Any] | None:
    """None where nothing is to be said, or the ticket's rules have no words for it."""
    rules, owner = edition(ticket.edition), f"person:{item.facts['measure_owner']}"
    template = next((one for one in AGREED if one in rules.templates), None)
    if template is None or owner == item.actor:
        return None
    return order_row(
        cause=f"{ticket.pk}/{item.facts['overrun']}/measure/{owner}",
        ticket_id=str(ticket.pk),
        recipient=owner,
        channel=rules.templates[template].channel,
        template=template,
        edition=rules.id,
        params={"number": ticket.number},
    )


def _recipients(copy: Copy, ticket: Ticket, history: Sequence[Happening], on_duty: Roster) -> set[str]:
    if copy.to == CONCERNED:
        named = [str(row.facts[CONCERNED]) for row in in_round(history) if row.facts.get(CONCERNED)]
        return {person for person in named[-1:] if person in on_duty.posts}
    team = ticket.team_id or ticket.lead_team_id
    return set(on_duty.holders(copy.to, team=team, region=ticket.region))


def _to_customer(ticket: Ticket, cause: str, template: str, params: Mapping[str, Any]) -> dict[str, Any]:
    return order_row(
        cause=cause,
        ticket_id=str(ticket.pk),
        recipient=f"customer:{ticket.customer_id}",
        channel=edition(ticket.edition).templates[template].channel,
        template=template,
        edition=ticket.edition,
        params={"number": ticket.number, **params},
    )


def _clocks(ticket: Ticket, history: Sequence[Happening]) -> list[ServiceClock]:
    return clocks(history, edition(ticket.edition).rules, calendars_now(), former=rules_of)


def _known(rules: Edition, *templates: str) -> bool:
    return all(code in rules.templates for code in templates)


FOLLOWERS = (
    Follower("telling.tell_progress", PUSHED, tell_progress),
    Follower("telling.announce_delays", frozenset({What.CLOCK_WARNED}), announce_delays),
    Follower("telling.copy_outcomes", frozenset({What.CUSTOMER_TOLD}), copy_outcomes),
    Follower("telling.tell_measure_owners", frozenset({What.OVERDUE_TALKED}), tell_measure_owners),
)
