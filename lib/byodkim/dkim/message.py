"""Judge received messages with dkimpy, against the key records that name servers publish."""

import re
from collections.abc import Iterable, Mapping, Sequence
from email.errors import InvalidHeaderDefect
from email.headerregistry import HeaderRegistry
from typing import Any, Final, Literal

import dkim
from dkim.util import InvalidTagValueList, parse_tag_value
from msgspec import Struct

from byodkim.checks.facts import Answer
from byodkim.dkim.record import Verified, verify
from byodkim.dkim.verdict import judge
from byodkim.words import Sentence, _

#: From the best to the worst: one signature that verifies is enough (RFC 6376 section 6.1).
KINDS: Final = ("proved", "undecided", "contradicted")

_WHITE_SPACE: Final = re.compile(rb"\s+")

Header = tuple[bytes, bytes]
#: What one server's record makes of a signature.
Result = Literal["no-record", "subdomain", "unknown"] | Verified


class MessageVerdict(Struct, frozen=True):
    """What a received message shows.

    Attributes:
        kind: ``proved``: it verifies with the record of every server. ``contradicted``: receivers
            do not accept its signature. ``undecided``: this message shows neither.
        what: the reason.
    """

    kind: Literal["proved", "contradicted", "undecided"]
    what: Sentence


class _Signature(Struct, frozen=True):
    """A DKIM-Signature field: its place among them, and tags of RFC 6376 section 3.5."""

    place: int
    domain: str
    selector: str
    algorithm: str
    signed_fields: tuple[str, ...]
    identity_domain: str
    length: str


def judge_message(
    raw: bytes, *, domain: str, selector: str, answers: Sequence[Answer]
) -> MessageVerdict:
    """Return whether a received message was signed with a selector's key, so that it verifies.

    Only signatures with ``d=<domain>`` count. Amazon SES adds one of amazonses.com.

    Args:
        raw: the message as it was received, with LF or CRLF.
        domain: the signing domain.
        selector: that the message should be signed with.
        answers: of every authoritative server, for this selector's key record.
    """
    try:
        headers: list[Header] = dkim.rfc822_parse(raw)[0]
    except Exception:  # noqa: BLE001 - dkimpy raises IndexError and others on what is no message
        return _undecided(_("dkimpy cannot read the message."))
    from_domain = _from_domain(headers)
    if not from_domain:
        return _undecided(_("The message has no single readable From address."))
    if not _is_aligned(from_domain, domain):
        return _undecided(_("The message is from {domain}.", domain=from_domain))
    signatures = [each for each in _signatures(headers) if each.domain == domain.lower()]
    if not signatures:
        return _contradicted(_("The message is not signed by {domain}.", domain=domain))
    matching = [each for each in signatures if each.selector.lower() == selector.lower()]
    if not matching:
        selectors = [each.selector for each in signatures]
        return _undecided(
            _(
                "The message is signed with {selectors}, not with {selector}: it may have been "
                "sent before the switch.",
                selectors=selectors,
                selector=selector,
            )
        )
    return min((_judge_signature(raw, each, answers) for each in matching), key=_rank)


def _judge_signature(
    raw: bytes, signature: _Signature, answers: Sequence[Answer]
) -> MessageVerdict:
    if signature.algorithm == "rsa-sha1":  # RFC 8301 section 3.1. dkimpy accepts it.
        return _contradicted(_("The message is signed with rsa-sha1."))
    if "from" not in signature.signed_fields:  # RFC 6376 section 6.1.1. dkimpy accepts it.
        return _contradicted(_("The signature does not cover the From field."))
    if signature.length:
        return _undecided(_("The signature may cover only part of the body (tag l)."))
    servers: dict[Result, list[str]] = {}
    for answer in answers:
        result = _judge_with(raw, signature, answer)
        servers.setdefault(result, []).append(str(answer.server))
    return _summarize(servers)


def _summarize(servers: Mapping[Result, list[str]]) -> MessageVerdict:
    """Return the verdict on one signature, from the servers of each result. The worst counts."""
    if absent := servers.get("no-record"):
        return _contradicted(_("No usable key record at {servers}.", servers=absent))
    if strict := servers.get("subdomain"):
        return _contradicted(
            _("The record at {servers} has t=s, which forbids a subdomain in i=.", servers=strict)
        )
    if rejecting := servers.get("rejected"):
        return _contradicted(
            _(
                "The signature does not verify with the record at {servers}. Was the message "
                "changed on its way, for example by a mailing list?",
                servers=rejecting,
            )
        )
    if servers.get("unreadable"):
        return _undecided(_("dkimpy cannot read the message."))
    if unknown := servers.get("unknown"):
        return _undecided(_("{servers} gave no usable answer.", servers=unknown))
    if not servers:
        return _undecided(_("No name server was asked for the key record."))
    verified = servers["verified"]
    return MessageVerdict(
        "proved", _("The message verifies with the record at {servers}.", servers=verified)
    )


def _judge_with(raw: bytes, signature: _Signature, answer: Answer) -> Result:
    verdict = judge(answer, "")
    if verdict.is_unknown:
        return "unknown"
    if not verdict.is_published:
        return "no-record"
    # RFC 6376 section 3.6.1. dkimpy accepts it.
    if "s" in verdict.flags and signature.identity_domain != signature.domain:
        return "subdomain"
    return verify(raw, "".join(answer.texts[0]), signature.place)


def _signatures(headers: Iterable[Header]) -> list[_Signature]:
    """Return the DKIM-Signature fields from the top. One that cannot be parsed is left out."""
    values = [value for name, value in headers if name.lower() == b"dkim-signature"]
    signatures = []
    for place, value in enumerate(values):
        try:
            tags = {
                name: _WHITE_SPACE.sub(b"", tag).decode("ascii")
                for name, tag in parse_tag_value(value).items()
            }
        except (InvalidTagValueList, UnicodeDecodeError):
            continue
        domain = tags.get(b"d", "").lower()
        signatures.append(
            _Signature(
                place=place,
                domain=domain,
                selector=tags.get(b"s", ""),
                algorithm=tags.get(b"a", "").lower(),
                signed_fields=tuple(tags.get(b"h", "").lower().split(":")),
                identity_domain=tags.get(b"i", "").rpartition("@")[2].lower() or domain,
                length=tags.get(b"l", ""),
            )
        )
    return signatures


def _from_domain(headers: Iterable[Header]) -> str:
    """Return the From address's domain; "" without exactly one field with one valid address."""
    values = [value for name, value in headers if name.lower() == b"from"]
    try:
        (value,) = values
        field: Any = HeaderRegistry()("From", " ".join(value.decode("ascii").split()))
        (address,) = field.addresses
        is_invalid = any(isinstance(defect, InvalidHeaderDefect) for defect in field.defects)
        return "" if is_invalid else str(address.domain).lower()
    except Exception:  # noqa: BLE001 - Python's parser raises IndexError and others
        return ""


def _is_aligned(from_domain: str, domain: str) -> bool:
    """Return whether one domain is the other or lies below it (RFC 7489 section 3.1.1)."""
    domain = domain.lower()
    return (
        from_domain == domain
        or from_domain.endswith(f".{domain}")
        or domain.endswith(f".{from_domain}")
    )


def _rank(verdict: MessageVerdict) -> int:
    return KINDS.index(verdict.kind)


def _undecided(what: Sentence) -> MessageVerdict:
    return MessageVerdict("undecided", what)


def _contradicted(what: Sentence) -> MessageVerdict:
    return MessageVerdict("contradicted", what)
