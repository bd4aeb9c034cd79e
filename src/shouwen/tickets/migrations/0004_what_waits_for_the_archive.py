"""The finished tickets that are not in the archive yet are few: an index of them costs nothing, and nothing at intake."""

from django.db import migrations, models

FINISHED_HERE = models.Q(is_history=False, is_open=False, stage__in=["cancelled", "closed", "rejected", "withdrawn"])


class Migration(migrations.Migration):
    dependencies = [("tickets", "0003_room_on_the_page")]

    operations = [
        migrations.AddIndex(
            model_name="ticket",
            index=models.Index("lead_due_at", "id", condition=FINISHED_HERE, name="ticket_to_archive"),
        ),
    ]
