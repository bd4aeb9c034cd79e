"""Phones are found by their end and addresses by what they say: short keyed hashes of their parts (ADR 27)."""

import django.contrib.postgres.indexes
import django.contrib.postgres.search
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("vault", "0003_files")]

    operations = [
        migrations.AddField("vaultitem", "words", django.contrib.postgres.search.SearchVectorField(null=True)),
        migrations.AddIndex(
            "vaultitem",
            django.contrib.postgres.indexes.GinIndex(fields=["words"], name="vault_item_found_by_part"),
        ),
    ]
