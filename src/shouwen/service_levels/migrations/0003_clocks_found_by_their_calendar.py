from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('service_levels', '0002_clocks_found_by_their_key'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='clock',
            index=models.Index(condition=models.Q(('state__in', ('running', 'paused')), models.Q(('calendar_version', ''), _negated=True)), fields=['calendar_version'], name='clock_to_settle'),
        ),
    ]
