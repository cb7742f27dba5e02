"""Single strands: where circuits lie, what to move, and what a field crew is given."""
