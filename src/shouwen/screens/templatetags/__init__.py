"""What every screen shares: times, trade words, badges and parts."""
