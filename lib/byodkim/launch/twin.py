"""``byodkim twin``: a sandbox whose world is a copy of what a plan run of production observed."""

from __future__ import annotations

import argparse
import secrets
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import msgspec

from byodkim.evidence import fleet_twin, journal, past, twin
from byodkim.evidence.archived import RecordError, open_record
from byodkim.evidence.record import Record
from byodkim.evidence.world import World
from byodkim.messages import ambient, say
from byodkim.sandbox.client import check_installed

CHANGES: Final = """
Rehearse in it:
  papermill notebooks/rotate.ipynb outputs/rehearsal.ipynb -r selector {next_selector} -p mode apply \\
    -p target twin -p endpoint_url {endpoint_url}

Change it:
  byodkim sandbox advance 72h --port {port}
  byodkim sandbox reset --port {port}
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("record", type=Path, metavar="RECORD.ipynb", help="the record of a plan run")
    parser.add_argument("--port", type=int, default=4599, help="of the AWS endpoint (4599)")
    parser.add_argument("--dns-port", type=int, default=5354, help="of the first name server (5354)")
    parser.add_argument(
        "--description", type=Path, metavar="FILE", help="write the description there and start nothing"
    )


def run(arguments: argparse.Namespace) -> int:
    """Say what is copied and what is not, and serve the twin until Ctrl-C.

    Raises:
        RecordError: the record cannot be read, or has no identity.
        SandboxError: the sandbox is not installed.
    """
    found = described(arguments.record)
    print("\n".join(_said(found)), flush=True)
    if arguments.description:
        arguments.description.write_bytes(msgspec.json.format(msgspec.json.encode(found.description)))
        return 0
    check_installed(ambient())
    description = import_module("ses_sandbox.description").of(msgspec.json.encode(found.description))
    options = argparse.Namespace(
        port=arguments.port, dns_port=arguments.dns_port, scenario="ready", description=description,
        domain="", selector="", current_selector="", identities=0, requests_per_second=0,
    )  # fmt: skip
    return int(import_module("ses_sandbox.__main__").serve(options, CHANGES))


def described(path: Path) -> twin.Twin:
    """Return the twin of a record; earlier records beside it tell how long SES takes.

    Raises:
        RecordError: the record cannot be read, has no identity, or is of a rehearsal or of no whole plan run.
    """
    record = Record(open_record(path).events)
    try:
        fleet = record.procedure == "fleet"
        if "twin" in record.begin or (not fleet and World.of(record.begin) is None):  # or a sandbox of the run's own
            raise _unfit("unfit.rehearsal", path)
        if not fleet and (record.begin["mode"] != "plan" or record.closed is None):
            raise _unfit("unfit.plan", path)
        found = fleet_twin.read(record, path.parent) if fleet else twin.of(record, _verification_s(record, path.parent))
        found.description["about"]["id"] = secrets.token_hex(8)
        return found
    except (LookupError, OSError, TypeError, ValueError) as problem:
        raise _unfit("unfit", path) from problem


def _unfit(key: str, path: Path) -> RecordError:
    language = ambient()
    return RecordError(say("twin", key, language, path=path), todo=say("twin", f"{key}.todo", language))


def _verification_s(record: Record, folder: Path) -> float:
    """Return how long SES took at the newest switch of the identity, 0 where no record tells."""
    world = World.of(record.begin)
    if world is None:
        return 0.0
    traces = [past.trace(Record(one.events)) for one in journal.earlier(folder, world.same_identity)]
    took = [(one.verified_at - one.written_at).total_seconds() for one in past.switches(traces) if one.verified_at]
    return took[-1] if took else 0.0


def _domains(world: dict[str, Any]) -> str:
    """Return the first identity, and how many more there are."""
    more = len(world["identities"]) - 1
    return f"{world['domain']} (+{more})" if more else str(world["domain"])


def _said(found: twin.Twin) -> list[str]:
    language, world = ambient(), found.description
    about, identity = world["about"], world["identities"][0]
    values: dict[str, Any] = {
        "account": about["account"] or "-", "at": about["at"], "run": about["run"], "domain": _domains(world),
        "selector": ", ".join(identity["selectors"]), "secret": world["secret_id"],
        "versions": sum(len(one["versions"]) for one in world["secrets"]), "objects": len(world["objects"]),
        "servers": len(world["servers"]), "records": len(world.get("records", ())),
    }  # fmt: skip
    unknown = [say("twin", f"unknown.{key}", language, **more) for key, more in found.unknown]
    return [say("twin", "copied", language, **values), *unknown, ""]
