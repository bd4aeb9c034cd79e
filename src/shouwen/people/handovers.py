"""Shift handover lists (交接班清单): handed over by one shift, confirmed by another, kept as they were."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from shouwen.handbook.refusals import Refusal, gettext_noop
from shouwen.people.models import Handover, Person, Team


class OwnHandover(Refusal):
    """Whoever hands over does not take over."""

    clause = "T1.3"
    says = gettext_noop("You handed this over yourself: somebody of the shift that comes confirms it.")


class ConfirmedAlready(Refusal):
    """A list is taken over once."""

    clause = "T1.3"
    says = gettext_noop("{name} has confirmed this list already.")


def hand_over_shift(
    team: Team, content: Sequence[dict[str, Any]], *, notes: str, by: Person, at: datetime, left_out: int = 0
) -> Handover:
    """The list as it is now, and how many tickets it does not hold; nothing in it changes afterwards."""
    return Handover.objects.create(
        team=team, made_by=by, made_at=at, notes=notes, content=list(content), left_out=left_out
    )


@transaction.atomic
def confirm_handover(handover_id: UUID, *, remark: str, by: Person, at: datetime) -> Handover:
    """Somebody takes it over. Raises OwnHandover or ConfirmedAlready."""
    handover = Handover.objects.select_for_update().get(pk=handover_id)
    if handover.confirmed_at:
        raise ConfirmedAlready(name=str(handover.confirmed_by))
    if handover.made_by_id == by.pk:
        raise OwnHandover()
    handover.confirmed_by, handover.confirmed_at, handover.remark = by, at, remark
    handover.save(update_fields=["confirmed_by", "confirmed_at", "remark"])
    return handover
