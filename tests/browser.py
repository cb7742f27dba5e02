"""A headless Chromium with the network off: what a page says and does there, by a probe that runs in it.

The page is served to nobody: it is a file. A copy of it with a probe (and its digest in the policy) tells in the title of the
document what it found; requests that the policy refused, errors and messages come back from the browser's log.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from base64 import b64encode
from hashlib import sha256
from html import unescape
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
OFF = "--host-resolver-rules=MAP * ~NOTFOUND"


def executable() -> str:
    """Where the browser is. Raises FileNotFoundError with what to do where there is none."""
    named = os.environ.get("CHROMIUM", "")
    found = next((path for name in (named, *NAMES) if name and (path := shutil.which(name))), None)
    if found is None:
        raise FileNotFoundError(
            "no Chromium; install it (Debian, Ubuntu: apt install chromium), or name it in CHROMIUM"
        )
    return found


def probed(page: str, probe: str, folder: Path, size: tuple[int, int] = (1500, 950)) -> tuple[str, str]:
    """What the probe returns after the page is ready, as text, and the browser's log."""
    script = f"addEventListener('load', () => setTimeout(() => {{ document.title = (() => {{ {probe} }})(); }}, 200));"
    digest = b64encode(sha256(script.encode()).digest()).decode()
    open_to = page.replace("script-src ", f"script-src 'sha256-{digest}' ", 1)
    path = folder / "page.html"
    path.write_text(open_to.replace("</body>", f"<script>{script}</script></body>"), encoding="utf-8")
    profile = folder / "profile"
    words = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars", OFF]
    words += [f"--user-data-dir={profile}", f"--window-size={size[0]},{size[1]}", "--enable-logging=stderr"]
    words += ["--virtual-time-budget=4000", "--dump-dom", path.as_uri()]
    done = subprocess.run([executable(), *words], capture_output=True, text=True, timeout=120, check=False)
    title = re.search(r"<title>(.*?)</title>", done.stdout, re.S)
    return unescape(title[1]) if title else "", "\n".join(r for r in done.stderr.splitlines() if "CONSOLE" in r)
