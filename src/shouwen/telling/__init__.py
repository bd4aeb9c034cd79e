"""告知: what customers hear without asking (progress, delays), and who in the house hears of an outcome."""
