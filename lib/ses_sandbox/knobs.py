"""What SES leaves open, and how slow the world is: settings that can be changed while it stands."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields, replace
from typing import Final

from ses_sandbox.errors import SandboxError


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

    signing_while_pending: str = "unsigned"
    signing_when_verified: str = "next"
    delivery: str = "inbox"
    tokens: str = "selector"
    garbage_keys: str = "accepted"
    only_verification: bool = True
    check_interval: float = 0.2
    aws_latency_ms: float = 0
    dns_latency_ms: float = 0
    blind_in: str = ""
    requests_per_second: int = 0
    identities: int = 0
    route53_seconds: float = 0.0

    def changed(self, values: dict[str, object]) -> Knobs:
        """These knobs with some of them set.

        Raises:
            SandboxError: there is no such knob, or it does not take that value.
        """
        known = {field.name: getattr(self, field.name) for field in fields(self)}
        checked: dict[str, object] = {}
        for name, value in values.items():
            if name not in known:
                raise SandboxError(f"There is no knob {name!r}.", todo=f"Knobs: {', '.join(sorted(known))}.")
            checked[name] = _checked(name, value, type(known[name]))
        return replace(self, **checked)  # type: ignore[arg-type]  # each value was checked against its field

    def as_dict(self) -> dict[str, object]:
        """Plain data for JSON."""
        return asdict(self)


CHOICES: Final = {
    "signing_while_pending": ("unsigned", "next", "current"),
    "signing_when_verified": ("next", "current", "unsigned", "stranger"),
    "delivery": ("inbox", "lost", "changed"),
    "tokens": ("selector", "empty"),
    "garbage_keys": ("accepted", "refused"),
}


def _checked(name: str, value: object, kind: type) -> object:
    if name in CHOICES:
        if value in CHOICES[name]:
            return value
        raise SandboxError(f"The knob {name} does not take {value!r}.", todo=f"It takes {', '.join(CHOICES[name])}.")
    if kind is str:
        return str(value)[:63]
    if kind is bool:
        words = {"true": True, "false": False}
        if isinstance(value, bool):
            return value
        if isinstance(value, str) and value.lower() in words:
            return words[value.lower()]
        raise SandboxError(f"The knob {name} does not take {value!r}.", todo="It takes true or false.")
    return _number(name, value, kind)


def _number(name: str, value: object, kind: type) -> object:
    try:
        if isinstance(value, bool) or not isinstance(value, int | float | str):
            raise ValueError
        number = float(value)
        if not 0 <= number < float("inf") or (kind is int and number != int(number)):
            raise ValueError
    except ValueError:
        wanted = "a whole number" if kind is int else "a number"
        raise SandboxError(f"The knob {name} does not take {value!r}.", todo=f"It takes {wanted} from 0 up.") from None
    return int(number) if kind is int else number
