"""The command ``byodkim``: runs, records shown and verified, their site, DNS requests, approvals, and the sandbox."""

from __future__ import annotations

import argparse
import gc
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import Final

import byodkim
from byodkim.custody import client
from byodkim.display.blocks import visible
from byodkim.errors import ByodkimError

ERROR: Final = 2
PROCEDURES: Final = "byodkim.launch.rotate"
#: The module of each command, which is loaded when the command is called, and what the command does.
COMMANDS: Final[Mapping[str, tuple[str, str]]] = {
    "init": ("byodkim.launch.project", "make a project: notebooks/, byodkim.toml and outputs/; nothing is overwritten"),
    "lab": ("byodkim.launch.project", "open a working copy of a notebook in JupyterLab"),
    "record": ("byodkim.launch.record", "make a self-contained HTML page of a run's notebook and journal"),
    "request": ("byodkim.launch.request", "write the DNS request that a record supports, as CSV"),
    "rotate": (PROCEDURES, "run notebooks/rotate.ipynb, with a name of its own and a page"),
    "prepare": (PROCEDURES, "run notebooks/prepare.ipynb in the same way"),
    "retire": (PROCEDURES, "run notebooks/retire.ipynb in the same way"),
    "fleet": (
        PROCEDURES,
        "run notebooks/fleet.ipynb: many identities, in waves, each with its own record",
    ),
    "lint": ("byodkim.launch.lint", "name every defect of a request sheet, and correct it"),
    "reply": ("byodkim.launch.reply", "write to the DNS team about what they published"),
    "publish": ("byodkim.launch.publish", "publish a key record where you write DNS yourselves, and prove it"),
    "message": ("byodkim.launch.message", "verify a message that was received after a run has switched"),
    "approve": ("byodkim.launch.approve", "sign the plan of a plan run with your own key"),
    "verify": (
        "byodkim.launch.verify",
        "verify archived runs, offline: one line a run, exit code 1 if anything is off",
    ),
    "schema": ("byodkim.launch.schema", "print the JSON Schema of a journal's lines, for programs of others"),
    "archive": ("byodkim.launch.archive", "add missing timestamps and S3 copies to signed records"),
    "inventory": ("byodkim.launch.inventory", "look at every identity of an account and Region, and keep what is seen"),
    "policy": ("byodkim.launch.policy", "print the least-privilege IAM policy of commands, for a profile's own values"),
    "site": ("byodkim.launch.site", "make a static site of every run below a folder"),
    "sandbox": ("byodkim.sandbox.command", "AWS and DNS on loopback, to rehearse rotations in"),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command line and gives its exit code: 2 with one paragraph on standard error, else the command's."""
    gc.set_threshold(100_000)  # few collections while libraries load (``tests.bench.command``)
    given = list(sys.argv[1:] if arguments is None else arguments)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")  # a terminal that lacks a character is no reason to fail

    def parsed() -> int:
        # Some options come from the commands themselves, which other commands neither need nor wait for.
        chosen = _parser(given[0] if given else "").parse_args(given)
        run: Callable[[argparse.Namespace], int] = chosen.run
        return run(chosen)

    return carry_out(parsed)


def carry_out(command: Callable[[], int]) -> int:
    """The exit code of a command: 2 with one paragraph on standard error, else its own."""
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


def _parser(command: str) -> argparse.ArgumentParser:
    """The parser for one command: the options of others are neither needed nor waited for."""
    parser = argparse.ArgumentParser(prog="byodkim", description="Records of BYODKIM rotations, and a sandbox.")
    parser.add_argument("--version", action="version", version=f"byodkim {byodkim.__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for name, (module, what) in COMMANDS.items():
        own = commands.add_parser(name, help=what)
        if name == command:
            if module == PROCEDURES:
                client.start_ahead()
            carried_out = import_module(module)
            carried_out.add_arguments(own)
            own.set_defaults(run=carried_out.run, command=name)
    return parser


if __name__ == "__main__":
    sys.exit(main())
