"""Three ratings in a row below "satisfied" make a training; so does a supervisor who wants somebody coached (S4.2c)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from shouwen.editions.edition import Edition
from shouwen.editions.queries import current_edition
from shouwen.handbook.authority import SYSTEM, Actor
from shouwen.handbook.lifecycle import Move
from shouwen.handbook.refusals import ReasonRequired, TrainedBySelf
from shouwen.handbook.satisfaction import Coaching, to_be_trained
from shouwen.notices.actions import order_messages, order_row
from shouwen.people.models import Person
from shouwen.people.queries import EVERYWHERE, covers, roster
from shouwen.surveys.models import Outcome, Review, Training

DUE, COACHED, ORDERED = "training_due", "training_coached", "training_ordered"
WITHIN = timedelta(days=7)  # where the rules in force do not say
RECENT = timedelta(days=90)  # older ratings are history when this is first read


def order_trainings(tickets: Iterable[UUID], at: datetime) -> None:
    """Whoever has had so many ratings in a row below "satisfied" is trained; not twice for the same ones."""
    rules = current_edition(at)
    coaching = rules.telling.coaching
    if coaching is None:
        return
    people = Outcome.objects.filter(ticket_id__in=list(tickets), rated_at__gte=at - RECENT, answerable__isnull=False)
    for person in sorted(set(people.values_list("answerable", flat=True))):
        _train(person, coaching, rules, at)


def coach(review: Review, *, by: Actor, at: datetime) -> Training | None:
    """A training for whoever answered for the ticket of this rating; None where nobody did."""
    outcome = Outcome.objects.filter(ticket_id=review.ticket_id, rated_seq=review.rated_seq).first()
    if outcome is None or outcome.answerable is None:
        return None
    rules = current_edition(at)
    within = rules.telling.coaching.within if rules.telling.coaching else WITHIN
    return _order(outcome.answerable, [outcome], Training.COACHING, within, rules, by, at)


@transaction.atomic
def confirm_training(training_id: UUID, *, proof: str, by: Actor, at: datetime) -> None:
    """A training is done, and what shows it. Raises ReasonRequired, or TrainedBySelf for whoever was to be trained."""
    training = Training.objects.select_for_update().get(pk=training_id)
    if str(training.person_id) == by.id:
        raise TrainedBySelf
    if not proof.strip():
        raise ReasonRequired(move=Move.NOTE)
    if training.done_at is None:
        training.done_at, training.done_by, training.proof = at, by.ref, proof.strip()[:200]
        training.save()


def trainings_for(actor: Actor) -> QuerySet[Training]:
    """The trainings of those a supervisor or manager answers for; of anybody else their own."""
    trainings = Training.objects.select_related("person").order_by("-opened_at", "-id")
    if not actor.roles & {"supervisor", "manager"}:
        return trainings.filter(person=actor.id)
    if EVERYWHERE in actor.regions:
        return trainings
    people = Person.objects.filter(is_active=True).prefetch_related("teams")
    own = [person.pk for person in people if _answers_for(actor, person)]
    return trainings.filter(person__in=own)


def _answers_for(actor: Actor, person: Person) -> bool:
    shared = actor.teams.intersection(team.pk for team in person.teams.all())
    return bool(shared) or any(covers(actor.regions, region) for region in person.regions if region)


def _train(person: UUID, coaching: Coaching, rules: Edition, at: datetime) -> None:
    """Under a lock on the person, so that two followers do not see the same three."""
    if not Person.objects.select_for_update().filter(pk=person, is_active=True).exists():
        return
    rated = Outcome.objects.filter(answerable=person, rated_at__isnull=False, worst__isnull=False)
    latest = list(rated.order_by("-rated_at", "-rated_seq")[: coaching.in_a_row])
    if not to_be_trained([one.worst or 0 for one in latest], coaching):
        return
    counted = [one.pk for one in latest]
    if Training.objects.filter(person=person, cause=Training.IN_A_ROW, outcomes__overlap=counted).exists():
        return
    _order(person, latest, Training.IN_A_ROW, coaching.within, rules, SYSTEM, at)


def _order(
    person: UUID, why: Sequence[Outcome], cause: str, within: timedelta, rules: Edition, by: Actor, at: datetime
) -> Training:
    training = Training.objects.create(
        person_id=person,
        cause=cause,
        tickets=[one.number for one in reversed(why)],
        outcomes=[one.pk for one in why],
        opened_at=at,
        due_at=at + within,
        ordered_by=by.ref,
    )
    order_messages(list(_notices(training, rules)))
    return training


def _notices(training: Training, rules: Edition) -> Iterable[dict[str, Any]]:
    someone = Person.objects.prefetch_related("teams").get(pk=training.person_id)
    told = _told_of(training, someone, rules)
    params = {
        "count": len(training.tickets),
        "tickets": ", ".join(training.tickets),
        "due_at": training.due_at.isoformat(),
        "person": str(someone),
        "training": str(training.pk),
    }
    for recipient, template in told.items():
        if template in rules.templates:
            yield order_row(
                cause=f"training/{training.pk}/{recipient}",
                recipient=recipient,
                channel="desk",
                template=template,
                edition=rules.id,
                params=params,
            )


def _told_of(training: Training, someone: Person, rules: Edition) -> dict[str, str]:
    """Who hears of it by which template: who is trained, and their supervisors where none of them ordered it."""
    whose = f"person:{someone.pk}"
    if training.cause == Training.COACHING:
        return {whose: COACHED if COACHED in rules.templates else DUE}  # older rules know no other
    return {whose: DUE} | {f"person:{one}": ORDERED for one in _supervisors_of(someone)}


def _supervisors_of(person: Person) -> list[str]:
    on_duty, region = roster(), next((region for region in person.regions if region != EVERYWHERE), "")
    teams = [team.pk for team in person.teams.all()] or [None]
    found = {one for team in teams for one in on_duty.holders("supervisor", team=team, region=region)}
    return sorted(found - {str(person.pk)})
