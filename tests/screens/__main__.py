"""`make screens`: starts a desk with thousands of invented complaints and takes pictures into build/screens/.

`--only portal` takes the addresses whose name holds this, `--complaints 500` makes fewer of them.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

import pytest

PICTURES = Path(__file__).with_name("pictures.py")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.screens", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--only", default="", help="the addresses whose name holds this, such as portal or desk:wall")
    parser.add_argument("--complaints", type=int, default=3000, help="how many invented complaints there are")
    args = parser.parse_args()
    os.environ.update(SCREENS_ONLY=args.only, SCREENS_COMPLAINTS=str(args.complaints))
    return int(pytest.main(["-q", "-s", "--show-capture=no", str(PICTURES)]))


if __name__ == "__main__":
    sys.exit(main())
