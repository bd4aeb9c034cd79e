"""Taking personal data out of what is written down: values go to the vault, tokens stay."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db.models import Q

from shouwen.handbook.history import Happening
from shouwen.language.redaction import Found, redact
from shouwen.vault.models import VaultItem
from shouwen.vault.queries import opened, subject_keys
from shouwen.vault.rows import item_row
from shouwen.vault.sealing import Kind, SubjectKey, VaultRow, seal

# The facts people type in their own words; everything else in a history is a code, a number or a time.
IN_WORDS = frozenset(
    {"reason", "text", "words", "finding", "proof", "work", "asked", "evidence", "requested", "said", "outcome", "ref"}
)

NOBODY: Mapping[tuple[str, str], str] = {}


def has_words(facts: Mapping[str, Any]) -> bool:
    """True when somebody has written something in their own words."""
    return any(isinstance(facts.get(name), str) and facts[name] for name in IN_WORDS)


def redactor_for(ticket_id: str, customer_id: UUID, history: Sequence[Happening]) -> Redactor | None:
    """A redactor that knows the customer's and the informant's name and number; None once they have been erased."""
    subject = subject_keys([customer_id]).get(customer_id)
    if subject is None:
        return None
    informant = next((row.facts["informant"] for row in history if "informant" in row.facts), {})
    items = VaultItem.objects.filter(Q(subject_id=customer_id, kind=Kind.NAME) | Q(token__in=informant.values()))
    values = opened(items, [item.token for item in items])
    tokens = {(item.kind, values[item.token]): item.token for item in items if values.get(item.token)}
    return Redactor(subject, ticket_id, [value for _, value in tokens], tokens)


class Redactor:
    """Cleans text for one ticket, and gathers the vault rows of what it took out."""

    def __init__(
        self,
        subject: SubjectKey,
        ticket_id: str,
        known: Sequence[str] = (),
        tokens: Mapping[tuple[str, str], str] = NOBODY,
    ) -> None:
        """`known` are values to find wherever they stand, `tokens` those that values of a kind have already."""
        self._subject, self._ticket_id, self._known = subject, ticket_id, [value for value in known if value]
        self._tokens = dict(tokens)
        self.rows: list[dict[str, Any]] = []

    def keep(self, kind: str, value: str) -> str:
        """The token that stands for a value; the same value has one token."""
        token = self._tokens.get((kind, value))
        if token is None:
            sealed: VaultRow = seal(self._subject, kind, value)
            token = self._tokens[kind, value] = sealed.token
            self.rows.append(item_row(sealed, self._ticket_id))
        return token

    def mark(self, kind: str, value: str) -> str:
        """The value's token as it stands in text."""
        return f"⟦{kind}:{self.keep(kind, value)}⟧"

    def clean(self, text: str) -> str:
        """The text with a token in place of everything that identifies somebody."""
        return redact(text, self._token_for, known=self._known) if text else text

    def clean_facts(self, facts: Mapping[str, Any]) -> dict[str, Any]:
        """The facts with those in people's own words cleaned."""
        return {
            name: self.clean(value) if name in IN_WORDS and isinstance(value, str) else value
            for name, value in facts.items()
        }

    def _token_for(self, found: Found) -> str:
        return self.keep(found.kind, found.value)
