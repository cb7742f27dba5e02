"""Long lists in pages: `limit` rows after the one named by `after`, and a Link header to the next page (RFC 8288)."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Query, Request
from fastapi.responses import Response

from cni.portal.web import document

MOST = 1000
Limit = Annotated[int, Query(ge=1, le=MOST, description="rows in a page")]
After = Annotated[str, Query(max_length=100, description="the id after which the page begins")]


def paged(request: Request, value: dict[str, Any], rows: str, name: str, limit: int, after: str) -> Response:
    """The document with one page of its list `rows`, whose rows are known by `name` and stay in their order.

    A page after an id that is not there begins at the start: ids never vanish from these lists.
    """
    every = value[rows]
    places = [n for n, row in enumerate(every) if str(row[name]) == after] if after else []
    begin = places[0] + 1 if places else 0
    part = every[begin : begin + limit]
    headers = {}
    if begin + limit < len(every):
        there = request.url.include_query_params(limit=limit, after=part[-1][name])
        headers["link"] = f'<{there.path}?{there.query}>; rel="next"'
    return document({**value, rows: part}, headers=headers)
