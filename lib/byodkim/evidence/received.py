"""A received message judged as receivers would: by dkimpy, with nothing but the TXT bytes that each server gave."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from byodkim.dkim.matrix import judge_together
from byodkim.dkim.published import Answer, Judgement, Verdict, judge
from byodkim.dkim.signature import read
from byodkim.evidence.rehearsal import verify
from byodkim.rotation.message import Received, Signed
from byodkim.rotation.observation import Rehearsed

ENCRYPTED: Final = ("https", "tls")
BROKEN: Final = "rsa-sha1"  # which verifiers must not accept any more (RFC 8301 section 3.1), and dkimpy does


def judge_message(message: bytes, domain: str, records: Mapping[str, Sequence[Answer]]) -> Received:
    """The message against the key records of ``domain``.

    Args:
        message: as it was received.
        domain: whose signatures are verified; those of others are only named.
        records: what each authoritative server answered, by selector; one that is not there is not verified.

    Raises:
        MessageInvalid: it is none.
    """
    head = read(message)
    signatures = []
    for place, one in enumerate(head.signatures):
        ours = one.domain == domain and one.selector in records
        results = tuple(_tried(message, place, one.algorithm, records[one.selector])) if ours else ()
        signatures.append(Signed(one.domain, one.selector, one.algorithm, results))
    digest = hashlib.sha256(message).hexdigest()
    return Received(digest, len(message), head.from_domain, tuple(signatures))


def _tried(message: bytes, place: int, algorithm: str, answers: Sequence[Answer]) -> Iterator[Rehearsed]:
    """What each server's record makes of the signature at ``place``; a CNAME is left to its target's servers."""
    for answer, judged in _judged(answers):
        where = f"{answer.server.name} {answer.server}".strip()
        if not judged.sha256:  # a record that is not sound verifies nothing, whatever a lenient verifier makes of it
            yield Rehearsed(where, "", judged.verdict.value)
        elif algorithm == BROKEN:
            yield Rehearsed(where, judged.sha256, BROKEN)
        else:
            yield Rehearsed(where, judged.sha256, verify(message, b"".join(answer.records[0]), place))


def _judged(answers: Sequence[Answer]) -> Iterator[tuple[Answer, Judgement]]:
    """The answers that count. Encrypted resolvers' are there only where they stand in for authoritative servers."""
    for name in dict.fromkeys(answer.name for answer in answers):
        same = [answer for answer in answers if answer.name == name]
        for answer, judged in zip(same, judge_together(same), strict=True):
            if answer.transport in ENCRYPTED:
                yield answer, judge(answer, recursive=True)
            elif not answer.cname and judged.verdict is not Verdict.NO_IPV6:
                yield answer, judged
