"""What everybody may read: what the co-operative is, its calendar, the offer in bands, public packs, open data, the map."""

from __future__ import annotations

import io
import zipfile
from collections import Counter
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from allocation.files.masking import public_pack
from allocation.files.pack import open_pack
from cni.explanations.codes import EXPLANATIONS
from cni.portal.asking import published_pack
from cni.portal.description import operations
from cni.portal.desk import Desk
from cni.portal.problems import not_there
from cni.portal.reading import Seen, announced, rounds_by_date, seen_by, told_round
from cni.portal.visitors import Anyone, desk_of
from cni.portal.web import download, page
from cni.rounds.life import Round
from cni.views.blocks import Fields, Heading, Para, table
from cni.views.maps import plain_layers
from cni.views.round_ import notice_view
from topology.canonical import canonical_bytes
from topology.disclosure import BANDS, band, disclosed
from topology.files.json_form import network_to_json
from topology.formats import exchange
from topology.maps.page import MapParts, map_parts
from topology.maps.plain import svg_map
from topology.model import Network

router = APIRouter()

FORMS = (
    ("network.json", "ofds", "application/json", "Open Fibre Data Standard 0.4, JSON"),
    ("network-geojson.zip", "geojson", "application/zip", "the same standard as GeoJSON: nodes and spans"),
    ("network.gpkg", "gpkg", "application/geopackage+sqlite3", "GeoPackage, for QGIS and other map programs"),
    ("network.kml", "kml", "application/vnd.google-earth.kml+xml", "KML, for Google Earth"),
    ("network-csv.zip", "csv", "application/zip", "CSV files, as the command line reads them"),
)
"""What may be downloaded: name, form, media type, words."""


BACK = '<header><nav class="home" aria-label="Portal"><a href="/map">Back to the portal</a></nav>'
"""Put into the head of the map that fills the window."""


@router.get("/")
def home(request: Request, visitor: Anyone) -> Response:
    """What the co-operative is, and what happens next."""
    desk = desk_of(request)
    rounds = rounds_by_date(desk)
    seen = seen_by(desk, visitor) if rounds else None
    values = {"rounds": announced(rounds, desk.now()), "network": seen.network if seen else None}
    return page(request, "home.html", desk.portal.name, {**values, "illustrative": _illustrative(seen)})


@router.get("/rounds")
def rounds(request: Request, visitor: Anyone) -> Response:
    """The calendar: every round that has been announced."""
    return page(request, "rounds.html", "Rounds", {"rounds": rounds_by_date(desk_of(request))})


@router.get("/rounds/{round_id}")
def one_round(request: Request, visitor: Anyone, round_id: str) -> Response:
    """One round: its dates, what was fixed before it opened, what became of it, and its public pack."""
    desk = desk_of(request)
    found = told_round(desk, round_id)
    pack = public_pack_of(desk, round_id) if found.published_at else None
    values = {
        "round": found,
        "fixed": _fixed(found),
        "pack": _about_pack(pack, found) if pack else None,
    }
    return page(request, "round.html", f"Round {round_id}", values)


SHOWN_ABOVE = ("opens", "gate", "appeals", "acceptance")


def _fixed(found: Round) -> list[Fields]:
    """What the notice fixed beside the dates, which stand above it on the page."""
    if found.notice is None:
        return []
    every = [pair for block in notice_view(found.notice) if isinstance(block, Fields) for pair in block.items]
    kept = [(name, value.partition("; --json")[0]) for name, value in every if name not in SHOWN_ABOVE]
    return [Fields(tuple(kept))]


def _about_pack(pack: dict[str, Any], found: Round) -> dict[str, Any]:
    """What a page says of a public pack."""
    award = pack["award"]
    lines = award["requests"]
    return {
        "digest": pack["digest"],
        "bytes": len(canonical_bytes(pack)),
        "proof": award["proof"],
        "unique": award["unique"],
        "requests": len(lines),
        "full": sum(1 for r in lines if 0 < r["requested"] <= r["granted"]),
        "none": sum(1 for r in lines if not r["granted"]),
        "levels": award["levels"],
    }


def public_pack_of(desk: Desk, round_id: str, attempt: int | None = None) -> dict[str, Any]:
    """The public pack of a published round, made once and kept. Raises Refusal before it is published."""
    whole = published_pack(desk, None, round_id, attempt)

    def made(_: Any) -> dict[str, Any]:
        return dict(public_pack(whole, network_to_json(disclosed(open_pack(whole).network, "public"))))

    return desk.kept(("public pack", whole["digest"]), made)


@router.get("/rounds/{round_id}/public-pack.json")
def public_pack_file(request: Request, visitor: Anyone, round_id: str) -> Response:
    """The public pack as a file."""
    found = public_pack_of(desk_of(request), round_id)
    return download(canonical_bytes(found) + b"\n", f"{round_id}-public.json", "application/json")


@router.get("/offer")
def offer(request: Request, visitor: Anyone) -> Response:
    """What is on offer, in bands: how many pairs about, between where and where."""
    desk = desk_of(request)
    seen = seen_by(desk, None)
    rows = []
    for span in sorted(seen.network.spans.values(), key=lambda s: s.id):
        a, b = seen.network.nodes[span.start], seen.network.nodes[span.end]
        km = f"{span.length_m / 1000:.0f}"
        rows.append(
            (span.id, _place(a), _place(b), km, _owner(seen.network, span.owner), band(span.fibre_count // 2)[1])
        )
    spans = table("span ~from ~to >km ~contributor pairs", rows, empty="nothing is on offer yet")
    counts = Counter(band(s.fibre_count // 2)[1] for s in seen.network.spans.values())
    bands = [(words, counts[words]) for _, words in BANDS]
    since = f"as it stood when round {seen.round} was announced" if seen.round else "as installed and set aside"
    values = {"spans": [spans], "bands": bands, "since": since, "illustrative": seen.network.illustrative}
    return page(request, "offer.html", "What is on offer", values)


def _place(node: Any) -> str:
    return f"{node.name or node.id} ({node.id})" if node.name and node.name != node.id else str(node.id)


def _owner(network: Network, owner: str) -> str:
    known = (network.organisations or {}).get(owner)
    return known.name or owner if known else owner


@router.get("/map")
def map_(request: Request, visitor: Anyone) -> Response:
    """The map, and the way to the one that can be moved and searched."""
    seen = seen_by(desk_of(request), visitor)
    values = {"seen": seen, "illustrative": seen.network.illustrative}
    return page(request, "map.html", "Map", values)


@router.get("/map.svg")
def map_svg(request: Request, visitor: Anyone) -> Response:
    """The map as a picture, as the visitor may see it."""
    desk = desk_of(request)
    seen = seen_by(desk, visitor)
    text = desk.kept(("map.svg", *seen.key), lambda _: svg_map(seen.network, layer=_layers(desk, seen)[0]))
    return Response(text, media_type="image/svg+xml")


@router.get("/map/explore")
def explore(request: Request, visitor: Anyone) -> Response:
    """The map that can be moved, searched and recoloured."""
    parts = _parts(desk_of(request), visitor)
    return page(request, "explore.html", parts.title, {"parts": parts, "back": BACK})


@router.get("/map/explore.css")
def explore_style(request: Request, visitor: Anyone) -> Response:
    """Its style."""
    return Response(_parts(desk_of(request), visitor).style, media_type="text/css")


@router.get("/map/explore.js")
def explore_script(request: Request, visitor: Anyone) -> Response:
    """Its script."""
    return Response(_parts(desk_of(request), visitor).script, media_type="text/javascript")


def _parts(desk: Desk, visitor: Any) -> MapParts:
    seen = seen_by(desk, visitor)
    return desk.kept(("map", *seen.key), lambda _: map_parts(seen.network, _layers(desk, seen)))


def _layers(desk: Desk, seen: Seen) -> list[Any]:
    circuits = [] if seen.audience == "public" else desk.holdings().held.circuits
    return list(plain_layers(desk.holdings().network, seen.network, circuits, seen.on, seen.audience).values())


@router.get("/data")
def data(request: Request, visitor: Anyone) -> Response:
    """Open data: the network as the public may see it, in every form that the house writes."""
    desk = desk_of(request)
    seen = seen_by(desk, None)
    published = [r for r in rounds_by_date(desk) if r.published_at]
    values = {"forms": FORMS, "network": seen.network, "published": published}
    return page(request, "data.html", "Open data", {**values, "illustrative": seen.network.illustrative})


@router.get("/data/{name}")
def data_file(request: Request, visitor: Anyone, name: str) -> Response:
    """One of the files, always as the public may see it."""
    found = next((row for row in FORMS if row[0] == name), None)
    if found is None:
        raise not_there()
    desk, (name, form, kind, _) = desk_of(request), found
    seen = seen_by(desk, None)
    made = desk.kept(("data", form, *seen.key), lambda _: _bytes(seen.network, name, form))
    return download(made, name, kind)


def _bytes(network: Network, name: str, form: str) -> bytes:
    """The file of a form; several files as one zip archive, whose bytes are the same for the same network."""
    target = Path("network.geojson") if form == "geojson" else Path("network" if form == "csv" else name)
    files = exchange.files(network, target, form)
    if len(files) == 1:
        return next(iter(files.values()))
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in sorted(files.items()):
            archive.writestr(zipfile.ZipInfo(path.as_posix(), (1980, 1, 1, 0, 0, 0)), content)
    return packed.getvalue()


@router.get("/explain")
def explain(request: Request, visitor: Anyone) -> Response:
    """Every code with its meaning."""
    rows = [(e.code, e.kind, e.meaning) for e in EXPLANATIONS.values()]
    lead = "Each refusal, finding and error has a short code that never changes. This is what they mean."
    content = [table("code kind ~meaning", rows)]
    values = {"lead": lead, "actions": [], "blocks_of": content, "links": {"code": "/explain/{}"}}
    return page(request, "words.html", "What the codes mean", values)


@router.get("/explain/{code}")
def explain_code(request: Request, visitor: Anyone, code: str) -> Response:
    """One code: what it means, an example, what to do."""
    found = EXPLANATIONS.get(code)
    if found is None:
        raise not_there()
    content = [Para(found.meaning), Heading("Example"), Para(found.example)]
    content += [Heading("What to do"), Para(found.remedy)] if found.remedy else []
    values = {"lead": "", "actions": [], "blocks_of": content, "links": {}}
    return page(request, "words.html", code, values)


@router.get("/developers")
def developers(request: Request, visitor: Anyone) -> Response:
    """What the API offers, from its own description."""
    return page(request, "developers.html", "The API", {"operations": operations(request.app.openapi())})


@router.get("/accessibility")
def accessibility(request: Request, visitor: Anyone) -> Response:
    """What was done so that everybody can use the portal, and whom to tell where it fails."""
    return page(request, "accessibility.html", "Accessibility")


def _illustrative(seen: Seen | None) -> bool:
    return bool(seen and seen.network.illustrative)
