from django.db import migrations, models

# What is in force has started its calendars; what takes effect later starts them (again) when it does.
STARTED = """
    UPDATE edition_version SET calendars_started_at = effective_at WHERE effective_at <= statement_timestamp()
"""


class Migration(migrations.Migration):

    dependencies = [
        ('editions', '0003_drafts_and_who_approved'),
    ]

    operations = [
        migrations.AddField(
            model_name='editionversion',
            name='calendars_started_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.RunSQL(STARTED, migrations.RunSQL.noop),
    ]
