"""`cni bill tariff`, `policy`, `facts`: what runs are computed from. The groups join that of `bill`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cni.cli.bill import NAME, app
from cni.cli.house import By, DryRun, Why
from cni.cli.options import Json, group
from cni.errors import DONE

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date
    from typing import Any

__all__ = ["NAME", "app"]

tariffs = group("Tariffs in the database: dated versions.")
policies = group("Fee policies in the database: dated versions.")
facts = group("Facts in the database: parties, owners, costs, accepted fibre, outages, index levels.")
app.add_typer(tariffs, name="tariff")
app.add_typer(policies, name="policy")
app.add_typer(facts, name="facts")

From = Annotated[
    str | None, typer.Option("--from", metavar="DATE", help="First day on which it holds; else valid_from of the file.")
]


@tariffs.command("import")
def tariff_import(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Tariff (TOML).")],
    valid_from: From = None,
    dry_run: DryRun = False,
    by: By = None,
    why: Why = "",
    json: Json = False,
) -> int:
    """Append a version of the tariff. The one that is there already is not written again.

    Example: cni bill tariff import tariff.toml --why "general meeting of 12 December"
    """
    from billing.tariff_file import read_tariff
    from cni.bills.inputs import TARIFF
    from cni.cli import render
    from cni.cli.options import a_date

    tariff, remarks = read_tariff(file)
    render.remarks(remarks)
    since = a_date(valid_from, "--from") or tariff.valid_from
    return _import(TARIFF, tariff.as_json(), file, since, tariff.version, (by, why, dry_run, json))


@policies.command("import")
def policy_import(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Policy (TOML); its table [fees] is kept.")],
    valid_from: From = None,
    dry_run: DryRun = False,
    by: By = None,
    why: Why = "",
    json: Json = False,
) -> int:
    """Append a version of the fee policy. The one that is there already is not written again.

    Example: cni bill policy import policy.toml
    """
    from billing.fees.policy import read_fee_policy
    from cni.bills.inputs import POLICY
    from cni.cli.options import a_date
    from topology.cells import DAY_KIND
    from topology.files.reading import read_toml
    from topology.problems import Problems

    policy = read_fee_policy(file)
    read = read_toml(file, Problems())
    head = read[0] if read is not None else {}
    told = head.get("valid_from")
    since = a_date(valid_from, "--from") or (DAY_KIND.read(str(told)) if told else None)
    return _import(POLICY, policy.as_json(), file, since, str(head.get("version", "")), (by, why, dry_run, json))


@facts.command("import")
def facts_import(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Folder of CSV files (docs/files.md).")],
    dry_run: DryRun = False,
    by: By = None,
    why: Why = "",
    json: Json = False,
) -> int:
    """Append a version of all facts: the folder replaces what was known before. The same facts are not written again.

    Example: cni bill facts import facts
    """
    from billing.facts import read_facts
    from cni.bills.inputs import FACTS
    from cni.cli import render

    found, remarks = read_facts(folder)
    render.remarks(remarks)
    return _import(FACTS, found.as_json(), folder, None, "", (by, why, dry_run, json))


def _import(
    kind: str,
    body: Mapping[str, Any],
    source: Path,
    since: date | None,
    version: str,
    how: tuple[str | None, str, bool, bool],
) -> int:
    from cni.bills.inputs import append
    from cni.cli import house, render
    from cni.views.bill_runs import import_document, import_view

    by, why, dry_run, json = how
    made, written = append(house.engine(), house.act(by, why, dry_run), kind, body, source.name, since, version)
    render.show(import_document(made, written), import_view, json)
    return DONE


def _list(kind: str, json: bool) -> int:
    from cni.bills.inputs import list_versions
    from cni.cli import house, render
    from cni.views.bill_runs import inputs_document, inputs_view

    found = [v for v in list_versions(house.engine()) if v.kind == kind]
    render.show(inputs_document(found), inputs_view, json)
    return DONE


@tariffs.command("list")
def tariff_list(json: Json = False) -> int:
    """Versions of the tariff, oldest first.

    Example: cni bill tariff list
    """
    return _list("tariff", json)


@policies.command("list")
def policy_list(json: Json = False) -> int:
    """Versions of the fee policy, oldest first.

    Example: cni bill policy list
    """
    return _list("policy", json)


@facts.command("list")
def facts_list(json: Json = False) -> int:
    """Versions of the facts, oldest first.

    Example: cni bill facts list
    """
    return _list("facts", json)


VersionNumber = Annotated[int, typer.Argument(metavar="N", help="Number of a version.")]


def _show(kind: str, number: int, json: bool) -> int:
    from cni.bills.inputs import body_of, version_of
    from cni.cli import house, render
    from cni.store.engine import reading
    from cni.views.bill_runs import input_view, version_document

    with reading(house.engine()) as connection:
        held = version_of(connection, kind, number)
        document = version_document(held, body_of(connection, kind, number))
    render.show(document, input_view, json)
    return DONE


@tariffs.command("show")
def tariff_show(number: VersionNumber, json: Json = False) -> int:
    """A version of the tariff, cell by cell.

    Example: cni bill tariff show 1
    """
    return _show("tariff", number, json)


@policies.command("show")
def policy_show(number: VersionNumber, json: Json = False) -> int:
    """A version of the fee policy, cell by cell.

    Example: cni bill policy show 1
    """
    return _show("policy", number, json)


@facts.command("show")
def facts_show(number: VersionNumber, json: Json = False) -> int:
    """A version of the facts, cell by cell.

    Example: cni bill facts show 1
    """
    return _show("facts", number, json)
