"""The tree of commands, each made when it is asked for.

Typer makes every command of a program before it runs one, which for the hundred and more of `cni` took most of what a
short command took. Here a group knows the names of its commands and makes one the first time it is looked up, and a
process makes the tree once. What comes out is Typer's own objects (tests/cni/test_start.py holds them side by side).
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, MutableMapping
from functools import cache, partial
from typing import Any

import typer
import typer.main
from typer.models import CommandInfo, TyperInfo

Make = Callable[[], Any]


class Commands(MutableMapping[str, Any]):
    """The commands of a group by name, each made at its first use; in the order in which they were named."""

    def __init__(self, makers: dict[str, Make]) -> None:
        self._makers = makers
        self._made: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in self._made:
            self._made[name] = self._makers[name]()
        return self._made[name]

    def __setitem__(self, name: str, command: Any) -> None:
        self._makers[name] = lambda: command
        self._made[name] = command

    def __delitem__(self, name: str) -> None:
        del self._makers[name]
        self._made.pop(name, None)

    def __contains__(self, name: object) -> bool:
        return name in self._makers  # the inherited one would make the command to know

    def __iter__(self) -> Iterator[str]:
        return iter(self._makers)

    def __len__(self) -> int:
        return len(self._makers)


@cache
def command_of(app: typer.Typer) -> Any:
    """The command that a Typer program is, as `typer.main.get_command` gives it; made once in a process.

    The program is complete: what is registered later is not seen.
    """
    root = _group(TyperInfo(app), app)
    if app._add_completion:
        root.params += typer.main.get_install_completion_arguments()
    return root


def _group(info: TyperInfo, top: typer.Typer) -> Any:
    """A group as Typer makes it, but its commands are made later."""
    whole = info.typer_instance
    assert whole is not None
    bare, own = copy.copy(whole), copy.copy(info)
    bare.registered_commands, bare.registered_groups = [], []
    own.typer_instance = bare
    group = typer.main.get_group_from_info(
        own,
        pretty_exceptions_short=top.pretty_exceptions_short,
        rich_markup_mode=top.rich_markup_mode,
        suggest_commands=top.suggest_commands,
    )
    single = {_name(each): partial(_command, each, top) for each in whole.registered_commands}
    groups = {str(each.name): partial(_group, each, top) for each in whole.registered_groups}
    group.commands = Commands({**single, **groups})
    return group


def _command(info: CommandInfo, top: typer.Typer) -> Any:
    return typer.main.get_command_from_info(
        info, pretty_exceptions_short=top.pretty_exceptions_short, rich_markup_mode=top.rich_markup_mode
    )


def _name(info: CommandInfo) -> str:
    assert info.callback is not None
    return info.name or typer.main.get_command_name(info.callback.__name__)
