"""Replays of drafts as work in the background: ordered at the desk, done by the worker a batch at a time.

A turn counts one batch and writes down how far it came, so nothing is lost or counted twice when a worker dies.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from shouwen.editions.models import EditionDraft
from shouwen.editions.pack import read_pack
from shouwen.editions.queries import NoEdition
from shouwen.editions.reading import BrokenPack
from shouwen.handbook.authority import Actor
from shouwen.handbook.refusals import Refusal, gettext_noop
from shouwen.service_levels.models import EditionReplay
from shouwen.service_levels.replaying import BATCH, Outcome, lived
from shouwen.tickets.models import Ticket

NUMBERS_KEPT = 500  # of the tickets whose fate would be another; all are counted
UNFINISHED = (EditionReplay.WAITING, EditionReplay.RUNNING)
PAIRS = ("clocks", "late", "teams")
LISTS = ("newly_late", "no_longer_late")


class SpanBackwards(Refusal):
    clause = "H5.1.5"
    says = gettext_noop("The last day lies before the first.")


class ReplayUnderWay(Refusal):
    clause = "H5.1.5"
    says = gettext_noop("A replay of this draft is under way.")


@transaction.atomic
def order_replay(draft: EditionDraft, start: datetime, end: datetime, *, by: Actor, at: datetime) -> EditionReplay:
    """Have the tickets received from `start` until before `end` lived through under the draft as it stands.

    Raises BrokenPack, or a `Refusal`.
    """
    read_pack(draft.content)
    if end <= start:
        raise SpanBackwards()
    EditionDraft.objects.select_for_update().get(pk=draft.pk)
    if draft.replays.filter(state__in=UNFINISHED, digest=draft.digest).exists():  # type: ignore[attr-defined]
        raise ReplayUnderWay()
    return EditionReplay.objects.create(
        draft=draft, digest=draft.digest, start=start, end=end, asked_by=by.ref, asked_at=at
    )


def rehearse(at: datetime, *, batch: int = BATCH) -> int:
    """One batch of the oldest replay that is not done; how many tickets, 0 when there is nothing to do."""
    with transaction.atomic():
        unfinished = EditionReplay.objects.filter(state__in=UNFINISHED).order_by("asked_at")
        replay = unfinished.select_related("draft").select_for_update(of=("self",), skip_locked=True).first()
        if replay is None:
            return 0
        try:
            return _turn(replay, at, batch)
        except (BrokenPack, NoEdition) as error:
            replay.state, replay.error, replay.finished_at = EditionReplay.FAILED, str(error), at
            replay.save()
            return 1


def share_done(replay: EditionReplay) -> int:
    """How far it is, in whole per cent."""
    if replay.state == EditionReplay.DONE:
        return 100
    return min(99, 100 * replay.outcome.get("tickets", 0) // replay.total) if replay.total else 0


def _turn(replay: EditionReplay, at: datetime, batch: int) -> int:
    if replay.digest != replay.draft.digest:
        replay.state, replay.finished_at = EditionReplay.FAILED, at  # it would mix two drafts
        replay.save()
        return 1
    if replay.total is None:
        replay.total = _tickets(replay).count()
    found = list(_tickets(replay).order_by("received_at", "pk").values_list("received_at", "pk")[:batch])
    if found:
        rules = read_pack(replay.draft.content).edition(0)
        replay.outcome = added(replay.outcome, lived([pk for _at, pk in found], rules, at))
        replay.after_received, replay.after_id = found[-1]
    finished = len(found) < batch
    replay.state = EditionReplay.DONE if finished else EditionReplay.RUNNING
    replay.finished_at = at if finished else None
    replay.save()
    return max(1, len(found))


def _tickets(replay: EditionReplay) -> QuerySet[Ticket]:
    """What is still to be lived through; what came in as history has no clocks."""
    found = Ticket.objects.filter(received_at__gte=replay.start, received_at__lt=replay.end, is_history=False)
    if replay.after_id is None:
        return found
    later = Q(received_at=replay.after_received, pk__gt=replay.after_id) | Q(received_at__gt=replay.after_received)
    return found.filter(later, received_at__gte=replay.after_received)


def added(kept: Mapping[str, Any], outcome: Outcome) -> dict[str, Any]:
    """What was kept before with one more batch counted in, as JSON takes it."""
    whole = Outcome(tickets=kept.get("tickets", 0))
    for name in PAIRS:
        for side, counted in enumerate(kept.get(name, ())):
            getattr(whole, name)[side].update(counted)
    whole.add(outcome)
    numbers = {name: _numbers(kept.get(name, {}), getattr(outcome, name)) for name in LISTS}
    return {"tickets": whole.tickets, **{name: list(map(dict, getattr(whole, name))) for name in PAIRS}, **numbers}


def _numbers(kept: Mapping[str, Any], more: Sequence[str]) -> dict[str, Any]:
    return {"count": kept.get("count", 0) + len(more), "first": [*kept.get("first", ()), *more][:NUMBERS_KEPT]}
