"""Tested on the same carrier as the departments behind it."""

from tests.departments.conftest import cast

__all__ = ["cast"]
