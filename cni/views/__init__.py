"""Views: from a result document to the blocks that a person reads. No printing here."""
