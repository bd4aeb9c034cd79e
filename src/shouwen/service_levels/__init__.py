"""时限: the clocks of tickets, the sweep over those that are due, and the explanation of every one."""
