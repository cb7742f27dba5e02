"""The script: every command of `cni` at least once, in an order that makes a house, bills it and takes it apart.

A line is a command without `cni`. `{a}` and the like are names of the house (tests/looks/house.py), `~` is a blank within a
word, `@file` the text of a file of the house, `> file` keeps what was printed. `at TIME` sets the clock. `2!` before a
command: it must be refused, with exit code 2, and the refusal is what is looked at; else the code must be 0, 1 or 3.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.looks.house import Names

SCRIPT = """
at 2027-01-04T09:00:00Z
explain
explain span_full
schema
schema cni.offer/1
init
2! init
2! network chekc network
2! network offer nowhere
network check network
2! network check scenarios
network offer network --circuits circuits.csv
network routes network {a} {b} --diversity risk
network routes network --pairs pairs.csv --diversity node
network regroom network {a} {b} --circuits circuits.csv
network convert network spine.gpkg
network map network -o map.html --circuits circuits.csv
network map network -o map.svg --circuits circuits.csv
network map network -o owners.png --by owner
network map network -o risk.png --by risk
network map network -o failure.png --node {node} --circuits circuits.csv
network import network --circuits circuits.csv --why as~built
network show
network show --disclosure internal
network history
network export spine.json --disclosure public
circuit sheet network {circuit} --circuits circuits.csv
circuit sheet network {circuit} --circuits circuits.csv -o sheet.html
request check network requests.csv --circuits circuits.csv --policy policy.toml
2! request check network circuits.csv
allocate network requests.csv --circuits circuits.csv --policy policy.toml --seed s -o award.json --pack pack.json
allocate network {member}.csv --circuits circuits.csv --seed s -o other.json
verify pack.json
compare award.json other.json
award circuits pack.json --start 2027-01-04 -o granted.csv
award inputs pack.json -o opened
scenario fail network --circuits circuits.csv --risk-group {group}
scenario fail network --circuits circuits.csv --node {node}
2! scenario fail network --circuits circuits.csv --span nothing
scenario sweep network --circuits circuits.csv --top 20
scenario discs network --circuits circuits.csv --radius 1
scenario availability network --circuits circuits.csv --tariff tariff.toml --disclosure internal --within 1 --effort 1
scenario weak-points network --circuits circuits.csv
scenario build network --candidates candidates.csv --budget 300000
scenario build network --candidates candidates.csv --carbon carbon.csv --alternatives 1
scenario run scenarios/today.toml scenarios/flood.toml scenarios/exchange.toml scenarios/build-survives.toml -o runs
scenario compare scenarios/today.toml scenarios/flood.toml --map compared.svg
scenario report scenarios/today.toml scenarios/flood.toml scenarios/exchange.toml --form register -o register.html
scenario report scenarios/today.toml scenarios/build-survives.toml --form options --disclosure internal -o options.html
bill preview network --circuits circuits.csv --tariff tariff.toml --policy policy.toml --period 2027-01-01/2027-04-01
bill analysis network --circuits circuits.csv --tariff tariff.toml --policy policy.toml --period 2027-01-01/2027-04-01
key new ann.key > ann.pub
key new bob.key > bob.pub
key new cat.key > cat.pub
key round -t ann=@ann.pub -t bob=@bob.pub -t cat=@cat.pub -o round-key.json > to
key half round-key.json -i bob.key -o half.json
round secret lottery.txt
round create {round} --policy policy.toml --opens 2027-01-06 --gate 2027-01-20T12:00:00Z --secret-file lottery.txt --public-source the~national~lottery~draw~of~23~January~2027 --key round-key.json
round create plain --policy policy.toml
round notice {round}
2! round open {round}
at 2027-01-06T10:00:00Z
round open {round}
round open plain
request seal {member}.csv --round {round} --member {member} --to @to -o first.age
request seal {other}.csv --round {round} --member {other} --to @to -o second.age
request seal {third}.csv --round {round} --member {third} --to @to -o third.age
request submit --round {round} --member {member} --sealed first.age --receipt receipt.json
request submit --round {round} --member {other} --sealed second.age
request submit --round {round} --member {third} --sealed third.age
2! request submit --round {round} --member {third} --sealed third.age
request withdraw --round {round} --member {third} --number 3
request import {member}.csv --round plain
request list --round plain
request show {asked} --round plain
round receipts {round}
2! round close {round}
at 2027-01-20T12:00:01Z
round close {round}
round unseal {round} -i ann.key -i cat.key
at 2027-01-25T09:00:00Z
round award {round} --secret-file lottery.txt --public-value 3~17~22~40~41~55 --pack round.json
round explain {asked}
round explain {refused}
round publish {round}
round export {round} -o public.json --disclosure public
verify round.json
verify public.json
verify public.json --against round.json
round replay round.json
round waiting {round}
round show {round}
round appeal {round} --member {other} --why our~rank~was~copied~wrongly~from~the~letter
round decide {round} appeal-1 --dismiss --why the~letter~was~read~again:~it~was~right
round override plain annul --by dora --why made~without~a~gate~and~a~key
round confirm 1 --by edith
round show
at 2027-02-05T10:00:00Z
circuit list --state offered --disclosure internal
circuit show {circuit} --disclosure internal
circuit accept {round}.{asked}-1
circuit show {round}.{asked}-1 --disclosure internal
circuit accept {round}.{asked}-2
circuit decline {round}.{declined}-1
circuit surrender {round}.{asked}-2 --on 2027-06-01
circuit list --for {member}
2! circuit lapse
at 2027-02-20T10:00:00Z
circuit lapse
round finalise {round}
circuit light {round}.{asked}-1 --lit 2027-02-19
circuit cease {circuit} --on 2027-06-01 --why the~office~moves
circuit transfer {second} --to {third} --on 2027-05-01
circuit renew {renewed} --until {until}
circuit show {circuit} --disclosure internal
circuit due --disclosure internal
works plan w-1 --span {span} --from 2027-05-02T22:00:00Z --to 2027-05-03T05:00:00Z --why duct~repair
works plan w-2 --node {node} --from 2027-05-02T22:00:00Z --to 2027-05-03T05:00:00Z --why new~roof
works show w-1 --disclosure internal
works list --disclosure internal
works cancel w-1 --why crew~ill
recall plan {span} --strands 6 --on 2028-01-01 --contributor {owner} --why a~new~tram~line --record
recall list --disclosure internal
network offer --live
scenario weak-points --live --disclosure internal
at 2027-04-01T09:00:00Z
bill tariff import tariff.toml --why general~meeting
bill tariff list
bill tariff show 1
bill policy import policy.toml
bill policy list
bill policy show 1
bill facts import facts
bill facts list
bill facts show 1
bill preview --live --period 2027-01-01/2027-04-01
bill run --period 2027-01-01/2027-04-01 --by ann
2! bill review 1 --by ann
bill review 1 --by bob
bill finalise 1 --by cat --accept-wash as~it~is --accept-missing as~it~is
bill show 1
bill show INV-000001
bill list
bill check
bill reproduce 1
bill export 1 --to json -o exported
bill credit INV-000001 --why sent~to~the~wrong~member
at 2027-07-01T09:00:00Z
bill run --period 2027-04-01/2027-07-01 --by ann
bill compare 3
member add bolton-and-bury-broadband --name The~Bolton,~Bury~and~Rochdale~Broadband~Buying~Society~of~2027~Limited --roles user
member show bolton-and-bury-broadband
member list
member leave bolton-and-bury-broadband --on 2028-01-01 --why merged
member join bolton-and-bury-broadband --on 2029-01-01
access add ann --name Ann~Ash --email ann@bolton-and-bury-broadband.example --member bolton-and-bury-broadband
access add cora --name Cora~Cole --email cora@cni.example --role coordinator --role auditor
access list
access passkeys
access sessions
access tokens
2! access end token 3
access remove ann --why left
audit log --last 12
audit verify
db check
db upgrade
db backup copy.db
2! db restore copy.db
2! serve --url http://portal.example
demo --folder story
"""


@dataclass(frozen=True)
class Scene:
    """A command to play: its place in the script, when, the words, whether it must be refused, and what keeps its output."""

    number: int
    at: str
    words: tuple[str, ...]
    refused: bool
    into: str

    @property
    def name(self) -> str:
        """Names its files: the place, and the words up to the first that is not a command's name."""
        known = [word for word in self.words[:3] if re.fullmatch(r"[a-z-]+", word)]
        return "-".join([f"{self.number:03}", *known])[:48]

    @property
    def line(self) -> str:
        """As it is typed."""
        quoted = (f"'{w}'" if " " in w else w for w in self.words)
        return " ".join(["cni", *quoted])

    def ready(self, place: Path) -> tuple[str, ...]:
        """The words with files of the house put in."""
        return tuple(
            re.sub(r"(^|=)@([a-z.]+)$", lambda m: m[1] + (place / m[2]).read_text().strip(), w) for w in self.words
        )


def scenes(names: Names) -> Iterator[Scene]:
    """The scenes of a house in order."""
    at = ""
    for number, line in enumerate(filter(None, SCRIPT.splitlines())):
        if line.startswith("at "):
            at = line.removeprefix("at ")
            continue
        refused, line = line.startswith("2! "), line.removeprefix("2! ")
        text, _, into = line.partition(" > ")
        yield Scene(number, at, names.words(text), refused, into)
