"""JSON Schemas of the results."""
