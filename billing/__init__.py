"""Tariff, charges, contributor fees, settlement: what is owed, to the penny."""
