"""Limits and mail: how often somebody may try (rule J8), and how a link leaves the house (rule J3)."""

from __future__ import annotations

import smtplib
from concurrent.futures import ThreadPoolExecutor
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cni.access.limits import Limits
from cni.access.mail import Folder, Smtp
from cni.errors import StoreError


def test_a_bucket_lets_through_what_it_holds_and_fills_again() -> None:
    limits = Limits(size=3, per_seconds=60)
    assert [limits.allows("a", 0) for _ in range(4)] == [True, True, True, False]
    assert limits.allows("b", 0)
    assert [limits.allows("a", at) for at in (19, 20, 21, 39, 40)] == [False, True, False, False, True]
    assert [limits.allows("a", 1000) for _ in range(4)] == [True, True, True, False]


def test_a_clock_that_runs_backwards_fills_nothing() -> None:
    limits = Limits(size=1, per_seconds=10)
    assert limits.allows("a", 100)
    assert not limits.allows("a", 0)
    assert not limits.allows("a", 105)
    assert limits.allows("a", 110)


@given(st.lists(st.integers(0, 100), max_size=60), st.integers(1, 5))
def test_no_time_lets_more_through_than_its_tries(gaps: list[int], size: int) -> None:
    """In any stretch: at most the size, and what flowed in meanwhile."""
    limits, at, passed = Limits(size, per_seconds=50), 0, []
    for gap in gaps:
        at += gap
        if limits.allows("a", at):
            passed.append(at)
    for first in range(len(passed)):
        for last in range(first, len(passed)):
            assert last - first + 1 <= size + (passed[last] - passed[first]) * size / 50 + 1e-6


def test_memory_is_bounded() -> None:
    limits = Limits(size=1, per_seconds=10, most_keys=100)
    assert all(limits.allows(f"k{n}", 0) for n in range(1000))
    assert len(limits._buckets) == 100
    assert not limits.allows("k999", 0)


def test_of_many_threads_no_more_come_through_than_may() -> None:
    limits = Limits(size=50, per_seconds=3600)
    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(lambda _: limits.allows("a", 0), range(400))) == 50


def test_mails_are_files_that_their_owner_alone_can_read(tmp_path: Path) -> None:
    folder = Folder(tmp_path, "house@cni.example")
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda n: folder.send("ann@isp.example", "Sign in", f"link é {n}\n"), range(12)))
    files = sorted(tmp_path.iterdir())
    assert [file.name for file in files] == [f"{n:06}.eml" for n in range(1, 13)]
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}
    mails = [message_from_bytes(file.read_bytes(), policy=policy.default) for file in files]
    assert {(m["From"], m["To"], m["Subject"]) for m in mails} == {("house@cni.example", "ann@isp.example", "Sign in")}
    assert sorted(m.get_content() for m in mails) == sorted(f"link é {n}\n" for n in range(12))


def test_a_long_link_is_not_broken_in_a_way_that_cannot_be_read_again(tmp_path: Path) -> None:
    text = "https://portal.example/sign-in/" + "x" * 200 + "\n"
    Folder(tmp_path).send("ann@isp.example", "Sign in", text)
    read = message_from_bytes((tmp_path / "000001.eml").read_bytes(), policy=policy.default)
    assert read.get_content() == text


def test_a_header_takes_no_second_line(tmp_path: Path) -> None:
    with pytest.raises(ValueError):
        Folder(tmp_path).send("ann@isp.example\nBcc: all@isp.example", "Sign in", "")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_is_told_of_without_the_mail(tmp_path: Path) -> None:
    with pytest.raises(StoreError) as error:
        Folder(tmp_path / "nowhere").send("ann@isp.example", "Sign in", "the-secret")
    assert error.value.code == "no_mail"
    assert "the-secret" not in str(error.value)


class Server:
    """A mail server that notes what is done with it."""

    done: list[str]
    refuses = False

    def __init__(self, host: str, port: int, timeout: float) -> None:
        Server.done = [f"{host}:{port}"]

    def __enter__(self) -> Server:
        return self

    def __exit__(self, *_: object) -> None:
        self.done.append("bye")

    def starttls(self, context: object) -> None:
        self.done.append("tls")

    def login(self, user: str, password: str) -> None:
        self.done.append(f"login {user}")
        if self.refuses:
            raise smtplib.SMTPAuthenticationError(535, password.encode())

    def send_message(self, mail: object) -> None:
        self.done.append("mail")


def test_a_password_goes_over_an_encrypted_line_and_into_no_message(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smtplib, "SMTP", Server)
    smtp = Smtp("mail.example", 587, "house", "hush")
    smtp.send("ann@isp.example", "Sign in", "the-secret")
    assert Server.done == ["mail.example:587", "tls", "login house", "mail", "bye"]
    monkeypatch.setattr(Server, "refuses", True)
    with pytest.raises(StoreError) as error:
        smtp.send("ann@isp.example", "Sign in", "the-secret")
    for text in (str(error.value), error.value.text, repr(smtp)):
        assert "hush" not in text
        assert "the-secret" not in text
    with pytest.raises(StoreError):
        Smtp("mail.example", 25, "house", "hush", starttls=False)


def test_a_server_that_does_not_answer_is_told_of() -> None:
    with pytest.raises(StoreError) as error:
        Smtp("127.0.0.1", 1).send("ann@isp.example", "Sign in", "")
    assert error.value.code == "no_mail"
