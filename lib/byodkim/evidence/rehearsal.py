"""Judging the rehearsed message as a receiver would: dkimpy, and only the TXT bytes that one place gave."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import dkim

from byodkim.dkim.published import Answer, judge
from byodkim.rotation.observation import Rehearsal, Rehearsed
from byodkim.rotation.proof import SECRET


def judge_all(message: str, dns_value: str, answers: Iterable[Answer]) -> Rehearsal:
    """The message against the secret's record, and against that of each server that gave exactly one."""
    results = []
    if dns_value:
        results.append(_judged(message, SECRET, dns_value.encode("utf-8", "surrogateescape"), ""))
    for answer in answers:
        if not judge(answer).unknown and len(answer.records) == 1:
            where = f"{answer.server.name} {answer.server}".strip()
            results.append(_judged(message, where, b"".join(answer.records[0]), judge(answer).sha256))
    return Rehearsal(message, tuple(results))


def verify(message: str | bytes, record: bytes, place: int = 0) -> str:
    """Why the signature at ``place`` (from the top) does not verify with a key record's bytes; "" where it does."""

    def give(_name: bytes, timeout: int = 5) -> bytes:  # noqa: ARG001 - dkimpy's own name
        return record

    try:
        verifier: Any = dkim.DKIM(message.encode("ascii") if isinstance(message, str) else message)
        return "" if verifier.verify(place, dnsfunc=give) else "BadSignature"
    except Exception as error:  # noqa: BLE001 - what is served may make a verifier stumble in any way
        return type(error).__name__


def _judged(message: str, where: str, record: bytes, sha256: str) -> Rehearsed:
    return Rehearsed(where, sha256, verify(message, record))
