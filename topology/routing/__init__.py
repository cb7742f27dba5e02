"""Routes: shortest and diverse, what cuts them, and what spans share."""
