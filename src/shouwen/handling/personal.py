"""Taking personal data out of what is written down: values go to the vault, tokens stay."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db.models import Q

from shouwen.handbook.facts import in_words
from shouwen.handbook.history import Happening
from shouwen.language.redaction import Found, redact, tokens_in
from shouwen.vault.models import VaultItem
from shouwen.vault.queries import opened, subject_keys
from shouwen.vault.rows import item_row
from shouwen.vault.sealing import Kind, SubjectKey, VaultRow, seal

ERASED = "00000000"  # no token is ever drawn like this: it stands where nothing could be kept
NOBODY: Mapping[tuple[str, str], str] = {}


def has_words(facts: Mapping[str, Any]) -> bool:
    """True when somebody has written something in their own words."""
    return any(_is_written(name, value) for name, value in facts.items())


def written_tokens(history: Iterable[Happening]) -> set[str]:
    """The vault tokens in what has been written down about a ticket."""
    return {token for row in history for text in texts_in(row.facts) for _kind, token in tokens_in(text)}


def stated_tokens(history: Sequence[Happening]) -> set[str]:
    """The vault tokens of the names, numbers and addresses that came with a ticket."""
    people = (row.facts.get(who) or {} for row in history for who in ("contact", "informant"))
    answers = (str(answer) for row in history for answer in (row.facts.get("details") or {}).values())
    places = {token for answer in answers for kind, token in tokens_in(answer) if kind == Kind.ADDRESS}
    return places | {token for person in people for token in person.values() if token}


def redactor_for(ticket_id: str, customer_id: UUID | None, history: Sequence[Happening]) -> Redactor:
    """A redactor that knows the customer's and the informant's names and numbers, and the addresses they stated.

    Once the customer has been erased it takes out what it finds and keeps it nowhere.
    """
    subject = subject_keys([customer_id]).get(customer_id) if customer_id else None
    if subject is None:
        return Redactor(None, ticket_id)
    own = VaultItem.objects.filter(subject_id=customer_id)
    items = own.filter(Q(kind=Kind.NAME) | Q(token__in=stated_tokens(history)))
    values = opened(items, [item.token for item in items])
    tokens = {(item.kind, value): item.token for item in items if (value := values.get(item.token))}
    known = [value for kind, value in tokens if kind != Kind.ADDRESS]
    addresses = [value for kind, value in tokens if kind == Kind.ADDRESS]
    return Redactor(subject, ticket_id, known, tokens, written_tokens(history), addresses)


def words_in(happenings: Iterable[Happening]) -> str:
    """What somebody wrote in these rows, to find the ticket by."""
    return "\n".join(text for row in happenings for text in texts_in(row.facts))


def texts_in(facts: Mapping[str, Any]) -> Iterator[str]:
    """What somebody wrote in their own words, answers to questions included."""
    answers = facts.get("details") or {}
    yield from (value for name, value in facts.items() if _is_written(name, value))
    yield from (value for value in answers.values() if isinstance(value, str))


def _is_written(name: str, value: Any) -> bool:
    return isinstance(value, str) and bool(value) and in_words(name)


class Redactor:
    """Cleans text for one ticket, and gathers the vault rows of what it took out."""

    def __init__(
        self,
        subject: SubjectKey | None,
        ticket_id: str,
        known: Sequence[str] = (),
        tokens: Mapping[tuple[str, str], str] = NOBODY,
        written: Container[str] = (),
        addresses: Sequence[str] = (),
    ) -> None:
        """`known` and `addresses` are to be found wherever they stand, `tokens` those values of a kind have already.

        `written` are the tokens that stand in the ticket's own text: whoever quotes it may repeat them. Without a
        `subject` nothing is kept.
        """
        self._subject, self._ticket_id, self._known = subject, ticket_id, [value for value in known if value]
        self._tokens, self._written, self._addresses = dict(tokens), written, addresses
        self.rows: list[dict[str, Any]] = []

    def keep(self, kind: str, value: str) -> str:
        """The token that stands for a value; the same value has one token."""
        if self._subject is None:
            return ERASED
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
        if not text:
            return text
        return redact(text, self._token_for, known=self._known, keep=self._written, addresses=self._addresses)

    def clean_facts(self, facts: Mapping[str, Any]) -> dict[str, Any]:
        """The facts with those in people's own words cleaned."""
        return {name: self.clean(value) if _is_written(name, value) else value for name, value in facts.items()}

    def _token_for(self, found: Found) -> str:
        return self.keep(found.kind, found.value)
