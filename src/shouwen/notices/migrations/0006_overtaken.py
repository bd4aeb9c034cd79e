from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('notices', '0005_told_in_duty_hours'),
    ]

    operations = [
        migrations.AlterField(
            model_name='messageorder',
            name='state',
            field=models.CharField(choices=[('ordered', 'ordered'), ('sending', 'sending'), ('delivered', 'delivered'), ('no_gateway', 'no_gateway'), ('failed', 'failed'), ('unknown', 'unknown'), ('overtaken', 'overtaken')], default='ordered', max_length=12),
        ),
    ]
