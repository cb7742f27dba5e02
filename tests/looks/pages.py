"""Pages and drawings as pictures: what commands wrote, and every page of the portal to which a link leads.

`python -m tests.looks.pages FOLDER` after `python -m tests.looks FOLDER`. Needs a Chromium and what `python3 dev.py browser`
installs; documents as PDF pages need Typst. Each page is taken on a desk and on a phone, light and dark.
"""

from __future__ import annotations

import csv
import json
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from cni.access import people, sessions
from cni.portal.visitors import COOKIE
from cni.rounds.act import Act
from cni.store.engine import open_engine
from tests.browser import executable
from tests.looks.picture import write_png
from tests.portal.browser import WORDS, Served, _started
from tests.portal.house import moment

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

DESK, PHONE, TALLEST, MOST = (1280, 900), (390, 844), 3000, 60
SCHEMES = ("light", "dark")
CLOCK = "2027-07-01T10:00:00Z"
WRITTEN = ("map.html", "sheet.html", "register.html", "options.html")
DRAWN = ("map.svg", "fail.svg", "compared.svg", "runs/today.svg", "story/map.svg")
FITS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
OUTSIDE = """() => [...document.querySelectorAll('main *, body > *')].filter(e => {
  const s = getComputedStyle(e); const b = e.getBoundingClientRect();
  return e instanceof HTMLElement && b.width && e.scrollWidth > e.clientWidth + 1 && s.overflowX === 'visible' && s.display !== 'inline' && e.children.length === 0;
}).slice(0, 5).map(e => e.tagName + ': ' + e.textContent.trim().slice(0, 60))"""


def main(folder: Path) -> list[str]:
    """Take all pictures of the houses in a folder; returns what does not fit."""
    from playwright.sync_api import sync_playwright

    out, found = folder / "pages", []
    out.mkdir(exist_ok=True)
    with sync_playwright() as running:
        browser = running.chromium.launch(executable_path=executable(), args=[*WORDS, "--no-sandbox"])
        for house in sorted((folder / "houses").iterdir()):
            if not (house / "cni.db").exists():
                continue
            for name in DRAWN:
                if (house / name).exists():
                    write_png((house / name).read_text(), out / f"{house.name}-{Path(name).stem}-svg.png")
            for picture in house.glob("*.png"):
                shutil.copyfile(picture, out / f"{house.name}-{picture.name}")
            for name in WRITTEN:
                if (house / name).exists():
                    found += shot(browser, (house / name).as_uri(), out / f"{house.name}-{name}", "")
            documents(house, out)
            found += portal(browser, house, out)
    return found


def shot(browser: Browser, address: str, file: Path, secret: str) -> list[str]:
    """A page in both sizes and both schemes; what is wider than its screen."""
    found = []
    for wide, high in (DESK, PHONE):
        for scheme in SCHEMES:
            page = opened(browser, address, (wide, high), scheme, secret)
            whole = min(int(page.evaluate("document.documentElement.scrollHeight")), TALLEST)
            page.screenshot(
                path=file.with_name(f"{file.name}-{wide}-{scheme}.png"),
                full_page=True,
                clip={"x": 0, "y": 0, "width": wide, "height": whole},
            )
            over = int(page.evaluate(FITS))
            if over > 0:
                found.append(f"{file.name} at {wide} px: {over} px too wide")
            found += [f"{file.name} at {wide} px: out of its box: {text}" for text in page.evaluate(OUTSIDE)]
            page.context.close()
    return sorted(set(found))


def opened(browser: Browser, address: str, size: tuple[int, int], scheme: str, secret: str) -> Page:
    """A page in a browser of its own."""
    viewport: Any = {"width": size[0], "height": size[1]}
    context = browser.new_context(viewport=viewport, color_scheme="dark" if scheme == "dark" else "light")
    if secret:
        cookie: Any = {"name": COOKIE, "value": secret, "domain": "localhost", "path": "/", "secure": True}
        context.add_cookies([cookie])
    page = context.new_page()
    page.goto(address)
    page.wait_for_timeout(150)
    return page


def documents(house: Path, out: Path) -> None:
    """The first invoice, the first self-billed invoice and the longest document as pages on paper."""
    from importlib.util import find_spec

    if find_spec("typst") is None:
        sys.stderr.write("no Typst: no document is shown as a page\n")
        return
    from billing.documents.pdf import png_of

    lines = (house / "exported" / "documents.jsonl").read_text().splitlines()
    made = [json.loads(line) for line in lines]
    longest = sorted(made, key=lambda d: -len(d.get("lines", [])))[:2]
    for document in (*made[:1], *longest, *made[-1:]):
        for number, data in enumerate(png_of(document), 1):
            (out / f"{house.name}-{document['number']}-{number}.png").write_bytes(data)


def portal(browser: Browser, house: Path, out: Path) -> list[str]:
    """Every kind of page that a link leads to, as the public, a user, a contributor, an auditor and a coordinator see it."""
    url, found = f"sqlite:///{house / 'cni.db'}", []
    served = _started(url, (), {"CNI_CLOCK": CLOCK}, house / f"mail-{len(list(house.glob('mail-*')))}")
    try:
        for who, secret in persons(url, house):
            for path in crawled(browser, served, who, secret):
                name = re.sub(r"[^a-z0-9]+", "-", path.lower()).strip("-")[:60] or "home"
                found += shot(browser, served.origin + path, out / f"{house.name}-{who}-{name}", secret)
    finally:
        served.stop()
    return found


def persons(url: str, house: Path) -> Iterator[tuple[str, str]]:
    """Who looks, each with a session."""
    engine = open_engine(url)
    act = Act("looks", moment(CLOCK), "looks", clock_given=True)
    known = {p.id for p in people.list_people(engine)}
    yield "public", ""
    for who, member, roles in (
        ("user", _first(house / "requests.csv", "member"), ()),
        ("contributor", _first(house / "network" / "spans.csv", "owner"), ()),
        ("auditor", "", ("auditor",)),
        ("coordinator", "", ("coordinator",)),
    ):
        if who not in known:
            made = people.Person(who, who.capitalize(), f"{who}@example.org", member, tuple(roles))
            people.add_person(engine, act, made)
        yield who, sessions.start_full(engine, act, who, "looks")


def _first(path: Path, column: str) -> str:
    with path.open(encoding="utf-8") as file:
        return next(csv.DictReader(file))[column]


def crawled(browser: Browser, served: Served, who: str, secret: str) -> list[str]:
    """One path of each shape that links lead to, beginning with the first page of who looks."""
    start, seen = {"public": "/", "auditor": "/audit", "coordinator": "/admin"}.get(who, "/me"), set[str]()
    queue, found = [start], list[str]()
    while queue and len(found) < MOST:
        path = queue.pop(0)
        if shape(path) in seen:
            continue
        seen.add(shape(path))
        page = opened(browser, served.origin + path, DESK, "light", secret)
        links = page.evaluate("[...document.querySelectorAll('a[href]')].map(a => a.href)")
        found.append(path)
        page.context.close()
        for link in map(urlsplit, links):
            own = f"{link.scheme}://{link.netloc}" == served.origin
            if own and "." not in link.path.rsplit("/", 1)[-1][-5:] and not link.path.startswith(("/api", "/static")):
                queue.append(link.path)
    return found


KNOWN = ("map", "explore", "sheet", "requests", "rounds", "works", "people")


def shape(path: str) -> str:
    """A path with what is an id replaced, so that one page of a kind is enough."""
    parts = path.strip("/").split("/")
    fixed = 2 if parts[0] in ("me", "admin", "audit") else 1
    return "/".join(p if i < fixed or p in KNOWN else "*" for i, p in enumerate(parts))


if __name__ == "__main__":
    outside = main(Path(sys.argv[1]).resolve())
    sys.stderr.write("".join(f"{line}\n" for line in outside) + f"{len(outside)} places where a page does not fit\n")
    sys.exit(1 if outside else 0)
