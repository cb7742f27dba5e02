"""The files of the pages from a small server of the test's own, with the portal's policy and pages that a test makes up."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from mimetypes import guess_type
from threading import Thread
from typing import Any

from tests.cni.helpers import ROOT

PORTAL = ROOT / "cni" / "portal"
POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'"
EMPTY = '<!DOCTYPE html><html lang="en"><head><title>Test</title><link rel="icon" href="/icon.svg"></head><body></body></html>'

Answer = tuple[int, dict[str, Any]]
Posted = Callable[[str, dict[str, Any]], Answer]


@contextmanager
def files(pages: dict[str, str], posted: Posted | None = None) -> Iterator[str]:
    """The origin at which the pages (path and text) and the files under /static/ are, while it lasts.

    `posted` answers what is posted as JSON (path and value) by status and value. All else is 404.
    """

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path in pages:
                self._send(200, "text/html; charset=utf-8", pages[self.path].encode())
                return
            if self.path == "/icon.svg":
                self._send(200, "image/svg+xml", b'<svg xmlns="http://www.w3.org/2000/svg"/>')
                return
            path = (PORTAL / self.path.lstrip("/")).resolve()
            if self.path.startswith("/static/") and path.is_relative_to(PORTAL / "static") and path.is_file():
                self._send(200, guess_type(path.name)[0] or "application/octet-stream", path.read_bytes())
            else:
                self._send(404, "text/plain", b"not here")

        def do_POST(self) -> None:
            assert self.headers["X-CNI"] == "1"
            assert self.headers["Content-Type"] == "application/json"
            value = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            status, answer = posted(self.path, value) if posted else (404, {})
            self._send(status, "application/json", json.dumps(answer).encode())

        def _send(self, status: int, kind: str, data: bytes) -> None:
            self.send_response(status)
            for name, value in (("Content-Type", kind), ("Content-Length", str(len(data)))):
                self.send_header(name, value)
            self.send_header("Content-Security-Policy", POLICY)
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://localhost:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
