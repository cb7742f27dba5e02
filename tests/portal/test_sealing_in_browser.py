"""Rule G3 in the browser: what it seals is what the command line seals, and opens with the round's key alone."""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from allocation.files.requests import read_requests, requests_from_json, requests_to_json
from cni import sealing
from scenarios.fibre_manchester import folder
from tests.portal.files import EMPTY, files
from topology.canonical import canonical_bytes

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

SEAL = """async ([round, member, requests, to]) => {
  const { documentOf, seal, digest } = await import('/static/seal.js');
  const bytes = await seal(documentOf(round, member, requests), to);
  return [btoa(Array.from(bytes, (b) => String.fromCharCode(b)).join('')), await digest(bytes)];
}"""
CANONICAL = """async (texts) => {
  const { canonical } = await import('/static/seal.js');
  return texts.map((text) => canonical(JSON.parse(text)));
}"""


@pytest.fixture
def at_site(page: Page) -> Iterator[Page]:
    """An empty page of a site that has the portal's files."""
    with files({"/": EMPTY}) as origin:
        page.goto(origin)
        yield page


def sealed(page: Page, requests: list[dict[str, Any]], to: str, member: str = "bobbin") -> tuple[bytes, str]:
    data, digest = page.evaluate(SEAL, ["2027-Q1", member, requests, to])
    return b64decode(data), digest


def test_what_the_browser_seals_opens_to_the_bytes_of_the_command_line(at_site: Page) -> None:
    rows, _ = read_requests(folder() / "requests.csv")
    requests = requests_to_json(r for r in rows if r.member == "bobbin")
    secret, recipient = sealing.new_identity()
    data, digest = sealed(at_site, requests[::-1], recipient)
    document = {"schema": sealing.REQUESTS_SCHEMA, "round": "2027-Q1", "member": "bobbin", "requests": requests}
    assert sealing.looks_sealed(data)
    assert digest == sealing.digest_of_file(data)
    own = sealing.seal(canonical_bytes(document), recipient)
    assert sealing.unseal(data, secret) == sealing.unseal(own, secret)
    assert requests_from_json(json.loads(sealing.unseal(data, secret) or b"")["requests"]) == tuple(
        sorted((r for r in rows if r.member == "bobbin"), key=lambda r: r.id)
    )


def test_another_key_does_not_open_it(at_site: Page) -> None:
    (_, recipient), (other, _) = sealing.new_identity(), sealing.new_identity()
    data, _ = sealed(at_site, [{"id": "r1"}], recipient)
    assert sealing.unseal(data, other) is None


def test_the_length_tells_little_and_no_two_are_alike(at_site: Page) -> None:
    _, recipient = sealing.new_identity()
    one, one_digest = sealed(at_site, [{"id": "r1"}], recipient)
    again, again_digest = sealed(at_site, [{"id": "r1"}], recipient)
    ten, _ = sealed(at_site, [{"id": f"r{n}"} for n in range(10)], recipient)
    assert len(one) == len(ten) == len(again)
    assert one_digest != again_digest


@pytest.mark.parametrize(
    ("to", "said"),
    [
        ("age1short", "no age recipient"),
        ("AGE-SECRET-KEY-1QQQ", "no age recipient"),
        (f"age1pq1{'q' * 55}", "no age recipient|checksum"),
    ],
)
def test_what_is_no_key_of_a_round_is_refused_in_words(at_site: Page, to: str, said: str) -> None:
    with pytest.raises(Exception, match=said):
        sealed(at_site, [{"id": "r1"}], to)


def test_a_mistyped_key_is_refused(at_site: Page) -> None:
    _, recipient = sealing.new_identity()
    wrong = recipient[:-1] + ("q" if recipient[-1] != "q" else "p")
    with pytest.raises(Exception, match="checksum"):
        sealed(at_site, [{"id": "r1"}], wrong)


def test_a_file_that_the_server_would_not_take_is_not_made(at_site: Page) -> None:
    _, recipient = sealing.new_identity()
    with pytest.raises(Exception, match="at most 1048576 bytes"):
        sealed(at_site, [{"id": "r1", "note": "x" * sealing.LARGEST}], recipient)


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
DOCUMENTS = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.floats(-1e15, 1e15, allow_nan=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(TEXTS, inner, max_size=5),
    max_leaves=20,
)


def test_random_documents_have_the_same_bytes_on_both_sides(at_site: Page) -> None:
    """Many for each call into the browser, which takes longer than they do."""

    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(DOCUMENTS, min_size=1, max_size=20))
    def same(documents: list[Any]) -> None:
        made = at_site.evaluate(CANONICAL, [json.dumps(each) for each in documents])
        assert [text.encode() for text in made] == [canonical_bytes(each) for each in documents]

    same()


def test_keys_beyond_the_first_plane_are_sorted_by_utf_16_units(at_site: Page) -> None:
    """U+1F600 begins with the unit D83D and so comes before U+FB33, which code points would put first (RFC 8785, 3.2.3)."""
    value = {"\ufb33": 1, "\U0001f600": 2, "\u20ac": 3, "\r": 4, "1": 5, "\u0080": 6}
    assert at_site.evaluate(CANONICAL, [json.dumps(value)])[0].encode() == canonical_bytes(value)


@pytest.mark.parametrize("text", ["9007199254740992", "-9007199254740993", '"\\ud800"', '{"\\udfff": 1}', "1e999"])
def test_what_has_no_canonical_form_is_refused(at_site: Page, text: str) -> None:
    with pytest.raises(Exception, match="Error: "):
        at_site.evaluate(CANONICAL, [text])
