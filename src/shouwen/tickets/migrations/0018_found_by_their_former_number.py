"""Callers know the number a ticket had in the system it was moved in from."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.models.fields.json import KeyTransform


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("tickets", "0017_vacuumed_before_lists_grow_slow")]

    operations = [
        AddIndexConcurrently(
            model_name="ticketevent",
            index=models.Index(
                KeyTransform("origin", "facts"),
                condition=models.Q(facts__has_key="origin", what="accepted"),
                name="ticket_event_origin",
            ),
        ),
    ]
