"""Making people, teams and keys, and changing them. Every change says who made it, in the same transaction."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from shouwen.handbook.refusals import Refusal, gettext_noop
from shouwen.people.changes import difference, facts_of_person, facts_of_team, record
from shouwen.people.models import ApiKey, Change, PasswordLink, Person, Team
from shouwen.people.queries import SCOPES, key_hash

LINK_LIVES_FOR = timedelta(hours=72)
UNDO_WITHIN = timedelta(seconds=15)  # ten that are offered, and the way there and back
OF_A_PERSON = ("username", "display_name", "staff_no", "roles", "regions", "skills")
OF_A_TEAM = ("name", "name_en", "region", "lead", "active")


class LastAdministrator(Refusal):
    """Somebody must be able to let others in."""

    clause = "H5.2"
    says = gettext_noop("{name} is the only administrator who can sign in: make another one first.")


class NotYourself(Refusal):
    """Whoever shuts themselves out cannot undo it."""

    clause = "H5.2"
    says = gettext_noop("You cannot take this away from yourself: ask another administrator.")


class LinkSpent(Refusal):
    """A link opens once, and only for a while."""

    clause = "H7.3.1"
    says = gettext_noop(
        "This link has been used, has expired or was replaced by a newer one. Ask an administrator for a new one."
    )


def make_api_key(
    name: str,
    scopes: Iterable[str],
    *,
    by: Person | None,
    at: datetime | None = None,
    regions: Iterable[str] = (),
    expires_at: datetime | None = None,
) -> tuple[ApiKey, str]:
    """A new key and its secret, which is shown once and never again. Raises ValueError for an unknown scope."""
    scopes = list(scopes)
    if unknown := set(scopes) - set(SCOPES):
        raise ValueError(f"Unknown scopes: {', '.join(sorted(unknown))}. Known: {', '.join(SCOPES)}.")
    prefix = secrets.token_hex(5)
    secret = f"{prefix}.{secrets.token_urlsafe(20)}"
    key = ApiKey(
        name=name,
        prefix=prefix,
        key_hash=key_hash(secret),
        scopes=scopes,
        regions=list(regions),
        created_by=by,
        expires_at=expires_at,
    )
    with transaction.atomic():
        key.save()
        facts = {"scopes": [[], scopes], "regions": [[], key.regions]}
        record(Change.KEY, key.pk, name, "made", by=by, at=at or key.created_at, facts=facts)
    return key, secret


@transaction.atomic
def revoke_api_key(key_id: UUID, *, at: datetime, by: Person | None = None) -> bool:
    """Nobody gets in with this key any more; False if it was revoked before, or never was."""
    revoked = ApiKey.objects.filter(pk=key_id, revoked_at=None).update(revoked_at=at)
    if revoked:
        record(Change.KEY, key_id, ApiKey.objects.get(pk=key_id).name, "revoked", by=by, at=at)
    return bool(revoked)


@transaction.atomic
def restore_api_key(key_id: UUID, *, at: datetime, by: Person | None = None) -> bool:
    """A revocation of a moment ago is undone; False once it is too late."""
    undone = ApiKey.objects.filter(pk=key_id, revoked_at__gt=at - UNDO_WITHIN).update(revoked_at=None)
    if undone:
        record(Change.KEY, key_id, ApiKey.objects.get(pk=key_id).name, "restored", by=by, at=at)
    return bool(undone)


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


@transaction.atomic
def save_person(person: Person | None, wanted: Mapping[str, Any], *, by: Person | None, at: datetime) -> Person:
    """Somebody new, without a password, or somebody with other facts. `wanted` has fields and `teams`; what is not in
    it stays. Raises LastAdministrator or NotYourself."""
    person = Person.objects.select_for_update().get(pk=person.pk) if person else None
    before = facts_of_person(person) if person else {}
    person = person or Person()
    for name in OF_A_PERSON:
        if name in wanted:
            setattr(person, name, wanted[name])
    if before and "administrator" in before["roles"] and "administrator" not in person.roles:
        _check_administers_no_more(person, by)
    if not before:
        person.set_unusable_password()
    person.save()
    if "teams" in wanted:
        person.teams.set(wanted["teams"])
    changed = difference(before, facts_of_person(person))
    if changed:
        record(Change.PERSON, person.pk, str(person), "changed" if before else "made", by=by, at=at, facts=changed)
    return person


@transaction.atomic
def set_active(person: Person, active: bool, *, by: Person | None, at: datetime) -> bool:
    """Somebody leaves, and cannot sign in any more, or comes back. False where nothing changed.

    Raises LastAdministrator or NotYourself.
    """
    if person.is_active == active:
        return False
    if not active:
        if by and by.pk == person.pk:
            raise NotYourself()
        if "administrator" in person.roles:
            _check_administers_no_more(person, by)
        PasswordLink.objects.filter(person=person, used_at=None).update(expires_at=at)
    person.is_active = active
    person.save(update_fields=["is_active"])
    record(Change.PERSON, person.pk, str(person), "activated" if active else "deactivated", by=by, at=at)
    return True


def _check_administers_no_more(person: Person, by: Person | None) -> None:
    if by and by.pk == person.pk:
        raise NotYourself()
    others = Person.objects.select_for_update().filter(is_active=True, roles__contains=["administrator"])
    if not others.exclude(pk=person.pk).exists():
        raise LastAdministrator(name=str(person))


@transaction.atomic
def save_team(code: str, wanted: Mapping[str, Any], *, by: Person | None, at: datetime) -> Team:
    """A new team, or one with other facts."""
    team = Team.objects.select_for_update().filter(pk=code).first()
    before = facts_of_team(team) if team else {}
    team = team or Team(code=code)
    for name in OF_A_TEAM:
        if name in wanted:
            setattr(team, name, wanted[name])
    team.save()
    changed = difference(before, facts_of_team(team))
    if changed:
        record(Change.TEAM, code, team.name, "changed" if before else "made", by=by, at=at, facts=changed)
    return team


@transaction.atomic
def make_password_link(person: Person, *, by: Person | None, at: datetime) -> str:
    """The secret of a link with which somebody sets their own password; it replaces those made before."""
    PasswordLink.objects.filter(person=person, used_at=None, expires_at__gt=at).update(expires_at=at)
    secret = secrets.token_urlsafe(32)
    PasswordLink.objects.create(
        person=person, key_hash=key_hash(secret), made_at=at, made_by=by, expires_at=at + LINK_LIVES_FOR
    )
    record(Change.PERSON, person.pk, str(person), "link_made", by=by, at=at)
    return secret


def person_of_link(secret: str, *, at: datetime) -> Person:
    """Whose password a link sets. Raises LinkSpent."""
    return _link(PasswordLink.objects.select_related("person"), secret, at).person


@transaction.atomic
def use_password_link(secret: str, password: str, *, at: datetime) -> Person:
    """The password is set, and the link is spent. Raises LinkSpent."""
    link = _link(PasswordLink.objects.select_for_update(), secret, at)
    link.used_at = at
    link.save(update_fields=["used_at"])
    person = link.person
    person.set_password(password)
    person.save(update_fields=["password"])
    record(Change.PERSON, person.pk, str(person), "password_set", by=person, at=at)
    return person


def _link(links: QuerySet[PasswordLink], secret: str, at: datetime) -> PasswordLink:
    link = links.filter(key_hash=key_hash(secret)).first()
    if link is None or link.used_at or link.expires_at <= at or not link.person.is_active:
        raise LinkSpent()
    return link
