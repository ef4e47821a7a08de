"""Journals of a few lines, as runs leave them: what a test does not name is as it usually is."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from second_edition.events import name_of
from second_edition.events.parts import Event
from second_edition.events.run import Begin, Caller, Closed, Planned
from second_edition.evidence import journal
from second_edition.evidence.journal import Account, Journal
from second_edition.plain import plain
from second_edition.rotation.plan import Plan
from tests.second_edition.events.noted import filled

#: What the journal itself says of an event.
OF_JOURNAL = ("event", "n", "at", "previous_line")
RUN = "20261124T000000Z-00ff"
_CHANGE = {
    "operation": "PutEmailIdentityDkimSigningAttributes", "target": "example.jp", "key_sha256": "a" * 64,
    "current_selector": "mail-20251124-1", "next_selector": "mail-20261124-1",
}  # fmt: skip
#: Of each event what is not empty where a test leaves it out.
USUAL: Mapping[str, Mapping[str, Any]] = {
    "begin": {
        "run": RUN, "domain": "example.jp", "account": "123456789012", "target": "aws", "mode": "apply",
        "selector": "mail-20261124-1", "profile": "default", "approvals_valid_days": 7, "ttl": 3600, "wait_minutes": 10,
        "overlap_days": 7, "started_by": "papermill", "record": "record.ipynb", "folder": "outputs",
        "template": "rotate.ipynb", "template_sha256": "a" * 64, "template_code_sha256": "b" * 64, "python": "3.11.7",
        "zone": {"name": "UTC", "offset_s": 0}, "code": {"version": "0.1.0", "commit": "3c9d21e"},
    },
    "caller": {
        "caller": {
            "account": "123456789012", "arn": "arn:aws:iam::123456789012:user/x", "user_id": "AIDA", "partition": "aws",
            "region": "ap-northeast-1", "endpoint": "https://sts.ap-northeast-1.amazonaws.com",
        }
    },
    "intent": {"change": _CHANGE},
    "rollback": {"change": _CHANGE},
    "closed": {"outcome": "SWITCHED"},
}  # fmt: skip


def whole(event: str, content: Mapping[str, Any]) -> dict[str, Any]:
    """The content of an event with all that it has to have."""
    told = {**USUAL.get(event, {}), **content}
    for name, usual in USUAL.get(event, {}).items():
        if isinstance(usual, Mapping) and isinstance(told[name], Mapping):
            told[name] = {**usual, **told[name]}
    line = filled({"event": event, **told})
    return {name: value for name, value in line.items() if name in told or name not in OF_JOURNAL}


class Log(Journal):
    """A journal whose events are filled in."""

    def draft(self, kind: type[Event], **content: Any) -> dict[str, Any]:
        return super().draft(kind, **whole(name_of(kind), content))


def run(
    folder: Path, *, identifier: str = RUN, outcome: str = "SWITCHED", planned: Plan | None = None, **begin: Any
) -> Account:
    """A journal of a few lines."""
    log = Log(folder / f"a.{identifier}{journal.SUFFIX}", lambda: datetime(2026, 11, 24, tzinfo=UTC))
    log.write(Begin, run=identifier, **begin)
    log.write(Caller)
    if planned:
        log.write(Planned, plan=plain(planned))
    if outcome:
        log.write(Closed, outcome=outcome)
    log.close()
    return journal.read(log.path)
