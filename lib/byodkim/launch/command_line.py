"""The command ``byodkim``: runs, records shown and verified, their site, DNS requests, approvals, and the sandbox."""

from __future__ import annotations

import argparse
import gc
import gettext
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import Any, Final, NamedTuple

import byodkim
from byodkim.custody import client
from byodkim.display.blocks import visible
from byodkim.errors import ByodkimError
from byodkim.messages import LOCALE, ambient, translated

ERROR: Final = 2
PROCEDURES: Final = "launch.rotate"


class Command(NamedTuple):
    """A command: what it does; an example without ``byodkim``; its module, where that is not ``launch.NAME``."""

    what: str
    example: str
    module: str = ""


#: The commands, in the groups in which the help shows them.
GROUPS: Final[Mapping[str, Mapping[str, Command]]] = {
    "Set up": {
        "init": Command(
            "make a project: notebooks/, byodkim.toml and outputs/; nothing is overwritten", "init", "launch.project"
        ),
        "lab": Command("open a working copy of a notebook in JupyterLab", "lab rotate", "launch.project"),
        "policy": Command(
            "print the least-privilege IAM policy of commands, for a profile's own values", "policy rotate --mode apply"
        ),
        "sandbox": Command(
            "AWS and DNS on loopback, to rehearse rotations in", "sandbox --scenario dns-absent", "sandbox.command"
        ),
        "twin": Command(
            "a sandbox that copies what a plan run observed, to rehearse its change in",
            "twin outputs/CHG-1042-plan.ipynb",
        ),
    },
    "Rotate": {
        "prepare": Command(
            "run notebooks/prepare.ipynb: make and store the next key pair", "prepare -p mode apply", "launch.rotate"
        ),
        "rotate": Command(
            "run notebooks/rotate.ipynb, with a name of its own and a page",
            "rotate -r selector mail-20261124-1 -p mode apply",
        ),
        "retire": Command(
            "run notebooks/retire.ipynb: withdraw a selector that was left",
            "retire -r selector mail-20260912-1",
            "launch.rotate",
        ),
        "fleet": Command(
            "run notebooks/fleet.ipynb: many identities, in waves, each with its own record",
            "fleet -p identities identities.csv",
            "launch.rotate",
        ),
        "approve": Command("sign the plan of a plan run with your own key", "approve outputs/CHG-1042-plan.ipynb"),
    },
    "DNS": {
        "request": Command(
            "write the DNS request that a record supports, as CSV", "request outputs/CHG-1042-plan.ipynb"
        ),
        "lint": Command(
            "name every defect of a request sheet, and correct it",
            "lint sheet.csv --record outputs/CHG-1042-plan.ipynb -o corrected.csv",
        ),
        "reply": Command("write to the DNS team about what they published", "reply outputs/CHG-1042-plan.ipynb"),
        "publish": Command(
            "publish a key record where you write DNS yourselves, and prove it", "publish outputs/CHG-1042-plan.ipynb"
        ),
    },
    "Records": {
        "record": Command(
            "make a self-contained HTML page of a run's notebook and journal", "record outputs/CHG-1042.ipynb"
        ),
        "message": Command(
            "verify a message that was received after a run has switched", "message outputs/CHG-1042.ipynb received.eml"
        ),
        "verify": Command(
            "verify archived runs, offline: one line a run, exit code 1 if anything is off", "verify outputs"
        ),
        "archive": Command("add missing timestamps and S3 copies to signed records", "archive outputs/CHG-1042.ipynb"),
        "site": Command("make a static site of every run below a folder", "site outputs"),
        "inventory": Command(
            "look at every identity of an account and Region, and keep what is seen", "inventory --csv identities.csv"
        ),
        "schema": Command("print the JSON Schema of a journal's lines, for programs of others", "schema"),
    },
}
COMMANDS: Final = {name: command for group in GROUPS.values() for name, command in group.items()}
ABOUT: Final = "Rotate the BYODKIM selector of Amazon SES identities, with records that can be verified."
MORE: Final = 'byodkim COMMAND --help says more. Completion in bash: eval "$(_BYODKIM_COMPLETE=bash_source byodkim)"'


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code: 2 with one paragraph on standard error, else the command's."""
    gc.set_threshold(500_000)  # none while libraries load: one takes 25 ms (``tests.bench.command``)
    given = list(sys.argv[1:] if arguments is None else arguments)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")  # a terminal that lacks a character is no reason to fail

    speak()
    if "_BYODKIM_COMPLETE" in os.environ:
        from byodkim.launch.completion import complete

        return complete({name: _in_words(command.what) for name, command in COMMANDS.items()}, parser_of)

    def parsed() -> int:
        # Some options come from the commands themselves, which other commands neither need nor wait for.
        chosen = _parser(given[0] if given else "").parse_args(given)
        run: Callable[[argparse.Namespace], int] = chosen.run
        return run(chosen)

    return carry_out(parsed)


def carry_out(command: Callable[[], int]) -> int:
    """Return the exit code of a command: 2 with one paragraph on standard error, else its own."""
    try:
        code = command()
        sys.stdout.flush()
        return code
    except BrokenPipeError:  # who reads, such as head, has read enough: no word about that, now or at the end
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ERROR
    except ByodkimError as error:
        print(visible(str(error)), file=sys.stderr)
        return ERROR


def speak() -> None:
    """Have argparse's own words, such as "usage", come in the language of the environment."""
    gettext.bindtextdomain("byodkim", LOCALE)
    gettext.textdomain("byodkim")


def parser_of(name: str) -> argparse.ArgumentParser:
    """Return the parser of one command, whose module is loaded for it."""
    command = COMMANDS[name]
    parser = argparse.ArgumentParser(prog=f"byodkim {name}", description=_in_words(command.what))
    _add_command(parser, name)
    return parser


def _parser(command: str) -> argparse.ArgumentParser:
    """Return the parser for one command: the options of others are neither needed nor waited for."""
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser("byodkim", formatter_class=raw, description=_in_words(ABOUT), epilog=_overview())
    parser.add_argument("--version", action="version", version=f"byodkim {byodkim.__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND", help=argparse.SUPPRESS)
    for name, (what, _, _) in COMMANDS.items():
        own = commands.add_parser(name, description=_in_words(what))
        if name == command:
            _add_command(own, name)
    _translate(parser)
    return parser


def _add_command(parser: argparse.ArgumentParser, name: str) -> None:
    """Add what a command takes, and an example."""
    module = COMMANDS[name].module or f"launch.{name}"
    if module == PROCEDURES:
        client.start_ahead()
    command = import_module(f"byodkim.{module}")
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    command.add_arguments(parser)
    example = f"{_in_words('example')}:\n  byodkim {COMMANDS[name].example}"
    parser.epilog = "\n\n".join(filter(None, (example, parser.epilog)))
    parser.set_defaults(run=command.run, command=name)
    _translate(parser)


def _overview() -> str:
    """Return the commands by group, each with an example."""
    width = max(map(len, COMMANDS))
    lines: list[str] = []
    for title, group in GROUPS.items():
        lines += ["", f"{_in_words(title)}:"]
        for name, (what, example, _) in group.items():
            lines += [f"  {name:{width}}  {_in_words(what)}", f"  {'':{width}}  $ byodkim {example}"]
    return "\n".join([*lines[1:], "", _in_words(MORE)])


def _translate(parser: argparse.ArgumentParser) -> None:
    actions: list[Any] = parser._actions
    for action in actions:
        below = isinstance(action, argparse._SubParsersAction)
        for one in (action, *(action._choices_actions if below else ())):
            one.help = _in_words(one.help) if one.help and one.help != argparse.SUPPRESS else one.help
        for each in action.choices.values() if below else ():
            _translate(each)


def _in_words(english: str) -> str:
    return translated(english, ambient(), "help")


if __name__ == "__main__":
    sys.exit(main())
