"""Which software made a result."""

VERSION = "0.1.0"
SOFTWARE: dict[str, str] = {"name": "cni", "version": VERSION}
