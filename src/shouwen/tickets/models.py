"""The ticket row, its history, its tasks and the keys of what has been taken in."""

from __future__ import annotations

import datetime

import uuid_utils.compat as uuids
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models.fields.json import KeyTransform

from shouwen.customers.models import Customer
from shouwen.handbook.history import FINISHED, Stage, Standing, What
from shouwen.people.models import Person, Team

# Where a ticket without a running clock sorts: after every other.
NEVER = datetime.datetime(9999, 12, 31, tzinfo=datetime.UTC)

# Finished here and not yet in the archive: few, whatever the number of tickets.
TO_ARCHIVE = models.Q(
    is_open=False, is_history=False, stage__in=sorted(stage.value for stage in FINISHED - {Stage.ARCHIVED})
)

# The customer has heard the result: the loop is closed (工单闭环).
TOLD = (What.CUSTOMER_TOLD.value, What.ANSWERED_AT_CONTACT.value)

# Taken in with the number it has in the system it comes from.
FROM_ELSEWHERE = models.Q(what=What.ACCEPTED.value, facts__has_key="origin")

# What tells who sees a ticket, and whether it is a repeat: those of a span are counted in their index alone.
SEEN_BY = ["region", "handler", "first_owner", "customer", "category", "is_history"]

# What lists are narrowed by stands in the index they are walked along: whatever is filtered out is not read.
NARROWED_BY = [
    "ticket_type",
    "category",
    "priority",
    "region",
    "stage",
    "standing",
    "channel",
    "mark",
    "round",
    "handler",
    "first_owner",
    "team",
    "lead_team",
    "received_at",
]

# A reference the history answers for. The indexes it is found by are named below; one of its own would only be written.
PLAIN = {"db_constraint": False, "db_index": False}


def _choices(enum: type[Stage] | type[Standing] | type[What]) -> list[tuple[str, str]]:
    return [(member.value, member.value) for member in enum]


class Ticket(models.Model):
    """A trouble ticket (TMF621). Its columns are projections of its history, to find and show it by.

    Those named as in `handbook.history.TicketState` are that state; the rest can be told from the events' own columns
    and from the clocks.
    """

    id = models.UUIDField(primary_key=True, default=uuids.uuid7, editable=False)
    number = models.CharField(max_length=24)
    ticket_type = models.CharField(max_length=12)
    title = models.CharField(max_length=200)
    description = models.TextField()
    customer = models.ForeignKey(Customer, models.DO_NOTHING, db_column="customer", null=True, **PLAIN)
    stage = models.CharField(max_length=16, choices=_choices(Stage))
    standing = models.CharField(max_length=8, choices=_choices(Standing))
    category = models.CharField(max_length=80)
    priority = models.CharField(max_length=20)
    severity = models.CharField(max_length=20)
    complexity = models.CharField(max_length=20)
    reach = models.CharField(max_length=20)
    customer_level = models.CharField(max_length=20)
    channel = models.CharField(max_length=20)
    region = models.CharField(max_length=12)
    first_owner = models.ForeignKey(
        Person, models.DO_NOTHING, db_column="first_owner", null=True, related_name="+", **PLAIN
    )
    handler = models.ForeignKey(Person, models.DO_NOTHING, db_column="handler", null=True, related_name="+", **PLAIN)
    team = models.ForeignKey(Team, models.DO_NOTHING, db_column="team", null=True, related_name="+", **PLAIN)
    lead_team = models.ForeignKey(Team, models.DO_NOTHING, db_column="lead_team", null=True, related_name="+", **PLAIN)
    has_informant = models.BooleanField()
    round = models.PositiveSmallIntegerField()
    transfers = models.PositiveSmallIntegerField()
    mark = models.CharField(max_length=20)
    parent = models.CharField(max_length=24, default="", db_default="")  # the number of the event it comes of
    children = models.PositiveIntegerField(default=0, db_default=0)  # how many come of it
    edition = models.CharField(max_length=60)
    is_history = models.BooleanField()

    is_open = models.BooleanField()
    received_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    last_seq = models.PositiveIntegerField()
    replayed_seq = models.PositiveIntegerField()  # the event up to which the clocks were derived
    lead_due_at = models.DateTimeField(default=NEVER)
    terms = SearchVectorField(null=True)

    class Meta:
        db_table = "ticket"
        constraints = [models.UniqueConstraint(fields=["number"], name="a_number_names_one_ticket")]
        indexes = [
            models.Index("handler", "lead_due_at", "id", name="ticket_my_work", condition=models.Q(is_open=True)),
            models.Index("first_owner", "lead_due_at", "id", name="ticket_my_own", condition=models.Q(is_open=True)),
            models.Index("team", "lead_due_at", "id", name="ticket_team", condition=models.Q(is_open=True)),
            models.Index("lead_team", name="ticket_lead", condition=models.Q(is_open=True, lead_team__isnull=False)),
            models.Index(
                fields=["lead_due_at", "id"], include=NARROWED_BY, name="ticket_open", condition=models.Q(is_open=True)
            ),
            models.Index("stage", "lead_due_at", "id", name="ticket_stage", condition=models.Q(is_open=True)),
            models.Index("lead_due_at", "id", name="ticket_to_archive", condition=TO_ARCHIVE),
            models.Index(
                fields=["region", "lead_due_at"],
                opclasses=["text_pattern_ops", "timestamptz_ops"],
                name="ticket_region",
                condition=models.Q(is_open=True),
            ),
            models.Index("handler", name="ticket_handled", condition=models.Q(is_open=False)),
            models.Index("first_owner", name="ticket_owned", condition=models.Q(is_open=False)),
            models.Index("team", name="ticket_done_by_team", condition=models.Q(is_open=False)),
            models.Index(
                "lead_team", name="ticket_done_in_lead", condition=models.Q(is_open=False, lead_team__isnull=False)
            ),
            models.Index("customer", "received_at", name="ticket_customer"),
            models.Index(fields=["received_at", "id"], include=SEEN_BY, name="ticket_newest"),
            models.Index("received_at", name="ticket_events", condition=models.Q(is_open=True, children__gt=0)),
            models.Index("parent", "received_at", "id", name="ticket_of_event", condition=~models.Q(parent="")),
            GinIndex(fields=["terms"], name="ticket_terms"),
        ]

    def __str__(self) -> str:
        return self.number


class TicketEvent(models.Model):
    """One row of a ticket's history: written once, never changed.

    `recorded_at` and `txid` are the database's own; `leaf` is the RFC 6962 leaf over the content and `recorded_at`.
    """

    pk = models.CompositePrimaryKey("ticket_id", "seq")
    ticket = models.ForeignKey(Ticket, models.DO_NOTHING, related_name="events", **PLAIN)
    seq = models.PositiveIntegerField()
    what = models.CharField(max_length=24, choices=_choices(What))
    happened_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    actor = models.CharField(max_length=60)
    source = models.CharField(max_length=20)
    facts = models.JSONField()
    leaf = models.BinaryField(max_length=32)
    txid = models.BigIntegerField()

    class Meta:
        db_table = "ticket_event"
        indexes = [
            models.Index("txid", "ticket_id", "seq", name="ticket_event_news"),
            models.Index("happened_at", "ticket_id", name="ticket_event_told", condition=models.Q(what__in=TOLD)),
            models.Index(KeyTransform("origin", "facts"), name="ticket_event_origin", condition=FROM_ELSEWHERE),
        ]


class Task(models.Model):
    """What a collaborating team (协办) was asked for: a projection of task_assigned and task_answered."""

    pk = models.CompositePrimaryKey("ticket_id", "task")
    ticket = models.ForeignKey(Ticket, models.DO_NOTHING, related_name="tasks", **PLAIN)
    task = models.CharField(max_length=12)
    team = models.ForeignKey(Team, models.DO_NOTHING, db_column="team", related_name="+", **PLAIN)
    assigned_at = models.DateTimeField()
    due_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "ticket_task"
        indexes = [
            models.Index("team", "due_at", name="ticket_task_team", condition=models.Q(answered_at=None)),
            models.Index("team", "ticket", name="ticket_task_helped"),
            models.Index("assigned_at", "ticket", "task", name="ticket_task_asked"),
        ]


class IntakeKey(models.Model):
    """What has been taken in before, so that a repeated request gets the first answer (design §5).

    `scope` says whose keys these are (a form, an API key, a channel, an import); `digest` is of the request, so that
    one key cannot stand for two different complaints.
    """

    pk = models.CompositePrimaryKey("scope", "key")
    scope = models.CharField(max_length=60)
    key = models.CharField(max_length=200)
    ticket_id = models.UUIDField()
    number = models.CharField(max_length=24)
    digest = models.BinaryField(max_length=32)
    repeats = models.PositiveIntegerField(default=0)
    recorded_at = models.DateTimeField()

    class Meta:
        db_table = "intake_key"


class Cursor(models.Model):
    """How far a follower of the history has read."""

    follower = models.CharField(primary_key=True, max_length=60)
    txid = models.BigIntegerField(default=0)
    ticket_id = models.UUIDField(null=True)
    seq = models.PositiveIntegerField(default=0)

    class Meta:
        db_table = "ticket_event_cursor"
