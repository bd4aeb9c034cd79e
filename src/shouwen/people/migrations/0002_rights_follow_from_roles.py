from django.db import migrations

FOLLOW = """
    UPDATE person SET is_staff = ('administrator' = ANY(roles)), is_superuser = ('administrator' = ANY(roles))
    WHERE is_staff <> ('administrator' = ANY(roles)) OR is_superuser <> ('administrator' = ANY(roles))
"""


class Migration(migrations.Migration):
    dependencies = [("people", "0001_initial")]

    operations = [migrations.RunSQL(FOLLOW, migrations.RunSQL.noop)]
