"""Who is in a ticket: written often, worth nothing after a minute, so the table is not logged and leaves room for updates."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [migrations.swappable_dependency(settings.AUTH_USER_MODEL)]

    operations = [
        migrations.CreateModel(
            name="Presence",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "ticket_id", "person_id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("ticket_id", models.UUIDField()),
                ("typing", models.BooleanField()),
                ("since", models.DateTimeField()),
                ("seen_at", models.DateTimeField()),
                (
                    "person",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={"db_table": "desk_presence"},
        ),
        migrations.RunSQL(
            [
                "ALTER TABLE desk_presence SET UNLOGGED",
                "ALTER TABLE desk_presence SET (fillfactor = 50)",
            ],
            migrations.RunSQL.noop,
        ),
    ]
