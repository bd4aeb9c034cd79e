from __future__ import annotations

from tests.departments.conftest import cast as cast
