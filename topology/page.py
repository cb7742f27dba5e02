"""One HTML page that makes no request: a content security policy lets the browser enforce it.

Only the style and the script that the page was made with run, each allowed by its digest (W3C, Content Security Policy
Level 3, section 2.3.1); attributes with code or style in them do nothing.
"""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256
from html import escape


def page(title: str, body: str, style: str, script: str = "") -> str:
    """A whole page. `body` is HTML, already escaped; `title` is text."""
    policy = f"default-src 'none'; style-src {_digest(style)}; base-uri 'none'; form-action 'none'"
    policy += f"; script-src {_digest(script)}" if script else ""
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{style}</style>\n</head>\n<body>\n{body}"
        f"{f'<script>{script}</script>' if script else ''}\n</body>\n</html>\n"
    )


def _digest(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"
