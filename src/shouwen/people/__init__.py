"""人员: people, teams, the keys of other systems, and what each may see."""
