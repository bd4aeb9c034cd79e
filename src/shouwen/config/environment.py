"""Readers of the environment that refuse nonsense with a sentence."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Collection
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured


def flag(name: str, default: bool = False) -> bool:
    """An on/off variable: 1/0, true/false, yes/no, on/off."""
    value = os.environ.get(name, "").strip().lower()
    if not value:
        return default
    if value in {"1", "true", "yes", "on"}:
        return True
    if value in {"0", "false", "no", "off"}:
        return False
    raise ImproperlyConfigured(f"{name} must be 1 or 0, not {value!r}.")


def words(name: str, default: str) -> list[str]:
    """A list separated by commas."""
    return [word.strip() for word in os.environ.get(name, default).split(",") if word.strip()]


def whole_number(name: str, default: int, *, at_least: int = 1) -> int:
    """A whole number, 1 or more unless `at_least` says otherwise."""
    value = os.environ.get(name, str(default))
    if not value.isdigit() or int(value) < at_least:
        raise ImproperlyConfigured(f"{name} must be a whole number of at least {at_least}, not {value!r}.")
    return int(value)


def phone_number(name: str, default: str) -> str:
    """A number that can be dialled, as people write it: 10000, 400-800-1234, +44 20 7946 0000. Empty for none."""
    value = os.environ.get(name, default).strip()
    if value and not re.fullmatch(r"\+?[0-9][0-9 ()-]{1,22}", value):
        raise ImproperlyConfigured(f"{name} must be a telephone number, such as 10000 or 400-800-1234, not {value!r}.")
    return value


def one_of(name: str, default: str, known: Collection[str]) -> str:
    """One of the words that are known."""
    value = os.environ.get(name, default)
    if value not in known:
        raise ImproperlyConfigured(f"{name} must be one of {', '.join(sorted(known))}, not {value!r}.")
    return value


def database(url: str) -> dict[str, Any]:
    """Django's settings for a `postgresql://user:password@host:port/name?option=value` address.

    A Unix socket is given as `?host=/folder`, as libpq does.
    """
    parts = urlsplit(url)
    if parts.scheme not in {"postgresql", "postgres"} or not parts.path.strip("/"):
        raise ImproperlyConfigured("DATABASE_URL must read postgresql://user:password@host:port/name.")
    options = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", None) or unquote(parts.hostname or ""),
        "PORT": str(parts.port or options.pop("port", "") or ""),
        "OPTIONS": options,
    }


def secrets(path: str | None) -> dict[str, Any]:
    """The keys kept outside the database, from the JSON file `shouwen up` makes (0600)."""
    if not path:
        raise ImproperlyConfigured("SHOUWEN_SECRETS must name the secrets file; `shouwen up` makes one.")
    try:
        return json.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ImproperlyConfigured(f"The secrets file {path} cannot be read: {error}") from error
