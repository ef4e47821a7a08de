"""Judge one name server's answer: is the key published, is it something else, or unknown?"""

from typing import Final, Literal

from msgspec import Struct

from byodkim.checks.facts import Answer
from byodkim.dkim.record import BadKeyRecord, parse_key_record
from byodkim.words import Sentence, _

#: The last three mean that the server could not be asked. They never mean that nothing is there.
Kind = Literal[
    "published", "absent", "other-key", "placeholder", "revoked", "defective", "several", "cname",
    "silent", "error", "lame",
]  # fmt: skip
UNKNOWN: Final = ("silent", "error", "lame")

_PUBLISH: Final = _("Publish the TXT record from the DNS request on every name server.")


class Verdict(Struct, frozen=True):
    """What one server's answer means for a key record.

    Attributes:
        kind: in one word. ``error``: an rcode such as SERVFAIL or REFUSED.
        what: what this server serves; where several things are wrong, the first one.
        todo: what the DNS team should do; ``None`` for nothing.
        sha256: of the valid key that is served; "" for none.
        flags: of the served record's ``t=``, e.g. ``y`` (testing) and ``s``.
    """

    kind: Kind
    what: Sentence
    todo: Sentence | None = None
    sha256: str = ""
    flags: tuple[str, ...] = ()

    @property
    def is_published(self) -> bool:
        """Return whether the server publishes the key."""
        return self.kind == "published"

    @property
    def is_unknown(self) -> bool:
        """Return whether the server could not be asked."""
        return self.kind in UNKNOWN


def judge(answer: Answer, key_sha256: str) -> Verdict:
    """Return what an authoritative server's answer means.

    A CNAME at the name is refused, also where SES would follow it: its target may be in another
    zone, whose servers were not asked.

    Args:
        answer: to the question for TXT records.
        key_sha256: SHA-256 of the expected SubjectPublicKeyInfo; "" accepts any single valid key.
    """
    if unusable := _judge_answer(answer):
        return unusable
    if answer.rcode == "NXDOMAIN" and answer.texts:  # resolvers drop it (RFC 2308 section 2.1)
        return Verdict(
            "defective",
            _("The server returns a TXT record and says that the name does not exist (NXDOMAIN)."),
            _("Correct the name server: resolvers ignore such an answer."),
        )
    if answer.cname:
        return Verdict(
            "cname",
            _("The name is an alias (CNAME) of {target}.", target=answer.cname),
            _("Replace the CNAME with the TXT record from the DNS request."),
        )
    if not answer.texts:
        return Verdict("absent", _("There is no TXT record at this name."), _PUBLISH)
    if len(answer.texts) > 1:  # RFC 6376 section 3.6.2.2: the result is undefined
        what = _("There are {count} TXT records at this name.", count=len(answer.texts))
        todo = _("Keep only the TXT record from the DNS request at this name.")
        return Verdict("several", what, todo)
    return _judge_text("".join(answer.texts[0]), key_sha256)


def _judge_answer(answer: Answer) -> Verdict | None:
    """Return why an answer cannot be used; ``None`` for an authoritative one."""
    if answer.failure:
        return Verdict("silent", _FAILURES.get(answer.failure, _FAILURES["timeout"]), _REACHABLE)
    if answer.rcode not in ("NOERROR", "NXDOMAIN"):
        what = _("The server answered with the error {rcode}.", rcode=answer.rcode)
        return Verdict("error", what, _SERVES_ZONE)
    if not answer.authoritative:
        return Verdict("lame", _("The server is not authoritative for this name."), _SERVES_ZONE)
    return None


_FAILURES: Final = {
    "timeout": _("The server did not answer."),
    "unreachable": _("The server cannot be reached from this machine."),
    "malformed": _("The server's answer is not a valid DNS message."),
    "truncated": _("The answer does not fit into UDP, and the server does not answer over TCP."),
}
_REACHABLE: Final = _(
    "Find out why the server does not answer, and whether port 53 is open for UDP and TCP."
)
_SERVES_ZONE: Final = _(
    "Find out whether this name server still serves the zone, or remove it from the NS records."
)


def _judge_text(text: str, key_sha256: str) -> Verdict:
    try:
        record = parse_key_record(text)
    except BadKeyRecord as bad:
        return Verdict(bad.kind, bad.reason, bad.todo)
    if key_sha256 and record.sha256 != key_sha256:
        return Verdict(
            "other-key",
            _("The record holds another key (SHA-256 {sha256}…).", sha256=record.sha256[:16]),
            _("Replace the record's value with the one from the DNS request."),
            record.sha256,
            record.flags,
        )
    what = _("The server publishes the key.")
    if "y" in record.flags:
        what = _("The server publishes the key, marked as a test (t=y).")
    return Verdict("published", what, None, record.sha256, record.flags)
