"""The form in which the API tells a ticket's ledger: `service_levels.explaining.as_data` without names of staff."""

from __future__ import annotations

from datetime import datetime

from ninja import Field, Schema

MINUTES = "In minutes, of the clock's own calendar."


class SourceOut(Schema):
    """Where a rule comes from."""

    document: str
    document_en: str
    place: str
    says: str
    says_en: str


class PartOut(Schema):
    """What one party spent."""

    team: str | None = Field(None, description="The team's code; null at the desk, or where `because` says why.")
    because: str = Field(description="Why it was nobody's: a pause that did not stop the clock, or carried_over.")
    minutes: float = Field(description=MINUTES)


class NotCountedOut(Schema):
    """What passed without being counted."""

    why: str = Field(description="off_duty, receipt_day, or paused:<reason>")
    minutes: float = Field(description="In minutes of natural time.")


class StretchOut(Schema):
    """One stretch of the ledger."""

    start: datetime
    end: datetime | None
    counted: bool
    why: str = Field(description="running, running:<pause>, paused:<pause>, off_duty, receipt_day, carried_over")
    minutes: float | None = Field(description=MINUTES)
    team: str | None
    calendar_version: str


class ClockOut(Schema):
    """One clock: what it gives, what was spent of it, and by whom."""

    rule: str
    clause: str
    source: SourceOut
    name: str
    name_en: str
    kind: str = Field(description="target, limit, statutory")
    duration: str | None = Field(description="7wd, 15d, 72h, 30min, 8wh, 30wmin; null where a promise says until when.")
    convention: str | None
    calendar: str
    calendar_versions: list[str]
    state: str = Field(description="running, paused, met, missed, void")
    started_at: datetime
    due_at: datetime | None
    stopped_at: datetime | None
    provisional: bool
    extended: bool
    budget_minutes: float = Field(description=MINUTES)
    used_minutes: float = Field(description=MINUTES)
    left_minutes: float = Field(description=f"{MINUTES} Less than nothing once it is over.")
    breached: bool
    split: list[PartOut] = Field(description="Who spent it: adds up to used_minutes.")
    not_counted: list[NotCountedOut]
    ledger: list[StretchOut]


class StandstillOut(Schema):
    """A time for which the ticket stood still."""

    why: str
    start: datetime
    end: datetime | None
    until: datetime | None = Field(description="Until when it was to last.")


class ExtensionOut(Schema):
    """A later due time that was agreed with the customer."""

    rule: str
    agreed_at: datetime
    until: datetime


class ProofOut(Schema):
    """What the ledger rests on."""

    events: int
    sound: bool = Field(description="Whether each row of the history is what was written down.")
    digest: str = Field(description="SHA-256 over the leaf hashes of the history, in hex, as `shouwen verify` says it.")


class LedgerOut(Schema):
    """Every clock of a ticket at one moment, with every stretch of time."""

    number: str
    edition: str
    stage: str
    taken_in_as_history: bool
    at: datetime
    clocks: list[ClockOut]
    standstills: list[StandstillOut]
    extensions: list[ExtensionOut]
    proof: ProofOut
