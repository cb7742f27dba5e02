"""Pictures and pages for committees."""
