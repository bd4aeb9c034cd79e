"""What the desk keeps for itself: who is in which ticket at the moment."""

from __future__ import annotations

from django.db import models

from shouwen.people.models import Person


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
