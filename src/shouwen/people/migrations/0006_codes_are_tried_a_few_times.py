import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('people', '0005_a_code_is_spent_once'),
    ]

    operations = [
        migrations.CreateModel(
            name='WrongCode',
            fields=[
                ('person', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='+', serialize=False, to=settings.AUTH_USER_MODEL)),
                ('tried', models.PositiveSmallIntegerField()),
                ('since', models.DateTimeField()),
            ],
            options={
                'db_table': 'wrong_code',
            },
        ),
    ]
