"""The pages in a real browser with the network off (`python3 dev.py browser`)."""

from __future__ import annotations

from pathlib import Path

import pytest

from scenarios.fibre_manchester import folder
from tests.benchmarks.networks import LARGE, MIDDLE, SMALL, Size, metro
from tests.browser import probed
from tests.builders import DAY, network, node
from topology.files.csv_folder import read_network
from topology.maps.page import map_page
from topology.maps.styles import owner_layer, risk_layer, spare_layer
from topology.model import Network
from topology.page import page

pytestmark = pytest.mark.browser

TYPE = """const type = (text) => { const f = document.getElementById('find'); f.value = text;
  f.dispatchEvent(new Event('input')); document.getElementById('search').requestSubmit(); };
  const shown = (e) => getComputedStyle(e).display !== 'none';
  const key = (k) => map.dispatchEvent(new KeyboardEvent('keydown', { key: k, bubbles: true, cancelable: true }));
  const map = document.getElementById('map'), wide = () => Number(map.getAttribute('viewBox').split(' ')[2]);
  const card = () => document.getElementById('card').textContent;"""


def drawn(net: Network) -> str:
    return map_page(
        net, [spare_layer(net, dict.fromkeys(net.spans, 3), DAY), owner_layer(net, DAY), risk_layer(net, DAY)]
    )


def small() -> Network:
    return network("s A B 1 groups=duct", "t B C 2 groups=duct", "u C A 2", nodes=[node("A", key=True)])


@pytest.mark.parametrize("size", [SMALL, MIDDLE, LARGE, Size(1000, 1200, 50, 0)], ids=lambda s: str(s.nodes))
def test_a_page_of_any_size_is_drawn_without_a_request_or_an_error(size: Size, tmp_path: Path) -> None:
    probe = """const asked = performance.getEntriesByType('resource').length;
      const drawn = document.querySelectorAll('.s').length, bar = /^[125]0* k?m$/.test(document.getElementById('barwords').textContent);
      const words = [...document.querySelectorAll('.n:not(.quiet) text')].map((e) => e.getBoundingClientRect());
      const meet = words.some((a, i) => words.some((b, j) => i < j && a.left < b.right - 2 && b.left < a.right - 2
        && a.top < b.bottom - 4 && b.top < a.bottom - 4));
      return [document.documentElement.dataset.ready, asked, drawn, bar, words.length > 9, meet].join(' ');"""
    told, log = probed(drawn(metro(size)), probe, tmp_path)
    assert (told, log) == (f"yes 0 {size.spans} true true false", "")


def test_the_policy_stops_what_would_call_home(tmp_path: Path) -> None:
    """The test of the test: a request that is tried is seen to be refused."""
    probe = "const i = new Image(); i.src = 'http://example.com/x.png'; fetch('http://example.com/').catch(() => 0); return 'tried';"
    told, log = probed(page("t", "<p>x</p>", "p{color:red}", "1;"), probe, tmp_path)
    assert told == "tried"
    assert log.count("Content Security Policy") >= 2


def test_search_finds_nodes_spans_and_groups_and_goes_there(tmp_path: Path) -> None:
    probe = f"""{TYPE} const before = wide(); type('t'); const one = card(), near = wide() < before;
      type('duct'); const hits = document.querySelectorAll('.s.hit').length;
      type('nowhere'); return [one.includes('B to C, 2.000 km'), near, hits,
      document.getElementById('results').textContent].join(' ');"""
    told, log = probed(drawn(small()), probe, tmp_path)
    assert (told, log) == ("true true 2 nothing has this id or name", "")


def test_keys_move_and_zoom_and_bring_all_back(tmp_path: Path) -> None:
    probe = f"""{TYPE} const whole = map.getAttribute('viewBox').split(' ').map(Number).join(' ');
      key('+'); const near = wide(); key('-'); key('-'); const far = wide(); key('ArrowRight');
      const moved = Number(map.getAttribute('viewBox').split(' ')[0]) > 0 || far > near;
      key('0'); return [near < far, moved, map.getAttribute('viewBox').split(' ').map(Number).join(' ') === whole,
      map.tabIndex].join(' ');"""
    assert probed(drawn(small()), probe, tmp_path) == ("true true true 0", "")


def test_the_choice_of_colours_recolours_and_the_legend_filters(tmp_path: Path) -> None:
    probe = f"""{TYPE} const span = document.querySelector('.s[data-id="u"]'), colour = () => getComputedStyle(span).stroke;
      const spare = colour(), pick = document.getElementById('layer'); pick.value = 'risk';
      pick.dispatchEvent(new Event('change')); const risk = colour();
      const box = document.querySelector('[data-class="risk3"]'); box.checked = false; box.dispatchEvent(new Event('change'));
      const gone = !shown(span), other = shown(document.querySelector('.s[data-id="s"]'));
      document.getElementById('table').open = true; return [spare, risk, gone, other].join(' ');"""
    assert probed(drawn(small()), probe, tmp_path) == ("rgb(86, 180, 233) rgb(26, 26, 26) true true", "")


@pytest.mark.parametrize("size", [(1500, 950), (500, 900)], ids=["wide", "narrow"])
def test_words_lie_within_the_map_off_the_marks_and_off_the_scale(size: tuple[int, int], tmp_path: Path) -> None:
    """On the bundled network, whose centre is crowded; at least half of the nodes have their words."""
    net, _ = read_network(folder() / "network")
    probe = """const map = document.getElementById('map').getBoundingClientRect(), box = (e) => e.getBoundingClientRect();
      const words = [...document.querySelectorAll('.n:not(.quiet) text')], bar = box(document.getElementById('scale'));
      const marks = [...document.querySelectorAll('.n')];
      const meet = (a, b) => a.left < b.right - 2 && b.left < a.right - 2 && a.top < b.bottom - 4 && b.top < a.bottom - 4;
      const out = words.filter((w) => box(w).left < map.left || box(w).right > map.right).length;
      const covered = words.filter((w) => marks.some((m) => m !== w.closest('.n')
        && meet(box(w), box(m.querySelector('path,circle'))))).length;
      const under = innerWidth < 800 && words.some((w) => meet(box(w), bar));
      return [words.length > 25, out, covered, under].join(' ');"""
    told, log = probed(drawn(net), probe, tmp_path, size)
    assert (told, log) == ("true 0 0 false", "")


def test_on_paper_the_scale_is_that_of_the_paper(tmp_path: Path) -> None:
    """180 by 150 mm at 96 pixels an inch are 680 by 567: the bar's metres fit the drawing at that size."""
    probe = """dispatchEvent(new Event('beforeprint'));
      const map = document.getElementById('map'), [, , wide, high] = map.getAttribute('viewBox').split(' ').map(Number);
      const unit = Math.max(wide / 680, high / 567), words = document.getElementById('barwords').textContent.split(' ');
      const metres = Number(words[0]) * (words[1] === 'km' ? 1000 : 1);
      return Math.abs(parseFloat(document.getElementById('bar').style.width) - metres * map.dataset.metre / unit) < 0.5;"""
    assert probed(drawn(metro(SMALL)), probe, tmp_path) == ("true", "")
