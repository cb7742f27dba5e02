"""A document as PDF/A-3, by Typst: what a finance officer prints and files, with the e-invoice attached where it is a VAT document.

Data goes in as JSON, never as markup, so that no name or text can do anything. Fonts come from `page_parts` alone and the date of the
file is that of the document: the same document has the same bytes on every machine with the same version of Typst.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from billing.documents.page import page_of
from billing.documents.ubl import has_ubl, ubl_of
from topology.problems import bad_input

PARTS = Path(__file__).with_name("page_parts")
Json = Mapping[str, Any]


def pdf_of(document: Json) -> bytes:
    """The PDF/A-3b of a document (`cni.document/1`), final or draft, with `invoice.xml` attached where it can be an e-invoice.

    Raises `BadInput` where Typst is not installed (the optional extra `pdf`), or the page cannot be set.
    """
    attached = {"invoice": ubl_of(document).decode()} if has_ubl(document) else {}
    made: bytes = _compiled(page_of(document), attached, format="pdf", pdf_standards=["a-3b"])
    return made


def png_of(document: Json, ppi: int = 110) -> list[bytes]:
    """The pages of a document as pictures."""
    made = _compiled(page_of(document), {}, format="png", ppi=ppi)
    return made if isinstance(made, list) else [made]


def _compiled(page: dict[str, Any], attached: Mapping[str, str], **more: Any) -> Any:
    try:
        import typst
    except ImportError:
        said = "PDF needs Typst, which is not installed."
        raise bad_input(said, hint="Install it: python3 -m pip install 'typst>=0.15,<0.16'") from None
    try:
        return typst.compile(
            PARTS / "document.typ",
            root=PARTS,
            font_paths=[PARTS],
            ignore_system_fonts=True,
            sys_inputs={"data": json.dumps(page), **attached},
            **more,
        )
    except typst.TypstError as error:
        raise bad_input(f"The page of {page['number']} cannot be set: {error.message}") from None
