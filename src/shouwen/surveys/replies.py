"""Digits that come back by text message or from a voice menu: the port their gateways speak to (S4.2b).

A gateway hands over each reply under a name of its own, as often as it likes: the first time counts, and every time the
same answer comes back. The digit answers the survey sent last to that number that is still open.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime
from uuid import UUID

from django.db import transaction

from shouwen.customers.queries import identity_index
from shouwen.handbook.authority import Actor
from shouwen.handbook.refusals import Refusal
from shouwen.surveys.actions import take_rating
from shouwen.surveys.models import Reply, Survey
from shouwen.surveys.queries import Rating, answered
from shouwen.tickets.models import Ticket
from shouwen.tickets.queries import history_of

DIGIT = re.compile(r"^\W*([1-4])(?![0-9])[^0-9]*$")
MOST = 20  # surveys of one number that are looked through


@transaction.atomic
def take_reply(key: str, *, phone: str, text: str, channel: str, at: datetime) -> tuple[Reply, bool]:
    """Take down a reply; what became of it, and whether it had been handed over before."""
    new = {"channel": channel, "outcome": Reply.NO_SURVEY, "received_at": at}
    reply, is_new = Reply.objects.get_or_create(key=key, defaults=new)
    if is_new:
        reply.ticket_id, reply.outcome = _answer(phone, text, channel, key, at)
        reply.save()
    return reply, not is_new


def digit_in(text: str) -> int | None:
    """The score in a reply: one digit from 1 to 4, in whatever width, beside words but no other number."""
    found = DIGIT.match(unicodedata.normalize("NFKC", text[:100]).strip())
    return int(found[1]) if found else None


def _answer(phone: str, text: str, channel: str, key: str, at: datetime) -> tuple[UUID | None, str]:
    """The ticket and what became of the reply."""
    surveys = list(_open_surveys(phone, at))
    if not surveys:
        return None, Reply.NO_SURVEY
    score = digit_in(text)
    if score is None:
        return surveys[0][1].pk, Reply.NOT_UNDERSTOOD
    for survey, ticket in surveys:
        if survey.round != ticket.round or answered(history_of(ticket.pk)):
            continue
        by = Actor("customer", str(ticket.customer_id), "", frozenset({"customer"}))
        try:
            with transaction.atomic():
                take_rating(
                    ticket.pk, Rating(overall=score), by=by, at=at, source=channel, survey=survey, form=f"reply:{key}"
                )
        except Refusal:
            continue
        return ticket.pk, Reply.RECORDED
    return surveys[0][1].pk, Reply.ANSWERED


def _open_surveys(phone: str, at: datetime) -> list[tuple[Survey, Ticket]]:
    """The surveys sent to this number that have not run out, the latest first."""
    index = identity_index(phone=phone) if phone else None
    if index is None:
        return []
    tickets = {ticket.pk: ticket for ticket in Ticket.objects.filter(customer__identity_index=index)}
    sent = Survey.objects.filter(ticket_id__in=tickets, sent_at__lte=at, expires_at__gt=at).order_by("-sent_at")[:MOST]
    return [(survey, tickets[survey.ticket_id]) for survey in sent]
