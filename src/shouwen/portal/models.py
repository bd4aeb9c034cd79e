"""How often somebody came."""

from __future__ import annotations

from django.db import models


class VisitCount(models.Model):
    """How often one visitor did one thing in one hour. Who it was is a keyed hash; rows older than a day go."""

    pk = models.CompositePrimaryKey("deed", "visitor", "hour")
    deed = models.CharField(max_length=12)
    visitor = models.BinaryField(max_length=16)
    hour = models.DateTimeField()
    times = models.PositiveIntegerField()

    class Meta:
        db_table = "portal_visits"
        indexes = [models.Index("hour", name="portal_visits_old")]
