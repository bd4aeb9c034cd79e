"""Packs on the command line: read without a database, refused as data."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

from shouwen.cli.sentences import LOCALE, _, terminal_language
from shouwen.handbook.refusals import Refusal

REFUSED = 2


def add_pack(parser: argparse.ArgumentParser, *, default: str = "cn-telecom-2025", says: str = "") -> None:
    says = says or _("a shipped pack's name, or a pack's folder")
    parser.add_argument("--pack", metavar=_("PACK"), default=default, help=says)


@contextmanager
def speaking() -> Iterator[None]:
    """Django set up for its words alone: what reads packs has sentences to say, and no database to ask."""
    import django
    from django.conf import settings
    from django.utils import translation

    language = "en" if terminal_language() == "en" else "zh-hans"
    if not settings.configured and "DJANGO_SETTINGS_MODULE" not in os.environ:
        settings.configure(USE_I18N=True, LANGUAGE_CODE=language, LOCALE_PATHS=[LOCALE], USE_TZ=True)
        django.setup()
    with translation.override(language):
        yield


def refused(refusal: Exception, *, as_json: bool, clause: str = "") -> int:
    """Say no, with the refusal's own clause or else this one; the exit code."""
    sentence = str(refusal)
    if isinstance(refusal, Refusal):
        clause, sentence = refusal.clause, _(refusal.says).format_map(refusal.facts)
    if as_json:
        write({"refused": sentence, "clause": clause})
    else:
        print(f"shouwen: {sentence}" + (f" ({clause})" if clause else ""), file=sys.stderr)
    return REFUSED


def write(document: Any) -> None:
    json.dump(document, sys.stdout, ensure_ascii=False, indent=2, default=_plain)
    print()


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else str(value)
