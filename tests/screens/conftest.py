"""The screens are tested on the same carrier as the departments behind them."""

from tests.departments.conftest import cast

__all__ = ["cast"]
