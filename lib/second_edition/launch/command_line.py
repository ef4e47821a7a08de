"""The command ``byodkim``: runs, records shown and verified, their site, DNS requests, approvals, and the sandbox."""

from __future__ import annotations

import argparse
import contextlib
import gc
import gettext
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib import import_module
from typing import Any, Final, NamedTuple

import second_edition
from second_edition.contributions import about, procedures
from second_edition.custody import client
from second_edition.display.blocks import visible
from second_edition.errors import ByodkimError
from second_edition.launch import escape_unencodable
from second_edition.messages import LOCALE, ambient, say, translated

ERROR: Final = 2
INTERRUPTED: Final = 130
PROCEDURES: Final = "launch.rotate"


class Command(NamedTuple):
    """A command: what it does; an example without ``byodkim``; its module, where that is not ``launch.NAME``."""

    what: str
    example: str
    module: str = ""


def _procedures(group: str) -> dict[str, Command]:
    """Return the commands of a group that run a procedure's notebook."""
    found = {name: about(name) for name in sorted(procedures(), key=lambda name: about(name).place)}
    return {name: Command(one.what, one.example, PROCEDURES) for name, one in found.items() if one.group == group}


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
        **_procedures("Rotate"),
        "approve": Command("sign the plan of a plan run with your own key", "approve outputs/CHG-1042-plan.ipynb"),
    },
    "DNS": {
        "request": Command("write the DNS request of a plan run, as CSV", "request outputs/CHG-1042-plan.ipynb"),
        "lint": Command(
            "find every defect of request sheets, and write a corrected one",
            "lint sheet.csv --record outputs/CHG-1042-plan.ipynb -o corrected.csv",
        ),
        "reply": Command("write to the DNS team about what they published", "reply outputs/CHG-1042-plan.ipynb"),
        **_procedures("DNS"),
    },
    "Records": {
        "record": Command(
            "make a self-contained HTML page of a run's notebook and journal", "record outputs/CHG-1042.ipynb"
        ),
        "verify": Command(
            "verify archived runs, offline: one line a run, exit code 1 if anything is off", "verify outputs"
        ),
        "archive": Command("add missing timestamps and S3 copies to signed records", "archive outputs/CHG-1042.ipynb"),
        "site": Command("make a static site of every run below a folder", "site outputs"),
        "inventory": Command(
            "observe every identity of an account and Region, and record what each signs with",
            "inventory --csv identities.csv",
        ),
        "schema": Command("print the JSON Schema of a journal's lines, for other programs", "schema"),
    },
}
COMMANDS: Final = {name: command for group in GROUPS.values() for name, command in group.items()}
ABOUT: Final = "Rotate the BYODKIM selector of Amazon SES identities, with records that can be verified."
MORE: Final = 'byodkim COMMAND --help says more. Completion in bash: eval "$(_BYODKIM_COMPLETE=bash_source byodkim)"'


def _open_closed() -> None:
    """Open what a scheduler closed of standard input, output and error, so that no file of a run gets its number."""
    for number, (name, mode) in enumerate((("stdin", "r"), ("stdout", "w"), ("stderr", "w"))):
        if getattr(sys, name) is None:
            try:
                os.fstat(number)
            except OSError:
                os.open(os.devnull, os.O_RDWR)  # takes the lowest number that is free
            stream = os.fdopen(number, mode, closefd=False)
            setattr(sys, name, stream)
            setattr(sys, f"__{name}__", stream)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code: 2 with one paragraph on standard error, else the command's."""
    gc.set_threshold(500_000)  # none while libraries load: one takes 25 ms (``tests.second_edition.bench.command``)
    given = list(sys.argv[1:] if arguments is None else arguments)
    _open_closed()
    escape_unencodable()
    speak()
    if "_BYODKIM_COMPLETE" in os.environ:
        from second_edition.launch.completion import complete

        return complete({name: _in_words(command.what) for name, command in COMMANDS.items()}, parser_of)

    def parsed() -> int:
        # Some options come from the commands themselves, which other commands neither need nor wait for.
        chosen, unknown = _parser(given[0] if given else "").parse_known_args(given)
        if unknown:  # with the usage of the command that was meant
            chosen.parser.error(gettext.gettext("unrecognized arguments: %s") % " ".join(unknown))
        speak(getattr(chosen, "language", None))
        run: Callable[[argparse.Namespace], int] = chosen.run
        return run(chosen)

    with _environment():
        return carry_out(parsed)


@contextlib.contextmanager
def _environment() -> Iterator[None]:
    """Restore the language of the environment: a program may run several commands."""
    before = os.environ.get("LANGUAGE", "")
    try:
        yield
    finally:
        os.environ["LANGUAGE"] = before


def carry_out(command: Callable[[], int]) -> int:
    """Return the exit code of a command: 2 with one paragraph on standard error, else its own."""
    try:
        return _carried_out(command)
    except BrokenPipeError:  # who reads, such as head, has read enough: no word about that, now or at the end
        _mute()
    except KeyboardInterrupt:
        return INTERRUPTED
    except ByodkimError as error:
        print(visible(str(error)), file=sys.stderr)
    except OSError as error:  # of standard output, or of a file whose command says no more of it
        path = error.filename or say("launch", "stdout", ambient())
        _mute()
        print(visible(say("launch", "file", ambient(), path=path, reason=error.strerror or error)), file=sys.stderr)
    return ERROR


def _carried_out(command: Callable[[], int]) -> int:
    """Return the exit code once all that was printed is written, of ``--help`` too."""
    try:
        code = command()
    except SystemExit:
        sys.stdout.flush()
        raise
    sys.stdout.flush()
    return code


def _mute() -> None:
    """Let nothing more be written to standard output: what is left there cannot be."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def speak(language: str | None = None) -> None:
    """Have argparse's words, and what belongs to no record, come in a language; the environment's unless given."""
    if language:
        os.environ["LANGUAGE"] = language
    gettext.bindtextdomain("byodkim", LOCALE)
    gettext.textdomain("byodkim")


def parser_of(name: str) -> argparse.ArgumentParser:
    """Return the parser of one command, whose module is loaded for it."""
    commands: argparse._SubParsersAction[argparse.ArgumentParser]
    (commands,) = (one for one in _parser(name)._actions if isinstance(one, argparse._SubParsersAction))
    return commands.choices[name]


def _parser(command: str) -> argparse.ArgumentParser:
    """Return the parser for one command: the options of others are neither needed nor waited for."""
    _speak_here(command)
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser("byodkim", formatter_class=raw, description=_in_words(ABOUT), epilog=_overview())
    parser.add_argument("--version", action="version", version=f"byodkim {second_edition.__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND", help=argparse.SUPPRESS)
    for name, (what, _, _) in COMMANDS.items():
        own = commands.add_parser(name, description=_in_words(what))
        if name == command:
            _add_command(own, name)
    _translate(parser)
    return parser


def _speak_here(command: str) -> None:
    """Speak the language of the profile here before argparse says anything. A procedure's custodian starts first."""
    if command in COMMANDS and _module(command) == PROCEDURES:
        client.start_ahead()
    from second_edition.intent.profile_file import language_here  # after the custodian has been started

    speak(language_here())


def _module(command: str) -> str:
    return COMMANDS[command].module or f"launch.{command}"


def _add_command(parser: argparse.ArgumentParser, name: str) -> None:
    """Add what a command takes, and an example."""
    command = import_module(f"second_edition.{_module(name)}")
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    command.add_arguments(parser)
    example = f"{_in_words('example')}:\n  byodkim {COMMANDS[name].example}"
    parser.epilog = "\n\n".join(filter(None, (example, parser.epilog)))
    parser.set_defaults(run=command.run, command=name, parser=parser)
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
