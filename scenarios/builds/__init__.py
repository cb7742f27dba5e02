"""What to build: cheapest sets and best sets within a budget, proved."""
