"""The portal's API by its description: requests right and wrong for each audience, and a client made from it."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest
from sqlalchemy import text
from starlette.testclient import TestClient

from cni.store.engine import reading
from tests.portal.described import client_of, faults, schema_of
from tests.portal.house import FIRST, OFFERED, SECOND, WORKS
from tests.portal.sites import ORIGIN, Site

pytestmark = pytest.mark.api

DESCRIPTION = "/api/v1/openapi.json"
KNOWN = {
    "round_id": [FIRST, SECOND],
    "request_id": ["r001", "r003", "r004", "r059"],
    "circuit_id": [OFFERED],
    "works_id": [WORKS],
    "number": ["1", "2", "CNI-2027-00001"],
}
LACKING = (
    # the description names no problem details there
    "GET /api/v1/documents/{number}/ubl (positive): Undocumented status code",
    # what a public pack masks leaves out `evidence`, `circuits` ..., which the schema cni.pack/1 demands
    "GET /api/v1/rounds/{round_id}/public-pack (positive): Response violates schema",
)
"""Known and to be mended."""


def entries(site: Site) -> int:
    """How many changes the log holds."""
    with reading(site.engine) as connection:
        return int(connection.execute(text("select count(*) from audit")).scalar_one())


@pytest.mark.parametrize(
    ("who", "scopes"),
    [("", ()), ("ana", ("submit", "circuits")), ("hal", ("submit",)), ("aud", ()), ("cora", ("works", "circuits"))],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_requests_made_from_the_description_are_answered_as_it_says(
    site: Site, who: str, scopes: tuple[str, ...]
) -> None:
    headers = {"Authorization": f"Bearer {site.token_of(who, *scopes)}"} if who else {}
    before = entries(site)
    found = faults(schema_of(site.guard, DESCRIPTION), 12, headers, KNOWN)
    assert not [fault for fault in found if not fault.startswith(LACKING)]
    if not scopes:
        assert entries(site) == before


def test_a_client_made_from_the_description_reads_rounds(site: Site, tmp_path: Path) -> None:
    served = TestClient(
        site.guard, base_url=ORIGIN, headers={"Authorization": f"Bearer {site.token_of('ana', 'read')}"}
    )
    made = client_of(served.get(DESCRIPTION).json(), tmp_path, "portal_client")
    name = next(path.stem for path in tmp_path.glob("portal_client/api/rounds/list_rounds*.py"))
    rounds = import_module(f"portal_client.api.rounds.{name}")
    told = rounds.sync(client=made.Client(base_url=ORIGIN).set_httpx_client(served))
    assert [each["round"] for each in told.to_dict()["rounds"]] == [SECOND, FIRST]
