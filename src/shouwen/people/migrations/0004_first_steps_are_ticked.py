from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('people', '0003_duty_leave_and_who_changed_what'),
    ]

    operations = [
        migrations.AlterField(
            model_name='change',
            name='kind',
            field=models.CharField(choices=[('person', 'person'), ('team', 'team'), ('key', 'key'), ('leave', 'leave'), ('duty', 'duty'), ('setup', 'setup')], max_length=10),
        ),
    ]
