"""The command line: starting the desk, keeping it up, and asking it questions."""
