"""What breaks and what to build; the Fibre Manchester data."""
