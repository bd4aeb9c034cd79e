from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('customers', '0005_mailboxes'),
    ]

    operations = [
        migrations.AddField(
            model_name='accesscode',
            name='token',
            field=models.CharField(blank=True, db_default='', max_length=12),
        ),
        migrations.AlterField(
            model_name='accesscode',
            name='kind',
            field=models.CharField(choices=[('phone', 'phone'), ('slip', 'slip'), ('email', 'email')], max_length=5),
        ),
    ]
