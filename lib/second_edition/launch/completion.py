"""Completion of ``byodkim`` in bash, zsh and fish, by click: its commands, their options, and files.

A shell asks for it through ``_BYODKIM_COMPLETE``. The commands' own argparse parsers say what there is.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import click
from click.shell_completion import CompletionItem, shell_complete

from second_edition.settings import fields_of, notebooks

VARIABLE: Final = "_BYODKIM_COMPLETE"
Parser = Callable[[str], argparse.ArgumentParser]


def complete(commands: Mapping[str, str], parser: Parser) -> int:
    """Answer the shell, and return the exit code. ``commands``: what each does. ``parser``: returns a command's own."""
    return shell_complete(_Commands(commands, parser), {}, "byodkim", VARIABLE, os.environ[VARIABLE])


class _Commands(click.Group):
    """The commands, of which only the one on the command line is loaded."""

    def __init__(self, commands: Mapping[str, str], parser: Parser) -> None:
        super().__init__("byodkim")
        self._commands, self._parser = commands, parser

    def list_commands(self, _: click.Context) -> list[str]:
        return list(self._commands)

    def get_command(self, _: click.Context, name: str) -> click.Command | None:
        if name in os.environ.get("COMP_WORDS", "").split():
            return _command(name, self._parser(name))
        return click.Command(name, help=self._commands[name]) if name in self._commands else None


def _command(name: str, parser: argparse.ArgumentParser) -> click.Command:
    actions = parser._actions
    below = next((action.choices for action in actions if isinstance(action, argparse._SubParsersAction)), None)
    params = [_parameter(action, name) for action in actions if not isinstance(action, argparse._SubParsersAction)]
    if below is not None:
        options = [param for param in params if isinstance(param, click.Option)]
        return click.Group(name, {each: _command(each, one) for each, one in below.items()}, params=options)
    return click.Command(name, params=params, add_help_option=False)


def _parameter(action: argparse.Action, command: str) -> click.Parameter:
    kind = (
        click.Choice([*map(str, action.choices)]) if action.choices else click.Path() if action.type is Path else None
    )
    if not action.option_strings:
        return click.Argument([action.dest], type=kind, nargs=1 if action.nargs in (None, "?") else -1, required=False)
    if isinstance(action.nargs, int) and action.nargs > 1:
        return click.Option(action.option_strings, nargs=action.nargs, multiple=True, shell_complete=_names_of(command))
    return click.Option(action.option_strings, type=kind, is_flag=action.nargs == 0, help=action.help)


def _names_of(command: str) -> Callable[[click.Context, click.Parameter, str], list[CompletionItem]]:
    """Return what completes the names of a notebook's parameters."""

    def names(_: click.Context, __: click.Parameter, begun: str) -> list[CompletionItem]:
        return [
            CompletionItem(name)
            for name in (fields_of(command) if command in notebooks() else ())
            if name.startswith(begun)
        ]

    return names
