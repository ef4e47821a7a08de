"""What a campaign is made of, apart from Airflow: places, pools, waves, a run's record, and what it came to."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

from byodkim.errors import ParameterError
from byodkim.messages import Language, say

T = TypeVar("T")
Result = dict[str, str]

FILE: Final = "byodkim.toml"
JOURNAL: Final = ".journal.jsonl"
#: What SES allows in a second to an account and Region, whoever asks (SES Developer Guide, "Service quotas").
SES_PER_SECOND: Final = 1.0
#: What an identity is to have come to, by mode. All else is looked at by people.
GOOD: Final[Mapping[str, tuple[str, ...]]] = {"plan": ("PLANNED", "UNCHANGED"), "apply": ("SWITCHED", "UNCHANGED")}
#: Outcomes that the same command would only come to again.
FINAL: Final = ("REFUSED", "ROLLED-BACK")


@dataclass(frozen=True)
class Place:
    """An account and Region, and the sections of the profile file that belong to it.

    Attributes:
        pace: SES calls a second that a machine makes there at most.
        archived: sections whose records are copied to S3.
    """

    account: str
    region: str
    profiles: tuple[str, ...]
    pace: float
    language: Language
    archived: frozenset[str] = frozenset()

    @property
    def name(self) -> str:
        """Of its pool; its DAG is called so too."""
        return f"byodkim_{self.account}_{self.region}"

    @property
    def slots(self) -> int:
        """Return how many runs may go on at once, wherever they are, for SES's quota to hold whatever they do.

        Each machine keeps its own pace, since the budget is a file: of as many runs as there are slots, each may be on
        a machine of its own.
        """
        return max(1, int(SES_PER_SECOND / self.pace))


def places(text: str) -> tuple[Place, ...]:
    """Each account and Region that the profile file names, in its order.

    Args:
        text: of ``byodkim.toml``.

    Raises:
        ParameterError: it is no TOML, or no section names an account and a Region.
    """
    try:
        sections = {name: one for name, one in tomllib.loads(text).items() if isinstance(one, dict)}
    except tomllib.TOMLDecodeError as error:
        raise ParameterError(say("airflow", "no-toml", "en", file=FILE, problem=error)) from None
    grouped: dict[tuple[str, str], dict[str, dict[str, Any]]] = {}
    for name, section in sections.items():
        if section.get("account") and section.get("region"):
            grouped.setdefault((str(section["account"]), str(section["region"])), {})[name] = section
    if not grouped:
        todo = say("airflow", "no-place.todo", "en")
        raise ParameterError(say("airflow", "no-place", "en", file=FILE), todo=todo)
    return tuple(_place(account, region, found) for (account, region), found in grouped.items())


def _place(account: str, region: str, sections: Mapping[str, Mapping[str, Any]]) -> Place:
    pace = max(float(one.get("ses_requests_per_second", SES_PER_SECOND)) for one in sections.values())
    language: Language = "ja" if next(iter(sections.values())).get("language") == "ja" else "en"
    archived = frozenset(name for name, one in sections.items() if one.get("archive_s3"))
    return Place(account, region, tuple(sections), pace, language, archived)


def pools(found: Iterable[Place], slots: int = 0) -> dict[str, dict[str, Any]]:
    """The pools as ``airflow pools import`` takes them. ``slots``: instead of those that each place reckons."""
    return {
        one.name: {
            "slots": slots or one.slots,
            "description": say("airflow", "pool", one.language, account=one.account, region=one.region),
            "include_deferred": False,
        }
        for one in found
    }


def waves(items: Sequence[T], sizes: Sequence[int], most: int) -> list[Sequence[T]]:
    """The items in waves of these sizes, the rest in one more; at most ``most``, and no empty one."""
    found, start = [], 0
    for size in [*sizes[: most - 1], len(items)]:
        found.append(items[start : start + size])
        start += size
    return [wave for wave in found if wave]


def record_name(domain: str, campaign: str, mode: str, attempt: int) -> str:
    """Of the executed notebook. Each attempt has its own, since papermill overwrites what is there without a word."""
    plain = re.sub(r"[^A-Za-z0-9]+", "-", campaign).strip("-")
    return f"{domain}-{plain}-{mode}-{attempt}.ipynb"


def told(record: Path, domain: str) -> Result:
    """Return what a run came to, as its journal says; ``outcome`` and ``run`` are "" where none tells, as after a kill.

    The journal lies beside the record. Its last line alone is read, which is there only once all is written: that the
    lines hold together, and are sealed, is for ``byodkim verify`` to say.
    """
    found = {"domain": domain, "record": str(record), "run": "", "outcome": ""}
    for path in record.parent.glob(f"{record.stem}.*{JOURNAL}"):
        found["run"] = path.name.removeprefix(f"{record.stem}.").removesuffix(JOURNAL)
        for line in reversed(path.read_text("utf-8", "replace").splitlines()):
            if '"closed"' in line and (event := _event(line)).get("event") == "closed":
                found["outcome"] = str(event.get("outcome", ""))
                break
    return found


def _event(line: str) -> dict[str, Any]:
    try:
        event = json.loads(line)
    except ValueError:  # torn by a kill
        return {}
    return event if isinstance(event, dict) else {}


def approved_plans(results: Iterable[Result], domain: str) -> str:
    """The id of the identity's plan run, where signed approvals of it lie beside its record; else ""."""
    for one in results:
        record = Path(one["record"])
        if one["domain"] == domain and one["run"] and any(record.parent.glob(f"*.{one['run']}.approval.*.json")):
            return one["run"]
    return ""


def overview(results: Iterable[Result], mode: str, language: Language) -> str:
    """Return how many came to what, and each identity that people should look at, as Markdown."""
    listed = sorted(results, key=lambda one: one["domain"])
    counts: dict[str, int] = {}
    for one in listed:
        outcome = one["outcome"] or say("airflow", "unknown", language)
        counts[outcome] = counts.get(outcome, 0) + 1
    lines = [f"- {outcome}: {count}" for outcome, count in sorted(counts.items())]
    wanting = [one for one in listed if one["outcome"] not in GOOD[mode]]
    if wanting:
        lines += ["", say("airflow", "wanting", language), ""]
        lines += [f"- {one['domain']}: {one['outcome'] or '-'} {one['record']}".rstrip() for one in wanting[:100]]
    return "\n".join(lines)
