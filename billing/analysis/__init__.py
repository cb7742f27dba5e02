"""What each contributor adds (not what it is paid)."""
