"""Lists and badges are counted in indexes alone, which a row changed since the last vacuum spoils.

By its default a million tickets are vacuumed after two hundred thousand changes: a storm of breaches made every page of the
desk 20 ms slower until then.
"""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("tickets", "0016_what_was_received_is_counted_in_its_index")]

    operations = [
        migrations.RunSQL(
            "ALTER TABLE ticket SET (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 1000)",
            "ALTER TABLE ticket RESET (autovacuum_vacuum_scale_factor, autovacuum_vacuum_threshold)",
        ),
    ]
