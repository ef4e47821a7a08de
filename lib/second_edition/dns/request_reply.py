"""``reply``: what was published against what was asked, and the message about it to the people who keep the zone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from msgspec import Struct

from second_edition.dkim.character_string import escaped
from second_edition.dkim.defect import Finding
from second_edition.dkim.matrix import judge_together
from second_edition.dkim.names import LONGEST_NAME
from second_edition.dkim.published import Answer, Judgement, Verdict, judge
from second_edition.dkim.tag_list import shown
from second_edition.dns.reading.rows import Row
from second_edition.dns.request_sheet import Request
from second_edition.dns.value_repair import FLAGS, mend
from second_edition.messages import Language, say
from second_edition.messages.reasons import TEXTS as REASONS

#: What the catalogue advises on these is for those who make keys; the zone's keepers need only the true record.
_OF_KEYS: Final = {"revoked": "emptied", "too-few-bits": "other-bits", "too-many-bits": "other-bits"}

#: Differences that are no fault of the record: it serves its purpose with any TTL, and behind a CNAME.
_REMARKS: Final = ("ttl-other", "alias")


class Comparison(Struct, frozen=True):
    """All differences, and at how many addresses there are none.

    Attributes:
        differences: each with the servers that have it, as people read them.
        good: how many addresses answer as asked, whatever the TTL, or with a CNAME that leads to the key.
        total: how many there are, those left out that this machine has no way to (IPv6, mostly).
        answered: whether any of them answered.
        withdrawn: the servers, in the same way, that deny the key record of the selector in use.
    """

    differences: Mapping[Finding, Sequence[str]]
    good: int
    total: int
    answered: bool = True
    withdrawn: Sequence[str] = ()

    @property
    def matches(self) -> bool:
        """Return whether every address has the record, and what differs is a remark."""
        return self.good == self.total > 0


def names_to_ask(request: Request, probe: str) -> dict[str, str]:
    """Return the record's name, and those at which it lands by mistake.

    Args:
        request: the record.
        probe: a selector that nobody uses: if its name answers, a wildcard does.

    Returns:
        From name to ``asked``, ``wildcard``, ``doubled`` or ``elsewhere``. Names too long for DNS are left out.
    """
    selector, domain = request.selector.lower(), request.domain
    requested = f"{selector}._domainkey.{domain}"
    labels = domain.split(".")
    above = [".".join(labels[place:]) for place in range(len(labels) - 1)]  # the domain and its parents, TLDs left out
    prefix, dash, last = selector.rpartition("-")
    others = "123" if dash and last in ("1", "2", "3") else ""  # selectors are made three at a time
    elsewhere = (
        *(f"{selector}.domainkey.{domain}", f"{selector}.{domain}", f"_domainkey.{domain}"),
        *(f"{prefix}-{other}._domainkey.{domain}" for other in others),
        *(f"{selector}._domainkey.{zone}" for zone in above),
    )
    names = {requested: "asked", f"{probe}._domainkey.{domain}": "wildcard"}
    names |= {f"{requested}.{zone}": "doubled" for zone in above}
    names |= {name: "elsewhere" for name in elsewhere if name not in names}
    return {name: mistake for name, mistake in names.items() if len(name) <= LONGEST_NAME}


def compare(
    request: Request,
    answers: Sequence[Answer],
    names: Mapping[str, str],
    in_use: Request | None = None,
    followed: Sequence[Answer] = (),
) -> Comparison:
    """Return what is published against what was asked.

    Args:
        request: what was asked.
        answers: of every server for every name.
        names: of ``names_to_ask``.
        in_use: the key record that signs mail: of the selector before, or ``request`` itself.
        followed: what the servers of a CNAME's target say of where it leads.
    """
    found: dict[Finding, list[str]] = {}
    own = [answer for answer in answers if names.get(answer.name) == "asked" and answer.failure != "no-route"]
    good = 0
    for answer, judgement in zip(own, judge_together(own, request.public_key.sha256, followed), strict=True):
        beside = [(other, names.get(other.name, "")) for other in answers if other.server == answer.server]
        wrong = list(_differences(request, answer, judgement, beside, followed))
        good += all(finding.defect in _REMARKS for finding in wrong)
        for finding in wrong:
            found.setdefault(finding, []).append(_called(answer))
    used = [answer for answer in answers if in_use and answer.name == in_use.name.lower()]
    withdrawn = tuple(_called(one) for one in used if judge(one).verdict in (Verdict.ABSENT, Verdict.REVOKED))
    return Comparison(found, good, len(own), any(not answer.failure for answer in own), withdrawn)


def _called(answer: Answer) -> str:
    server = answer.server
    address = server.address if server.port == 53 else str(server)
    return f"{server.name} ({address})" if server.name and address else server.name or address


def _differences(
    request: Request,
    answer: Answer,
    judgement: Judgement,
    beside: Sequence[tuple[Answer, str]],
    followed: Sequence[Answer],
) -> Iterator[Finding]:
    """Yield what is wrong at one server; ``beside``: what it answers for each name, and what the name stands for."""
    there, said = judgement.verdict is Verdict.THE_KEY, (answer.records, answer.cname)
    if any(said) and any(named == "wildcard" and (other.records, other.cname) == said for other, named in beside):
        yield _finding("wildcard.key" if there else "wildcard", domain=request.domain)
    elif judgement.unknown and answer.cname:
        _, _, server = judgement.detail.partition(", ")
        yield _finding("alias.unknown", target=_target(answer), server=escaped(server.encode()))
    elif not there:
        yield from _verdict(request, answer, judgement)
    else:
        if answer.cname:
            yield _finding("alias", target=_target(answer))
        elif answer.ttl != request.ttl:
            yield _finding("ttl-other", ttl=answer.ttl or 0, wanted=request.ttl)
        sound = (one for one in (followed if answer.cname else (answer,)) if judge(one).sha256)
        found = dict.fromkeys(finding for one in sound for finding in _defects(one))
        yield from (finding for finding in found if finding.defect in FLAGS.values())
    if not there and not judgement.unknown and judgement.verdict is not Verdict.STALE:
        for other, mistake in beside:
            landed = judge(other, request.public_key.sha256).verdict is Verdict.THE_KEY
            if landed and mistake in ("doubled", "elsewhere"):
                zone = other.name.removeprefix(f"{request.name.lower()}.")
                yield _finding(f"at.{mistake}", name=other.name, wanted=request.name, zone=zone)


def _verdict(request: Request, answer: Answer, judgement: Judgement) -> Iterator[Finding]:
    match judgement.verdict:
        case Verdict.ABSENT | Verdict.LAME | Verdict.SERVFAIL | Verdict.REFUSED:
            yield _finding(judgement.verdict)
        case Verdict.STALE:
            yield _finding(Verdict.STALE, serial=answer.serial or 0, newest=judgement.detail.rpartition(" ")[2])
        case Verdict.CNAME:
            yield _finding(Verdict.CNAME, target=_target(answer))
        case Verdict.SEVERAL_RECORDS:
            whole = request.value.encode()
            pieces = sorted(map(b"".join, answer.records), key=whole.find)
            split = "split" if b"".join(pieces) == whole else Verdict.SEVERAL_RECORDS
            yield _finding(split, count=len(pieces))
        case Verdict.ANOTHER_KEY:
            yield _finding("other-key", found=judgement.sha256, wanted=request.public_key.sha256)
        case Verdict.PLACEHOLDER | Verdict.REVOKED | Verdict.INVALID:
            text, whole = b"".join(answer.records[0]), request.value.encode()
            if text and whole.startswith(text) and judgement.verdict is not Verdict.REVOKED:
                yield _finding("cut", real=len(text), whole=len(whole))
            else:
                yield from _defects(answer)
        case _:
            reason = judgement.detail or judgement.verdict
            yield _finding(Verdict.NO_ANSWER, reason=REASONS.get(reason) or shown(reason))


def _defects(answer: Answer) -> Iterator[Finding]:
    """Yield the defects of the one record of an answer, as ``lint`` names them."""
    value = b"".join(answer.records[0]).decode("utf-8", errors="replace")
    for finding in mend(Row(0, answer.name, "TXT", value, "", "published")).findings:
        if finding.defect != "no-version":  # which is only recommended
            yield Finding(_OF_KEYS.get(finding.defect, finding.defect), finding.values)


def _target(answer: Answer) -> str:
    return escaped(answer.cname[-1].encode())


def _finding(defect: str, **values: str | int) -> Finding:
    return Finding(str(defect), tuple(values.items()))


def reply_text(
    request: Request,
    compared: Comparison,
    language: Language = "en",
    in_use: Request | None = None,
    *,
    back: bool = False,
) -> str:
    """Return the message to the DNS team: thanks and remarks, or each difference with what to do about it.

    Of a revoked key it asks that nobody publishes it, unless somebody wants it ``back`` or SES signs with it. It says
    where the record ``in_use`` is the one asked for, and before all that where it was withdrawn: mail fails now.
    """
    rest = _letter(request, compared, language, signs=in_use == request, back=back)
    if in_use and compared.withdrawn:
        servers = ", ".join(compared.withdrawn)
        return say("request", "reply.withdrawn", language, **in_use.words, servers=servers) + rest.partition("\n\n")[2]
    return rest


def _letter(request: Request, compared: Comparison, language: Language, *, signs: bool, back: bool) -> str:
    """Return the message about the record asked for; ``signs``: SES has its selector."""
    care = say("request", "reply.signs", language, domain=request.domain) if signs else ""
    values = {**request.words, "good": compared.good, "asked": compared.total, "signs": care}
    if compared.matches:
        remarks = (
            say("request", "reply.remark", language, what=finding.explain(language), servers=", ".join(servers))
            for finding, servers in compared.differences.items()
        )
        return say("request", "reply.good", language, **values) + "".join(remarks)
    for finding, at in compared.differences.items():
        if finding.defect == _OF_KEYS["revoked"] and not (back or signs):
            told = {"what": finding.explain(language), "todo": finding.correction(language), "servers": ", ".join(at)}
            return say("request", "reply.revoked", language, **values, **told)
    numbered = [
        say(
            "request",
            "reply.difference",
            language,
            number=number,
            what=finding.explain(language),
            todo=finding.correction(language),
            servers=", ".join(servers),
        )
        for number, (found, servers) in enumerate(compared.differences.items(), start=1)
        for finding in [_finding("withdrawn") if found.defect == _OF_KEYS["revoked"] else found]
    ]
    differences = "\n\n".join(numbered) or say("request", "reply.unasked", language)
    return say("request", "reply.message", language, differences=differences, **values)
