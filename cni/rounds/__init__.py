"""The life of a round: use-cases, each one transaction."""
