"""``byodkim verify``: archived runs verified offline, one line a run."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from msgspec import Struct
from msgspec.structs import asdict

from second_edition.display.blocks import visible
from second_edition.display.inventory import width
from second_edition.evidence.heads import Head, missing
from second_edition.evidence.journal import begun
from second_edition.evidence.verification_case import Verified
from second_edition.evidence.verification_chain import newest
from second_edition.evidence.verification_files import NothingToVerify, collect
from second_edition.evidence.verification_fleet import pinned
from second_edition.intent.profile_file import language_here
from second_edition.intent.templates import TEMPLATES
from second_edition.intent.trust import Trusted, trusted
from second_edition.launch.verifying import Witnesses, verify_archive, witnesses
from second_edition.messages import LANGUAGES, Language, ambient, say, translated

OFF: Final = 1
CANNOT_TELL: Final = 3
#: The names of the notebooks that this version ships, by the digests of their cells.
SHIPPED_AS: Final = {sha256: name for name, sha256 in TEMPLATES.items()}
#: What the summary counts, in this order.
COUNTED: Final = ("verified", "stopped", "no-run", "cannot-tell", "off")


class Result(Struct, frozen=True):
    """All that came of a verification."""

    runs: Sequence[Verified]
    lost: Sequence[Head]
    trusted: Trusted
    said: Witnesses
    language: Language

    @property
    def sound(self) -> bool:
        """Return whether nothing is off, and everything could be judged."""
        return not self.lost and not self.said.unread and all(run.sound for run in self.runs)

    @property
    def heads(self) -> dict[str, str]:
        """Return the heads to write down elsewhere, by run: each identity's newest, but those in a campaign."""
        vouched = pinned(self.runs)
        return {run: head for run, head in newest(self.runs).items() if run not in vouched}

    @property
    def code(self) -> int:
        """Return the exit code: 1 where anything is off, 3 where nothing is and something could not be judged."""
        if self.lost or any(run.verdict == "off" for run in self.runs):
            return OFF
        return 0 if self.sound else CANNOT_TELL


def path(text: str) -> Path:
    """Return a path that is named.

    Raises:
        ValueError: it is empty, as a script's variable that is not set; ``Path`` would take the working folder.
    """
    if not text:
        raise ValueError
    return Path(text)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    parser.add_argument("paths", type=path, metavar="PATH", nargs="+", help="records, journals, or folders of them")
    what = "what the archive must satisfy, as TOML: byodkim.toml is not read then"
    parser.add_argument("--policy", type=Path, metavar="FILE", help=what)
    what = "a public key that you trust to seal runs, and no other; may be given again (byodkim.toml's, else your own)"
    parser.add_argument("--key", metavar="FILE", action="append", default=[], help=what)
    what = "an approver's public key; may be given again (approvers of byodkim.toml)"
    parser.add_argument("--approver", metavar="NAME=KEY", action="append", default=[], help=what)
    what = "certificates (PEM) of the timestamp authorities that you trust (timestamp_roots of byodkim.toml)"
    parser.add_argument("--roots", type=Path, metavar="FILE", help=what)
    what = "heads that runs published: a file, or s3://BUCKET/PREFIX, which is asked; may be given again (heads_file)"
    parser.add_argument("--heads", metavar="WHERE", action="append", default=[], help=what)
    what = "the head that a run had when it was written down; may be given again"
    parser.add_argument("--head", metavar="RUN:SHA256", action="append", default=[], help=what)
    parser.add_argument("--json", action="store_true", help="the same as JSON")
    parser.add_argument("--language", choices=LANGUAGES, help="(the profile's, else the records')")


def run(arguments: argparse.Namespace) -> int:
    """Verify and print; return 0, 1 where anything is off, or 3 where something could not be judged.

    Raises:
        NothingToVerify: a path is of no run, or there is none at all, and no witness names one.
        ByodkimError: a key, an approver or a head is none.
    """
    language: Language = arguments.language or language_here() or _language_of(arguments.paths)
    given = trusted(arguments.key, arguments.approver, arguments.roots, language, arguments.policy)
    said = witnesses(arguments.head, arguments.heads, given.heads_files, language)
    files = collect(arguments.paths, language)
    if not files and not (said.heads or said.given):  # of runs that a witness has, it is said that they are missing
        raise NothingToVerify(say("verify", "nothing.empty", language, path=arguments.paths[0]))
    runs = verify_archive(files, given, said, language)
    # A witness names the runs of all; some files are not all.
    here = any(path.is_dir() for path in arguments.paths)
    expected = (*said.heads, *said.given) if here else said.given
    result = Result(runs, missing(runs, expected), given, said, language)
    if arguments.json:
        text = visible(json.dumps(plain(result), ensure_ascii=False, indent=1))
    else:  # the name of a file makes no line of its own
        text = "\n".join(visible(line).replace("\n", " ‹U+000A› ") for line in lines_of(result))
    try:
        print(text, flush=True)
    except BrokenPipeError:  # who reads, such as head, has read enough: what came of it is known all the same
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    if here and runs and not expected and all(one.verdict == "no-run" for one in runs):
        raise NothingToVerify(say("verify", "nothing.empty", language, path=arguments.paths[0]))
    return result.code


def lines_of(result: Result) -> list[str]:
    """Return the lines that are printed."""

    def text(key: str, **values: object) -> str:
        return say("verify", key, result.language, **values)

    runs = result.runs
    several = len({place for run in runs if (place := _place(run))}) > 1
    names = [f"{_name(run)} {_place(run) if several else ''}".rstrip() for run in runs]
    named = max(map(len, names), default=1)
    ended = max((width(_ended(run, result.language)) for run in runs), default=1)
    lines = [
        line
        for run, name in zip(runs, names, strict=True)
        for line in _lines(run, f"{name:{named}}", ended, result.language)
    ]
    lines += [_lost(head, named, result.language) for head in result.lost]
    lines += [text("unread", text=one) for one in result.said.unread]
    lines += ["", summary(result)]
    for keyid, count in sorted(Counter(run.keyid for run in result.runs if run.keyid).items()):
        source = text(f"source.{result.trusted.sources[keyid]}")
        lines.append(text("sealed-by", count=count, keyid=keyid, source=source))
    for name, count in sorted(Counter(SHIPPED_AS[run.template] for run in runs if run.template in SHIPPED_AS).items()):
        lines.append(text("made-from", count=count, name=name))
    if elsewhere := sum(run.target not in ("", "aws") for run in runs):
        lines.append(text("rehearsals", count=elsewhere))
    codes = {finding.code for run in runs for finding in run.findings}
    if not result.trusted.sources or "seal-unknown-key" in codes:
        lines.append(text("no-keys"))
    if read := (*result.trusted.read, *result.said.read):
        lines.append(text("trusted"))
        lines += [f"  {text(f'trusted.{one.what}')}: {one.where}" for one in read]
    heads = [f"  --head {run}:{head}" for run, head in result.heads.items()]
    return [*lines, *([text("heads")] if heads else []), *heads]


def _language_of(paths: Sequence[Path]) -> Language:
    """Return the language that all journals there say, not verified yet; the environment's for several or none."""
    places = {path if path.is_dir() else path.parent for path in paths if path.exists()}
    stated = {begin.language for place in places for _, begin in begun(place, lambda _: True)}
    return next((one for one in LANGUAGES if stated == {one}), ambient())


def _lost(head: Head, named: int, language: Language) -> str:
    """Return the line of a run that is not there."""
    if not head.closed:
        return say("verify", "head-lost", language, run=head.run)
    values = {"run": head.run, "domain": f"{head.domain:{named}}", "where": head.where, "at": head.closed}
    return say("verify", "head-missing", language, **values)


def summary(result: Result) -> str:
    """Return how many runs came to what, and how many notes there are; what there is none of but "off" is left out.

    A notebook for looking around is no run.
    """
    alone = [run for run in result.runs if any(one.code == "no-record" for one in run.findings)]
    counts = Counter(run.verdict for run in result.runs if run not in alone)
    counts["off"] += len(result.lost)
    total = sum(counts[name] for name in COUNTED)
    language = result.language
    parts = [
        say("verify", f"summary.{name}", language, count=counts[name])
        for name in COUNTED
        if counts[name] or name in ("verified", "off")
    ]
    notes = sum(not one.fault for run in result.runs for one in run.findings)
    parts += [say("verify", "summary.notes", language, count=notes)] if notes else []
    parts += [say("verify", "summary.no-record", language, count=len(alone))] if alone else []
    between = "、" if language == "ja" else ", "
    return say("verify", "summary", language, count=total, told=between.join(parts))


def _lines(run: Verified, name: str, ended: int, language: Language) -> list[str]:
    """Return the line of a run, and one more for each requirement of a policy that it does not satisfy."""
    lacking = [one.text for one in run.findings if one.code.startswith("policy-")]
    return [_line(run, name, ended, language), *(say("verify", "policy", language, text=text) for text in lacking)]


def _ended(run: Verified, language: Language) -> str:
    if run.outcome:
        return translated(run.outcome, language, f"outcomes.{run.outcome}")
    return say("verify", "never-closed", language) if run.link else "-"


def _line(run: Verified, name: str, ended: int, language: Language) -> str:
    word, closed = say("verify", f"word.{run.verdict}", language), _ended(run, language)
    faults = [one.text for one in run.findings if one.fault and not one.code.startswith("policy-")]
    notes = [say("verify", "note", language, text=one.text) for one in run.findings if not one.fault]
    if run.required or run.approved:
        notes.append(say("verify", "approved", language, count=run.approved, required=run.required))
    if run.waived:
        notes.append(say("verify", "waived", language, names=", ".join(run.waived)))
    columns = [
        f"{word:8}",
        run.run or run.path.name,
        name,
        closed + " " * (ended - width(closed)),
        "; ".join(faults + notes),
    ]
    return "  ".join(columns).rstrip()


def _place(run: Verified) -> str:
    """Return the account and Region of a run's identity; "" where they are not known."""
    world = run.link.world if run.link else None
    return f"{world.account}/{world.region}".strip("/") if world else ""


def _name(run: Verified) -> str:
    """Return what a run is about: its identity, or a campaign's table."""
    return run.domain or run.table or "-"


def plain(result: Result) -> Mapping[str, Any]:
    """Return the result as JSON-able values."""
    return {
        "sound": result.sound,
        "runs": [
            {
                "verdict": run.verdict,
                "run": run.run,
                "domain": run.domain,
                "table": run.table,
                "outcome": run.outcome,
                "head": run.head,
                "keyid": run.keyid,
                "stamped": run.stamped.isoformat() if run.stamped else "",
                "journal": str(run.files.journal or ""),
                "notebook": str(run.files.notebook or ""),
                "approvals": {"found": run.approved, "required": run.required},
                "waived": list(run.waived),
                "target": run.target,
                "template": SHIPPED_AS.get(run.template, ""),
                "findings": [{"code": one.code, "fault": one.fault, "text": one.text} for one in run.findings],
            }
            for run in result.runs
        ],
        "lost": [head.run for head in result.lost],
        "trusted": [{"what": one.what, "where": one.where} for one in (*result.trusted.read, *result.said.read)],
        "witnesses": [asdict(head) for head in result.said.heads],
        "unread": list(result.said.unread),
        "heads": result.heads,
    }
