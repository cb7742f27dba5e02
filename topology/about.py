"""Which software made a result."""

VERSION = "0.0.1"
SOFTWARE: dict[str, str] = {"name": "cni", "version": VERSION}
