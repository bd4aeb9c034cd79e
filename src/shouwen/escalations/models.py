"""The overdue report: one row for each time limit that ran out, and the talk about it that stands."""

from __future__ import annotations

import uuid_utils.compat as uuids
from django.db import models

from shouwen.people.models import Person, Team
from shouwen.tickets.models import PLAIN, Ticket

TO_TALK = models.Q(talk_seq=None)


class OverdueReport(models.Model):
    """A limit of a ticket that ran out, in whose hands; the talk and its measure are projections of the history.

    `measure` says where that stands: none was agreed, open, done or not done.
    """

    NONE, OPEN, DONE, NOT_DONE = "", "open", "done", "not_done"
    MEASURES = [(state, state) for state in (NONE, OPEN, DONE, NOT_DONE)]

    id = models.UUIDField(primary_key=True, default=uuids.uuid7, editable=False)
    ticket = models.ForeignKey(Ticket, models.DO_NOTHING, related_name="overdue_reports", **PLAIN)
    rule = models.CharField(max_length=60)
    start_seq = models.PositiveIntegerField()
    clause = models.CharField(max_length=12)
    due_at = models.DateTimeField()
    breached_at = models.DateTimeField()
    handler = models.ForeignKey(Person, models.DO_NOTHING, db_column="handler", null=True, related_name="+", **PLAIN)
    team = models.ForeignKey(Team, models.DO_NOTHING, db_column="team", null=True, related_name="+", **PLAIN)
    talk_seq = models.PositiveIntegerField(null=True)
    talked_at = models.DateTimeField(null=True)
    talked_by = models.CharField(max_length=60, blank=True)
    cause = models.CharField(max_length=20, blank=True)
    measure = models.CharField(max_length=8, choices=MEASURES, blank=True, default=NONE)
    measure_owner = models.ForeignKey(
        Person, models.DO_NOTHING, db_column="measure_owner", null=True, related_name="+", **PLAIN
    )
    measure_due_on = models.DateField(null=True)
    followed_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "overdue_report"
        constraints = [
            models.UniqueConstraint(fields=["ticket", "rule", "start_seq"], name="a_clock_is_reported_overdue_once")
        ]
        indexes = [
            models.Index("breached_at", "id", name="overdue_report_latest"),
            models.Index("breached_at", "id", name="overdue_report_to_talk", condition=TO_TALK),
            models.Index("measure_due_on", "id", name="overdue_report_measures", condition=models.Q(measure="open")),
        ]

    @property
    def name(self) -> str:
        """As facts name the overrun."""
        return f"{self.rule}@{self.start_seq}"
