"""``byodkim sandbox``: a standing sandbox (the distribution ses-sandbox), and the commands that change it."""

from __future__ import annotations

import argparse
import gettext
import inspect
import json
import re
import sys
from collections.abc import Callable
from dataclasses import asdict
from datetime import timedelta
from importlib import import_module
from typing import Any, Final

from second_edition.errors import SandboxError
from second_edition.messages import ambient, say
from second_edition.sandbox.client import Sandbox

UNITS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86400}
CHANGES: Final = """
Rehearse in it:
  papermill notebooks/PROCEDURE.ipynb outputs/rehearsal.ipynb -r selector {next_selector} -p mode apply \\
    -p target sandbox -p endpoint_url {endpoint_url} -p nameservers {nameservers}

Change it:
  byodkim sandbox advance 72h --port {port}
  byodkim sandbox reset --scenario dns-absent --port {port}
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the sandbox's own options and the commands that change it; without a command it is ``start``.

    Raises:
        SandboxError: the sandbox is not installed.
    """
    standing = _standing()
    standing.add_options(parser)
    commands = parser.add_subparsers(dest="sandbox_command", metavar="COMMAND")
    start = commands.add_parser("start", help="start it and stay until Ctrl-C (the default)")
    standing.add_options(start, defaults=False)
    _add_command(commands, "state", "show its facts, time, settings, identities and key records")
    reset = _add_command(commands, "reset", "start anew, in another scenario if one is named")
    reset.add_argument(
        "--scenario", dest="reset_to", choices=sorted(standing.ALL), default="", help="(the one that is)"
    )
    advance = _add_command(commands, "advance", "move its clock forward")
    advance.add_argument("by", type=duration, help="such as 72h, 13d, 30m or 90s")
    for name, words in (("publish", "publish a selector's key record"), ("unpublish", "take a key record away")):
        one = _add_command(commands, name, words)
        one.add_argument("--identity", default="", help="another identity than the sandbox's own, as fleet has them")
        one.add_argument("--selector", default=argparse.SUPPRESS, help="the next selector unless given")
        one.add_argument("--server", default="", help="at one name server, such as ns2; at all unless given")
        if name == "publish":
            one.add_argument("--value", default="", help="in the key's place, as somebody may type it")
    knob = _add_command(commands, "knob", "change a setting")
    knob.formatter_class, knob.epilog = argparse.RawDescriptionHelpFormatter, _knobs()
    knob.add_argument("name")
    knob.add_argument("value")


def run(arguments: argparse.Namespace) -> int:
    """Do what the command line says and return its exit code: 0, or 1 with one paragraph on standard error."""
    if arguments.sandbox_command in (None, "start"):
        procedure = "prepare" if arguments.scenario == "unprepared" else "rotate"
        try:
            return int(_standing().serve(arguments, gettext.gettext(CHANGES).replace("PROCEDURE", procedure)))
        except ImportError as problem:
            raise _lacking(problem) from None
    try:
        state = _changed(arguments).state()
    except SandboxError as problem:
        print(problem, file=sys.stderr)
        return 1
    whole = arguments.json or arguments.sandbox_command == "state"
    if whole:
        print(json.dumps(state, indent=2, ensure_ascii=False))
    else:
        print("\n".join([*_now(arguments, state), _line(state)]))
    return 0


def _now(arguments: argparse.Namespace, state: dict[str, Any]) -> list[str]:
    """Return what a change has come to: a setting's value, or which name servers serve the key record."""
    if arguments.sandbox_command == "knob":
        return [f"{arguments.name}: {state['knobs'][arguments.name]}"]
    if arguments.sandbox_command not in ("publish", "unpublish"):
        return []
    facts = state["facts"]
    name = _owner(arguments, facts["next_selector"], facts["domain"])
    serving = [one["name"] for one in state["name_servers"] if name.lower() in one["txt"]]
    return [f"{name}: {', '.join(serving) or '-'}"]


def _owner(arguments: argparse.Namespace, selector: str, domain: str) -> str:
    """Return the name of the key record; ``selector`` and ``domain`` are the sandbox's own."""
    return f"{arguments.selector or selector}._domainkey.{arguments.identity or domain}"


def _line(state: dict[str, Any]) -> str:
    """Return in one line which world it is now."""
    facts, key = state["facts"], "changed-twin" if "run" in state["facts"]["about"] else "changed"
    return say("sandbox", key, ambient(), **{**facts, **facts["about"]}, now=state["now"])


def _knobs() -> str:
    """Return the settings that can be changed, as the sandbox describes them, with their defaults."""
    knobs = import_module("second_edition.ses_sandbox.knobs").Knobs
    described = gettext.gettext((inspect.getdoc(knobs) or "").partition("Attributes:\n")[2]).replace("`", "")
    defaults = "\n".join(f"    {name}={value}" for name, value in asdict(knobs()).items())
    return f"{described}\n\n{gettext.gettext('defaults')}:\n{defaults}"


def duration(text: str) -> timedelta:
    """Return ``72h``, ``13d``, ``30m`` or ``90s`` as a time.

    Raises:
        argparse.ArgumentTypeError: it is none of these.
    """
    found = re.fullmatch(r"(\d{1,7})([smhd])", text)
    if not found:
        raise argparse.ArgumentTypeError(gettext.gettext("%r is not a time such as 72h, 13d, 30m or 90s") % text)
    return timedelta(seconds=int(found[1]) * UNITS[found[2]])


def _standing() -> Any:
    try:
        return import_module("second_edition.ses_sandbox.__main__")
    except ImportError as problem:
        raise _lacking(problem) from None


def _lacking(problem: ImportError) -> SandboxError:
    values = {"package": str(problem.name)}
    language = ambient()
    return SandboxError.said("sandbox", "lacking", language, **values)


def _add_command(commands: Any, name: str, words: str) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(name, help=words)
    parser.add_argument("--port", type=_standing().port, default=argparse.SUPPRESS, help="where it stands (4599)")
    parser.add_argument("--json", action="store_true", help="print all of its state, as state does")
    return parser


def _changed(arguments: argparse.Namespace) -> Sandbox:
    sandbox = Sandbox.connect(f"http://127.0.0.1:{arguments.port}", ambient())
    changes: dict[str, Callable[[], None]] = {
        "state": lambda: None,
        "reset": lambda: sandbox.reset(arguments.reset_to),
        "advance": lambda: sandbox.advance(arguments.by),
        "publish": lambda: _publish(sandbox, arguments),
        "unpublish": lambda: sandbox.unpublish(
            arguments.selector, server=arguments.server, identity=arguments.identity
        ),
        "knob": lambda: sandbox.set_knobs(**{arguments.name: arguments.value}),
    }
    changes[arguments.sandbox_command]()
    return sandbox


def _publish(sandbox: Sandbox, arguments: argparse.Namespace) -> None:
    """Publish the key record that pairs with the private key, or whatever value is given in its place."""
    if not arguments.value:
        sandbox.publish(arguments.selector, server=arguments.server, identity=arguments.identity)
        return
    name = _owner(arguments, sandbox.facts.next_selector, sandbox.facts.domain)
    sandbox.set_record(name, "TXT", [arguments.value], server=arguments.server)
