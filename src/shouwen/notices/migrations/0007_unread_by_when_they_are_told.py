import django.db.models.functions.comparison
from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ('notices', '0006_overtaken'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='messageorder',
            index=models.Index(models.F('recipient'), django.db.models.functions.comparison.Coalesce('not_before', 'ordered_at'), condition=models.Q(('channel', 'desk'), ('read_at__isnull', True)), name='message_to_be_read'),
        ),
        RemoveIndexConcurrently(
            model_name='messageorder',
            name='message_unread',
        ),
    ]
