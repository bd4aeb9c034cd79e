"""Lists are narrowed along the index they are walked by: what a filter leaves out is not read from the table at all."""

from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models

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


class Migration(migrations.Migration):
    atomic = False  # indexes made while tickets are written

    dependencies = [("tickets", "0010_files_on_tickets")]

    operations = [
        AddIndexConcurrently(
            model_name="ticket",
            index=models.Index(
                fields=["lead_due_at", "id"],
                include=NARROWED_BY,
                name="ticket_open",
                condition=models.Q(is_open=True),
            ),
        ),
        RemoveIndexConcurrently(model_name="ticket", name="ticket_due"),
    ]
