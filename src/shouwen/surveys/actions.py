"""Asking for a rating, and taking it down."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from shouwen.customers.mailboxes import written_to
from shouwen.customers.queries import in_reach
from shouwen.editions.queries import edition
from shouwen.handbook.authority import Actor
from shouwen.handbook.history import Happening
from shouwen.handbook.lifecycle import Move
from shouwen.handbook.refusals import AlreadyAnswered, SurveyUnderway
from shouwen.handling.actions import move_locked
from shouwen.notices.actions import order_messages, order_row
from shouwen.notices.codes import opened_code, sealed_code
from shouwen.notices.models import MessageOrder
from shouwen.surveys.models import Survey
from shouwen.surveys.queries import Rating, answered, token_hash
from shouwen.tickets.models import Ticket
from shouwen.tickets.queries import history_of, locked
from shouwen.vault.queries import subject_keys

OPEN_FOR = timedelta(days=30)  # H7.2.4: within 30 days of the handling
TEMPLATE = "survey_link"


@transaction.atomic
def send_survey(
    ticket_id: UUID | str, *, by: Actor, at: datetime, source: str = "desk", seen: int | None = None
) -> str:
    """A link to rate this ticket, texted to its customer.

    Where nothing can be texted to them it is returned, for its sender to hand over, and the history says so; else "",
    because whoever is rated has no need of the link. A round is asked about by one link: where one is out, that one is
    handed over, or SurveyUnderway raised. Raises AlreadyAnswered, TicketChanged, or a `Refusal` of the handbook too.
    """
    ticket = locked(ticket_id)
    if answered(history_of(ticket.pk)):
        raise AlreadyAnswered
    handed_over = by.kind == "person" and not _is_reached(ticket)
    out = open_survey(ticket, at)
    if out and not handed_over:
        raise SurveyUnderway(sent_at=out.sent_at.isoformat(), expires_at=out.expires_at.isoformat())
    survey, token = (out and _sent_again(ticket, out)) or _new_survey(ticket, at)
    moved = move_locked(
        ticket,
        Move.SEND_SURVEY,
        by=by,
        happened_at=at,
        now=at,
        facts={"survey": str(survey.pk)} | ({"handed_over": True} if handed_over else {}),
        seen=seen,
        source=source,
    )
    link = f"{settings.SHOUWEN_BASE_URL.rstrip('/')}{reverse('portal:survey', args=[token])}"
    if handed_over:
        return link
    _order_link(moved, survey, link)
    return ""


@transaction.atomic
def take_rating(
    ticket_id: UUID | str,
    rating: Rating,
    *,
    by: Actor,
    at: datetime,
    source: str,
    survey: Survey | None = None,
    form: str = "",
) -> Happening:
    """Write down what a customer said of the present round, once. Raises AlreadyAnswered, or a `Refusal`.

    `form` names the form that was filled in: sent twice, it is the same answer.
    """
    ticket = locked(ticket_id)
    known = answered(history_of(ticket.pk))
    if known and form and known.facts.get("form") == form:
        return known
    if known or (survey and survey.round != ticket.round):
        raise AlreadyAnswered
    named = {"survey": str(survey.pk) if survey else "", "form": form}
    stated = rating.facts() | {name: value for name, value in named.items() if value}
    move_locked(ticket, Move.RATE, by=by, happened_at=at, now=at, facts=stated, source=source)
    return history_of(ticket.pk)[-1]


def can_be_asked(ticket: Ticket) -> bool:
    """True if the ticket's customer has left a phone number, or wants to be told by e-mail."""
    return bool(in_reach([ticket.customer_id]))


def open_survey(ticket: Ticket, at: datetime) -> Survey | None:
    """The link that is out for the present round and still takes an answer."""
    sent = Survey.objects.filter(ticket_id=ticket.pk, round=ticket.round, expires_at__gt=at)
    return sent.order_by("-sent_at").first()


def _new_survey(ticket: Ticket, at: datetime) -> tuple[Survey, str]:
    """A link of which only its holder will know the token; any before it is over."""
    Survey.objects.filter(ticket_id=ticket.pk, round=ticket.round, expires_at__gt=at).update(expires_at=at)
    token = secrets.token_urlsafe(16)
    survey = Survey.objects.create(
        ticket_id=ticket.pk, round=ticket.round, token_hash=token_hash(token), sent_at=at, expires_at=at + OPEN_FOR
    )
    return survey, token


def _sent_again(ticket: Ticket, survey: Survey) -> tuple[Survey, str] | None:
    """The link of a survey with its token, where the message that carries it still does."""
    for order in MessageOrder.objects.filter(ticket_id=ticket.pk, template=TEMPLATE).order_by("-ordered_at"):
        token = (opened_code(order) or "").rpartition("/")[2]
        if token_hash(token) == bytes(survey.token_hash):
            return survey, token
    return None


def _is_reached(ticket: Ticket) -> bool:
    """True if a message gets to the ticket's customer: there is a way to them, and it leads out of this house."""
    template, ways = edition(ticket.edition).templates.get(TEMPLATE), settings.SHOUWEN_GATEWAYS
    if template is None or not subject_keys([ticket.customer_id]):
        return False
    by_letter = "email" in ways and bool(written_to([str(ticket.customer_id)]))
    return by_letter or (template.channel in ways and can_be_asked(ticket))


def _order_link(ticket: Ticket, survey: Survey, link: str) -> None:
    """By message, if there is a way to the customer."""
    template = edition(ticket.edition).templates.get(TEMPLATE)
    subject = subject_keys([ticket.customer_id]).get(ticket.customer_id) if ticket.customer_id else None
    if template is None or subject is None or not can_be_asked(ticket):
        return
    cause = f"{ticket.pk}/{ticket.last_seq}/{TEMPLATE}"
    order = order_row(
        cause=cause,
        ticket_id=str(ticket.pk),
        recipient=f"customer:{ticket.customer_id}",
        channel=template.channel,
        template=TEMPLATE,
        edition=ticket.edition,
        params={"number": ticket.number, "expires_at": survey.expires_at.isoformat()},
        secret=sealed_code(subject, cause, link),
    )
    order_messages([order])
