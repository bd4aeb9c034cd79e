"""How often customers could help themselves."""

from __future__ import annotations

from django.db import models


class GuideOutcome(models.Model):
    """How often a guide ended one way at one of its steps on one day (UTC). Of whom, nobody knows."""

    pk = models.CompositePrimaryKey("day", "guide", "outcome", "step")
    day = models.DateField()
    guide = models.CharField(max_length=60)
    outcome = models.CharField(max_length=8)
    step = models.CharField(max_length=20)
    times = models.PositiveIntegerField()

    class Meta:
        db_table = "intake_guide_outcome"
