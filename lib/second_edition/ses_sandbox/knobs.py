"""Define what SES leaves open, and how slow the world is: settings that can be changed while it stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from second_edition.ses_sandbox.errors import SandboxError

Count = Annotated[int, Meta(ge=0, le=10**6)]
Seconds = Annotated[float, Meta(ge=0, le=1e9)]


@dataclass(frozen=True)
class Knobs:
    """One value for each question that AWS does not answer. The defaults are the pessimistic answers.

    Attributes:
        signing_while_pending: with which key mail is signed between a PUT and SUCCESS:
            ``unsigned`` (none), ``next`` (the key just put) or ``current`` (the last one that was verified).
        signing_when_verified: with which key mail is signed once the status is SUCCESS, whatever SES shows:
            ``next`` (the key that was verified), ``current`` (the one before it), ``unsigned``, or ``stranger`` (a
            key that nobody knows, under the selector that was verified).
        delivery: ``inbox`` (mail arrives at once), ``lost`` (it never does), or ``changed`` (a line is added to it).
        tokens: what GetEmailIdentity shows for an EXTERNAL identity: its ``selector``, or ``empty``, a bare ``[]``.
        garbage_keys: ``accepted`` (base64 that is no RSA key is taken, and never verifies) or ``refused``.
        only_verification: DKIM is the domain's only verification, so that FAILED stops sending.
        check_interval: seconds of sandbox time between two looks at DNS, and from a PUT to the first look.
        aws_latency_ms: an AWS answer leaves no sooner than this many milliseconds after its request came.
        dns_latency_ms: milliseconds added to every DNS answer.
        blind_in: the place, `ACCOUNT/REGION`, in which SES finds no key record of a key that it has yet to verify.
        requests_per_second: SES control-plane calls allowed in any second, 0 for no limit; of each account and Region.
        identities: how many identities there are beside the world's own (``crowd``).
        route53_seconds: real seconds until a change in Route 53 reaches the name servers; till then it is PENDING.
    """

    signing_while_pending: Literal["unsigned", "next", "current"] = "unsigned"
    signing_when_verified: Literal["next", "current", "unsigned", "stranger"] = "next"
    delivery: Literal["inbox", "lost", "changed"] = "inbox"
    tokens: Literal["selector", "empty"] = "selector"
    garbage_keys: Literal["accepted", "refused"] = "accepted"
    only_verification: bool = True
    check_interval: Seconds = 0.2
    aws_latency_ms: Seconds = 0
    dns_latency_ms: Seconds = 0
    blind_in: Annotated[str, Meta(max_length=63)] = ""
    requests_per_second: Count = 0
    identities: Count = 0
    route53_seconds: Seconds = 0.0

    def changed(self, values: Mapping[str, object]) -> Knobs:
        """Return these knobs with some of them set; text is read as the knob's own type.

        Raises:
            SandboxError: there is no such knob, or it does not take that value.
        """
        known = asdict(self)
        for name in values.keys() - known.keys():
            raise SandboxError(
                "There is no knob {name!r}.", "Knobs: {known}.", name=name, known=", ".join(sorted(known))
            )
        try:
            return msgspec.convert({**known, **values}, Knobs, strict=False)
        except msgspec.ValidationError as problem:
            name = str(problem).rpartition(" - at `$.")[2].rstrip("`")
            raise SandboxError(
                "The knob {name} does not take {value!r}.",
                "`byodkim sandbox knob --help` says what it takes.",
                name=name,
                value=str(values.get(name)),
            ) from None
