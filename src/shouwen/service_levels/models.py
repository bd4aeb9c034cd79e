"""The clock row: a projection of a ticket's history under its edition, to sort, find and fire by."""

from __future__ import annotations

import uuid_utils.compat as uuids
from django.contrib.postgres.fields import ArrayField
from django.db import models

from shouwen.editions.models import EditionDraft
from shouwen.tickets.models import PLAIN, Ticket


class Clock(models.Model):
    """One commitment on one ticket. Trusted only while the ticket's `replayed_seq` is its last event.

    `looks` are the instants of the ladder's rungs in order, `taken` how many have been taken, `look_at` the next one.
    """

    STATES = [(state, state) for state in ("running", "paused", "met", "missed", "void")]

    pk = models.CompositePrimaryKey("ticket_id", "rule", "start_seq")
    ticket = models.ForeignKey(Ticket, models.DO_NOTHING, related_name="clocks", **PLAIN)
    rule = models.CharField(max_length=60)
    start_seq = models.PositiveIntegerField()
    clause = models.CharField(max_length=12)
    kind = models.CharField(max_length=10)
    state = models.CharField(max_length=8, choices=STATES)
    started_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    stopped_at = models.DateTimeField(null=True)
    provisional = models.BooleanField(default=False)
    extended = models.BooleanField(default=False)
    looks = ArrayField(models.DateTimeField(), default=list)
    taken = models.PositiveSmallIntegerField(default=0)
    look_at = models.DateTimeField(null=True)
    calendar_version = models.CharField(max_length=60, blank=True)

    class Meta:
        db_table = "clock"
        indexes = [
            models.Index("look_at", name="clock_look", condition=models.Q(look_at__isnull=False)),
            models.Index(
                fields=["calendar_version"],
                name="clock_to_settle",
                condition=models.Q(state__in=("running", "paused")) & ~models.Q(calendar_version=""),
            ),
        ]


class EditionReplay(models.Model):
    """Real tickets lived through once more under a draft of the rules, batch by batch, by the worker.

    `outcome` is what has been counted so far; the next batch begins after the ticket (`after_received`, `after_id`).
    """

    WAITING, RUNNING, DONE, FAILED = "waiting", "running", "done", "failed"
    STATES = [(state, state) for state in (WAITING, RUNNING, DONE, FAILED)]

    id = models.UUIDField(primary_key=True, default=uuids.uuid7, editable=False)
    draft = models.ForeignKey(EditionDraft, models.CASCADE, related_name="replays")
    digest = models.CharField(max_length=64)  # of the draft's content then
    start = models.DateTimeField()
    end = models.DateTimeField()
    state = models.CharField(max_length=8, choices=STATES, default=WAITING)
    asked_by = models.CharField(max_length=80)
    asked_at = models.DateTimeField()
    total = models.PositiveIntegerField(null=True)
    after_received = models.DateTimeField(null=True)
    after_id = models.UUIDField(null=True)
    outcome = models.JSONField(default=dict)
    error = models.TextField(blank=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "edition_replay"
        ordering = ("-asked_at",)
        indexes = [
            models.Index("asked_at", name="replay_to_do", condition=models.Q(state__in=("waiting", "running"))),
        ]
