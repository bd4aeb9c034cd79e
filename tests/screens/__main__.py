"""`make screens`: starts a desk with thousands of invented complaints and takes pictures into build/screens/.

`--only portal` takes the addresses whose name holds this, `--complaints 500` makes fewer of them; `--quick`
looks at each page in two ways instead of five, and as one role.
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
    parser.add_argument(
        "--quick", action="store_true", help="each page once, and once in English on a phone in the dark"
    )
    args = parser.parse_args()
    quick = str(int(args.quick))
    os.environ.update(SCREENS_ONLY=args.only, SCREENS_COMPLAINTS=str(args.complaints), SCREENS_QUICK=quick)
    return int(pytest.main(["-q", "-s", "--show-capture=no", str(PICTURES)]))


if __name__ == "__main__":
    sys.exit(main())
