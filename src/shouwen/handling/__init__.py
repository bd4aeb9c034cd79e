"""办理: the one place that writes a ticket: event, clocks and orders in one statement."""
