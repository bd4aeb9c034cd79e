"""语言: what is known about written text. Pure: no database, no settings."""
