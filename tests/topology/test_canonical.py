"""Canonical bytes are those of RFC 8785, also where Python's own encoder writes them."""

from __future__ import annotations

from typing import Any

import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from topology.canonical import canonical_bytes, digest_of, with_digest

numbers = st.integers(-(2**60), 2**60) | st.floats() | st.integers(-(2**53) + 1, 2**53 - 1)
texts = st.text(st.characters(codec="utf-8"), max_size=5) | st.text('\x00\t\n\\"/\x7fé1.eN', max_size=8)
values = st.recursive(
    st.none() | st.booleans() | numbers | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)


def outcome(make: Any, value: Any) -> Any:
    try:
        return make(value)
    except ValueError:
        return "refused"


@settings(max_examples=400, deadline=None)
@given(values)
def test_bytes_are_those_of_the_reference(value: Any) -> None:
    assert outcome(canonical_bytes, value) == outcome(rfc8785.dumps, value)


@pytest.mark.parametrize(
    "value", [1.0, 1e22, float("nan"), 2**53, -(2**53), {"b": 1.5}, ["\ud800"], {"é": 1, "\U0001f600": 2, "\ufb33": 3}]
)
def test_numbers_and_keys_that_the_quick_way_would_write_otherwise(value: Any) -> None:
    assert outcome(canonical_bytes, value) == outcome(rfc8785.dumps, value)


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(st.sampled_from(["a", "dig", "digest0", "digesu", "schema", "é"]), values))
def test_a_document_written_with_its_digest_is_the_document_written_again(document: dict[str, Any]) -> None:
    if outcome(digest_of, document) == "refused":
        return
    whole, text = with_digest(document)
    assert whole == {**document, "digest": digest_of(document)}
    assert text.encode() == canonical_bytes(whole)
