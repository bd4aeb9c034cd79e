"""Whether every change of a model has its migration. Needs a database, so it makes one and throws it away."""

import sys
import tempfile

from shouwen.cli.main import main

with tempfile.TemporaryDirectory() as folder:
    try:
        main(["manage", "--data-dir", folder, "makemigrations", "--check", "--dry-run"])
    except SystemExit as end:
        sys.exit(end.code)
