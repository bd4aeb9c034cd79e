"""What the desk keeps for itself: who is in which ticket, saved views, runs over many tickets, macros."""

from __future__ import annotations

import uuid_utils.compat as uuids
from django.db import models
from django.utils.translation import gettext_lazy as _

from shouwen.people.models import Person, Team

LONGEST_QUERY = 2000


class Presence(models.Model):
    """Somebody who has a ticket before them, or is writing in it. Nothing is lost with it: the table is not logged."""

    pk = models.CompositePrimaryKey("ticket_id", "person_id")
    ticket_id = models.UUIDField()
    person = models.ForeignKey(Person, models.DO_NOTHING, related_name="+", db_constraint=False)
    typing = models.BooleanField()
    since = models.DateTimeField()
    seen_at = models.DateTimeField()

    class Meta:
        db_table = "desk_presence"


class SavedView(models.Model):
    """A list somebody keeps under a name: a queue and what it is narrowed to, as its address says it."""

    class Shared(models.TextChoices):
        PRIVATE = "private", _("only me")
        TEAM = "team", _("my team")
        ROLE = "role", _("everybody with a role")
        PUBLIC = "public", _("everybody")

    id = models.UUIDField(primary_key=True, default=uuids.uuid7, editable=False)
    owner = models.ForeignKey(Person, models.CASCADE, related_name="+")
    name = models.CharField(max_length=40)
    queue = models.CharField(max_length=40)
    query = models.CharField(max_length=LONGEST_QUERY, blank=True)
    shared = models.CharField(max_length=8, choices=Shared, default=Shared.PRIVATE)
    shared_with = models.CharField(max_length=40, blank=True)  # the code of the team or the role
    created_at = models.DateTimeField()
    deleted_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "desk_view"
        constraints = [
            models.CheckConstraint(
                name="a_view_is_shared_with_somebody",
                condition=models.Q(shared__in=["private", "public"], shared_with="")
                | (models.Q(shared__in=["team", "role"]) & ~models.Q(shared_with="")),
            )
        ]


class ViewPlace(models.Model):
    """Where one person has a view among theirs, and whether they want to see it at all."""

    pk = models.CompositePrimaryKey("person_id", "view_id")
    person = models.ForeignKey(Person, models.CASCADE, related_name="+")
    view = models.ForeignKey(SavedView, models.CASCADE, related_name="places")
    position = models.PositiveSmallIntegerField()
    hidden = models.BooleanField(default=False)

    class Meta:
        db_table = "desk_view_place"


class BulkOutcome(models.Model):
    """What became of one ticket in one run over many: written with the deed itself, so that no run does it twice."""

    pk = models.CompositePrimaryKey("run", "ticket_id")
    run = models.UUIDField()
    ticket_id = models.UUIDField()
    number = models.CharField(max_length=24)
    person = models.ForeignKey(Person, models.DO_NOTHING, related_name="+", db_constraint=False)
    outcome = models.CharField(max_length=8)
    says = models.TextField(blank=True)
    clause = models.TextField(blank=True)
    at = models.DateTimeField()

    class Meta:
        db_table = "desk_bulk_outcome"


class Macro(models.Model):
    """Several moves by one press, as it is now. What it was is in its versions; a retired one is never deleted."""

    OWN, TEAM, EVERYBODY = "own", "team", "everybody"
    SHARED = [(value, value) for value in (OWN, TEAM, EVERYBODY)]

    id = models.UUIDField(primary_key=True, default=uuids.uuid7, editable=False)
    name = models.CharField(max_length=60)
    owner = models.ForeignKey(Person, models.PROTECT, related_name="+")
    shared = models.CharField(max_length=10, choices=SHARED)
    team = models.ForeignKey(Team, models.PROTECT, null=True, related_name="+")
    version = models.PositiveSmallIntegerField(default=0)
    steps = models.JSONField()
    changed_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "desk_macro"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(shared="team", team__isnull=False) | ~models.Q(shared="team"),
                name="a_teams_macro_names_its_team",
            ),
        ]


class MacroVersion(models.Model):
    """A macro as somebody once wrote it: what a history names can be read again."""

    pk = models.CompositePrimaryKey("macro_id", "version")
    macro = models.ForeignKey(Macro, models.PROTECT, related_name="versions")
    version = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=60)
    shared = models.CharField(max_length=10)
    steps = models.JSONField()
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        db_table = "desk_macro_version"
