"""What was received in an hour, by whom it may be seen, is counted in an index: the wall asks every twenty seconds."""

from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models

SEEN_BY = ["region", "handler", "first_owner", "customer", "category", "is_history"]


class Migration(migrations.Migration):
    atomic = False  # indexes made while tickets are written

    dependencies = [("tickets", "0015_tasks_by_when_they_were_asked")]

    operations = [
        AddIndexConcurrently(
            model_name="ticket",
            index=models.Index(fields=["received_at", "id"], include=SEEN_BY, name="ticket_newest"),
        ),
        RemoveIndexConcurrently(model_name="ticket", name="ticket_received"),
    ]
