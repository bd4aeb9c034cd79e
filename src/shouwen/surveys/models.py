"""A customer's chance to say how satisfied they are, and what the answers made necessary."""

from __future__ import annotations

import uuid_utils.compat as uuids
from django.contrib.postgres.fields import ArrayField
from django.db import models

from shouwen.handbook.calling import Called


class Survey(models.Model):
    """A link to rate one round of a ticket. Only a hash of its token is kept; the answer is in the ticket's history."""

    id = models.UUIDField(primary_key=True, default=uuids.uuid7, editable=False)
    ticket_id = models.UUIDField(db_index=True)
    round = models.PositiveSmallIntegerField()
    token_hash = models.BinaryField(max_length=32, unique=True)
    sent_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    class Meta:
        db_table = "survey"


class Reply(models.Model):
    """A digit that came back by text message or from a voice menu, once for each name its gateway gave it."""

    RECORDED, ANSWERED, NO_SURVEY, NOT_UNDERSTOOD = "recorded", "answered_before", "no_survey", "not_understood"
    OUTCOMES = [(code, code) for code in (RECORDED, ANSWERED, NO_SURVEY, NOT_UNDERSTOOD)]

    key = models.CharField(primary_key=True, max_length=200)
    channel = models.CharField(max_length=12)
    ticket_id = models.UUIDField(null=True)
    outcome = models.CharField(max_length=16, choices=OUTCOMES)
    received_at = models.DateTimeField()

    class Meta:
        db_table = "survey_reply"


class Outcome(models.Model):
    """How one round of a ticket ended and what its customer said: a projection of the history, to count by.

    `overall` is what they said of the whole, or else the worst they said of a part; `marks` what that is worth.
    """

    id = models.UUIDField(primary_key=True, default=uuids.uuid7, editable=False)
    ticket_id = models.UUIDField()
    number = models.CharField(max_length=24)
    round = models.PositiveSmallIntegerField()
    ticket_type = models.CharField(max_length=12)
    category = models.CharField(max_length=80)
    region = models.CharField(max_length=12)
    team = models.CharField(max_length=40)  # "" for the desk itself
    answerable = models.UUIDField(null=True)  # whose ratings count in a row
    at_contact = models.BooleanField()
    handled_at = models.DateTimeField(null=True)
    told_at = models.DateTimeField()
    via = models.CharField(max_length=20)
    asked_at = models.DateTimeField(null=True)
    rated_seq = models.PositiveIntegerField(null=True)
    rated_at = models.DateTimeField(null=True)
    overall = models.PositiveSmallIntegerField(null=True)
    result = models.PositiveSmallIntegerField(null=True)
    handling = models.PositiveSmallIntegerField(null=True)
    efficiency = models.PositiveSmallIntegerField(null=True)
    nps = models.PositiveSmallIntegerField(null=True)
    solved = models.BooleanField(null=True)
    worst = models.PositiveSmallIntegerField(null=True)
    marks = models.PositiveSmallIntegerField(null=True)
    reopened_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "round_outcome"
        constraints = [models.UniqueConstraint(fields=["ticket_id", "round"], name="a_round_has_one_outcome")]
        indexes = [
            models.Index(fields=["told_at", "team"], name="outcome_told"),
            models.Index(fields=["handled_at", "team"], name="outcome_handled"),
            models.Index(
                fields=["answerable", "-rated_at"], name="outcome_of_person", condition=models.Q(rated_at__isnull=False)
            ),
        ]


class Callback(models.Model):
    """A customer to be called by a person, once in each round."""

    PLANNED, DROPPED = "planned", "dropped"  # dropped: the ticket went another way before anybody called
    STATES = [(code, code) for code in (PLANNED, DROPPED, *map(str, Called))]

    id = models.UUIDField(primary_key=True, default=uuids.uuid7, editable=False)
    ticket_id = models.UUIDField()
    round = models.PositiveSmallIntegerField()
    agent = models.ForeignKey("people.Person", models.SET_NULL, null=True, related_name="+", db_index=False)
    state = models.CharField(max_length=12, choices=STATES, default=PLANNED)
    due_at = models.DateTimeField()
    next_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "callback"
        constraints = [models.UniqueConstraint(fields=["ticket_id", "round"], name="a_round_has_one_callback")]
        indexes = [
            models.Index(
                fields=["agent", "next_at", "id"], name="callback_of_agent", condition=models.Q(state="planned")
            ),
            models.Index(fields=["next_at", "id"], name="callback_planned", condition=models.Q(state="planned")),
        ]


class CallAttempt(models.Model):
    """One call, and how it went."""

    id = models.UUIDField(primary_key=True, default=uuids.uuid7, editable=False)
    callback = models.ForeignKey(Callback, models.CASCADE, related_name="calls")
    called_at = models.DateTimeField()
    by = models.CharField(max_length=60)
    went = models.CharField(max_length=12, choices=[(one.value, one.value) for one in Called])
    next_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "call_attempt"


class Review(models.Model):
    """A rating below "satisfied" for a supervisor to look into. What they say of it stands in the ticket's history."""

    REOPEN, ACCEPT, COACH, WENT_ON = "reopen", "accept", "coach", "went_on"  # the last: its customer was faster
    DECISIONS = [(code, code) for code in (REOPEN, ACCEPT, COACH, WENT_ON)]

    id = models.UUIDField(primary_key=True, default=uuids.uuid7, editable=False)
    ticket_id = models.UUIDField()
    rated_seq = models.PositiveIntegerField()
    worst = models.PositiveSmallIntegerField()
    marks = models.PositiveSmallIntegerField(null=True)
    fails = models.BooleanField()  # worth so little that the ticket is worked again, unless somebody says why not
    opened_at = models.DateTimeField()
    due_at = models.DateTimeField()
    decision = models.CharField(max_length=10, choices=DECISIONS, blank=True)
    decided_by = models.CharField(max_length=60, blank=True)
    decided_at = models.DateTimeField(null=True)
    decided_seq = models.PositiveIntegerField(null=True)  # the event that says why

    class Meta:
        db_table = "rating_review"
        constraints = [models.UniqueConstraint(fields=["ticket_id", "rated_seq"], name="a_rating_has_one_review")]
        indexes = [
            models.Index(fields=["due_at", "id"], name="review_open", condition=models.Q(decision="")),
            models.Index(fields=["due_at"], name="review_failing", condition=models.Q(decision="", fails=True)),
            models.Index(fields=["-decided_at", "-id"], name="review_decided", condition=~models.Q(decision="")),
        ]


class Training(models.Model):
    """What somebody is to learn, because of which tickets, by when; done with proof."""

    IN_A_ROW, COACHING = "in_a_row", "coaching"
    CAUSES = [(code, code) for code in (IN_A_ROW, COACHING)]

    id = models.UUIDField(primary_key=True, default=uuids.uuid7, editable=False)
    person = models.ForeignKey("people.Person", models.CASCADE, related_name="+", db_index=False)
    cause = models.CharField(max_length=10, choices=CAUSES)
    tickets = ArrayField(models.CharField(max_length=24))
    outcomes = ArrayField(models.UUIDField())  # the ratings, so that none counts twice
    opened_at = models.DateTimeField()
    due_at = models.DateTimeField()
    ordered_by = models.CharField(max_length=60)
    done_at = models.DateTimeField(null=True)
    done_by = models.CharField(max_length=60, blank=True)
    proof = models.CharField(max_length=200, blank=True)

    class Meta:
        db_table = "training"
        indexes = [
            models.Index(fields=["person", "-opened_at"], name="training_of_person"),
            models.Index(fields=["-opened_at", "-id"], name="training_newest"),
        ]


class Improvement(models.Model):
    """A month in which a team's customers were not satisfied enough: what is done about it, by whom, until when."""

    MONTH, COHORT = "month", "cohort"  # ratings of the month (H3.1.3); tickets handled in it (H7.2.4)
    MEASURES = [(code, code) for code in (MONTH, COHORT)]

    id = models.UUIDField(primary_key=True, default=uuids.uuid7, editable=False)
    month = models.DateField()
    team = models.CharField(max_length=40)  # "" for the desk itself
    measured = models.CharField(max_length=6, choices=MEASURES)
    figure = models.DecimalField(max_digits=4, decimal_places=1)
    goal = models.DecimalField(max_digits=4, decimal_places=1)
    rated = models.PositiveIntegerField()
    opened_at = models.DateTimeField()
    measure = models.CharField(max_length=400, blank=True)
    due_on = models.DateField(null=True)
    planned_by = models.CharField(max_length=60, blank=True)
    done_at = models.DateTimeField(null=True)
    done_by = models.CharField(max_length=60, blank=True)
    effect = models.CharField(max_length=400, blank=True)

    class Meta:
        db_table = "satisfaction_improvement"
        constraints = [models.UniqueConstraint(fields=["month", "team", "measured"], name="a_month_is_improved_once")]
        indexes = [models.Index(fields=["-month", "team"], name="improvement_newest")]
