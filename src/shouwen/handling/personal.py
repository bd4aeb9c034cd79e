"""Taking personal data out of what is written down: values go to the vault, tokens stay."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from shouwen.language.redaction import Found, redact
from shouwen.vault.rows import item_row
from shouwen.vault.sealing import SubjectKey, VaultRow, seal

# The facts people type in their own words; everything else in a history is a code, a number or a time.
IN_WORDS = frozenset(
    {"reason", "text", "words", "finding", "proof", "work", "asked", "evidence", "requested", "said", "outcome", "ref"}
)


class Redactor:
    """Cleans text for one ticket, and gathers the vault rows of what it took out."""

    def __init__(self, subject: SubjectKey, ticket_id: str, known: Sequence[str] = ()) -> None:
        self._subject, self._ticket_id, self._known = subject, ticket_id, [name for name in known if name]
        self._tokens: dict[tuple[str, str], str] = {}
        self.rows: list[dict[str, Any]] = []

    def keep(self, kind: str, value: str) -> str:
        """The token that stands for a value; the same value has one token."""
        token = self._tokens.get((kind, value))
        if token is None:
            sealed: VaultRow = seal(self._subject, kind, value)
            token = self._tokens[kind, value] = sealed.token
            self.rows.append(item_row(sealed, self._ticket_id))
        return token

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
