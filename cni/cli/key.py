"""`cni key`: trustees' keys and round keys. Pure: files in, files out, no database."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cni.cli.options import group
from cni.errors import DONE

NAME = "key"
app = group("Keys that requests are sealed to: any two of three trustees open a round, none alone.")

Out = Annotated[Path, typer.Option("-o", "--out", metavar="FILE", help="A new file.")]
Identity = Annotated[
    list[Path], typer.Option("--identity", "-i", metavar="FILE", help="A trustee's secret key (age identity).")
]


@app.command()
def new(file: Annotated[Path, typer.Argument(metavar="FILE", help="A new file, readable by its owner only.")]) -> int:
    """Make a trustee's key: the secret into the file, the public recipient on stdout. `age-keygen` makes the same.

    Example: cni key new ann.key
    """
    from cni.cli import files, render
    from cni.sealing import new_identity

    secret, recipient = new_identity()
    files.write_secret(file, f"# public key: {recipient}\n{secret}\n")
    render.plain(recipient)
    render.note(f"written: {file} (keep it, and tell nobody); next: cni key round --trustee NAME={recipient} ...")
    return DONE


@app.command(name="round")
def round_(
    trustee: Annotated[
        list[str], typer.Option("--trustee", "-t", metavar="NAME=RECIPIENT", help="Three of them (age1...).")
    ],
    out: Out,
) -> int:
    """Make a round's key for three trustees: a public document with the secret wrapped for each two of them.

    The secret itself is kept nowhere. Run it on a trustee's machine, not the coordinator's.

    Example: cni key round -t ann=age1... -t bob=age1... -t cat=age1... -o round-key.json
    """
    from cni.cli import files, render
    from cni.cli.names import an_id
    from cni.sealing import round_key
    from topology.canonical import canonical_bytes
    from topology.problems import bad_input

    named: dict[str, str] = {}
    for word in trustee:
        name, equals, recipient = word.partition("=")
        if not equals or name in named:
            said = "trustees are given once each, as NAME=RECIPIENT."
            raise bad_input(said, file="--trustee", value=word, code="bad_usage")
        named[an_id(name, "--trustee")] = recipient
    document = round_key(named)
    files.check_new(out)
    files.write_atomically(out, canonical_bytes(document) + b"\n")
    render.plain(document["recipient"])
    render.note(f"written: {out}; next: cni round create ROUND --key {out}")
    return DONE


@app.command()
def half(
    key: Annotated[Path, typer.Argument(metavar="KEY", help="The round's key document.")],
    identity: Identity,
    out: Out,
) -> int:
    """Where two trustees cannot meet: the first (by name) takes off their layer and passes the rest to the second.

    What is passed on is still sealed to the second trustee, one entry for each that could be.

    Example: cni key half round-key.json -i ann.key -o half.json
    """
    from cni.cli import files, render
    from cni.sealing import half_open
    from topology.canonical import canonical_bytes
    from topology.problems import bad_input

    document = files.read_key(key)
    if len(identity) != 1:
        raise bad_input("one key is needed.", file="--identity", value=str(len(identity)))
    halves = half_open(document, files.read_secret(identity[0]))
    if not halves:
        said = f"you come last of {', '.join(document['trustees'])}; another trustee has to begin."
        raise bad_input(said, file="--identity", code="bad_key")
    files.check_new(out)
    files.write_atomically(out, canonical_bytes(halves) + b"\n")
    seconds = " or ".join(h["second"] for h in halves)
    render.note(f"written: {out}; pass it to {seconds}, for: cni round unseal ROUND --half {out} -i THEIR.KEY")
    return DONE
