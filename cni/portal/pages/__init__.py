"""Pages for people, one file per audience."""
