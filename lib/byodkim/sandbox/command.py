"""``byodkim sandbox``: a world that stands until it is told to stop, and the commands that change it."""

from __future__ import annotations

import argparse
import json
import os
import re
import signal
import sys
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final, NoReturn

from byodkim.errors import SandboxError
from byodkim.messages import Language, say
from byodkim.messages.sandbox import SCENARIOS
from byodkim.sandbox.client import Facts, Sandbox

DESCRIPTION: Final = "AWS and DNS on loopback, with SES's own DKIM life cycle, to rehearse rotations in."
PORT: Final = 4599
DNS_PORT: Final = 5354
UNITS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Give ``parser`` the sandbox's options and sub-commands; without one it is ``start``."""
    _add_start_options(parser, fresh=True)
    parser.add_argument("--embedded", action="store_true", help=argparse.SUPPRESS)
    commands = parser.add_subparsers(dest="sandbox_command", metavar="COMMAND")
    start = commands.add_parser("start", help="start it and stay until Ctrl-C (the default)")
    _add_start_options(start, fresh=False)
    _add_command(commands, "state", "show its facts, time, settings, identities and key records")
    reset = _add_command(commands, "reset", "start anew, in another scenario if one is named")
    reset.add_argument("--scenario", dest="reset_to", choices=sorted(SCENARIOS), default="", help="(the one that is)")
    advance = _add_command(commands, "advance", "move its clock forward")
    advance.add_argument("by", type=duration, help="such as 72h, 13d, 30m or 90s")
    for name, words in (("publish", "publish a selector's key record"), ("unpublish", "take a key record away")):
        one = _add_command(commands, name, words)
        one.add_argument("--selector", default=argparse.SUPPRESS, help="the next selector unless given")
        one.add_argument("--server", default="", help="at one name server, such as ns2; at all unless given")
        if name == "publish":
            one.add_argument("--value", default="", help="in the key's place, as somebody may type it")
    knob = _add_command(commands, "knob", "change a setting")
    knob.add_argument("name")
    knob.add_argument("value")


def run(arguments: argparse.Namespace) -> int:
    """Do what the command line says and say its exit code: 0, or 1 with one paragraph on standard error."""
    language: Language = getattr(arguments, "language", "en")
    try:
        if arguments.embedded:
            _serve_embedded(arguments)
        if arguments.sandbox_command in (None, "start"):
            return _serve_standing(arguments, language)
        return _change(arguments)
    except SandboxError as problem:
        if arguments.embedded:
            print(json.dumps({"error": problem.what, "todo": problem.todo}), flush=True)
        else:
            print(problem, file=sys.stderr)
        return 1


def duration(text: str) -> timedelta:
    """``72h``, ``13d``, ``30m`` or ``90s`` as a time.

    Raises:
        argparse.ArgumentTypeError: it is none of these.
    """
    found = re.fullmatch(r"(\d{1,7})([smhd])", text)
    if not found:
        raise argparse.ArgumentTypeError(f"{text!r} is no time such as 72h, 13d, 30m or 90s")
    return timedelta(seconds=int(found[1]) * UNITS[found[2]])


def _add_start_options(parser: argparse.ArgumentParser, *, fresh: bool) -> None:
    def default(value: object) -> Any:
        # A sub-command's defaults would undo options that stand before it.
        return value if fresh else argparse.SUPPRESS

    parser.add_argument("--port", type=int, default=default(PORT), help=f"of the AWS endpoint ({PORT})")
    parser.add_argument(
        "--dns-port", type=int, default=default(DNS_PORT), help=f"of the first name server ({DNS_PORT})"
    )
    parser.add_argument("--scenario", choices=sorted(SCENARIOS), default=default("ready"), help="(ready)")
    parser.add_argument("--domain", default=default(""), help="the signing domain (example.jp)")
    parser.add_argument("--selector", default=default(""), help="the next selector (mail-20261124-1)")
    parser.add_argument("--current-selector", default=default(""), help="the selector in use (mail-20260912-1)")
    what = "so many identities beside its own (0), for the inventory"
    parser.add_argument("--identities", type=int, default=default(0), metavar="NUMBER", help=what)
    what = "SES's calls allowed in a second, 0 for no limit (0); AWS allows 1"
    parser.add_argument("--requests-per-second", type=int, default=default(0), metavar="NUMBER", help=what)


def _add_command(commands: Any, name: str, words: str) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(name, help=words)
    parser.add_argument("--port", type=int, default=argparse.SUPPRESS, help=f"where it stands ({PORT})")
    return parser


def _world(arguments: argparse.Namespace, port: int, dns_port: int) -> Any:
    try:
        from byodkim.sandbox.knobs import Knobs
        from byodkim.sandbox.world import Names, World
    except ImportError as problem:
        raise SandboxError(
            f"The sandbox needs the package {problem.name}.", todo='Install it: pip install "byodkim[sandbox]".'
        ) from None
    given = {
        "domain": arguments.domain,
        "next_selector": arguments.selector,
        "current_selector": arguments.current_selector,
    }
    names = Names(**{name: value for name, value in given.items() if value})
    limits = {"identities": arguments.identities, "requests_per_second": arguments.requests_per_second}
    knobs = Knobs().changed(dict(limits))
    return World(arguments.scenario, names=names, port=port, dns_port=dns_port, knobs=knobs)


def _serve_embedded(arguments: argparse.Namespace) -> NoReturn:
    """Serve until standard input ends: so it ends with the process that started it, however that ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # an interrupted cell interrupts the whole process group
    world = _world(arguments, 0, 0)
    world.start()
    print(json.dumps(world.facts()), flush=True)
    sys.stdin.read()
    # Nothing here outlives the process, and an orderly end takes a third of a second that a run would wait for.
    os._exit(0)


def _serve_standing(arguments: argparse.Namespace, language: Language) -> int:
    over = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: over.set())
    with _world(arguments, arguments.port, arguments.dns_port) as world:
        print(_greeting(Facts(**world.facts()), language), flush=True)
        over.wait()
    return 0


def _greeting(facts: Facts, language: Language) -> str:
    values = {
        "endpoint_url": facts.endpoint_url,
        "region": facts.region,
        "domain": facts.domain,
        "selector": facts.next_selector,
        "nameservers": facts.nameservers,
        "server": facts.nameservers.split(",")[0].rpartition(":")[0],
        "dns_port": facts.nameservers.split(",")[0].rpartition(":")[2],
        "port": facts.endpoint_url.rpartition(":")[2],
        "scenario": facts.scenario,
        "claim": say("sandbox", f"scenario-{facts.scenario}", language),
    }
    return say("sandbox", "standing", language, **values)


def _change(arguments: argparse.Namespace) -> int:
    sandbox = Sandbox.connect(f"http://127.0.0.1:{arguments.port}")
    changes: dict[str, Callable[[], None]] = {
        "state": lambda: None,
        "reset": lambda: sandbox.reset(arguments.reset_to),
        "advance": lambda: sandbox.advance(arguments.by),
        "publish": lambda: _publish(sandbox, arguments),
        "unpublish": lambda: sandbox.unpublish(arguments.selector, server=arguments.server),
        "knob": lambda: sandbox.set_knobs(**{arguments.name: arguments.value}),
    }
    changes[arguments.sandbox_command]()
    print(json.dumps(sandbox.state(), indent=2, ensure_ascii=False))
    return 0


def _publish(sandbox: Sandbox, arguments: argparse.Namespace) -> None:
    """The key record that pairs with the private key, or whatever value is given in its place."""
    if not arguments.value:
        sandbox.publish(arguments.selector, server=arguments.server)
        return
    name = f"{arguments.selector or sandbox.facts.next_selector}._domainkey.{sandbox.facts.domain}"
    sandbox.set_record(name, "TXT", [arguments.value], server=arguments.server)
