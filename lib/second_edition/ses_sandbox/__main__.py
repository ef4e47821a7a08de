"""``python -m second_edition.ses_sandbox``: a world that stands until it is told to stop, or ends with the process that started it."""

from __future__ import annotations

import argparse
import gettext
import json
import os
import signal
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from second_edition.ses_sandbox.errors import LAST_PORT, SandboxError
from second_edition.ses_sandbox.knobs import Knobs
from second_edition.ses_sandbox.scenarios import ALL, Names

if TYPE_CHECKING:
    from second_edition.ses_sandbox.world import World

DESCRIPTION: Final = "AWS and DNS on loopback, with SES's own DKIM life cycle."
PORT: Final = 4599
DNS_PORT: Final = 5354
GREETING: Final = """\
{ready}

For boto3 and the AWS CLI, in another shell:
  export AWS_ENDPOINT_URL={endpoint_url}
  export AWS_ACCESS_KEY_ID=sandbox
  export AWS_SECRET_ACCESS_KEY=sandbox
  export AWS_DEFAULT_REGION={region}

Look at it:
  aws sesv2 get-email-identity --email-identity {domain}
  dig @127.0.0.1 -p {dns_port} +short TXT {next_selector}._domainkey.{domain}
"""
STOPS: Final = "Ctrl-C stops it."
READY: Final = "The sandbox is ready (scenario: {scenario}). {claim}"
CHANGES: Final = """
Change it:
  curl -H 'Content-Type: application/json' -d '{{"advance_seconds": 259200}}' {endpoint_url}/_sandbox/clock
"""


def main(arguments: list[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    parser = argparse.ArgumentParser(prog="python -m second_edition.ses_sandbox", description=DESCRIPTION)
    add_options(parser)
    parser.add_argument("--embedded", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    return _serve_embedded(options) if options.embedded else serve(options)


def add_options(parser: argparse.ArgumentParser, *, defaults: bool = True) -> None:
    """Add the options of a world. Without ``defaults``, one that is not given leaves no mark."""

    def default(value: object) -> Any:
        return value if defaults else argparse.SUPPRESS

    parser.add_argument("--port", type=port, default=default(PORT), help=f"of the AWS endpoint ({PORT})")
    parser.add_argument(
        "--dns-port", type=port, default=default(DNS_PORT), help=f"of the first name server ({DNS_PORT})"
    )
    parser.add_argument("--scenario", choices=sorted(ALL), default=default("ready"), help="(ready)")
    parser.add_argument("--domain", default=default(""), help="the signing domain (example.jp)")
    parser.add_argument("--selector", default=default(""), help="the next selector (mail-20261124-1)")
    parser.add_argument("--current-selector", default=default(""), help="the selector in use (mail-20260912-1)")
    what = "a JSON file that describes the world, in place of a scenario"
    parser.add_argument("--description", type=Path, default=default(None), metavar="FILE", help=what)
    what = "number of further identities (0), for the inventory"
    parser.add_argument("--identities", type=int, default=default(0), metavar="NUMBER", help=what)
    what = "SES calls allowed in a second (0: no limit); AWS allows 1"
    parser.add_argument("--requests-per-second", type=int, default=default(0), metavar="NUMBER", help=what)


def port(text: str) -> int:
    """Return the number of a port; 0 is any that is free.

    Raises:
        argparse.ArgumentTypeError: it is none.
    """
    if not text.isdecimal() or len(text) > len(str(LAST_PORT)) or int(text) > LAST_PORT:
        raise argparse.ArgumentTypeError(gettext.gettext("%s is not a port (0 to 65535)") % repr(text[:40]))
    return int(text)


def serve(options: argparse.Namespace, changes: str = CHANGES, ready: str = READY) -> int:
    """Serve a world until SIGINT or SIGTERM, after a greeting that says what it is, how to use and how to change it.

    Returns:
        The exit code: 1, with one paragraph on standard error, where a port is taken or an option is wrong.
    """
    over = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: over.set())
    try:
        with _world(options, options.port, options.dns_port) as world:
            claim = gettext.gettext(world.scenario.claim)
            facts = world.facts() | {"claim": claim, "port": options.port, "dns_port": options.dns_port}
            greeting = gettext.gettext(GREETING).replace("{ready}", gettext.gettext(ready)) + changes
            print(f"{greeting}\n{gettext.gettext(STOPS)}".format(**facts), flush=True)
            over.wait()
    except SandboxError as problem:
        print(problem, file=sys.stderr)
        return 1
    return 0


def _world(options: argparse.Namespace, port: int, dns_port: int) -> World:
    # A client takes the options from here, and does not wait for moto.
    from second_edition.ses_sandbox.description import read
    from second_edition.ses_sandbox.world import World

    named = {
        "domain": options.domain,
        "next_selector": options.selector,
        "current_selector": options.current_selector,
    }
    names = Names(**{name: value for name, value in named.items() if value}).checked()
    limits = {"identities": options.identities, "requests_per_second": options.requests_per_second}
    given = options.description
    described = read(given) if isinstance(given, Path) else given
    return World(
        options.scenario, names=names, port=port, dns_port=dns_port, knobs=Knobs().changed(dict(limits)),
        description=described,
    )  # fmt: skip


def _serve_embedded(options: argparse.Namespace) -> int:
    """Serve until standard input ends: so it ends with the process that started it, however that ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # an interrupted cell interrupts the whole process group
    try:
        world = _world(options, 0, 0)
        world.start()
    except SandboxError as problem:
        print(json.dumps(problem.plain()), flush=True)
        return 1
    print(json.dumps(world.facts()), flush=True)
    sys.stdin.read()
    # Nothing here outlives the process, and an orderly end takes a third of a second that a run would wait for.
    os._exit(0)


if __name__ == "__main__":
    sys.exit(main())
