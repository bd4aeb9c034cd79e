"""Taking what identifies people out of free text, and putting it back.

Every rule reads a half-width copy of the text in which each character keeps its place, so what is found is named by
the very characters somebody typed. Better one number too many hidden than one shown: a hidden one can be revealed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from string import ascii_lowercase, ascii_uppercase
from typing import NamedTuple

from shouwen.language.addresses import addresses_in
from shouwen.language.identifiers import numbers_in, ticket_numbers_in
from shouwen.language.names import announced_names, english_names, names_beside
from shouwen.language.normalising import half_width

TOKEN = re.compile("⟦(?P<kind>[a-z_]+):(?P<token>[0-9A-Z]{8})⟧")
_IN_A_WORD = re.compile("[0-9a-z]")
_LOWER = str.maketrans(ascii_uppercase, ascii_lowercase)  # for text that lower() would make longer


class Found(NamedTuple):
    """Something that identifies a person: what, from where to where, and the characters as they were typed."""

    kind: str
    start: int
    end: int
    value: str


def find_identifiers(text: str, known: Sequence[str] = (), addresses: Sequence[str] = ()) -> list[Found]:
    """Everything in the text that identifies a person, in its order and without overlaps; vault tokens are passed over.

    `known` are names and numbers the ticket already has, `addresses` where its people live: they are found wherever
    they stand.
    """
    seen = half_width(text)
    low = seen.translate(_LOWER) if len(seen.lower()) != len(seen) else seen.lower()
    spans = _Spans(len(text))
    spans.close(found.span() for found in TOKEN.finditer(text))
    spans.close(ticket_numbers_in(low))
    spans.take(_known_in(low, known))
    spans.take(addresses_in(low, [half_width(address).lower() for address in addresses]))
    spans.take(numbers_in(low, spans.free))
    spans.take(("name", *span) for _, start, end in tuple(spans.taken) for span in names_beside(seen, start, end))
    spans.take(("name", *span) for span in announced_names(seen))
    spans.take(("name", *span) for span in english_names(seen))
    return [
        Found(kind, start, end, text[start:end]) for start, end, kind in sorted((s, e, k) for k, s, e in spans.taken)
    ]


def redact(
    text: str,
    token_for: Callable[[Found], str],
    known: Sequence[str] = (),
    keep: Container[str] = (),
    addresses: Sequence[str] = (),
) -> str:
    """The text with `⟦kind:token⟧` in place of every identifier; `token_for` keeps the value and names its token.

    Tokens in `keep` are the ticket's own and stay. Whatever else looks like a token was typed by somebody and is kept
    as text, so that nobody reads another's value by writing its token.
    """
    forged = [Found("text", *token.span(), token[0]) for token in TOKEN.finditer(text) if token["token"] not in keep]
    parts: list[str] = []
    end = 0
    for found in sorted(find_identifiers(text, known, addresses) + forged, key=lambda found: found.start):
        parts += text[end : found.start], f"⟦{found.kind}:{token_for(found)}⟧"
        end = found.end
    return "".join(parts) + text[end:]


def restore(text: str, values: Mapping[str, str | None]) -> str:
    """The text with values in place of their tokens; a token without a value stays."""
    return TOKEN.sub(lambda token: values.get(token["token"]) or token[0], text)


def mask_tokens(text: str, masked: Mapping[str, str | None], *, erased: str = "***") -> str:
    """The text for a screen: every token as its masked value, and `erased` where there is none any more."""
    return TOKEN.sub(lambda token: masked.get(token["token"]) or erased, text)


def tokens_in(text: str) -> list[tuple[str, str]]:
    """The (kind, token) pairs in a redacted text, each once, in their order."""
    return list(dict.fromkeys((token["kind"], token["token"]) for token in TOKEN.finditer(text)))


class _Spans:
    """What has been found in a text. Whoever comes first keeps the place."""

    def __init__(self, length: int) -> None:
        self.taken: list[tuple[str, int, int]] = []
        self._closed = bytearray(length)

    def close(self, spans: Iterable[tuple[int, int]]) -> None:
        for start, end in spans:
            self._closed[start:end] = b"\x01" * (end - start)

    def free(self, start: int, end: int) -> bool:
        return 1 not in self._closed[start:end]

    def take(self, found: Iterable[tuple[str, int, int]]) -> None:
        for kind, start, end in found:
            if self.free(start, end):
                self.close([(start, end)])
                self.taken.append((kind, start, end))


def _known_in(low: str, known: Sequence[str]) -> Iterator[tuple[str, int, int]]:
    for value in known:
        wanted = half_width(value).strip().lower()
        if len(wanted) < (3 if wanted.isascii() else 2):
            continue
        kind = "account" if any(map(str.isdigit, wanted)) else "name"
        start = low.find(wanted)  # a pattern for each name would be compiled for each
        while start >= 0:
            end = start + len(wanted)
            apart = not wanted.isascii() or not (_IN_A_WORD.match(low[start - 1 : start]) or _IN_A_WORD.match(low, end))
            if apart:
                yield kind, start, end
            start = low.find(wanted, end if apart else start + 1)
