"""The tests, which start many processes: what Python compiles for one of them is kept for the others.

Where Python is told to keep nothing beside the sources, as in many containers, it goes to `build/`.
"""

import os
import sys
from pathlib import Path

if sys.dont_write_bytecode and "PYTHONDONTWRITEBYTECODE" in os.environ:
    sys.dont_write_bytecode = False
    sys.pycache_prefix = str(Path(__file__).parents[1] / "build" / "compiled")
    os.environ["PYTHONPYCACHEPREFIX"] = sys.pycache_prefix
    del os.environ["PYTHONDONTWRITEBYTECODE"]
