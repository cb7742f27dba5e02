"""What `cni serve` is given: where it listens, under which name people reach it, and how mail leaves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from cni.access.mail import Folder, Smtp
from cni.access.passkeys import RelyingParty
from topology.problems import bad_input

LOOPBACK = ("localhost", "127.0.0.1", "[::1]")


@dataclass(frozen=True, slots=True)
class Portal:
    """`origin`: scheme, host and port as browsers see it. `clock`: the time in UTC, to the second."""

    database_url: str
    origin: str
    mail: Folder | Smtp
    clock: Callable[[], datetime]
    clock_given: bool = False
    name: str = "Fibre Manchester"

    def __post_init__(self) -> None:
        """Raises BadInput for an origin over which cookies and passkeys would not be safe."""
        parts = urlsplit(self.origin)
        bare = not parts.path and not parts.query and not parts.fragment
        if not parts.hostname or parts.scheme not in ("http", "https") or not bare:
            said = "--url is scheme and host, say https://portal.example."
            raise bad_input(said, file="--url", value=self.origin)
        if parts.scheme == "http" and parts.hostname not in LOOPBACK:
            said = "a portal that others reach needs https; passkeys and cookies work over nothing else."
            hint = "Put a proxy with TLS before it and give --url https://...; docs/portal.md shows how."
            raise bad_input(said, file="--url", value=self.origin, hint=hint)

    @property
    def party(self) -> RelyingParty:
        """The name to which passkeys are bound (W3C Web Authentication Level 3, section 5.4.2)."""
        return RelyingParty(id=str(urlsplit(self.origin).hostname), name=self.name, origin=self.origin)
