"""Running the portal: one process that listens, serves, and ends cleanly."""

from __future__ import annotations

import logging
import socket
from collections.abc import Callable

import uvicorn

from cni.access.mail import Folder
from cni.portal.app import make_site
from cni.portal.settings import Portal
from topology.problems import bad_input

GRACE_SECONDS = 10
"""How long what has begun may take once the end was asked for: a sealed file on its way in is not thrown away."""


LINK = "/sign-in/link/"


def free_port(host: str, port: int) -> socket.socket:
    """A socket that listens, so that the port is known before anything is said. Raises BadInput where it is taken."""
    found = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        found.bind((host, port))
    except OSError as error:
        found.close()
        said = f"cannot listen on {host}, port {port}: {error.strerror or error}."
        raise bad_input(said, file="--port", value=str(port), hint="Another --port; 0 takes a free one.") from None
    return found


class _WithoutSecrets(logging.Filter):
    """Takes the secrets of sign-in links, and the words of queries, out of the lines about requests."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Always true: the line is written, shortened."""
        if isinstance(record.args, tuple) and len(record.args) == 5:
            client, method, path, version, status = record.args
            shown = str(path).partition("?")[0]
            if shown.startswith(LINK):
                shown = f"{LINK}..."
            record.args = (client, method, shown, version, status)
        return True


class _Server(uvicorn.Server):
    """Tells when it is ready."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self.ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """As uvicorn's, then the word that people wait for."""
        await super().startup(sockets)
        if not self.should_exit:
            self.ready()


def run(portal: Portal, listening: socket.socket, *, log_requests: bool, ready: Callable[[], None]) -> None:
    """Serve until interrupted. Client addresses are those that a proxy on this machine names."""
    site = make_site(portal)
    if isinstance(portal.mail, Folder):  # made once nothing can be refused any more
        portal.mail.path.mkdir(mode=0o700, parents=True, exist_ok=True)
    config = uvicorn.Config(
        site,
        log_level="warning" if not log_requests else "info",
        access_log=log_requests,
        proxy_headers=True,
        forwarded_allow_ips="127.0.0.1",
        server_header=False,
        date_header=True,
        timeout_graceful_shutdown=GRACE_SECONDS,
        limit_concurrency=1000,
    )
    logging.getLogger("uvicorn.access").addFilter(_WithoutSecrets())
    _Server(config, ready).run(sockets=[listening])
