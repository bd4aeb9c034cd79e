"""The files of a ticket, as its history tells of them: what each is and the digest that proves it, never its name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from shouwen.handbook.history import Happening, What
from shouwen.handbook.refusals import Refusal, gettext_noop


class TooManyFiles(Refusal):
    clause = "H5.3.3"
    says = gettext_noop("There are {most} files on this ticket already: remove one that is not needed, and say why.")


class NoSuchFile(Refusal):
    clause = "H5.3.3"
    says = gettext_noop("This file is not on the ticket, or has been removed from it.")


@dataclass(frozen=True, slots=True)
class Attachment:
    """One file: what it is by its content, how large, since when and by whom it is here; and whether it was removed."""

    id: str
    media: str
    size: int
    digest: str
    by: str
    at: datetime
    removed_by: str = ""
    removed_at: datetime | None = None
    reason: str = ""


def attachments_of(history: Iterable[Happening]) -> list[Attachment]:
    """All files that have ever been on the ticket, in the order they came."""
    found: dict[str, Attachment] = {}
    for row in history:
        name = str(row.facts.get("attachment", ""))
        if row.what is What.ATTACHED and name in found:  # put back
            found[name] = replace(found[name], removed_by="", removed_at=None, reason="")
        elif row.what is What.ATTACHED:
            facts = row.facts
            found[name] = Attachment(
                name, str(facts["media"]), int(facts["size"]), str(facts["digest"]), row.by, row.happened_at
            )
        elif row.what is What.DETACHED and name in found:
            reason = str(row.facts.get("reason", ""))
            found[name] = replace(found[name], removed_by=row.by, removed_at=row.happened_at, reason=reason)
    return list(found.values())


def present(history: Iterable[Happening]) -> list[Attachment]:
    """The files that are on the ticket now."""
    return [one for one in attachments_of(history) if one.removed_at is None]


def attaching(history: Sequence[Happening], facts: Mapping[str, Any], most: int) -> dict[str, Any]:
    """The facts of attaching a file, or of putting one back that was removed. Raises TooManyFiles or NoSuchFile."""
    known = {one.id: one for one in attachments_of(history)}
    here = [one for one in known.values() if one.removed_at is None]
    if len(here) >= most:
        raise TooManyFiles(most=most)
    name = str(facts.get("attachment", ""))
    if name not in known:
        if not {"media", "size", "digest"} <= facts.keys():
            raise NoSuchFile()
        return dict(facts)
    if known[name].removed_at is None:
        raise NoSuchFile()
    return {**facts, "media": known[name].media, "size": known[name].size, "digest": known[name].digest}


def check_detach(history: Iterable[Happening], facts: Mapping[str, Any]) -> None:
    """Raises NoSuchFile unless this file is on the ticket."""
    if str(facts.get("attachment", "")) not in {one.id for one in present(history)}:
        raise NoSuchFile()
