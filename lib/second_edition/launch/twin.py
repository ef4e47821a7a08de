"""``byodkim twin``: a sandbox whose world is a copy of what a plan run of production observed."""

from __future__ import annotations

import argparse
import gettext
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import msgspec
from msgspec.structs import replace

from second_edition.display import summary
from second_edition.display.words import Words, of
from second_edition.events.run import Parameter
from second_edition.evidence import fleet_twin, journal, past, twin
from second_edition.evidence.archived import RecordError, from_here, open_record
from second_edition.evidence.record import Record
from second_edition.evidence.world import World
from second_edition.launch import LAST_PORT, whole
from second_edition.messages import ambient, say
from second_edition.procedures.fleet import campaign
from second_edition.sandbox.client import check_installed

READY: Final = "The twin is ready."
#: Parameters that say where production is: a twin says that itself.
_PLACE: Final = frozenset(
    {"aws_profile", "endpoint_url", "nameservers", "region", "store_profile", "store_region", "target"}
)
_URL: Final = "ENDPOINT-URL"
_PLAN: Final = "PLAN-RUN"
PRINTED: Final = "the id of that plan run, which it prints"
CHANGES: Final = """
Rehearse in it:
  COMMAND

Change it:
  byodkim sandbox advance 72h --port {port}
  byodkim sandbox reset --port {port}
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("record", type=Path, metavar="RECORD.ipynb", help="the record of a plan run")
    parser.add_argument("--port", type=whole(0, LAST_PORT), default=4599, help="of the AWS endpoint (4599)")
    what = "of the first name server (5354)"
    parser.add_argument("--dns-port", type=whole(0, LAST_PORT), default=5354, help=what)
    parser.add_argument(
        "--description", type=Path, metavar="FILE", help="write the description there and start nothing"
    )


def run(arguments: argparse.Namespace) -> int:
    """Say what is copied and what is not, and serve the twin until Ctrl-C.

    Raises:
        RecordError: the record cannot be read, or has no identity.
        SandboxError: the sandbox is not installed.
    """
    record = open_record(arguments.record).record
    if record is None:
        raise _unfit(arguments.record)
    found = described(record, arguments.record)
    print("\n".join(_said(found, Words(ambient(), of(record.begin).zone))), flush=True)
    if arguments.description:
        arguments.description.write_bytes(msgspec.json.format(msgspec.json.encode(found.description)))
        return 0
    check_installed(ambient())
    description = import_module("second_edition.ses_sandbox.description").of(msgspec.json.encode(found.description))
    options = argparse.Namespace(
        port=arguments.port, dns_port=arguments.dns_port, scenario="ready", description=description,
        domain="", selector="", current_selector="", identities=0, requests_per_second=0,
    )  # fmt: skip
    return int(
        import_module("second_edition.ses_sandbox.__main__").serve(options, _changes(from_here(record, arguments.record)), READY)
    )


def _changes(record: Record) -> str:
    """Return the part of the greeting that says how the plan's own procedure is rehearsed, and how time passes."""
    command = "\n  ".join(rehearsal(record, _URL)).replace("{", "{{").replace("}", "}}")
    return gettext.gettext(CHANGES).replace("COMMAND", command.replace(_URL, "{endpoint_url}"))


def rehearsal(record: Record, endpoint_url: str) -> list[str]:
    """Return the commands that rehearse a plan in its twin: what the run was given, but for where production is.

    A campaign's are two: its plan, and what carries that out once its id is known.
    """
    given = {name: value for name, value in record.begin.parameters.items() if name not in _PLACE}
    twins = {"target": "twin", "endpoint_url": endpoint_url}
    given |= {name: Parameter(value=value, source="parameter") for name, value in twins.items()}
    # Production's own run, which its record proposes, must not overwrite the notebook of the rehearsal.
    begin = replace(record.begin, parameters=given, run=f"{record.begin.run}-rehearsed")
    if record.procedure == "fleet":
        asked = Record([replace(begin, folder=""), *record.events[1:]])
        plan, apply = campaign.command(asked, "plan", ""), campaign.command(asked, "apply", _PLAN)
        return [plan, f"{apply}  # {_PLAN}: {gettext.gettext(PRINTED)}"]
    return [summary.command(Record([begin, *record.events[1:]]), record.begin.selector)]


def described(record: Record, path: Path) -> twin.Twin:
    """Return the twin of a record; earlier records beside it tell how long SES takes.

    Raises:
        RecordError: the record cannot be read, has no identity, has one in several accounts or Regions, or is of a
            rehearsal or of no whole plan run.
    """
    try:
        fleet = record.procedure == "fleet"
        whole = record.begin.mode == "plan" and record.closed is not None and World.of(record.begin) is not None
        if record.begin.twin or not (fleet or whole):
            raise _unfit(path)
        return fleet_twin.read(record, path.parent, 0.0 if fleet else _verification_s(record, path.parent))
    except fleet_twin.SeveralPlaces as problem:
        raise RecordError.said("twin", "places", ambient(), path=path, domains=problem) from None
    except (LookupError, OSError, TypeError, ValueError) as problem:
        raise _unfit(path) from problem


def _unfit(path: Path) -> RecordError:
    return RecordError.said("twin", "unfit", ambient(), path=path)


def _verification_s(record: Record, folder: Path) -> float:
    """Return how long SES took at the newest switch of the identity, 0 where no record tells."""
    world = World.of(record.begin)
    if world is None:
        return 0.0
    traces = [one for _, one in past.traces(journal.earlier(folder, world.same_identity))]
    took = [one.unsigned.total_seconds() for one in past.switches(traces) if one.unsigned is not None]
    return took[-1] if took else 0.0


def _said(found: twin.Twin, words: Words) -> list[str]:
    world = found.description
    about, identities, secrets = (world[name] for name in ("about", "identities", "secrets"))
    selectors = dict.fromkeys(selector for one in identities for selector in one["selectors"])
    values: dict[str, Any] = {
        "account": about["account"] or "-", "at": words.time(about["at"]), "run": about["run"],
        "domain": campaign.names(sorted(one["name"] for one in identities), words.language),
        "selector": campaign.names([*selectors], words.language),
        "secrets": len(secrets), "versions": sum(len(one["versions"]) for one in secrets),
        "objects": len(world["objects"]), "servers": len(world["servers"]), "records": len(world.get("records", ())),
    }  # fmt: skip
    unknown = [say("twin", f"unknown.{key}", words.language, **more) for key, more in found.unknown]
    return [say("twin", "copied", words.language, **values), *dict.fromkeys(unknown), ""]
