"""What guards every answer: headers, the origin of what changes something, and the size of what comes in.

Headers as the OWASP Secure Headers Project lists them; policy: W3C Content Security Policy Level 3. There is no code and no
style inside any page, so nothing beyond the portal's own files ever runs.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from cni.portal.problems import Refusal, told
from cni.portal.settings import LOOPBACK
from topology.canonical import canonical_bytes

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; font-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "content-security-policy": POLICY,
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}
STRICT_TRANSPORT = "max-age=31536000"
LARGEST = (1 << 20) + 65536
"""Bytes of a request: a sealed file, and what a form puts around it."""

SAFE = ("GET", "HEAD", "OPTIONS")


class Guard:
    """Refuses what changes something and comes from another site, or is too large; adds the headers to every answer."""

    def __init__(self, app: ASGIApp, origin: str) -> None:
        self.app, self.origin = app, origin
        parts = urlsplit(origin)
        port = f":{parts.port}" if parts.port else ""
        self.local = {f"{name}{port}" for name in LOOPBACK} if parts.scheme == "http" else set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._add(MutableHeaders(scope=message), scope["path"])
            await send(message)

        if scope["method"] in SAFE and self._elsewhere(headers):
            await RedirectResponse(self.origin + scope["path"], 307)(scope, receive, guarded)
            return
        refusal = self._refusal(scope, headers)
        if refusal is not None:
            await _refused(refusal, guarded)
            return
        await self.app(scope, _limited(receive), guarded)

    def _elsewhere(self, headers: Headers) -> bool:
        """Whether a loopback portal was called by another of its names, over which cookies and passkeys would not work."""
        host = headers.get("host", "")
        return host in self.local and f"http://{host}" != self.origin

    def _refusal(self, scope: Scope, headers: Headers) -> Refusal | None:
        if self.local and headers.get("host", "") not in self.local:  # another name that was made to lead here
            return Refusal("bad_origin", f"This portal is at {self.origin}/ alone.")
        if _announced(headers) > LARGEST:
            return Refusal("file_too_large", f"At most {LARGEST} bytes can be sent at once.")
        if scope["method"] in SAFE or "authorization" in headers:  # a token is no cookie: no other site can send it
            return None
        origin = headers.get("origin")
        same = origin == self.origin if origin is not None else headers.get("sec-fetch-site") == "same-origin"
        if same:
            return None
        return Refusal("bad_origin", "This was sent from another site, or the browser did not say from where.")

    def _add(self, headers: MutableHeaders, path: str) -> None:
        for name, value in HEADERS.items():
            headers.setdefault(name, value)
        if self.origin.startswith("https:"):
            headers.setdefault("strict-transport-security", STRICT_TRANSPORT)
        headers.setdefault("cache-control", "public, max-age=3600" if path.startswith("/static/") else "no-store")


def _announced(headers: Headers) -> int:
    text = headers.get("content-length", "")
    return int(text) if text.isascii() and text.isdigit() else 0


async def _refused(refusal: Refusal, send: Send) -> None:
    found = told(refusal)
    body = canonical_bytes(found.as_json())
    length = str(len(body)).encode()
    kind = (b"content-type", b"application/problem+json")
    await send({"type": "http.response.start", "status": found.status, "headers": [kind, (b"content-length", length)]})
    await send({"type": "http.response.body", "body": body})


def _limited(receive: Receive) -> Receive:
    """The body as it comes, ended where it grows beyond what may be sent, whatever length was announced."""
    taken = 0

    async def limited() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > LARGEST:
            raise Refusal("file_too_large", f"At most {LARGEST} bytes can be sent at once.")
        return message

    return limited
