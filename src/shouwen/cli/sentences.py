"""What the command line says, in the language of the terminal."""

from __future__ import annotations

import gettext
import locale
import os
from collections.abc import Callable
from pathlib import Path

LOCALE = Path(__file__).parents[1] / "locale"


class CannotRun(Exception):
    """The command cannot be carried out; the message is the one sentence its user needs."""


def terminal_language() -> str:
    """`zh_Hans` for a Chinese terminal, otherwise `en`."""
    for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        if value := os.environ.get(name):
            return "zh_Hans" if locale.normalize(value).lower().startswith("zh") else "en"
    return "en"


def _spoken() -> Callable[[str], str]:
    if terminal_language() == "en":
        return str
    return gettext.translation("django", LOCALE, languages=["zh_Hans"], fallback=True).gettext


_ = _spoken()
