"""Documents for accounts packages and plain-text accounting."""
