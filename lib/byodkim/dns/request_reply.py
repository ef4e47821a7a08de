"""``reply``: what was published against what was asked, and the message about it to the people who keep the zone."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from msgspec import Struct

from byodkim.dkim.key_record import KeyRecordInvalid, parse
from byodkim.dkim.names import LONGEST_NAME
from byodkim.dkim.published import Answer, Judgement, Verdict, judge
from byodkim.dkim.tag_list import shown
from byodkim.dns.request_sheet import Request, zone_text
from byodkim.dns.value_repair import Finding
from byodkim.messages import Language, say
from byodkim.messages.reasons import TEXTS

_TOPIC: Final = "request_reply"
_GENERATION = re.compile(r"(.*-)([1-3])\Z")  # selectors are made three at a time: <prefix>-<date>-1 to -3
_PLAIN: Final = {
    Verdict.ABSENT: "absent",
    Verdict.LAME: "lame",
    Verdict.SERVFAIL: "servfail",
    Verdict.REFUSED: "refused",
}


class Difference(Struct, frozen=True):
    """One way in which what is published is not what was asked.

    Attributes:
        finding: what, with its sentences.
        servers: where, as people read them.
    """

    finding: Finding
    servers: tuple[str, ...]


class Comparison(Struct, frozen=True):
    """All differences, and at how many addresses there are none.

    Attributes:
        differences: each once, in the order in which its first server was asked.
        good: how many addresses answer exactly as asked.
        total: how many there are, those left out that this machine has no way to (IPv6, mostly).
    """

    differences: tuple[Difference, ...]
    good: int
    total: int

    @property
    def matches(self) -> bool:
        """Return whether every address that answers has the record, and nothing else is wrong."""
        return not self.differences and self.good == self.total > 0


def names_to_ask(request: Request, probe: str) -> dict[str, str]:
    """Return the record's name, and those at which it lands by mistake, with the mistake.

    Args:
        request: the record.
        probe: a selector that nobody uses: if its name answers, a wildcard does.

    Returns:
        From name to ``asked``, ``wildcard``, ``doubled``, ``underscore``, ``no-domainkey``, ``no-selector``,
        ``selector`` or ``zone``. Names too long for DNS are left out.
    """
    selector, domain = request.selector.lower(), request.domain
    requested = f"{selector}._domainkey.{domain}"
    names = {requested: "asked", f"{probe}._domainkey.{domain}": "wildcard"}
    labels = domain.split(".")
    above = [".".join(labels[place:]) for place in range(len(labels) - 1)]  # the domain and its parents, TLDs left out
    for zone in above:
        names.setdefault(f"{requested}.{zone}", "doubled")
    names.setdefault(f"{selector}.domainkey.{domain}", "underscore")
    names.setdefault(f"{selector}.{domain}", "no-domainkey")
    names.setdefault(f"_domainkey.{domain}", "no-selector")
    if found := _GENERATION.match(selector):
        for place in "123":
            names.setdefault(f"{found[1]}{place}._domainkey.{domain}", "selector")
    for zone in above[1:]:
        names.setdefault(f"{selector}._domainkey.{zone}", "zone")
    return {name: mistake for name, mistake in names.items() if len(name) <= LONGEST_NAME}


def compare(request: Request, answers: Sequence[Answer], names: Mapping[str, str]) -> Comparison:
    """Return what is published against what was asked.

    Args:
        request: what was asked.
        answers: of every server for every name.
        names: of ``names_to_ask``.
    """
    found: dict[Finding, list[str]] = {}
    own = [answer for answer in answers if names.get(answer.name) == "asked" and answer.failure != "no-route"]
    good = 0
    for answer in own:
        beside = [other for other in answers if other.server == answer.server and names.get(other.name) != "asked"]
        wrong = list(_differences(request, answer, beside, names))
        good += not wrong
        for finding in wrong:
            found.setdefault(finding, []).append(_called(answer))
    return Comparison(tuple(Difference(each, tuple(where)) for each, where in found.items()), good, len(own))


def _called(answer: Answer) -> str:
    server = answer.server
    address = server.address if server.port == 53 else str(server)
    return f"{server.name} ({address})" if server.name and address else server.name or address


def _differences(
    request: Request, answer: Answer, beside: Sequence[Answer], names: Mapping[str, str]
) -> Iterator[Finding]:
    judgement = judge(answer, request.public_key.sha256)
    by_wildcard = any(
        names.get(other.name) == "wildcard" and other.records and other.records == answer.records for other in beside
    )
    if by_wildcard:
        yield _finding("wildcard.key" if judgement.verdict is Verdict.THE_KEY else "wildcard", domain=request.domain)
    elif judgement.verdict is not Verdict.THE_KEY:
        yield _verdict(request, answer, judgement)
    else:
        if answer.ttl != request.ttl:
            yield _finding("ttl", ttl=answer.ttl or 0, wanted=request.ttl)
        yield from (_finding(flag) for flag in parse(answer.records[0]).flags)
    if judgement.verdict is not Verdict.THE_KEY and not judgement.unknown:
        for other in beside:
            mistake = names.get(other.name, "wildcard")
            if mistake != "wildcard" and judge(other, request.public_key.sha256).verdict is Verdict.THE_KEY:
                yield _finding(f"at.{mistake}", name=other.name, wanted=request.name, domain=request.domain)


def _verdict(request: Request, answer: Answer, judgement: Judgement) -> Finding:
    match judgement.verdict:
        case Verdict.ABSENT | Verdict.LAME | Verdict.SERVFAIL | Verdict.REFUSED:
            return _finding(_PLAIN[judgement.verdict])
        case Verdict.CNAME:
            return _finding("cname", target=ascii(judgement.detail[:120])[1:-1])
        case Verdict.SEVERAL_RECORDS:
            return _finding("several", count=len(answer.records))
        case Verdict.ANOTHER_KEY:
            return _finding("another-key", found=judgement.sha256, wanted=request.public_key.sha256)
        case Verdict.PLACEHOLDER | Verdict.REVOKED | Verdict.INVALID:
            return _invalid(request, answer.records[0])
        case _:
            return _finding("no-answer", reason=TEXTS.get(judgement.detail) or shown(judgement.detail))


def _invalid(request: Request, strings: tuple[bytes, ...]) -> Finding:
    text, whole = b"".join(strings), request.value.encode()
    if text and text != whole and whole.startswith(text):
        return _finding("cut", real=len(text), whole=len(whole))
    try:
        parse(strings)
    except KeyRecordInvalid as invalid:
        # What the catalogue advises on these is for those who make keys; the zone's keepers need only the true record.
        if invalid.defect == "revoked":
            return _finding("revoked")
        if invalid.defect in ("too-few-bits", "too-many-bits"):
            return _finding("other-bits", bits=invalid.values["bits"])
        return Finding(invalid.defect, tuple(sorted(invalid.values.items())), topic="key_record")
    return _finding("absent")


def _finding(key: str, **values: str | int) -> Finding:
    return Finding(key, tuple(values.items()), topic=_TOPIC)


def reply_text(request: Request, compared: Comparison, language: Language = "en") -> str:
    """Return the message to the DNS team, ready to send: thanks, or each difference with what to do about it."""
    values = {
        "name": request.name,
        "domain": request.domain,
        "good": compared.good,
        "asked": compared.total,
        "ttl": request.ttl,
        "value": request.value,
        "zone_text": zone_text(request).rstrip(),
        "sha256": request.public_key.sha256,
    }
    if compared.matches:
        return say(_TOPIC, "message.good", language, **values)
    numbered = [
        say(
            _TOPIC,
            "difference",
            language,
            number=number,
            what=difference.finding.explain(language),
            todo=difference.finding.correction(language),
            servers=", ".join(difference.servers),
        )
        for number, difference in enumerate(compared.differences, start=1)
    ]
    if not numbered:
        numbered = [say(_TOPIC, "unasked", language)]
    return say(_TOPIC, "message", language, differences="\n\n".join(numbered), **values)
