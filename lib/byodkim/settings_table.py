"""The table of settings: one row each for parameters of a notebook and keys of ``byodkim.toml``.

A row gives type, default, bounds, help and error.
"""

import contextlib
import re
from typing import Any, Final, NamedTuple

import idna

from byodkim.checks.facts import SELECTOR
from byodkim.errors import InputError
from byodkim.words import Sentence, _

#: Where a setting may stand: RUN is a parameter of every run, ONE of a run about one identity,
#: FLEET of a campaign; PROFILE is a key of ``byodkim.toml``.
RUN: Final = "run"
ONE: Final = "one"
FLEET: Final = "fleet"
PROFILE: Final = "profile"

REGION: Final = r"[a-z]{2}(-[a-z]+)+-\d{1,2}"
DOMAIN: Final = re.compile(r"([a-z0-9_]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}")
#: A name has 255 octets (RFC 1035 section 3.1); ``selector._domainkey.`` takes up to 75 of them.
LONGEST_DOMAIN: Final = 178
PUBLIC_KEY: Final = r"[A-Za-z0-9+/]{43}="


class Setting(NamedTuple):
    """A row of the table.

    Attributes:
        name: of parameter and key.
        default: what holds where nobody says otherwise. A value has the same type; lists hold
            texts, and tables texts by name.
        help: what it is, in one or two sentences.
        where: RUN, ONE or FLEET, PROFILE, or two of them.
        bounds: least and greatest number.
        pattern: what a whole text must match, unless it is the default.
        form: what the pattern means, in words; ``None``: it is the words that a value may be.
    """

    name: str
    default: Any
    help: Sentence
    where: tuple[str, ...] = (PROFILE,)
    bounds: tuple[float, float] = (0, 0)
    pattern: str = ""
    form: Sentence | None = None

    def is_parameter(self, procedure: str = "") -> bool:
        """Return whether a procedure's notebook has it as a parameter; "" is any procedure."""
        of_kind = {"": {RUN, ONE, FLEET}, "fleet": {RUN, FLEET}}.get(procedure, {RUN, ONE})
        return bool(of_kind.intersection(self.where))

    @property
    def unset(self) -> Any:
        """Return the value of a parameters cell that leaves the setting to the profile."""
        if PROFILE not in self.where:
            return self.default
        return -1 if isinstance(self.default, int) else ""

    def must_be(self) -> Sentence:
        """Return what a value has to be."""
        if self.form is not None:
            return self.form
        if self.pattern:
            return _("one of {choices}", choices=self.pattern.split("|"))
        if isinstance(self.default, int | float):
            least, most = (f"{bound:g}" for bound in self.bounds)
            return _("a number from {least} to {most}", least=least, most=most)
        return _("a list of texts") if isinstance(self.default, list) else _("a text")


BOTH: Final = (RUN, PROFILE)
A_REGION: Final = _("a Region such as ap-northeast-1")
PUBLIC_KEYS: Final = _("a table of public keys, as byodkim key prints them, by name")

SETTINGS: Final = (
    Setting(
        "table", "",
        _("CSV table of a campaign, with the columns domain, selector, section and region."),
        (FLEET,),
    ),
    Setting(
        "wave", 0, _("The only wave to apply; 0 applies all, with pauses between."), (FLEET,),
        bounds=(0, 100_000),
    ),
    Setting(
        "selector", "", _("Selector to prepare, switch to or retire, e.g. mail-20261124-1."),
        (ONE,), pattern=SELECTOR,
        form=_("1 to 63 letters, digits and hyphens, with no hyphen at either end"),
    ),
    Setting(
        "profile", "default", _("Section of byodkim.toml that holds the defaults."), (RUN,)
    ),
    Setting(
        "mode", "plan", _("plan: read only. apply: write what the plan shows."), (RUN,),
        pattern="plan|apply",
    ),
    Setting(
        "target", "aws",
        _("aws, or a rehearsal on this machine: sandbox or sandbox:SCENARIO."), (RUN,),
        pattern=r"aws|sandbox(:[a-z0-9-]+)?", form=_("aws, sandbox or sandbox:SCENARIO"),
    ),
    Setting("reason", "", _("Why the change is made, for the record."), (RUN,)),
    Setting("ticket", "", _("Change ticket, for the record."), (RUN,)),
    Setting("requested_by", "", _("Who asked for the change, for the record."), (RUN,)),
    Setting(
        "waive", "",
        _('Checks to waive, each with its reason: "ID: reason; ID: reason".'), (RUN,),
    ),
    Setting(
        "approved", "",
        _("Approval files, with commas between. Empty: those beside the record."), (RUN,),
    ),
    Setting(
        "message", "", _("File of a received message (.eml) that proves the switch."), (ONE,)
    ),
    Setting("domain", "", _("Signing domain, the SES identity."), (ONE, PROFILE)),
    Setting(
        "region", "", _("AWS Region of the identity."), BOTH, pattern=REGION, form=A_REGION
    ),
    Setting(
        "secret_id", "",
        _("Secrets Manager secret that names the selectors; {{domain}} in it is replaced."), BOTH,
    ),
    Setting(
        "key_bucket", "",
        _("S3 bucket of the private keys, where the secret names none."), BOTH,
    ),
    Setting(
        "wait_minutes", 10,
        _("Minutes to wait until SES has verified the selector. 0 does not wait."), BOTH,
        bounds=(0, 72 * 60),
    ),
    Setting(
        "wait_dns_minutes", 0,
        _("Minutes to wait until every server publishes the key record. 0 does not wait."),
        (ONE, PROFILE),
        bounds=(0, 14 * 24 * 60),
    ),
    Setting(
        "canary", 1, _("Rows of a campaign's first wave."), (FLEET, PROFILE),
        bounds=(1, 1000),
    ),
    Setting(
        "wave_rows", 20, _("Rows of each wave after the first."), (FLEET, PROFILE),
        bounds=(1, 10_000),
    ),
    Setting(
        "pause_minutes", 10, _("Minutes between two waves."), (FLEET, PROFILE),
        bounds=(0, 7 * 24 * 60),
    ),
    Setting(
        "max_failures", 1,
        _("A campaign begins no more rows once so many failed, were refused or stay unverified."),
        (FLEET, PROFILE), bounds=(1, 10_000),
    ),
    Setting(
        "language", "en", _("Language of records and errors: en or ja."), BOTH,
        pattern="en|ja",
    ),
    Setting(
        "account", "", _("Account in which runs are allowed."), pattern=r"\d{12}",
        form=_("12 digits, in quotes"),
    ),
    Setting("aws_profile", "", _("Profile of the AWS configuration to sign in with.")),
    Setting(
        "endpoint_url", "", _("Another AWS endpoint, such as a proxy."),
        pattern=r"https?://[^\s/]+/?", form=_("an address such as https://proxy.example.jp"),
    ),
    Setting(
        "store_region", "", _("AWS Region of secret and private keys, where it is another."),
        pattern=REGION, form=A_REGION,
    ),
    Setting("store_profile", "", _("AWS profile that reads secret and private keys.")),
    Setting(
        "secret_selector", "",
        _("Dotted path of the selector in the secret, for a layout of your own."),
    ),
    Setting("secret_record", "", _("Dotted path of the key record's value in the secret.")),
    Setting("secret_key_path", "", _("Dotted path of the private key's place in the secret.")),
    Setting(
        "key_layout", "dkim-keys/{domain}/{selector}/private_key.pem",
        _("Where a private key is in key_bucket, unless the secret says where."),
        pattern=r"[^{}]*(\{domain\}[^{}]*)?\{selector\}[^{}]*",
        form=_("a path with {{selector}} in it, and {{domain}} where you want it"),
    ),
    Setting(
        "key_kms", "",
        _("KMS key that encrypts new private keys. Empty: as the bucket has it."),
    ),
    Setting(
        "selector_pattern", "mail-{date}-{number}",
        _("Names of new selectors, where none is given."),
        pattern=r"[a-zA-Z0-9-]*\{date\}[a-zA-Z0-9-]+\{number\}[a-zA-Z0-9-]*",
        form=_("letters, digits and hyphens, with {{date}} and then {{number}} in it"),
    ),
    Setting(
        "dns_writer", "request",
        _("Who writes key records: request (the DNS team), route53, or rfc2136 (dynamic update)."),
        pattern="request|route53|rfc2136",
    ),
    Setting("hosted_zone_id", "", _("Hosted zone of Route 53 for the key records.")),
    Setting(
        "update_server", "",
        _("Address of the zone's primary, for dynamic updates, e.g. 192.0.2.53."),
    ),
    Setting(
        "tsig_secret_id", "",
        _("Secrets Manager secret with the TSIG key: name, algorithm and secret (base64)."),
    ),
    Setting(
        "nameservers", [],
        _("Authoritative servers to ask instead of those that the delegation names."),
    ),
    Setting("resolvers", [], _("Recursive resolvers to ask instead of this machine's.")),
    Setting(
        "timezone", "", _("Time zone of the times in records, e.g. Asia/Tokyo. Empty: UTC.")
    ),
    Setting(
        "ttl", 3600, _("TTL in the DNS request, in seconds."), bounds=(60, 86400)
    ),
    Setting(
        "overlap_days", 7,
        _("Days for which the previous key record stays published after the switch."),
        bounds=(1, 366),
    ),
    Setting(
        "retire_key", "keep",
        _("What retire does with the private key once its record is gone: keep, or delete every "
          "version of its object."),
        pattern="keep|delete",
    ),
    Setting(
        "late_write_seconds", 60,
        _("Seconds for which a write without a clear answer may still arrive."), bounds=(1, 900),
    ),
    Setting(
        "ses_requests_per_second", 1.0,
        _("Pace of SES calls. SES allows 1 a second in each account and Region."),
        bounds=(0.1, 100),
    ),
    Setting(
        "approvals", 0, _("How many people must approve a plan before it is applied."),
        bounds=(0, 9),
    ),
    Setting(
        "approvers", {},
        _("Public keys of those who may approve, by name. `byodkim key` shows yours."),
        pattern=PUBLIC_KEY, form=PUBLIC_KEYS,
    ),
    Setting(
        "sealing_keys", {},
        _("Public keys whose signed records count, by name. Yours always counts."),
        pattern=PUBLIC_KEY, form=PUBLIC_KEYS,
    ),
)  # fmt: skip

ROWS: Final = {row.name: row for row in SETTINGS}


def in_ascii(domain: str) -> str:
    """Return a domain in A-labels, without a final dot.

    Raises:
        InputError: it is no domain, or IDNA 2003 and IDNA 2008 spell it differently (RFC 5894
            section 7.2): then it could be another one than is meant.
    """
    plain = domain.rstrip(".").lower()
    if not plain and domain == "":
        return ""
    with contextlib.suppress(UnicodeError):
        spelled = plain.encode("idna").decode()
        is_one = idna.encode(plain).decode() == spelled
        if is_one and len(spelled) <= LONGEST_DOMAIN and DOMAIN.fullmatch(spelled):
            return spelled
    raise InputError(
        _("The domain {domain} is not a domain name, or can be spelled in two ways.",
          domain=domain[:80]),
        todo=_("Write it in ASCII, e.g. xn--wgv71a119e.jp. Nothing was read or written."),
    )  # fmt: skip
