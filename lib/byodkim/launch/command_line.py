"""The command ``byodkim``: records shown and verified, their site, DNS requests, approvals, and the sandbox."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import byodkim
from byodkim.errors import ByodkimError
from byodkim.messages import LANGUAGES

ERROR: Final = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command line and gives its exit code: 0, or 2 with one paragraph on standard error."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")  # a terminal that lacks a character is no reason to fail
    try:
        # Some options come from the commands themselves, which other commands neither need nor wait for.
        parsed = _parser(given[0] if given else "").parse_args(given)
        run: Callable[[argparse.Namespace], int] = parsed.run
        return run(parsed)
    except ByodkimError as error:
        from byodkim.display.markup import visible

        print(visible(str(error)), file=sys.stderr)
        return ERROR


def _parser(command: str) -> argparse.ArgumentParser:
    """The parser for one command; those that bring their own options have them only when it is theirs."""
    parser = argparse.ArgumentParser(prog="byodkim", description="Records of BYODKIM rotations, and a sandbox.")
    parser.add_argument("--version", action="version", version=f"byodkim {byodkim.__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
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
    if command == "approve":
        from byodkim.launch import approve as approving

        approving.add_arguments(agree)
        agree.set_defaults(run=approving.run)
    proven = commands.add_parser(
        "verify", help="verify archived runs, offline: one line a run, exit code 1 if anything is off"
    )
    if command == "verify":
        from byodkim.launch import verify

        verify.add_arguments(proven)
    for one in (record, request):
        one.add_argument("--language", choices=LANGUAGES, help="(the record's)")
    linting = commands.add_parser("lint", help="name every defect of a request sheet, and correct it")
    if command == "lint":
        from byodkim.launch import lint

        lint.add_arguments(linting)
    answering = commands.add_parser("reply", help="write to the DNS team about what they published")
    if command == "reply":
        from byodkim.launch import reply

        reply.add_arguments(answering)
    listing = commands.add_parser("site", help="make a static site of every run below a folder")
    if command == "site":
        from byodkim.launch import site

        site.add_arguments(listing)
    rehearse = commands.add_parser("sandbox", help="AWS and DNS on loopback, to rehearse rotations in")
    if command == "sandbox":
        from byodkim.sandbox import command as standing

        standing.add_arguments(rehearse)
        rehearse.set_defaults(run=standing.run)
    return parser


def _record(arguments: argparse.Namespace) -> int:
    from byodkim.launch import record

    return record.run(arguments.notebook, arguments.output, arguments.language)


def _request(arguments: argparse.Namespace) -> int:
    from byodkim.launch import request

    return request.run(arguments.notebook, arguments.console_csv, arguments.output, arguments.language)


if __name__ == "__main__":
    sys.exit(main())
