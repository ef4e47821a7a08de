"""The journal's events and the AWS calls, as a record's tables name them."""

from __future__ import annotations

from typing import Final

TEXTS: Final[dict[str, str]] = {
    "event.begin": "run begun",
    "event.caller": "operator and account known",
    "event.observed": "SES, key store and DNS observed",
    "event.polled": "authoritative servers polled: changed",
    "event.polling-ended": "wait for DNS ended",
    "event.checked": "checks made",
    "event.planned": "plan made",
    "event.lock": "lock of the identity",
    "event.approvals": "approvals read and verified",
    "event.ready": "what the record needs tried",
    "event.intent": "intent to write, on disk",
    "event.answer": "answer of the write, on disk",
    "event.rollback": "intent to write the selector that was left, on disk",
    "event.rolled": "answer of that write, on disk",
    "event.resolved": "write found applied when read back",
    "event.unread": "a reading failed and was tried again",
    "event.waited": "waiting ended",
    "event.handed": "DNS request",
    "event.kept": "record of an earlier run completed",
    "event.closed": "run closed",
    "calls": "AWS calls",
    "calls.time": "time",
    "calls.service": "service",
    "calls.operation": "operation",
    "calls.status": "HTTP",
    "calls.ms": "ms",
    "calls.retries": "retries",
    "calls.request-id": "request id",
}
