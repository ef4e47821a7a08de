"""The commands that a campaign's record gives: to go on, to plan anew, and to take all back."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from byodkim.evidence.folders import CAMPAIGN
from byodkim.evidence.record import Record

#: Parameters of a campaign that a command which goes on repeats.
REPEATED: Final = (
    "identities", "selector", "profile", "region", "secret_id", "key_bucket", "aws_profile", "store_region",
    "store_profile", "target", "endpoint_url", "nameservers", "canary", "wave", "pause_minutes", "stop_after",
    "at_once", "language",
)  # fmt: skip
#: Those that say for how much of its plan one run of a campaign is.
_PART: Final = ("lane", "last_wave")


def again(record: Record) -> str:
    """Return the command that goes on with this run of the campaign."""
    mode = str(record.begin["mode"])
    return command(record, mode, approved_by(record) if mode == "apply" else "", (*REPEATED, *_PART))


def approved_by(record: Record) -> str:
    """Return what the run was told of its approval: plan run and files."""
    return str(record.begin["parameters"].get("approved", {}).get("value", ""))


def plan_again(record: Record) -> str:
    """Return the command that plans what is left anew."""
    return command(record, "plan", "")


def way_back(record: Record, table: str) -> str:
    """Return the plan of the rollback: its table names the selectors, all else is as it was."""
    return shlex.join(["byodkim", "fleet", "-r", "identities", table, *_given(record, REPEATED[2:])])


def command(record: Record, mode: str, approved: str, names: Sequence[str] = REPEATED) -> str:
    """Return the command of a further run: ``names`` are the parameters that it repeats."""
    words = ["byodkim", "fleet", *_given(record, names)]
    words += ["-p", "mode", mode] if mode == "apply" else []
    return shlex.join([*words, *(("-r", "approved", approved) if approved else ()), *_beside(record, approved)])


def _beside(record: Record, approved: str) -> list[str]:
    """Return the option that puts the next record beside this one: a plan is looked for in its own archive.

    The folder that a campaign has in the profile's archive is found without it.
    """
    folder = str(record.begin.get("folder", ""))
    if not approved or not folder or CAMPAIGN.fullmatch(Path(folder).name):
        return []
    return ["-o", f"{folder}/fleet-after-{record.begin['run']}.ipynb"]


def _given(record: Record, names: Sequence[str]) -> list[str]:
    """Return the parameters that the campaign was given itself, as words of a command."""
    values = record.begin["parameters"]
    given = [name for name in names if values.get(name, {}).get("source") in ("parameter", "cell")]
    return [word for name in given for word in ("-r", name, str(values[name]["value"]))]
