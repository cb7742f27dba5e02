"""`cni serve`: the portal for members and the public, and its API, on this machine."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cni.errors import DONE

if TYPE_CHECKING:
    from cni.access.mail import Folder, Smtp

NAME = "serve"
PORT = 8470
MAIL = Path("mail")
PASSWORD_VARIABLE = "CNI_SMTP_PASSWORD"


def command(
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="Where it listens; 0 takes a free one.")] = PORT,
    host: Annotated[
        str, typer.Option("--host", metavar="ADDRESS", help="On which address of this machine.")
    ] = "127.0.0.1",
    url: Annotated[
        str,
        typer.Option("--url", metavar="URL", help="How browsers reach it, where a proxy stands before it: https://..."),
    ] = "",
    name: Annotated[
        str, typer.Option("--name", metavar="TEXT", help="What the pages call the network.")
    ] = "Fibre Manchester",
    mail_folder: Annotated[
        Path | None,
        typer.Option("--mail-folder", metavar="FOLDER", help="Write mails here; ./mail if no way is given."),
    ] = None,
    smtp: Annotated[
        str,
        typer.Option(
            "--smtp", metavar="HOST[:PORT]", help=f"Hand mails to this server; its password is in {PASSWORD_VARIABLE}."
        ),
    ] = "",
    smtp_user: Annotated[str, typer.Option("--smtp-user", metavar="NAME", help="The login at the mail server.")] = "",
    sender: Annotated[str, typer.Option("--sender", metavar="E-MAIL", help="From whom mails come.")] = "",
    log_requests: Annotated[bool, typer.Option("--log-requests", help="A line on stderr for each request.")] = False,
) -> int:
    """Serve the portal on this machine: pages for members and the public, and an API. Ctrl-C ends it.

    One process, on loopback. docs/portal.md tells how to put it behind a proxy with TLS, and how people get in.

    Example: cni serve --port 8470 --mail-folder mail
    """
    from cni.cli import house, render
    from cni.config import settings
    from cni.portal.running import free_port, run
    from cni.portal.settings import Portal
    from topology.problems import bad_input

    if smtp and mail_folder is not None:
        raise bad_input("give --smtp or --mail-folder, not both.", file="--smtp", value=smtp, code="bad_usage")
    house.now()  # a CNI_CLOCK that is no time is told of now
    listening = free_port(host, port)
    origin = url.rstrip("/") or f"http://localhost:{listening.getsockname()[1]}"
    mail = _mail(mail_folder, smtp, smtp_user, sender)
    portal = Portal(
        settings().database_url,
        origin,
        mail,
        house.now,
        settings().clock is not None,
        name,
    )
    run(
        portal,
        listening,
        log_requests=log_requests,
        ready=lambda: render.note(f"the portal is at {origin}/ (Ctrl-C ends it)"),
    )
    return DONE


def _mail(folder: Path | None, smtp: str, user: str, sender: str) -> Folder | Smtp:
    """How mail leaves. Raises BadInput for a folder or an address that cannot be used."""
    from cni.access.mail import SENDER, Folder, Smtp
    from topology.problems import bad_input

    sender = sender or SENDER
    if not smtp:
        place = folder or MAIL
        if place.exists() and not place.is_dir():
            raise bad_input("it is no folder.", file="--mail-folder", value=str(place))
        return Folder(place, sender)
    server, _, port = smtp.partition(":")
    if not server or (port and not port.isdigit()):
        raise bad_input("--smtp is HOST or HOST:PORT.", file="--smtp", value=smtp)
    return Smtp(server, int(port or 587), user, os.environ.get(PASSWORD_VARIABLE, ""), sender=sender)
