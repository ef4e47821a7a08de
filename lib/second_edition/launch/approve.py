"""``byodkim approve``: an approver looks at a plan run's record and signs its plan with their own key."""

from __future__ import annotations

import argparse
import contextlib
import getpass
import os
import re
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec import Struct

from second_edition.display import identity, summary, switch
from second_edition.display.blocks import NONE, Block, Paragraph, facts, visible
from second_edition.display.checks import DELEGATION, named
from second_edition.display.notebook import as_text
from second_edition.display.words import Words, of
from second_edition.dkim.secrecy import may_be_key
from second_edition.errors import ByodkimError
from second_edition.events.campaign import Surveyed
from second_edition.evidence import approval, exclusive, fleet_record
from second_edition.evidence.archived import Archived, from_here, sound_record
from second_edition.evidence.journal import digest
from second_edition.evidence.record import ROTATE, Record
from second_edition.evidence.sealing_key import KeyDefect, trusted
from second_edition.evidence.world import World
from second_edition.intent import profile
from second_edition.intent.intent import FLEET, check_loopback
from second_edition.messages import LANGUAGES, Language, ambient, say
from second_edition.procedures.fleet import campaign
from second_edition.procedures.fleet import record as fleet
from second_edition.rotation.checks.activation import early
from second_edition.rotation.findings import Verdict
from second_edition.rotation.fleet_plan import FleetPlan
from second_edition.rotation.outcome import Outcome
from second_edition.rotation.plan import Plan
from second_edition.sandbox.client import Sandbox
from second_edition.settings import APPROVER, Profile

DECLINED: Final = 1
LONGEST: Final = 1000  # characters of a comment


class NotApproved(ByodkimError):
    """A plan cannot be approved. Nothing was signed."""


class PlannedRun(Struct, frozen=True):
    """A plan that may be approved, how its record speaks, and the ``keyid`` of the key that signed it."""

    record: Record
    plan: Plan
    words: Words
    signer: str

    @property
    def language(self) -> Language:
        """Return the record's language, or the one asked for."""
        return self.words.language


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    what = (
        "the executed notebook of a plan run; without one, your public key is shown (the first time, your key is made)"
    )
    parser.add_argument("notebook", type=Path, metavar="RECORD.ipynb", nargs="?", help=what)
    parser.add_argument("--key", type=Path, metavar="FILE", help="(approver.pem in your own configuration folder)")
    parser.add_argument("--name", help="your name as byodkim.toml lists it (your user name)")
    parser.add_argument("--comment", default="", help="a sentence for the record")
    parser.add_argument("--yes", action="store_true", help="do not ask; a key that has to be made gets no passphrase")
    parser.add_argument("--language", choices=LANGUAGES, help="(the record's)")


def run(arguments: argparse.Namespace) -> int:
    """Show the plan, ask, sign, and write the approval beside the record. Without a record, show the public key.

    Gives 0, or 1 where the approver did not say yes.

    Raises:
        NotApproved: the run's plan is not one that can be approved, the key is not the name's by the profile here, or
            the approval cannot be written.
        ApproverKeyError: the approver's key cannot be used.
        RecordError: the file is not the record of a run.
    """
    if arguments.notebook is None:
        return _introduce(arguments)
    archived = sound_record(arguments.notebook, arguments.language)
    planned = _planned_run(archived, arguments.language)
    if may_be_key(arguments.comment):
        raise _refused("private-key", planned.language)
    name = _name(arguments.name, planned.language)
    path = archived.path.with_name(approval.file_name(archived.path.stem, planned.record.begin.run, name))
    if path.exists():
        raise _refused("exists", planned.language, path=path, name=name)
    print(visible("\n\n".join(as_text(block) for block in _shown(planned))))
    if not arguments.yes and not _agrees(name, planned):
        print(say("approve", "declined", planned.language))
        return DECLINED
    key = _key(arguments, name, planned.language)
    _check_owner(name, key, planned)
    comment = arguments.comment[:LONGEST].encode(errors="replace").decode()
    stated = approval.statement(planned.record, planned.plan, name, comment, _now(planned))
    _write(path, approval.sign(stated, key), name, planned.language)
    values = {"name": name, "digest": planned.plan.digest, "path": path}
    print(visible(say("approve", "approved", planned.language, **values)))
    print(visible(_to_be_listed(name, key, planned) or _too_few(planned, path)) or applied(planned, path))
    return 0


def _too_few(planned: PlannedRun, path: Path) -> str:
    """Return how many people have yet to approve; "" where these are enough."""
    begin = planned.record.begin
    given = [one for one in approval.find(begin.run, path.parent) if one.exists()]
    values = {"count": len(given), "needed": begin.approvals}
    return say("approve", "too-few", planned.language, **values) if len(given) < begin.approvals else ""


def applied(planned: PlannedRun, path: Path) -> str:
    """Return how the plan is carried out from here, and for how long the approval counts."""
    record = from_here(planned.record, path)
    begin, fleet, surveyed = record.begin, record.procedure == FLEET, record.of(Surveyed)
    command = f"{summary.command(record, begin.selector)} -r approved {begin.run}"
    if fleet:
        command = campaign.command(record, "apply", begin.run)
    days = begin.approvals_valid_days
    until = surveyed.until if surveyed else early(record.findings)
    before = say("approve", "from", planned.language, until=planned.words.time(until)) + "\n" if until else ""
    return before + say("approve", "apply.fleet" if fleet else "apply", planned.language, command=command, days=days)


def _introduce(arguments: argparse.Namespace) -> int:
    """Show what lists the approver in a profile."""
    language = arguments.language or ambient()
    name = _name(arguments.name, language)
    print(_addition(name, _key(arguments, name, language), _profile("default", language), language))
    return 0


def _name(given: str | None, language: Language) -> str:
    name = given or re.sub(r"[^a-z0-9-]", "-", getpass.getuser().lower()).strip("-")
    if not re.fullmatch(APPROVER, name):
        raise _refused("name", language, name=repr(name[:60]))
    return name


def _planned_run(archived: Archived, language: Language | None) -> PlannedRun:
    """Return the plan of a run, if it may be approved."""
    spoken = language or ambient()
    record = archived.record
    if record is None:
        raise _refused("no-journal", spoken, path=archived.path)
    words, plan, outcome = of(record.begin), _plan(record), record.outcome
    words = Words(language or words.language, words.zone)
    if record.procedure not in (ROTATE, FLEET):
        raise _refused("procedure", spoken, path=archived.path, procedure=record.procedure)
    if plan is not None and digest(plan.content()) != plan.digest:
        raise _refused("no-journal", spoken, path=archived.path)
    if outcome is not Outcome.PLANNED or plan is None:
        ended = outcome.value if outcome else words.record("outcome.none")
        raise _refused("unplanned", spoken, path=archived.path, outcome=ended)
    if not (plan.count if isinstance(plan, FleetPlan) else plan.writes):
        raise _refused("nothing", spoken, path=archived.path)
    return PlannedRun(record, plan, words, archived.signer)


def _plan(record: Record) -> Plan | None:
    return fleet_record.plan_of(record) if record.procedure == FLEET else record.plan


def _shown(planned: PlannedRun) -> list[Block]:
    """Return who planned what, where, with which waivers and warnings: what an approver has to know."""
    record, words = planned.record, planned.words
    waived = [
        (one.id, words.record("waived", id=one.id, claim=words(one.claim), reason=one.reason))
        for one in record.findings
        if one.reason
    ]
    if told := named(record, words):
        waived.append((DELEGATION, told))
    if isinstance(planned.plan, FleetPlan):
        shown = [*fleet.observed(record, words), *fleet.planned(record, words), *fleet.handed(record, words)]
        before = [*([Paragraph(told)] if told else []), *campaign.to_rehearse(record, words)]
        about = _of_campaign(planned, planned.plan.count)
        return [facts(identity.identity_block(record, words)), *shown, *before, *about]
    blocks = [
        facts(identity.identity_block(record, words)),
        *switch.plan(record, words),
        *switch.relied_on(record, words),
    ]
    against = [(one.id, words.phrase(one.observed)) for one in record.findings if one.verdict is Verdict.FAIL]
    return [*blocks, *(facts(found) for found in (waived, against) if found)]


def _of_campaign(planned: PlannedRun, count: int) -> list[Block]:
    """Return for how many identities an approval of a campaign is, whose plan it is, and whether a run trusts that."""
    record, language = planned.record, planned.language
    surveyed, begin = record.of(Surveyed), record.begin
    waived = sum(number for _, number, _ in surveyed.waived) if surveyed else 0
    values = {"count": count, "waived": waived, "operator": record.caller.arn, "signer": planned.signer or NONE}
    sentences = [say("approve", "campaign", language, **values)]
    section = _profile(begin.profile, language)
    with contextlib.suppress(KeyDefect):  # of a key of this user's own that is none
        known = trusted(section.sealing_keys, section.folder)
        if section.file and planned.signer not in known:
            stranger = "stranger.kms" if section.seal_key else "stranger"
            sentences.append(say("approve", stranger, language, file=section.file, **values))
    return [Paragraph(one) for one in sentences]


def _key(arguments: argparse.Namespace, name: str, language: Language) -> Ed25519PrivateKey:
    path = arguments.key or approval.key_path(os.environ)
    if path.exists():
        return approval.load_key(
            path, lambda: _secret(say("approve", "passphrase", language, path=path), language), language
        )
    key = approval.make_key(path, "" if arguments.yes else _new_passphrase(path, language), language)
    values = {"name": name, "path": path, "public": approval.public_text(key)}
    print(visible(say("approve", "made", language, **values)))
    return key


def _profile(name: str, language: Language) -> Profile:
    """Return a profile as it is here. An approver need not have it as it was planned with: then an empty one."""
    with contextlib.suppress(ByodkimError):
        return profile.load(name, Path.cwd(), language)
    return Profile()


def _check_owner(name: str, key: Ed25519PrivateKey, planned: PlannedRun) -> None:
    """Refuse a key that the profile here lists under another name, and a name that it lists with another key."""
    section, public = _profile(planned.record.begin.profile, planned.language), approval.public_text(key)
    owners = [owner for owner, listed in section.approvers.items() if listed == public]
    values = {"name": name, "profile": planned.record.begin.profile, "file": section.file}
    if owners and name not in owners:
        raise _refused("owner", planned.language, **values, owner=owners[0])
    if section.approvers.get(name, public) != public:
        raise _refused("other-key", planned.language, **values)


def _to_be_listed(name: str, key: Ed25519PrivateKey, planned: PlannedRun) -> str:
    """Return what the profile here lacks before this approval counts; "" where that is nothing, or not known."""
    named, language = planned.record.begin.profile, planned.language
    section = _profile(named, language)
    if not section.file or section.approvers.get(name) == approval.public_text(key):
        return ""
    values = {"name": name, "profile": named, "known": ", ".join(section.approvers) or "-", "file": section.file}
    key_of = "unlisted" if planned.record.begin.approvals else "unlisted.unasked"
    return f"{say('approve', key_of, language, **values)}\n{_addition(name, key, section, language)}"


def _addition(name: str, key: Ed25519PrivateKey, section: Profile, language: Language) -> str:
    """Return the line that lists the approver, and where to put it where the section has approvers already."""
    entry = f'approvers.{name} = "{approval.public_text(key)}"'
    if "approvers" not in section.says:
        return entry
    return f"{say('approve', 'entry', language, name=name, file=section.file)}\n{entry}"


def _secret(prompt: str, language: Language) -> str:
    """Return what somebody types at the terminal; without one, the next line of standard input."""
    try:
        with open("/dev/tty", "rb"):  # noqa: PTH123 - where getpass asks
            return getpass.getpass(prompt)
    except EOFError:
        line = ""
    except OSError:
        line = sys.stdin.readline()
    if not line:
        raise _refused("passphrase.none", language)
    return line.rstrip("\n")


def _new_passphrase(path: Path, language: Language) -> str:
    chosen = _secret(say("approve", "passphrase.choose", language, path=path), language)
    if chosen and _secret(say("approve", "passphrase.again", language), language) != chosen:
        raise _refused("passphrase.differ", language)
    return chosen


def _agrees(name: str, planned: PlannedRun) -> bool:
    print(say("approve", "ask", planned.language, name=name, digest=planned.plan.digest), end="", flush=True)
    return sys.stdin.readline().strip().lower() == "yes"


def _now(planned: PlannedRun) -> datetime:
    """Return the time; of a rehearsal its sandbox's, if that still stands: nobody approves a plan before it is made."""
    world = World.of(planned.record.begin)
    if world is not None and world.sandbox:
        with contextlib.suppress(ByodkimError):
            check_loopback(world.sandbox, planned.language)  # whoever wrote the record
            return Sandbox.connect(world.sandbox, planned.language).now()
    return datetime.now(UTC)


def _write(path: Path, data: bytes, name: str, language: Language) -> None:
    try:
        exclusive.write(path, data)
    except FileExistsError:
        raise _refused("exists", language, path=path, name=name) from None
    except OSError as error:
        raise _refused("unwritable", language, path=path, reason=error.strerror or error) from error


def _refused(key: str, language: Language, **values: object) -> NotApproved:
    return NotApproved.said("approve", key, language, "unsigned", **values)
