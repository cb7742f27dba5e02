"""Reports in a real browser with the network off (`python3 dev.py browser`): width, contrast, requests."""

from __future__ import annotations

from pathlib import Path

import pytest

from scenarios.reports.report import FORMS
from tests.browser import probed
from tests.scenarios.test_report import pages
from topology.page import page

pytestmark = pytest.mark.browser

CONTRAST = """const rgb = (c) => c.match(/[0-9.]+/g).map(Number);
  const light = (c) => { const [r, g, b] = rgb(c).slice(0, 3).map((v) => v / 255)
    .map((v) => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
  const behind = (e) => { for (; e; e = e.parentElement) { const c = getComputedStyle(e).backgroundColor;
    if (rgb(c).length < 4 || rgb(c)[3] > 0) return c; } return 'rgb(255, 255, 255)'; };
  const ratio = (e) => { const [a, b] = [light(getComputedStyle(e).color), light(behind(e))].sort((x, y) => y - x);
    return (a + 0.05) / (b + 0.05); };
  const said = [...document.querySelectorAll('body *:not(svg *)')].filter((e) => [...e.childNodes]
    .some((n) => n.nodeType === 3 && n.textContent.trim()));"""


def openable(made: str) -> str:
    """The page with a place in its policy for the probe's script."""
    return made.replace("; base-uri", "; script-src ; base-uri", 1)


def in_the_dark(made: str) -> str:
    """The page as it is where the reader asked for dark pages, whatever the browser's own setting."""
    style, body = (made[made.index(f"<{t}>") + len(t) + 2 : made.index(f"</{t}>")] for t in ("style", "body"))
    return page("t", body, style.replace("prefers-color-scheme:dark", "min-width:1px"))


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("width", [1280, 390])
def test_nothing_but_what_scrolls_by_itself_is_wider_than_the_window(form: str, width: int, tmp_path: Path) -> None:
    probe = """const asked = performance.getEntriesByType('resource').length;
      const over = [...document.querySelectorAll('body *')].filter((e) => !e.closest('.scroll')
        && e.getBoundingClientRect().right > innerWidth + 1).map((e) => e.tagName);
      return [asked, document.documentElement.scrollWidth <= innerWidth, over.join(',')].join(' ');"""
    told, log = probed(openable(pages(points=3)[form, "internal"]), probe, tmp_path, (width, 900))
    assert (told, log) == ("0 true ", "")


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("dark", [False, True])
def test_every_word_stands_out_by_four_and_a_half_to_one(form: str, dark: bool, tmp_path: Path) -> None:
    """WCAG 2.2, success criterion 1.4.3, level AA, in both schemes."""
    made = pages(points=3)[form, "internal"]
    probe = f"""{CONTRAST} const low = said.filter((e) => ratio(e) < 4.5).map((e) => e.tagName + ' ' + ratio(e).toFixed(1));
      return [said.length > 50, light(getComputedStyle(document.body).backgroundColor) < 0.5, low.join(',')].join(' ');"""
    told, log = probed(openable(in_the_dark(made) if dark else made), probe, tmp_path)
    assert (told, log) == (f"true {'true' if dark else 'false'} ", "")
