"""What a team or a person has finished is found by an index too, as what they have in hand is."""

from django.db import migrations, models

FINISHED = models.Q(is_open=False)


class Migration(migrations.Migration):
    dependencies = [("tickets", "0013_talks_about_overruns")]

    operations = [
        migrations.AddIndex("ticket", models.Index("handler", name="ticket_handled", condition=FINISHED)),
        migrations.AddIndex("ticket", models.Index("first_owner", name="ticket_owned", condition=FINISHED)),
        migrations.AddIndex("ticket", models.Index("team", name="ticket_done_by_team", condition=FINISHED)),
        migrations.AddIndex(
            "ticket",
            models.Index(
                "lead_team",
                name="ticket_done_in_lead",
                condition=models.Q(is_open=False, lead_team__isnull=False),
            ),
        ),
    ]
