"""Messages judged as receivers would: by dkimpy, with nothing but the TXT bytes that each place gave.

The one that the custodian signs as a rehearsal, before the write, and one that was really received.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

import dkim
from dkim.canonicalization import CanonicalizationPolicy
from msgspec.structs import replace

from second_edition.dkim.key_record import parse
from second_edition.dkim.matrix import judge_together
from second_edition.dkim.published import Answer, Judgement, Verdict, judge
from second_edition.dkim.signature import Signature, read
from second_edition.rotation.checks.signature import SECRET
from second_edition.rotation.message import Received, Signed
from second_edition.rotation.observation import Rehearsal, Rehearsed

ENCRYPTED: Final = ("https", "tls")
REFUTED: Final = ("BadSignature", "ValidationError")  # dkimpy has judged; anything else, and it could not read it
BROKEN: Final = "rsa-sha1"  # which verifiers must not accept any more (RFC 8301 section 3.1), and dkimpy does


def judge_message(message: bytes, domain: str, records: Mapping[str, Sequence[Answer]]) -> Received:
    """Judge the message by the key records of ``domain``.

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
        results = tuple(_tried(message, place, one, records[one.selector])) if ours else ()
        signatures.append(Signed(one.domain, one.selector, one.algorithm, results, one.at))
    digest = hashlib.sha256(message).hexdigest()
    return Received(digest, len(message), head.from_domain, tuple(signatures), head.from_unread, head.dated)


def _tried(message: bytes, place: int, signature: Signature, answers: Sequence[Answer]) -> Iterator[Rehearsed]:
    """Yield what each server's record makes of the signature at ``place``; a CNAME is left to its target's servers."""
    for answer, judged in _counted(answers):
        where = f"{answer.server.name} {answer.server}".strip()
        # A record that is not sound verifies nothing, whatever a lenient verifier makes of it.
        defect = _defect(message, place, signature, answer) if judged.sha256 else judged.verdict.value
        yield Rehearsed(where, judged.sha256, defect)


def _defect(message: bytes, place: int, signature: Signature, answer: Answer) -> str:
    """Return why a strict verifier does not accept the signature with this record; "" where it does.

    dkimpy accepts the first three: SHA-1 (RFC 8301 section 3.1), From outside ``h=`` (RFC 6376 section 6.1.1) and,
    where the record holds ``t=s``, ``i=`` in a subdomain (RFC 6376 section 3.6.1).
    """
    record = answer.records[0]
    if signature.algorithm == BROKEN:
        return BROKEN
    if not signature.signs_from:
        return "from-not-signed"
    if parse(record).no_subdomains and signature.identity != signature.domain:
        return "identity-below"
    found = verify(message, b"".join(record), place)
    if found not in ("", *REFUTED):
        return "unread"
    return found or ("" if _whole(message, signature) else "partial-body")


def _whole(message: bytes, signature: Signature) -> bool:
    """Return whether a verified signature covers the whole body: what follows ``l=`` bytes is not signed."""
    if not signature.length:
        return True
    policy = CanonicalizationPolicy.from_c_value(signature.canonicalization.encode() or b"simple/simple")
    body: bytes = policy.canonicalize_body(dkim.rfc822_parse(message)[1])
    return signature.length == str(len(body))


def _counted(answers: Sequence[Answer]) -> Iterator[tuple[Answer, Judgement]]:
    """Yield the answers that count. Encrypted resolvers count only where they stand in for authoritative servers."""
    for name in dict.fromkeys(answer.name for answer in answers):
        same = [answer for answer in answers if answer.name == name]
        for answer, judged in zip(same, judge_together(same), strict=True):
            if answer.transport in ENCRYPTED:
                yield answer, judge(answer, recursive=True)
            elif not answer.cname and judged.verdict is not Verdict.NO_IPV6:
                yield answer, judged


def judge_all(message: str, dns_value: str, answers: Iterable[Answer]) -> Rehearsal:
    """Judge the message by the secret's record, and by that of each server that gave exactly one."""
    results = []
    if dns_value:
        results.append(_judged(message, SECRET, dns_value.encode("utf-8", "surrogateescape"), ""))
    for answer in answers:
        if not judge(answer).unknown and len(answer.records) == 1:
            where = f"{answer.server.name} {answer.server}".strip()
            # A server that follows the CNAME at the name gives the record of its target.
            key = judge(replace(answer, cname=())).sha256
            results.append(_judged(message, where, b"".join(answer.records[0]), key))
    return Rehearsal(message, tuple(results))


def verify(message: str | bytes, record: bytes, place: int = 0) -> str:
    """Return why the signature at ``place`` (from the top) does not verify with a key record's bytes; "" if it does."""

    def give(_name: bytes, timeout: int = 5) -> bytes:  # noqa: ARG001 - dkimpy's own name
        return record

    try:
        verifier: Any = dkim.DKIM(message.encode("ascii") if isinstance(message, str) else message)
        return "" if verifier.verify(place, dnsfunc=give) else "BadSignature"
    except Exception as error:  # noqa: BLE001 - what is served may make a verifier stumble in any way
        return type(error).__name__


def _judged(message: str, where: str, record: bytes, sha256: str) -> Rehearsed:
    return Rehearsed(where, sha256, verify(message, record))
