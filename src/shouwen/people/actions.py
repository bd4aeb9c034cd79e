"""Making people and keys."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from shouwen.people.models import ApiKey, Person, Team
from shouwen.people.queries import SCOPES, key_hash


def make_api_key(
    name: str,
    scopes: Iterable[str],
    *,
    by: Person | None,
    regions: Iterable[str] = (),
    expires_at: datetime | None = None,
) -> tuple[ApiKey, str]:
    """A new key and its secret, which is shown once and never again. Raises ValueError for an unknown scope."""
    scopes = list(scopes)
    if unknown := set(scopes) - set(SCOPES):
        raise ValueError(f"Unknown scopes: {', '.join(sorted(unknown))}. Known: {', '.join(SCOPES)}.")
    prefix = secrets.token_hex(5)
    secret = f"{prefix}.{secrets.token_urlsafe(20)}"
    key = ApiKey.objects.create(
        name=name,
        prefix=prefix,
        key_hash=key_hash(secret),
        scopes=scopes,
        regions=list(regions),
        created_by=by,
        expires_at=expires_at,
    )
    return key, secret


def revoke_api_key(key_id: UUID, *, at: datetime) -> bool:
    """Nobody gets in with this key any more; False if it was revoked before, or never was."""
    return bool(ApiKey.objects.filter(pk=key_id, revoked_at=None).update(revoked_at=at))


def make_person(
    username: str,
    *,
    display_name: str,
    roles: Iterable[str],
    teams: Iterable[Team] = (),
    regions: Iterable[str] = (),
    skills: Iterable[str] = (),
    password: str | None = None,
) -> Person:
    """A member of staff; without a password nobody can sign in as them."""
    person = Person(
        username=username,
        display_name=display_name,
        roles=list(roles),
        regions=list(regions),
        skills=list(skills),
    )
    person.set_password(password)
    person.save()
    person.teams.set(teams)
    return person
