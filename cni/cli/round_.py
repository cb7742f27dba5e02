"""`cni round`: the life of a round in the database."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cni.cli.house import By, DryRun, Why
from cni.cli.options import Json, On, PolicyFile, a_date, a_time, group
from cni.errors import BOUNDED, DONE

if TYPE_CHECKING:
    from cni.rounds.life import Round
    from cni.rounds.notice import Terms

NAME = "round"
app = group("The life of a round, from its notice to its end; its award, told and checked.")

Id = Annotated[str, typer.Argument(metavar="ROUND", help="Id of the round.")]


@app.command()
def create(
    round_id: Id,
    policy: PolicyFile = None,
    on: On = None,
    seed: Annotated[
        str | None, typer.Option("--seed", metavar="TEXT", help="Seed of the lot, where no lottery is drawn (rule B2).")
    ] = None,
    opens: Annotated[
        str | None, typer.Option("--opens", metavar="TIME", help="It opens not before, like 2027-01-06T09:00:00Z.")
    ] = None,
    gate: Annotated[
        str | None,
        typer.Option("--gate", metavar="TIME", help="Until when requests come in, like 2027-01-20T12:00:00Z."),
    ] = None,
    secret_file: Annotated[
        Path | None,
        typer.Option("--secret-file", metavar="FILE", help="The lottery's secret; only its hash is published."),
    ] = None,
    commitment: Annotated[
        str | None, typer.Option("--commitment", metavar="HEX", help="That hash, where another keeps the secret.")
    ] = None,
    public_source: Annotated[
        str | None,
        typer.Option("--public-source", metavar="TEXT", help="Where the lottery's public value will come from."),
    ] = None,
    key: Annotated[
        Path | None, typer.Option("--key", metavar="FILE", help="Round key that requests are sealed to.")
    ] = None,
    dry_run: DryRun = False,
    by: By = None,
    why: Why = "",
) -> int:
    """Make a round on the newest network, with its notice: offer, policy, calendar, lottery and key are fixed from now on.

    Example: cni round create 2027-Q1 --policy policy.toml --gate 2027-01-20T12:00:00Z --secret-file secret.txt --key round-key.json
    """
    from cni.cli import files, house, inputs, render
    from cni.cli.names import an_id
    from cni.rounds import creating
    from cni.rounds.notice import Terms

    terms = Terms(
        opens=a_time(opens, "--opens") if opens else None,
        gate=a_time(gate, "--gate") if gate else None,
        commitment=_commitment(secret_file, commitment),
        public_source=public_source,
        key=None if key is None else files.read_key(key),
    )
    made = creating.create(
        house.engine(),
        house.act(by, why, dry_run),
        an_id(round_id, "ROUND"),
        inputs.policy(policy),
        on=a_date(on, "--on"),
        seed=seed,
        terms=terms,
    )
    render.note(
        f"round {made.id} is {made.state}, on network version {made.network}, {made.on}; "
        f"publish its notice (`cni round notice {made.id}`); {_next(made)}"
    )
    if lacking := _lacking(terms, seed):
        for each in lacking:
            render.note(each)
        render.note(f"not meant so: `cni round override {made.id} annul --why TEXT`, then make another round")
    return DONE


def _lacking(terms: Terms, seed: str | None) -> list[str]:
    """What a notice usually fixes and this one does not, each with what follows from that."""
    said = {
        "no gate (--gate): requests come in until somebody closes it": terms.gate,
        "no key (--key): requests are not sealed": terms.key,
        "no lottery (--secret-file, --public-source): ties are decided by a seed that is known": (
            terms.commitment or terms.public_source or seed
        ),
    }
    return [text for text, given in said.items() if given is None]


def _commitment(secret_file: Path | None, commitment: str | None) -> str | None:
    from allocation.seed import commitment_of
    from cni.cli import files
    from topology.problems import bad_input

    if secret_file is None:
        if commitment is not None and not re.fullmatch("[0-9a-f]{64}", commitment):
            said = "a commitment is 64 lower-case hexadecimal digits."
            raise bad_input(said, file="--commitment", value=commitment)
        return commitment
    if commitment is not None:
        raise bad_input("give the secret's file or its hash, not both.", file="--commitment")
    return commitment_of(files.read_secret(secret_file))


def _next(found: Round) -> str:
    from cni.rounds.life import NEXT

    return NEXT[found.state].replace("ROUND", found.id)


@app.command()
def secret(file: Annotated[Path, typer.Argument(metavar="FILE", help="A new file, for its owner only.")]) -> int:
    """Make a lottery's secret: the secret into the file, its hash on stdout. Keep the file until the award (rule E1).

    Example: cni round secret lottery.txt
    """
    import secrets

    from allocation.seed import commitment_of
    from cni.cli import files, render

    made = secrets.token_hex(32)
    files.write_secret(file, f"{made}\n")
    render.plain(commitment_of(made))
    render.note(f"written: {file}; next: cni round create ROUND --secret-file {file} --public-source TEXT")
    return DONE


@app.command()
def notice(
    round_id: Id,
    out: Annotated[Path | None, typer.Option("-o", "--out", metavar="FILE", help="Write the document here.")] = None,
    json: Json = False,
) -> int:
    """What is published before a round opens: calendar, offer per span, policy, the lottery's commitment, the key.

    Example: cni round notice 2027-Q1 -o notice.json
    """
    from cni.cli import files, house, render
    from cni.rounds.life import get
    from cni.store.engine import reading
    from cni.views.round_ import notice_view
    from topology.canonical import canonical_bytes
    from topology.problems import bad_input

    with reading(house.engine()) as connection:
        found = get(connection, round_id).notice
    if found is None:
        raise bad_input("it was made by a version without notices.", file="ROUND", value=round_id, code="unknown_id")
    if out is not None:
        files.write_atomically(out, canonical_bytes(found) + b"\n")
        render.note(f"written: {out}")
    render.show(found, notice_view, json, illustrative=bool(found["offer"].get("illustrative")))
    return DONE


@app.command(name="open")
def open_(round_id: Id, dry_run: DryRun = False, by: By = None, why: Why = "") -> int:
    """Let requests come in.

    Example: cni round open 2027-Q1
    """
    from cni.cli import house, render
    from cni.rounds import life

    made = life.open_round(house.engine(), house.act(by, why, dry_run), round_id)
    render.note(f"round {made.id} is {made.state}; {_next(made)}")
    return DONE


@app.command()
def close(round_id: Id, dry_run: DryRun = False, by: By = None, why: Why = "", json: Json = False) -> int:
    """Close the gate: no request comes in any more, and the ordered digests of all that came are fixed (rule G4).

    Example: cni round close 2027-Q1
    """
    from cni.cli import house, render
    from cni.rounds import life
    from cni.rounds.submissions import list_receipts
    from cni.views.round_ import receipts_document, receipts_view

    engine = house.engine()
    made = life.close_round(engine, house.act(by, why, dry_run), round_id)
    held = list_receipts(engine, round_id)
    if held or json:
        render.show(receipts_document(round_id, held), receipts_view, json)
    later = "`cni round unseal ROUND` opens what is sealed; then " if made.is_sealed else ""
    render.note(f"round {made.id} is {made.state}; {later.replace('ROUND', made.id)}{_next(made)}")
    return DONE


@app.command()
def receipts(round_id: Id, json: Json = False) -> int:
    """The sealed submissions of a round: number, digest, time. What is in them nobody can read before the gate.

    Example: cni round receipts 2027-Q1
    """
    from cni.cli import house, render
    from cni.rounds.submissions import list_receipts
    from cni.views.round_ import receipts_document, receipts_view

    render.show(receipts_document(round_id, list_receipts(house.engine(), round_id)), receipts_view, json)
    return DONE


@app.command()
def unseal(
    round_id: Id,
    identity: Annotated[
        list[Path], typer.Option("--identity", "-i", metavar="FILE", help="A trustee's secret key; two of them.")
    ],
    half: Annotated[
        Path | None, typer.Option("--half", metavar="FILE", help="What another trustee passed on (cni key half).")
    ] = None,
    paper: Annotated[
        list[str] | None,
        typer.Option("--paper", metavar="NUMBER=FILE", help="The transcript of an envelope, as a requests file."),
    ] = None,
    dry_run: DryRun = False,
    by: By = None,
    why: Why = "",
    json: Json = False,
) -> int:
    """Open what was sealed, after the gate, by two of the three trustees. What does not open or parse is refused by rule.

    Example: cni round unseal 2027-Q1 -i ann.key -i bob.key
    """
    from cni.cli import house, render
    from cni.rounds.opening import open_round_files
    from cni.views.round_ import opening_view

    engine = house.engine()
    secret = _round_secret(round_id, [*identity], half)
    record = open_round_files(engine, house.act(by, why, dry_run), round_id, secret, _transcripts(paper or []))
    render.show(record, opening_view, json)
    render.note(f"opened; next: cni round award {round_id}")
    return DONE


def _round_secret(round_id: str, identity: list[Path], half: Path | None) -> str:
    from cni import sealing
    from cni.cli import files, house
    from cni.rounds.life import get
    from cni.store.engine import reading
    from topology.files.reading import read_json
    from topology.problems import Problems, bad_input

    held = [files.read_secret(path) for path in identity]
    if half is not None:
        found = Problems()
        halves = read_json(half, found)
        found.raise_errors()
        mine = sealing.recipient_of(held[0])
        for each in halves if isinstance(halves, list) else []:
            if isinstance(each, dict) and sealing.opens(each, held[0]):
                return sealing.open_half(each, held[0])
        raise bad_input("nothing in it is for this key.", file=str(half), value=mine, code="bad_key")
    with reading(house.engine()) as connection:
        key = (get(connection, round_id).notice or {}).get("key")
    if not key:
        raise bad_input("requests of this round are not sealed.", file="ROUND", value=round_id, code="not_sealed")
    return sealing.open_together(key, held)


def _transcripts(words: list[str]) -> dict[int, bytes]:
    from cni.cli import files
    from topology.problems import bad_input

    found: dict[int, bytes] = {}
    for word in words:
        number, equals, name = word.partition("=")
        if not equals or not number.isascii() or not number.isdigit() or int(number) in found:
            said = "transcripts are given once each, as NUMBER=FILE."
            raise bad_input(said, file="--paper", value=word, code="bad_usage")
        found[int(number)] = files.read_small(Path(name), "--paper", 1 << 20)
    return found


@app.command()
def award(
    round_id: Id,
    effort: Annotated[int | None, typer.Option("--effort", metavar="N", help="Limit of work; repeatable.")] = None,
    time_limit: Annotated[
        float | None, typer.Option("--time-limit", metavar="SECONDS", help="Limit of wall time; not repeatable.")
    ] = None,
    pack: Annotated[Path | None, typer.Option("--pack", metavar="FILE", help="Write the round pack here too.")] = None,
    secret_file: Annotated[
        Path | None, typer.Option("--secret-file", metavar="FILE", help="The lottery's secret that was committed to.")
    ] = None,
    secret_withheld: Annotated[
        bool, typer.Option("--secret-withheld", help="The public value alone decides the lot (rule E2).")
    ] = False,
    public_value: Annotated[
        str | None, typer.Option("--public-value", metavar="TEXT", help="The value from the source in the notice.")
    ] = None,
    dry_run: DryRun = False,
    by: By = None,
    why: Why = "",
    json: Json = False,
) -> int:
    """Decide a closed round, or what an appeal set aside, and keep the award with all its inputs.

    Exit 0 when the award is proved optimal, 3 when a limit or Ctrl-C ended it before.

    Example: cni round award 2027-Q1 --pack pack.json
    """
    from cni.cli import files, house, render
    from cni.cli.limits import check_limits
    from cni.cli.progress import level_progress
    from cni.rounds.awards import Draw, award_round
    from cni.views.award import award_view
    from topology.canonical import canonical_bytes

    check_limits(effort, time_limit)
    if pack is not None:
        files.check_target(pack, "--pack")
    secret = None if secret_file is None else files.read_secret(secret_file)
    draw = Draw(secret, secret_withheld, public_value)
    with level_progress() as progress:
        made = award_round(
            house.engine(),
            house.act(by, why, dry_run),
            round_id,
            draw=draw,
            effort=effort,
            time_limit_s=time_limit,
            progress=progress,
        )
    if pack is not None:
        files.write_atomically(pack, canonical_bytes(made) + b"\n", "--pack")
    render.show(made["award"], award_view, json, illustrative=_invented(made))
    render.note(f"kept; next: cni round explain REQUEST, cni round publish {round_id}")
    if (value := made["round"]["lottery"].get("public_value")) and made["round"]["lot"] is None:
        wrong = f"cni round override {round_id} value --public-value TEXT, before you publish"
        render.note(f"drawn with the public value {value}; if it is mistyped: {wrong}")
    return DONE if made["award"]["proof"] == "optimal" else BOUNDED


def _invented(pack: dict[str, dict[str, object]]) -> bool:
    """Whether a pack's award is of an illustrative network."""
    return bool(pack["award"].get("illustrative"))
