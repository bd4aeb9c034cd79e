"""What people do at the desk beside moving tickets, which `handling` does."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from shouwen.handbook.authority import Actor
from shouwen.notices.queries import inbox_of


def mark_read(actor: Actor, *, at: datetime, notice: UUID | None = None) -> int:
    """Mark one notice, or all of them, as read; how many were unread. A team's notice is read for the whole team."""
    unread = inbox_of(actor, at).filter(read_at=None)
    return (unread.filter(pk=notice) if notice else unread).order_by().update(read_at=at)
