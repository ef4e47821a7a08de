"""The key record in DNS, at every authoritative server."""

from __future__ import annotations

from collections.abc import Sequence

from byodkim.dkim.published import Answer, Judgement, Verdict, judge
from byodkim.rotation.checks.case import CHECKS, Case
from byodkim.rotation.findings import CheckFailed, CheckUnknown, Compared, Phrase, phrase


@CHECKS("DNS-ANSWERS")
def answers(case: Case) -> Compared:
    """DNS-ANSWERS: every authoritative server could be asked, and answers with authority."""
    expected = phrase("every-server")
    judged = _judged(case, expected)
    silent = [(answer, judgement) for answer, judgement in judged if judgement.unknown]
    if silent:
        # What could not be asked is not known to be wrong; a server that answers without authority is.
        verdicts = {judgement.verdict for _, judgement in silent}
        error = CheckUnknown if verdicts == {Verdict.NO_ANSWER} else CheckFailed
        raise error(expected, _among(silent, judged))
    return Compared(expected, phrase("servers-answer", total=len(judged)))


@CHECKS("DNS-PUBLISHED")
def published(case: Case) -> Compared:
    """DNS-PUBLISHED: every authoritative server serves the key record of the next key pair."""
    expected = phrase("key-everywhere")
    judged = _judged(case, expected)
    known = [(answer, judgement) for answer, judgement in judged if not judgement.unknown]
    wrong = [pair for pair in known if pair[1].verdict not in (Verdict.THE_KEY, Verdict.A_KEY)]
    if wrong:
        absent = all(judgement.verdict is Verdict.ABSENT for _, judgement in wrong)
        remedy = "DNS-PUBLISHED.absent" if absent and len(wrong) == len(judged) else ""
        raise CheckFailed(expected, _among(wrong, judged), remedy)
    # A sound key, and none to compare it with: STORE- and KEY- say why.
    if not known or any(judgement.verdict is Verdict.A_KEY for _, judgement in known):
        raise CheckUnknown(expected, phrase("not-looked-at"))
    return Compared(expected, phrase("servers-serve-key", good=len(known), total=len(judged)))


@CHECKS("DNS-SINGLE")
def single(case: Case) -> Compared:
    """DNS-SINGLE: no server holds more than one TXT record at the name (RFC 6376 section 3.6.2.2)."""
    expected = phrase("at-most-one-txt")
    judged = _judged(case, expected)
    several = [pair for pair in judged if pair[1].verdict is Verdict.SEVERAL_RECORDS]
    if several:
        raise CheckFailed(expected, _among(several, judged))
    if all(judgement.unknown for _, judgement in judged):
        raise CheckUnknown(expected, phrase("not-looked-at"))
    return Compared(expected, phrase("at-most-one-txt"))


@CHECKS("DNS-PLACEHOLDER")
def placeholder(case: Case) -> Compared:
    """DNS-PLACEHOLDER: no server serves the SES console's placeholder in place of the key."""
    expected = phrase("no-placeholder")
    judged = _judged(case, expected)
    found = [pair for pair in judged if pair[1].verdict is Verdict.PLACEHOLDER]
    if found:
        raise CheckFailed(expected, _among(found, judged))
    if all(judgement.unknown for _, judgement in judged):
        raise CheckUnknown(expected, phrase("not-looked-at"))
    return Compared(expected, expected)


def _judged(case: Case, expected: Phrase) -> list[tuple[Answer, Judgement]]:
    if not case.seen.records:
        raise CheckUnknown(expected, case.unread("dns"))
    key = case.seen.next_key.key
    return judged(case.seen.records, key.sha256 or None if key else None)


def judged(records: Sequence[Answer], sha256: str | None) -> list[tuple[Answer, Judgement]]:
    """Each answer with what it says about the key ``sha256`` (any sound key where it is ``None``)."""
    return [(answer, judge(answer, sha256)) for answer in records]


def _among(some: Sequence[tuple[Answer, Judgement]], all_: Sequence[tuple[Answer, Judgement]]) -> Phrase:
    answer, judgement = some[0]
    server = f"{answer.server.name} {answer.server}".strip()
    detail = f" ({judgement.detail})" if judgement.detail else ""
    return phrase(
        "servers-differ", count=len(some), total=len(all_), server=server,
        word=f"@verdict.{judgement.verdict}", detail=detail,
    )  # fmt: skip
