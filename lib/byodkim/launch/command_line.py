"""The command ``byodkim``: a run, a record's page, a DNS request from a record, a plan's approval, and the sandbox."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import byodkim
from byodkim.errors import ByodkimError
from byodkim.launch import archive, lint, reply
from byodkim.messages import LANGUAGES

ERROR: Final = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command line and gives its exit code: 2 with one paragraph on standard error, else the command's."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")  # a terminal that lacks a character is no reason to fail
    try:
        # Some options come from the commands themselves, which other commands neither need nor wait for.
        parser = _parser(
            sandbox=given[:1] == ["sandbox"], approve=given[:1] == ["approve"], rotate=given[:1] == ["rotate"]
        )
        parsed = parser.parse_args(given)
        run: Callable[[argparse.Namespace], int] = parsed.run
        return run(parsed)
    except ByodkimError as error:
        from byodkim.display.markup import visible

        print(visible(str(error)), file=sys.stderr)
        return ERROR


def _parser(*, sandbox: bool, approve: bool = False, rotate: bool = False) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="byodkim", description="Records of BYODKIM rotations, and a sandbox.")
    parser.add_argument("--version", action="version", version=f"byodkim {byodkim.__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    turn = commands.add_parser("rotate", help="run notebooks/rotate.ipynb, with a name of its own and a page")
    if rotate:
        from byodkim.launch import rotate as rotating

        rotating.add_arguments(turn)
        turn.set_defaults(run=rotating.run)
    record = commands.add_parser("record", help="make a self-contained HTML page of a run's notebook and journal")
    record.add_argument("notebook", type=Path, metavar="OUT.ipynb", help="the executed notebook")
    record.add_argument("-o", "--output", type=Path, metavar="FILE.html", help="(the notebook's name with .html)")
    record.set_defaults(run=_record)
    request = commands.add_parser("request", help="write the DNS request that a record supports, as CSV")
    request.add_argument("notebook", type=Path, metavar="RECORD.ipynb", help="the executed notebook")
    request.add_argument("--console-csv", type=Path, metavar="FILE", help="correct this CSV of the SES console instead")
    request.add_argument("-o", "--output", type=Path, metavar="FILE", help="(a name of its own in this folder)")
    request.set_defaults(run=_request)
    agree = commands.add_parser("approve", help="sign the plan of a plan run with your own key")
    if approve:
        from byodkim.launch import approve as approving

        approving.add_arguments(agree)
        agree.set_defaults(run=approving.run)
    for one in (record, request):
        one.add_argument("--language", choices=LANGUAGES, help="(the record's)")
    lint.add_arguments(commands.add_parser("lint", help="name every defect of a request sheet, and correct it"))
    reply.add_arguments(commands.add_parser("reply", help="write to the DNS team about what they published"))
    archive.add_arguments(commands.add_parser("archive", help="make up for what is missing of closed runs' records"))
    rehearse = commands.add_parser("sandbox", help="AWS and DNS on loopback, to rehearse rotations in")
    if sandbox:
        from byodkim.sandbox import command

        command.add_arguments(rehearse)
        rehearse.set_defaults(run=command.run)
    return parser


def _record(arguments: argparse.Namespace) -> int:
    from byodkim.launch import record

    return record.run(arguments.notebook, arguments.output, arguments.language)


def _request(arguments: argparse.Namespace) -> int:
    from byodkim.launch import request

    return request.run(arguments.notebook, arguments.console_csv, arguments.output, arguments.language)


if __name__ == "__main__":
    sys.exit(main())
