"""/api/v1/tickets: complaints from other systems, each key once (design §5), and what their senders may read."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Annotated, Any

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.timezone import now as current_time
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _
from ninja import Field, Schema, Status
from ninja.errors import HttpError
from ninja.errors import ValidationError as NinjaError
from pydantic import AwareDatetime, BaseModel, ConfigDict

from shouwen import __version__
from shouwen.editions.edition import Edition
from shouwen.editions.queries import rules_in_force
from shouwen.handbook.authority import Actor
from shouwen.handbook.lifecycle import tmf_state
from shouwen.handbook.merging import merged_into
from shouwen.handbook.numbers import normalise_number
from shouwen.handling.actions import Accepted, Draft, KeyReused, accept
from shouwen.intake.checking import DraftRefused, check
from shouwen.intake.documented import LONGEST_KEY, ONCE, WITH_KEY, Documented, JsonOnly, NotJson, TooLong
from shouwen.intake.grouping import Grouping
from shouwen.intake.ledgers import LedgerOut
from shouwen.people.models import ApiKey
from shouwen.people.queries import EVERYWHERE, actor_for_key, api_keys_for
from shouwen.service_levels.explaining import as_data, ledger_of
from shouwen.tickets.models import Ticket, TicketEvent
from shouwen.tickets.queries import history_of, state_of

log = logging.getLogger(__name__)

Text = Annotated[str, Field(max_length=10_000)]
Short = Annotated[str, Field(max_length=200)]


class ContactIn(BaseModel):
    """Somebody to speak to. Kept in the vault; never in a history, a log or a list."""

    model_config = ConfigDict(extra="forbid")
    name: Short = ""
    phone: Short = ""


class TicketIn(BaseModel):
    """A complaint to take in. Names follow TMF621 where it has one."""

    model_config = ConfigDict(extra="forbid")
    description: Text = Field(description="What happened, in the customer's words.")
    category: Short = Field(description="A code of the edition's category tree, up to its third level.")
    channel: Short = "system"
    ticket_type: Short = "complaint"
    name: Short = Field("", description="A short title; the first line of the description by default.")
    complainant: ContactIn = ContactIn()
    informant: ContactIn = Field(ContactIn(), description="Whoever reports it for the complainant.")
    account: Short = ""
    region: Short = Field("", description="Administrative division code, for example 340104.")
    severity: Short = ""
    reach: Short = "single"
    customer_level: Short = ""
    details: dict[Short, Short] = Field({}, description="The answers to the questions of the category.")
    requested_resolution: Annotated[str, Field(max_length=500)] = ""
    informed: bool = Field(False, description="The duty to inform has been done (changes of plan).")
    received_at: AwareDatetime | None = Field(None, description="When the customer said it; now by default.")
    external_id: Short = ""


class TicketOut(Schema):
    """A ticket as its sender sees it."""

    id: str
    number: str
    href: str
    status: str = Field(
        description="TMF621: acknowledged, in_progress, pending, held, resolved, closed, rejected, cancelled."
    )
    stage: str
    recorded_at: datetime


class TicketNowOut(TicketOut):
    """A ticket as it is now."""

    goes_on_as: str = Field("", description="The number of the ticket it was merged into, the same matter; else empty.")


class Problem(Schema):
    """Why not, and what to do."""

    code: str
    reason: str
    errors: dict[str, list[str]] = {}


@dataclass(frozen=True, slots=True)
class Call:
    """One request as its group's leader takes it."""

    secret: str
    key: str
    body: TicketIn
    at: datetime
    language: str = ""  # in which its sender is told what is wrong with it


@dataclass(frozen=True, slots=True)
class NotAdmitted:
    """The key is unknown, spent or not for this."""

    known: bool


Outcome = Accepted | KeyReused | DraftRefused | NotAdmitted


api = Documented(
    title="Shouwen",
    version=__version__,
    description="Complaints from other systems. Every POST carries an Idempotency-Key: send it again after any doubt.",
    docs_url=None,
    urls_namespace="api-v1",
    parser=JsonOnly(),
)


def take_in(calls: Sequence[Call]) -> list[Outcome]:
    """Answer a group of calls: keys, rules and customers are each read once, and all is written in one statement."""
    at = max(call.at for call in calls)
    keys = api_keys_for((call.secret for call in calls), at=at)
    rules = rules_in_force(at)
    outcomes: dict[int, Outcome] = {}
    drafts: dict[int, Draft] = {}
    for place, call in enumerate(calls):
        key = keys.get(call.secret)
        if key is None or "tickets:create" not in key.scopes:
            outcomes[place] = NotAdmitted(known=key is not None)
            continue
        draft = _draft(call, actor_for_key(key))
        if refused := _refused(draft, rules.edition, call):
            outcomes[place] = refused
        else:
            drafts[place] = draft
    if drafts:
        outcomes |= dict(zip(drafts, accept(list(drafts.values()), now=at, rules=rules), strict=True))
    return [outcomes[place] for place in range(len(calls))]


intake = Grouping(take_in)


REFUSALS = dict.fromkeys((400, 401, 403, 409, 413, 415, 422), Problem)


@api.post("/tickets", response={201: TicketOut, **REFUSALS}, openapi_extra=WITH_KEY | ONCE)
def create_ticket(request: HttpRequest, response: HttpResponse, body: TicketIn) -> Any:
    """Take in a complaint. The same Idempotency-Key with the same body brings the first answer again."""
    key = request.headers.get("Idempotency-Key", "").strip()
    if not key or len(key) > LONGEST_KEY:
        reason = _("Send an Idempotency-Key header: one value for each complaint, at most 200 characters.")
        return Status(400, Problem(code="idempotency_key_missing", reason=reason))
    outcome = intake.ask(Call(secret_of(request), key, body, current_time(), get_language() or ""))
    if isinstance(outcome, Accepted):
        if outcome.repeated:
            response["Idempotent-Replay"] = "true"
        return Status(201, _said(outcome))
    return refusal_of(outcome)


READS = dict.fromkeys((401, 403, 404), Problem)


@api.get("/tickets/{number}", response={200: TicketNowOut, **READS}, openapi_extra=WITH_KEY)
def read_ticket(request: HttpRequest, number: str) -> Any:
    """A ticket this key has sent in."""
    ticket = _asked_for(request, number, "tickets:read")
    if not isinstance(ticket, Ticket):
        return ticket
    state = state_of(ticket)
    href = reverse("api-v1:read_ticket", args=[ticket.number])
    return TicketNowOut(
        id=str(ticket.pk),
        number=ticket.number,
        href=href,
        status=tmf_state(state),
        stage=state.stage,
        recorded_at=ticket.recorded_at,
        goes_on_as=merged_into(history_of(ticket.pk)) if state.finished else "",
    )


@api.get("/tickets/{number}/ledger", response={200: LedgerOut, **READS}, openapi_extra=WITH_KEY)
def read_ledger(request: HttpRequest, number: str) -> Any:
    """The clocks of a ticket this key has sent in: every stretch, counted or not, and who spent the time."""
    ticket = _asked_for(request, number, "tickets:ledger")
    return as_data(ledger_of(ticket, current_time())) if isinstance(ticket, Ticket) else ticket


def _asked_for(request: HttpRequest, number: str, scope: str) -> Ticket | Status[Problem]:
    """The ticket, if the key may do this with it; else why not."""
    secret = secret_of(request)
    key = api_keys_for([secret], at=current_time()).get(secret)
    if key is None or scope not in key.scopes:
        return refusal_of(NotAdmitted(known=key is not None))
    ticket = Ticket.objects.filter(number=normalise_number(number) or "").first()
    if ticket is None or not _sent_in(ticket, key):
        return Status(404, Problem(code="no_such_ticket", reason=_("There is no such ticket.")))
    return ticket


def _sent_in(ticket: Ticket, key: ApiKey) -> bool:
    """Whether this key has sent the ticket in: its first event says who did."""
    return TicketEvent.objects.filter(ticket=ticket, seq=1, actor=actor_for_key(key).ref).exists()


@api.exception_handler(Exception)
def failed(request: HttpRequest, error: Exception) -> HttpResponse:
    """Our own mistake, in the form of any other answer: what was sent may be sent again under its key."""
    log.exception("A call of the API failed.")
    reason = _("Something went wrong here. Send it again with the same Idempotency-Key: it will be taken in once.")
    return api.create_response(request, Problem(code="failed", reason=reason).model_dump(), status=500)


@api.exception_handler(NinjaError)
def unreadable(request: HttpRequest, error: NinjaError) -> HttpResponse:
    """A body of another shape: every field that is wrong, in one answer."""
    errors: dict[str, list[str]] = {}
    for one in error.errors:
        place = ".".join(str(step) for step in one["loc"] if step not in ("body",))
        errors.setdefault(place, []).append(one["msg"])
    problem = Problem(code="invalid", reason=_("The request is not of the documented form."), errors=errors)
    return api.create_response(request, problem.model_dump(), status=422)


@api.exception_handler(HttpError)
@api.exception_handler(RequestDataTooBig)
def not_taken(request: HttpRequest, error: Exception) -> HttpResponse:
    """A body that cannot be read at all."""
    cause = error.__cause__
    if isinstance(cause, NotJson):
        status, code, reason = 415, "not_json", _("Send the complaint as application/json.")
    elif isinstance(cause, TooLong) or isinstance(error, RequestDataTooBig):
        status, code, reason = 413, "too_long", _("The request is too long for a complaint.")
    else:
        status, code, reason = 400, "unreadable", _("The request cannot be read.")
    return api.create_response(request, Problem(code=code, reason=reason).model_dump(), status=status)


def spelled(accepted: Accepted) -> bytes:
    """The answer to a complaint that has been taken in, as it goes out."""
    return api.renderer.render(None, _said(accepted), response_status=201).encode()


def _refused(draft: Draft, rules: Edition, call: Call) -> DraftRefused | None:
    """What is wrong with it, in the words of its own sender, whoever leads the group."""
    errors: dict[str, list[str]] = {}
    with override(call.language or None):
        try:
            check(draft, rules, now=call.at)
        except DraftRefused as refused:
            errors |= refused.errors
        if not _is_within(draft.region, draft.by.regions):
            errors.setdefault("region", []).append(_("This key sends in complaints of certain regions. Name one."))
    return DraftRefused(errors) if errors else None


def _is_within(region: str, regions: frozenset[str]) -> bool:
    """True in one of a key's regions; a key without any is for all."""
    return not regions or any(prefix == EVERYWHERE or region.startswith(prefix) for prefix in regions)


def _draft(call: Call, by: Actor) -> Draft:
    body = call.body
    return Draft(
        key=(f"api:{by.id}", call.key),
        text=body.description,
        title=body.name,
        category=body.category,
        received_at=body.received_at or call.at,
        channel=body.channel,
        ticket_type=body.ticket_type,
        phone=body.complainant.phone,
        name=body.complainant.name,
        informant_phone=body.informant.phone,
        informant_name=body.informant.name,
        account=body.account,
        region=body.region,
        severity=body.severity,
        reach=body.reach,
        customer_level=body.customer_level,
        details=body.details,
        requested=body.requested_resolution,
        informed=body.informed,
        origin=body.external_id,
        by=by,
        source="api",
    )


def _said(accepted: Accepted) -> dict[str, Any]:
    """What a `TicketOut` says of a ticket that has just been taken in."""
    return {
        "id": accepted.ticket_id,
        "number": accepted.number,
        "href": f"{_place()}/{accepted.number}",
        "status": "acknowledged",
        "stage": "received",
        "recorded_at": accepted.recorded_at,
    }


@cache
def _place() -> str:
    return reverse("api-v1:create_ticket")


def refusal_of(outcome: Outcome) -> Status[Problem]:
    if isinstance(outcome, KeyReused):
        reason = _("This Idempotency-Key stood for a different complaint. Use a new one.")
        return Status(409, Problem(code="idempotency_key_reused", reason=reason))
    if isinstance(outcome, DraftRefused):
        reason = _("The complaint is not complete.")
        return Status(422, Problem(code="incomplete", reason=reason, errors=dict(outcome.errors)))
    if isinstance(outcome, NotAdmitted) and outcome.known:
        return Status(403, Problem(code="scope_missing", reason=_("This key is not made for that.")))
    return Status(401, Problem(code="key_unknown", reason=_("Send a live API key: Authorization: Bearer …")))


def secret_of(request: HttpRequest) -> str:
    scheme, _space, secret = request.headers.get("Authorization", "").partition(" ")
    return secret.strip() if scheme.lower() == "bearer" else ""
