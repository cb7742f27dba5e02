"""The tools that look at an API by its description, on a small one with a fault in it: they see the fault, and nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import pytest
from fastapi import FastAPI
from fastapi import Path as InPath
from fastapi.testclient import TestClient
from pydantic import BaseModel

from tests.portal.described import called_by, client_of, faults, schema_of

pytestmark = pytest.mark.api


class Pair(BaseModel):
    a: str
    pairs: int


def small(fault: bool) -> FastAPI:
    """Two operations, of which one may fail at the number 0."""
    app = FastAPI(title="Small")

    @app.get("/pairs/{number}")
    def one(number: Annotated[int, InPath(ge=0, le=9)]) -> Pair:
        if fault and number == 0:
            raise ZeroDivisionError
        return Pair(a="MA1", pairs=number)

    @app.get("/pairs")
    def every() -> list[Pair]:
        return [Pair(a="MA1", pairs=1)]

    return app


def test_a_client_is_made_from_a_description_and_reads_the_answers(tmp_path: Path) -> None:
    app = small(fault=False)
    made = client_of(app.openapi(), tmp_path, "small_client")
    from small_client.api.default import every_pairs_get  # type: ignore[import-not-found]

    client = made.Client(base_url="http://test").set_httpx_client(called_by(TestClient(app), "http://test"))
    assert [(pair.a, pair.pairs) for pair in every_pairs_get.sync(client=client)] == [("MA1", 1)]


def test_a_sound_api_has_no_faults() -> None:
    assert faults(schema_of(small(fault=False), "/openapi.json"), 20, {}) == []


def test_a_fault_is_found_and_told_with_its_operation() -> None:
    (told,) = faults(schema_of(small(fault=True), "/openapi.json"), 50, {})
    assert told.startswith("GET /pairs/{number} (positive): ")
