"""界面: the frames, parts and words that every page is made of. Knows the handbook, and no department."""
