"""Mail that leaves (rule J3): into a folder, one file each, or to an SMTP server. Plain text; nothing of it is logged."""

from __future__ import annotations

import os
import smtplib
import ssl
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path

from cni.errors import StoreError

SENDER = "cni@localhost"
TIMEOUT_S = 20
PRIVATE = 0o600


def message(sender: str, to: str, subject: str, text: str) -> EmailMessage:
    """A mail. The program that passes it on adds date and id (RFC 6409, section 8). Raises ValueError for a header of two lines."""
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = sender, to, subject
    made["Auto-Submitted"] = "auto-generated"  # RFC 3834: no automatic answer is wanted
    made.set_content(text)
    return made


@dataclass(frozen=True, slots=True)
class Folder:
    """Mails as files 000001.eml, 000002.eml, ..., readable by their owner alone: for trials, and for a program that sends them."""

    path: Path
    sender: str = SENDER

    def send(self, to: str, subject: str, text: str) -> None:
        """Write one mail; it gets its name when it is whole. Raises StoreError."""
        data = message(self.sender, to, subject, text).as_bytes()
        try:
            self._write(data)
        except OSError as error:
            said = f"a mail could not be written to {self.path} ({error.strerror})."
            raise StoreError(said, "See to the folder and its permissions.", "no_mail") from None

    def _write(self, data: bytes) -> None:
        part = self.path / f".{os.getpid()}.{os.urandom(8).hex()}.part"
        with open(part, "xb", opener=lambda path, flags: os.open(path, flags, PRIVATE)) as file:
            file.write(data)
        try:
            self._name(part)
        finally:
            part.unlink()

    def _name(self, part: Path) -> None:
        """Give a whole file the next free number; unlike a rename, a link never replaces a mail."""
        number = len(list(self.path.glob("*.eml")))
        while True:
            number += 1
            try:
                os.link(part, self.path / f"{number:06}.eml")
            except FileExistsError:
                continue
            return


@dataclass(frozen=True, slots=True)
class Smtp:
    """A server that takes mail for others. `user` "" signs in nowhere. With `starttls` the certificate must hold.

    Raises StoreError for a login without it: the password would go over the line as it is.
    """

    host: str
    port: int = 587
    user: str = ""
    password: str = field(default="", repr=False)
    starttls: bool = True
    sender: str = SENDER

    def __post_init__(self) -> None:
        if self.user and not self.starttls:
            raise StoreError("a login at the mail server needs TLS.", "Leave the user out, or use STARTTLS.", "no_mail")

    def send(self, to: str, subject: str, text: str) -> None:
        """Hand one mail over. Raises StoreError, whose text has neither the mail nor the password."""
        mail = message(self.sender, to, subject, text)
        try:
            with smtplib.SMTP(self.host, self.port, timeout=TIMEOUT_S) as server:
                if self.starttls:
                    server.starttls(context=ssl.create_default_context())
                if self.user:
                    server.login(self.user, self.password)
                server.send_message(mail)
        except (OSError, smtplib.SMTPException) as error:
            said = f"the mail server {self.host}:{self.port} did not take a mail ({type(error).__name__})."
            raise StoreError(said, "See to its name, port and login.", "no_mail") from None
