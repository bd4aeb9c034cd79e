"""The form of every file of a pack, checked by pydantic at the edge; `pack` turns what is read into plain values."""

from __future__ import annotations

from shouwen.editions.schema_clocks import CalendarsFile, ClocksFile, RoutingFile
from shouwen.editions.schema_edition import CategoriesFile, EditionFile, PrioritiesFile
from shouwen.editions.schema_measures import IndicatorsFile, ScoringFile
from shouwen.editions.schema_telling import TellingFile
from shouwen.editions.schema_words import Form
from shouwen.editions.schema_work import (
    AuthorityFile,
    EvidenceFile,
    GuidesFile,
    RetentionFile,
    RolesFile,
    TemplatesFile,
)

FILES: dict[str, type[Form]] = {
    "edition.yaml": EditionFile,
    "categories.yaml": CategoriesFile,
    "priorities.yaml": PrioritiesFile,
    "clocks.yaml": ClocksFile,
    "calendars.yaml": CalendarsFile,
    "routing.yaml": RoutingFile,
    "evidence.yaml": EvidenceFile,
    "authority.yaml": AuthorityFile,
    "templates.yaml": TemplatesFile,
    "retention.yaml": RetentionFile,
    "roles.yaml": RolesFile,
    "scoring.yaml": ScoringFile,
    "indicators.yaml": IndicatorsFile,
    "guides.yaml": GuidesFile,
    "telling.yaml": TellingFile,
}
# What editions of before have not got.
MAY_BE_MISSING = {
    "scoring.yaml": ScoringFile(dimensions={}, checks=[]),
    "indicators.yaml": IndicatorsFile(indicators=[]),
    "guides.yaml": GuidesFile(guides=[]),
    "telling.yaml": TellingFile(),
}
