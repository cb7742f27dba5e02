"""Scenario files: read, changed, computed, set side by side."""
