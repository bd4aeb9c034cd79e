"""首问 Shouwen: the complaint desk that can always answer why."""

__version__ = "0.1.0"
