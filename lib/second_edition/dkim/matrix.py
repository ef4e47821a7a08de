"""Define what all servers together say about a key record: each answer is judged in the light of the others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from msgspec.structs import replace

from second_edition.dkim.published import Answer, Judgement, Verdict, judge

_SERIALS: Final = 2**32
# What an older copy of the zone may explain.
_LAGGING: Final = frozenset(
    {
        *(Verdict.ABSENT, Verdict.ANOTHER_KEY, Verdict.A_KEY, Verdict.PLACEHOLDER, Verdict.REVOKED, Verdict.INVALID),
        *(Verdict.SEVERAL_RECORDS, Verdict.CNAME),
    }
)


def judge_together(
    answers: Sequence[Answer], expected: str | None = None, followed: Sequence[Answer] = ()
) -> tuple[Judgement, ...]:
    """Return what each answer says about the key record, the others considered.

    - A server that lacks what another has, and whose serial is behind that one's, is ``stale``.
    - An IPv6 address of ``unrouted`` is ``no-ipv6``.
    - A CNAME counts as what every server of its target says, if they say the same; one that says nothing leaves it
      unknown, and is named.

    Args:
        answers: of authoritative servers, all to one name.
        expected: SHA-256 of the SubjectPublicKeyInfo that should stand there, in hexadecimal; None for any key.
        followed: what the targets' own servers say of where CNAMEs lead.

    Returns:
        One judgement for each answer, in order.
    """
    without_ipv6 = unrouted((*answers, *followed))
    followed = [answer for answer in followed if answer not in without_ipv6]
    alone = [_through(answer, expected, followed, ()) for answer in answers]
    return tuple(
        Judgement(Verdict.NO_IPV6) if answer in without_ipv6 else _lag(answer, judgement, answers, alone)
        for answer, judgement in zip(answers, alone, strict=True)
    )


def unrouted(answers: Sequence[Answer]) -> list[Answer]:
    """Return those of IPv6 addresses without a route, where none had one: it is the asking machine that lacks IPv6.

    It counts so only where that server, by its name, was asked the same question at an IPv4 address.
    """
    six = [answer for answer in answers if ":" in answer.server.address]
    asked = {(one.server.name, one.name) for one in answers if one.server.name and one not in six}
    lacking = all(one.failure == "no-route" for one in six)
    return [one for one in six if lacking and (one.server.name, one.name) in asked]


def targets(answers: Sequence[Answer]) -> tuple[str, ...]:
    """Return where the CNAMEs among the answers lead in the end, each once; what comes back to itself leads nowhere."""
    found = {answer.cname[-1] for answer in answers if answer.cname and answer.authoritative and not loops(answer)}
    return tuple(sorted(found))


def loops(answer: Answer) -> bool:
    """Return whether the CNAMEs of one answer come back to a name that they passed."""
    passed = (answer.name, *answer.cname)
    return len(set(passed)) < len(passed)


def behind(serial: int, other: int) -> bool:
    """Return whether a zone's serial is older than another: they count up and wrap around (RFC 1982 section 3.2)."""
    return serial != other and (other - serial) % _SERIALS < _SERIALS // 2


def _through(answer: Answer, expected: str | None, followed: Sequence[Answer], passed: tuple[str, ...]) -> Judgement:
    """Return a CNAME's judgement: what the servers of its target say, and theirs, where all that answer agree on a key.

    Where one of them says nothing, that is the judgement.
    """
    judgement = judge(answer, expected)
    if judgement.verdict is not Verdict.CNAME or loops(answer) or answer.name in passed:
        return judgement
    target = answer.cname[-1]
    ends = {
        end.server: _through(end, expected, followed, (*passed, answer.name)) for end in followed if end.name == target
    }
    keys = {(end.verdict, end.sha256) for end in ends.values() if not end.unknown}
    if not ends or len(keys) > 1 or not all(sha256 for _, sha256 in keys):
        return judgement
    for server, end in ends.items():
        if end.unknown:
            said = " ".join(filter(None, (server.name, str(server), end.detail)))
            return replace(end, detail=f"CNAME {target}, {said}")
    return replace(next(iter(ends.values())), detail=f"CNAME {target}")


def _lag(answer: Answer, judgement: Judgement, answers: Sequence[Answer], alone: Sequence[Judgement]) -> Judgement:
    if judgement.verdict not in _LAGGING or answer.serial is None:
        return judgement
    said = (judgement.verdict, judgement.sha256)
    ahead = [
        other.serial
        for other, own in zip(answers, alone, strict=True)
        if other.serial is not None and behind(answer.serial, other.serial) and (own.verdict, own.sha256) != said
    ]
    if not ahead:
        return judgement
    detail = f"{judgement.verdict}, serial {answer.serial} < {max(ahead)}"
    return Judgement(Verdict.STALE, detail, judgement.sha256)
