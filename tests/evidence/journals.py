"""Journals of a few lines, as runs leave them: what a test does not name is as it usually is."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from byodkim.events import EVENTS
from byodkim.events.parts import Event
from byodkim.evidence import journal
from byodkim.evidence.journal import Account, Journal
from byodkim.plain import plain
from byodkim.rotation.plan import Plan
from tests.events.noted import filled

RUN = "20261124T000000Z-00ff"
_ANSWER = {"request_id": "6b2f", "status": 200}
_SES = {**_ANSWER, "dkim_status": "NOT_STARTED", "dkim_tokens": ["mail-20261124-1"]}
_REFUSAL = {"code": "BadRequestException", "message": "", "status": 400, "request_id": "6b2f", "unclear": False}
_CHANGE = {
    "operation": "PutEmailIdentityDkimSigningAttributes", "target": "example.jp", "version": "", "resubmit": False,
    "current_selector": "mail-20251124-1", "next_selector": "mail-20261124-1", "key_sha256": "a" * 64,
}  # fmt: skip
_PROBLEM = {"type": "RunFailed", "what": "It failed.", "means": "", "todo": ""}
#: Of each event what a test may leave out, and of what it holds the same.
USUAL: Mapping[str, Mapping[str, Any]] = {
    "begin": {
        "format": 1, "run": RUN, "domain": "example.jp", "account": "123456789012", "target": "aws",
        "selector": "mail-20261124-1", "mode": "apply", "profile": "default", "language": "en",
        "zone": {"name": "UTC", "offset_s": 0}, "approvals_valid_days": 7, "ttl": 3600, "wait_minutes": 10,
        "overlap_days": 7, "started_by": "papermill", "record": "record.ipynb", "folder": "outputs",
        "template": "rotate.ipynb", "template_sha256": "a" * 64, "template_code_sha256": "b" * 64, "python": "3.11.7",
        "code": {"version": "0.1.0", "commit": "3c9d21e", "dirty": False, "lock_sha256": ""},
    },
    "caller": {
        "caller": {
            "account": "123456789012", "arn": "arn:aws:iam::123456789012:user/x", "user_id": "AIDA", "partition": "aws",
            "region": "ap-northeast-1", "endpoint": "https://sts.ap-northeast-1.amazonaws.com",
        }
    },
    "intent": {"change": _CHANGE},
    "storing": {"sha256": "a" * 64},
    "rollback": {"change": _CHANGE},
    "closed": {"outcome": "SWITCHED"},
}  # fmt: skip
_IDENTITY = {
    "name": "example.jp", "identity_type": "DOMAIN", "selectors": ["mail-20261124-1"], "status": "SUCCESS",
    "signing_enabled": True, "signing_origin": "EXTERNAL", "verified_for_sending": True,
    "verification_status": "SUCCESS",
}  # fmt: skip
_PREVIOUS = {"outcome": "", "head": "", "selector": "", "left_selector": "", "written_at": ""}
_WITHIN: Mapping[tuple[str, str], Mapping[str, Any]] = {
    ("answer", "answer"): _SES, ("answer", "error"): _REFUSAL, ("read", "identity"): _IDENTITY,
    ("stored", "answer"): _ANSWER, ("rolled", "answer"): _SES,
    ("rolled", "error"): _REFUSAL, ("begin", "previous"): _PREVIOUS, ("closed", "error"): _PROBLEM,
}  # fmt: skip
#: What the journal itself gives each event.
_OF_ALL = {one.name for one in msgspec.structs.fields(Event)}


def whole(event: str, content: Mapping[str, Any]) -> dict[str, Any]:
    """The content of an event with all that it has to have."""
    told = {**USUAL.get(event, {}), **content}
    for name, value in told.items():
        usual = _WITHIN.get((event, name)) or USUAL.get(event, {}).get(name)
        if isinstance(value, Mapping) and isinstance(usual, Mapping):
            told[name] = {**usual, **value}
    empty = filled(EVENTS.get(event, Event), told).items()
    return {name: plain(value) for name, value in empty if name not in told and name not in _OF_ALL} | told


class Log(Journal):
    """A journal whose events are filled in."""

    def draft(self, event: str, **content: Any) -> dict[str, Any]:
        return super().draft(event, **whole(event, content))


def run(
    folder: Path, *, identifier: str = RUN, outcome: str = "SWITCHED", planned: Plan | None = None, **begin: Any
) -> Account:
    """A journal of a few lines."""
    log = Log(folder / f"a.{identifier}{journal.SUFFIX}", lambda: datetime(2026, 11, 24, tzinfo=UTC))
    log.write("begin", run=identifier, **begin)
    log.write("caller")
    if planned:
        log.write("planned", plan=plain(planned))
    if outcome:
        log.write("closed", outcome=outcome)
    log.close()
    return journal.read(log.path)
