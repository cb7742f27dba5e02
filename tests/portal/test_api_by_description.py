"""The portal's API by its description: requests right and wrong for each audience, and a client made from it."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest
from sqlalchemy import text
from starlette.testclient import TestClient

from cni.store.engine import reading
from tests.portal.described import called_by, client_of, faults, schema_of
from tests.portal.house import FIRST, OFFERED, SECOND, WORKS
from tests.portal.sites import ORIGIN, Site

pytestmark = pytest.mark.api

HOST = ORIGIN.removeprefix("http://")
DESCRIPTION = "/api/v1/openapi.json"
KNOWN = {
    "round_id": [FIRST, SECOND],
    "request_id": ["r001", "r003", "r004", "r059"],
    "circuit_id": [OFFERED],
    "works_id": [WORKS],
    "number": ["1", "2", "CNI-2027-00001"],
}


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
    headers = {"host": HOST} | ({"Authorization": f"Bearer {site.token_of(who, *scopes)}"} if who else {})
    before = entries(site)
    assert faults(schema_of(site.guard, DESCRIPTION, HOST), 12, headers, KNOWN) == []
    if not scopes:
        assert entries(site) == before


def test_a_client_made_from_the_description_reads_rounds(site: Site, tmp_path: Path) -> None:
    served = TestClient(
        site.guard, base_url=ORIGIN, headers={"Authorization": f"Bearer {site.token_of('ana', 'read')}"}
    )
    made = client_of(served.get(DESCRIPTION).json(), tmp_path, "portal_client")
    name = next(path.stem for path in tmp_path.glob("portal_client/api/rounds/list_rounds*.py"))
    rounds = import_module(f"portal_client.api.rounds.{name}")
    told = rounds.sync(client=made.Client(base_url=ORIGIN).set_httpx_client(called_by(served, ORIGIN)))
    assert [each["round"] for each in told.to_dict()["rounds"]] == [SECOND, FIRST]
