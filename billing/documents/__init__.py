"""What parties are sent: documents as values, as text, PDF and UBL."""
