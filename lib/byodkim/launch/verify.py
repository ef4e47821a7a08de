"""``byodkim verify``: archived runs verified offline, one line a run."""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from byodkim.display.blocks import visible
from byodkim.evidence.verification import Verified
from byodkim.evidence.verification_chain import lost, newest, verify_chain
from byodkim.evidence.verification_files import collect
from byodkim.evidence.verification_fleet import verify_fleets
from byodkim.launch.trusted import Trusted, heads_of, trusted
from byodkim.launch.verifying import verify_all
from byodkim.messages import LANGUAGES, Language, say
from byodkim.rotation.spoken import spoken

OFF: Final = 1


@dataclass(frozen=True)
class Result:
    """All that came of a verification."""

    runs: Sequence[Verified]
    lost: Sequence[str]
    trusted: Trusted
    language: Language

    @property
    def sound(self) -> bool:
        """Nothing is off."""
        return not self.lost and all(run.sound for run in self.runs)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument("paths", type=Path, metavar="PATH", nargs="+", help="records, journals, or folders of them")
    what = "a public key that you trust to seal runs; may be given again (those of byodkim.toml, else your own)"
    parser.add_argument("--key", metavar="FILE", action="append", default=[], help=what)
    what = "an approver's public key; may be given again (approvers of byodkim.toml)"
    parser.add_argument("--approver", metavar="NAME=KEY", action="append", default=[], help=what)
    what = "certificates (PEM) of the timestamp authorities that you trust (timestamp_roots of byodkim.toml)"
    parser.add_argument("--roots", type=Path, metavar="FILE", help=what)
    what = "the head that a run had when it was written down; may be given again"
    parser.add_argument("--head", metavar="RUN:SHA256", action="append", default=[], help=what)
    parser.add_argument("--json", action="store_true", help="the same as JSON")
    parser.add_argument("--language", choices=LANGUAGES, help="(en)")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Verifies and prints; gives 0, or 1 where anything is off.

    Raises:
        NothingToVerify: a path is of no run.
        ByodkimError: a key, an approver or a head is none.
    """
    language: Language = arguments.language or LANGUAGES[0]
    heads = heads_of(arguments.head, language)
    given = trusted(arguments.key, arguments.approver, arguments.roots, language)
    found = verify_chain(verify_all(collect(arguments.paths, language), given, language), heads, language)
    runs = verify_fleets(found, language)
    result = Result(runs, lost(runs, heads), given, language)
    lines = [json.dumps(plain(result), ensure_ascii=False, indent=1)] if arguments.json else told(result)
    print("\n".join(visible(line) for line in lines))
    return 0 if result.sound else OFF


def told(result: Result) -> list[str]:
    """The lines that are printed."""

    def text(key: str, **values: object) -> str:
        return say("verify", key, result.language, **values)

    width = max(len(run.domain or "-") for run in result.runs)
    lines = [_line(run, width, result.language) for run in result.runs]
    lines += [text("head-lost", run=run) for run in result.lost]
    counts = Counter(run.verdict for run in result.runs)
    off, sound = counts["off"] + len(result.lost), counts["verified"]
    lines += ["", text("summary", count=sound + off, sound=sound, off=off)]
    for keyid, count in sorted(Counter(run.keyid for run in result.runs if run.keyid).items()):
        source = text(f"source.{result.trusted.sources[keyid]}")
        lines.append(text("sealed-by", count=count, keyid=keyid, words=spoken(keyid), source=source))
    if not result.trusted.sources:
        lines.append(text("no-keys"))
    heads = [f"  --head {run}:{head}" for run, head in newest(result.runs).items()]
    return [*lines, *([text("heads")] if heads else []), *heads]


def _line(run: Verified, width: int, language: Language) -> str:
    word = say("verify", f"word.{run.verdict}", language)
    closed = run.outcome or (say("verify", "never-closed", language) if run.link else "-")
    faults = [finding.text for finding in run.findings if finding.fault]
    notes = [say("verify", "note", language, text=one.text) for one in run.findings if not one.fault]
    columns = [
        f"{word:8}",
        run.run or run.path.name,
        f"{run.domain or '-':{width}}",
        f"{closed:16}",
        "; ".join(faults + notes),
    ]
    return "  ".join(columns).rstrip()


def plain(result: Result) -> Mapping[str, Any]:
    """The result as JSON-able values."""
    return {
        "sound": result.sound,
        "runs": [
            {
                "verdict": run.verdict,
                "run": run.run,
                "domain": run.domain,
                "outcome": run.outcome,
                "head": run.head,
                "keyid": run.keyid,
                "stamped": run.stamped.isoformat() if run.stamped else "",
                "journal": str(run.files.journal or ""),
                "notebook": str(run.files.notebook or ""),
                "findings": [{"code": one.code, "fault": one.fault, "text": one.text} for one in run.findings],
            }
            for run in result.runs
        ],
        "lost": list(result.lost),
        "heads": newest(result.runs),
    }
