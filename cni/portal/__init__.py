"""The same use-cases and documents in a browser, and as an API (`cni serve`)."""
