from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('people', '0006_codes_are_tried_a_few_times'),
    ]

    operations = [
        migrations.AddField(
            model_name='handover',
            name='left_out',
            field=models.PositiveIntegerField(db_default=0, default=0),
        ),
    ]
