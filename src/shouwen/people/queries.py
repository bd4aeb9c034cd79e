"""Who somebody is, and who is on duty."""

from __future__ import annotations

import hashlib
import hmac
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet, TextField, Value
from django.db.models.functions import Cast

from shouwen.handbook.authority import Actor
from shouwen.people.models import ApiKey, Leave, Person, Team

EVERYWHERE = "0"
HANDLERS = ("handler", "field_engineer", "network_engineer")  # to whom a team's work is given
AT_WORK = ["agent", *HANDLERS, "account_manager", "supervisor", "manager"]  # whose work tickets are
SCOPES = ("tickets:create", "tickets:read", "tickets:ledger", "surveys:reply")


def actor_for(person: Person, at: datetime | None = None) -> Actor:
    """The actor a signed-in person is; read anew for every request, so a changed right counts at once.

    With `at` they stand in for whom they cover then, and see what those may be told of (T1.3). One query either way.
    """
    teams, covered = _teams_and_covered(person, at) if at else ({team.pk for team in person.teams.all()}, set[str]())
    return Actor(
        kind="person",
        id=str(person.pk),
        name=str(person),
        roles=frozenset(person.roles),
        teams=frozenset(teams),
        regions=frozenset(person.regions),
        stands_in_for=frozenset(covered),
    )


def _teams_and_covered(person: Person, at: datetime) -> tuple[set[str], set[str]]:
    teams = person.teams.order_by().annotate(kind=Value("team")).values_list("kind", Cast("pk", TextField()))
    leaves = Leave.objects.filter(running_at(at), cover=person).order_by().annotate(kind=Value("leave"))
    found = set(teams.union(leaves.values_list("kind", Cast("person_id", TextField())), all=True))
    return {code for kind, code in found if kind == "team"}, {who for kind, who in found if kind == "leave"}


def key_hash(secret: str) -> bytes:
    """What is kept of an API key: it has 160 random bits, so a plain hash is enough."""
    return hashlib.sha256(secret.encode()).digest()


def people_named(words: str) -> QuerySet[Person]:
    """Whoever has these words in their name, the name they sign in with, or their staff number."""
    said = Q(display_name__icontains=words) | Q(username__icontains=words) | Q(staff_no__icontains=words)
    return Person.objects.filter(said)


def api_keys_for(secrets: Iterable[str], *, at: datetime) -> dict[str, ApiKey]:
    """The live keys callers present, by secret; one that is unknown, expired or revoked is missing. One query."""
    presented = {secret for secret in secrets if secret}
    prefixes = {secret.partition(".")[0] for secret in presented}
    with connection.cursor() as cursor:
        cursor.execute(LIVE_KEYS, [list(prefixes), at])
        live = [ApiKey(**dict(zip(OF_A_KEY, row, strict=True))) for row in cursor.fetchall()]
    by_prefix = {key.prefix: key for key in live}
    return {
        secret: key
        for secret in presented
        if (key := by_prefix.get(secret.partition(".")[0]))
        and hmac.compare_digest(bytes(key.key_hash), key_hash(secret))
    }


OF_A_KEY = ("id", "name", "prefix", "key_hash", "scopes", "regions")
LIVE_KEYS = f"""
    SELECT {", ".join(OF_A_KEY)} FROM api_key
    WHERE prefix = ANY(%s) AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > %s)
"""  # noqa: S608 -- our own columns


def actor_for_key(key: ApiKey) -> Actor:
    """The actor a connected system is; its roles are its scopes."""
    return Actor(
        "integration",
        str(key.pk),
        key.name,
        frozenset({"integration", *key.scopes}),
        frozenset(),
        frozenset(key.regions),
    )


def on_duty(roles: str | Iterable[str], at: datetime) -> QuerySet[Person]:
    """Everybody active with one of these roles who is not away at `at`."""
    on_leave = Leave.objects.filter(running_at(at), person=OuterRef("pk"))
    return holders_of(roles).exclude(away_until__gt=at).exclude(Exists(on_leave))


def running_at(at: datetime) -> Q:
    """The leaves under way at `at`."""
    return Q(cancelled_at=None, from_at__lte=at, until_at__gt=at)


def holders_of(roles: str | Iterable[str]) -> QuerySet[Person]:
    """Everybody active with one of these roles."""
    wanted = [roles] if isinstance(roles, str) else list(roles)
    return Person.objects.filter(is_active=True, roles__overlap=wanted)


@dataclass(frozen=True, slots=True)
class Roster:
    """Who answers for what, read once and used for a whole batch."""

    posts: Mapping[str, tuple[frozenset[str], frozenset[str]]]  # id of everybody active -> their teams, their roles
    leads: Mapping[str, str]  # team code -> person id
    by_role: Mapping[str, tuple[tuple[str, frozenset[str], frozenset[str]], ...]]  # role -> (person id, teams, regions)
    # Of whoever is away: their covers and the leads of their teams, who are told what they are told.
    stand_ins: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def holders(self, role: str, *, team: str | None, region: str) -> list[str]:
        """Ids of the people who hold `role` for this team and region: the team's own before the region's."""
        candidates = self.by_role.get(role, ())
        own = [person for person, teams, _ in candidates if team in teams]
        return own or [person for person, _, regions in candidates if covers(regions, region)]

    def with_stand_ins(self, people: list[str], *, team: str | None, region: str) -> list[str]:
        """These people, and for those who are away whoever stands in: nobody on leave is told alone.

        Where nobody stands in, the supervisors of the team and region do.
        """
        if not self.stand_ins:
            return people
        told = dict.fromkeys(people)
        for person in people:
            if person in self.stand_ins:
                told |= dict.fromkeys(self.stand_ins[person] or self.holders("supervisor", team=team, region=region))
        return list(told)


def covers(regions: Iterable[str], region: str) -> bool:
    """True if one of the region prefixes covers the region; what has no region is everybody's who has any."""
    return any(prefix == EVERYWHERE or not region or region.startswith(prefix) for prefix in regions)


def roster(at: datetime | None = None) -> Roster:
    """Everybody active with their roles, teams and regions, and who stands in for whom at `at`: three queries."""
    leads = {code: str(lead) for code, lead in Team.objects.exclude(lead=None).values_list("code", "lead_id")}
    people = Person.objects.filter(is_active=True).prefetch_related("teams")
    by_role: dict[str, list[tuple[str, frozenset[str], frozenset[str]]]] = defaultdict(list)
    posts = {}
    for person in people:
        teams = frozenset(team.pk for team in person.teams.all())
        posts[str(person.pk)] = (teams, frozenset(person.roles))
        row = (str(person.pk), teams, frozenset(person.regions))
        for role in person.roles:
            by_role[role].append(row)
    away = dict(Leave.objects.filter(running_at(at)).values_list("person_id", "cover_id")) if at else {}
    stand_ins = _stand_ins({str(one): str(cover or "") for one, cover in away.items()}, posts, leads)
    return Roster(posts, leads, {role: tuple(rows) for role, rows in by_role.items()}, stand_ins)


Posts = Mapping[str, tuple[frozenset[str], frozenset[str]]]


def _stand_ins(away: Mapping[str, str], posts: Posts, leads: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """For everybody away, the cover and the leads of their teams, as far as they are there themselves."""
    found = {}
    for person, cover in away.items():
        teams = sorted(posts.get(person, (frozenset(), frozenset()))[0])
        named = dict.fromkeys(filter(None, (cover, *(leads.get(team, "") for team in teams))))
        found[person] = tuple(one for one in named if one != person and one in posts and one not in away)
    return found
