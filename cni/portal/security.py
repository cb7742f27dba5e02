"""What guards every answer: headers, the origin of what changes something, and the size of what comes in.

Headers as the OWASP Secure Headers Project lists them; policy: W3C Content Security Policy Level 3. There is no code and no
style inside any page, so nothing beyond the portal's own files ever runs.
"""

from __future__ import annotations

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from cni.portal.problems import Refusal, told
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

        refusal = self._refusal(scope, headers)
        if refusal is not None:
            await _refused(refusal, guarded)
            return
        await self.app(scope, _limited(receive), guarded)

    def _refusal(self, scope: Scope, headers: Headers) -> Refusal | None:
        if int(headers.get("content-length") or 0) > LARGEST:
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
