"""Every story plays on the same stage."""

from tests.stories.stage import stage

__all__ = ["stage"]
