"""The settings, a row each: type, bounds, default and help, and which notebooks have it in their parameters cell.

A new procedure about one identity has the parameters of all that are; one of its own is a row that names its notebook.

A field of ``Parameters`` is a parameter, one of ``Profile`` a key of ``byodkim.toml``, and one of ``Shared`` both.
``make settings`` writes the parameters cells of notebooks/ and the tables of docs/ from here; ``--help`` and the
errors read the rows themselves. A help's Japanese stands in ``byodkim.po``, as of every sentence.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Annotated, Any, Final, Literal, get_args

import msgspec
from msgspec import Meta, Struct

from second_edition.contributions import about, procedures
from second_edition.messages import Language, say, translated

Mode = Literal["plan", "apply"]
UNSET_MINUTES: Final = -1
#: Notebooks by what they have in common: ``identity`` stands for each whose procedure is about one identity.
ONE: Final = ("identity",)
OWN: Final = (*ONE, "fleet")  # publish takes from a record what these are given
RUNS: Final = (*OWN, "publish")
ALL: Final = (*OWN, "explore")
ROTATE, FLEET, EXPLORE, PUBLISH = ("rotate",), ("fleet",), ("explore",), ("publish",)

WAIT_DNS: Final = "Minutes to wait until all servers serve the record. 0 does not wait."
WAIT_SES: Final = "Minutes to wait until SES has verified the selector. 0 does not wait."
LANGUAGE: Final = "Language of records and errors."
ARCHIVE: Final = "Folder of the records, for runs whose own place is not known (JupyterLab)."
ARN: Final = r"^(arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:(key|alias)/[\w/-]+)?$"
S3: Final = r"^(s3://[a-z0-9][a-z0-9.-]+(/[\w!.*'()/-]*)?)?$"
APPROVER: Final = r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?"  # a name that can stand in a file's name
REGION: Final = r"[a-z]{2}(?:-[a-z]+)+-\d{1,2}"
# Plain characters, with {selector} once and {domain} where it is wanted.
LAYOUT: Final = r"^(?!.*//)([\w.=+-]+/|[\w.=+-]*\{domain\}[\w.=+-]*/)*[\w.=+-]*\{selector\}[\w.=+-]*(/[\w.=+-]+)*$"


Contact = Literal["operators", "dns", "approver", "escalation"]
Approver = Annotated[str, Meta(pattern=rf"\A{APPROVER}\Z")]
PublicKey = Annotated[str, Meta(pattern=r"\A[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=\Z")]  # base64 of 32 bytes
Region = Annotated[str, Meta(pattern=rf"\A{REGION}\Z")]
#: With commas between. No type of its own: of a text with a pattern, or a list, msgspec 0.22 frees memory twice.
REGIONS: Final = rf"\s*(?:{REGION}\s*(?:,\s*{REGION}\s*)*,?\s*)?"


def row(text: str, cells: Collection[str] = (), **bounds: Any) -> Meta:
    """Return a row: its help, the notebooks whose parameters cell has it, and its bounds or pattern."""
    return Meta(description=text, extra={"cells": cells}, **bounds)


# fmt: off
class Shared(Struct, frozen=True, kw_only=True):
    """Hold what a parameter says, or the profile where that is empty: the identity, and how AWS and DNS are reached."""

    domain: Annotated[str, row("Signing domain, the SES identity; a sandbox has its own.", (*ONE, "explore"))] = ""
    region: Annotated[str, row("AWS Region of the identity.", ALL)] = ""
    secret_id: Annotated[str, row("Secrets Manager secret that names the selectors ({domain} in a fleet's).", ALL)] = ""
    key_bucket: Annotated[str, row("S3 bucket of the private keys, where the secret names none.", ALL)] = ""
    aws_profile: Annotated[str, row("AWS profile to sign in with; none: boto3's own chain.", ALL)] = ""
    store_region: Annotated[str, row("AWS Region of secret and private keys, where it is another.", OWN)] = ""
    store_profile: Annotated[str, row("AWS profile that reads secret and private keys; none: aws_profile.", OWN)] = ""
    endpoint_url: Annotated[str, row("Another AWS endpoint; of a standing sandbox as a parameter alone.", ALL, pattern=r"\A(https?://[^\s/]+/?)?\Z")] = ""
    nameservers: Annotated[str, row("Authoritative servers to ask, e.g. 192.0.2.53,[2001:db8::53]:5354.", ALL)] = ""


class Parameters(Shared, frozen=True, kw_only=True):
    """Hold what parameters cells hold. An empty string (or -1 minutes) takes the profile's value, then the default."""

    of: Annotated[str, row("Record whose DNS request is published, e.g. outputs/CHG-1042-plan.ipynb.", PUBLISH)] = ""
    identities: Annotated[str, row("CSV table with the columns domain and selector (others as rotate's parameters), or an inventory.", FLEET)] = ""
    selector: Annotated[str, row("Selector to switch to, prepare or retire, e.g. mail-20261124-1. Only rotate and retire need it.", ALL)] = ""
    profile: Annotated[str, row("Section of byodkim.toml that holds the defaults.", ALL)] = "default"
    record: Annotated[str, row("Key record to explain; without one, that of the secret.", EXPLORE)] = ""
    archive: Annotated[str, row(ARCHIVE, EXPLORE)] = ""
    mode: Annotated[Mode, row("plan only reads; apply writes what the plan shows.", RUNS)] = "plan"
    target: Annotated[str, row("aws, or a rehearsal on this machine: twin, sandbox or sandbox:<scenario>, as sandbox:dns-absent.", ALL, pattern=r"\A(aws|twin|sandbox(:[a-z0-9-]+)?)\Z")] = "aws"
    wait_dns_minutes: Annotated[int, row(WAIT_DNS, ("rotate", "retire", "publish"), ge=UNSET_MINUTES, le=14 * 24 * 60)] = UNSET_MINUTES
    wait_minutes: Annotated[int, row(WAIT_SES, ("rotate", "fleet"), ge=UNSET_MINUTES, le=72 * 60)] = UNSET_MINUTES
    language: Annotated[Literal["", "en", "ja"], row(LANGUAGE, (*ALL, *PUBLISH))] = ""
    reason: Annotated[str, row("Why the change is made, for the record.", RUNS)] = ""
    ticket: Annotated[str, row("Change ticket, for the record.", RUNS)] = ""
    requested_by: Annotated[str, row("Who asked for the change, for the record.", RUNS)] = ""
    waive: Annotated[str | list[str], row('Checks to waive, each with its reason: "ID: reason; ID: reason".', (*ONE, *PUBLISH))] = ""
    approved: Annotated[str, row("Plan to apply: ids of approved plan runs, or files of approvals, with commas between.", ("rotate", "fleet"))] = ""
    message: Annotated[str, row("File of a received message that proves the switch; send: a rehearsal sends one; none: none is sent.", ROTATE)] = ""
    replace: Annotated[str, row("Value of another TXT record at the name that may be replaced.", PUBLISH)] = ""
    canary: Annotated[str, row("First wave of each account and Region: a number of identities, or a share of them.", FLEET)] = "1%"
    wave: Annotated[int, row("Identities in each later wave.", FLEET, ge=1, le=100_000)] = 100
    pause_minutes: Annotated[int, row("Minutes between two waves.", FLEET, ge=0, le=7 * 24 * 60)] = 15
    stop_after: Annotated[int, row("Failures, in all, that the campaign goes on after; one more stops it.", FLEET, ge=0, le=100_000)] = 0
    at_once: Annotated[int, row("Runs side by side in each account and Region. 0: as many as SES's pace needs, 8 to 64.", FLEET, ge=0, le=512)] = 0
    last_wave: Annotated[int, row("Last wave to apply (1 is the canary). 0: all.", FLEET, ge=0, le=100_000)] = 0


class Profile(Shared, frozen=True, kw_only=True):
    """A section of ``byodkim.toml``.

    ``says``: the keys that stand in the section. ``others``: the sections that ``same_key_in`` names. ``beside``: all
    other sections that name a domain, each with domain, account and Region. ``file``: the path of ``byodkim.toml``, ""
    where there is none.
    """

    account: Annotated[str, row("Account (12 digits) in which runs are allowed.", pattern=r"\A([0-9]{12})?\Z")] = ""
    resolvers: Annotated[str, row("Recursive resolvers to ask once every authoritative server serves the key; empty: the system's.")] = ""
    encrypted_resolvers: Annotated[str, row("Resolvers to ask where port 53 is blocked, e.g. https://192.0.2.1/dns-query, tls://192.0.2.1.")] = ""
    encrypted_dns_is_evidence: Annotated[bool, row("Whether the answers of encrypted_resolvers are enough to write on.")] = False
    wait_dns_minutes: Annotated[int, row(WAIT_DNS, ge=0, le=14 * 24 * 60)] = 0
    wait_minutes: Annotated[int, row(WAIT_SES, ge=0, le=72 * 60)] = 10
    rehearsal: Annotated[Literal["none", "canary"], row("canary: a campaign begins only when its canaries that go by this section were rehearsed on a twin of what stands now.")] = "none"
    rollback_after_hours: Annotated[int, row("Hours after which an apply run goes back where SES has not verified, or says FAILED while it waits. A run that a check refuses does not go back. 0: never.", ge=0, le=72)] = 0
    late_write_seconds: Annotated[int, row("Seconds for which a write without a clear answer may still arrive: it is read back until they are over.", ge=0, le=900)] = 60
    language: Annotated[Literal["en", "ja"], row(LANGUAGE)] = "en"
    timezone: Annotated[str, row("Time zone of the record, e.g. Asia/Tokyo; empty: this machine's.")] = ""
    archive: Annotated[str, row(ARCHIVE)] = "outputs"
    ttl: Annotated[int, row("TTL in the DNS request, in seconds.", ge=60, le=86400)] = 3600
    ses_requests_per_second: Annotated[float, row("Pace of SES calls (its quota is 1 per second in each account and Region).", gt=0, le=100)] = 1.0
    lock: Annotated[Literal["local", "s3"], row("Where the operator lock is: local (a file of this machine) or s3 (an object in key_bucket).")] = "local"
    lock_dir: Annotated[str, row("Folder of the lock files, from this file's folder; empty: .locks beside the journals.")] = ""
    rotate_after_days: Annotated[int, row("Days after which a key is due for rotation: explore.ipynb shows the date.", ge=1, le=3650)] = 365
    contacts: Annotated[dict[Contact, str], row("Whom to turn to: operators, dns, approver, escalation, each with a name or an address.")] = {}
    approvals: Annotated[int, row("How many people must have approved the plan that is applied.", ge=0, le=9)] = 0
    approvals_valid_days: Annotated[int, row("Days for which an approval counts, for one run that writes.", ge=1, le=366)] = 7
    approvers: Annotated[dict[Approver, PublicKey], row("Public keys (Ed25519) of those who may approve, by name.")] = {}
    seal_key: Annotated[str, row("ARN of the AWS KMS key that seals records; empty: your own key, made on first use.", pattern=ARN)] = ""
    sealing_keys: Annotated[list[str], row("Public keys whose seals count, for every section: as `byodkim archive RECORD` prints them, or names of PEM files.")] = []
    timestamp_url: Annotated[str, row("An RFC 3161 timestamp authority to stamp each seal; empty: none.", pattern=r"^(https?://[^\s]+)?$")] = ""
    timestamp_roots: Annotated[str, row("PEM file of the certificates by which its timestamps are judged, from this file's folder.")] = ""
    archive_s3: Annotated[str, row("Where a copy of each record goes, e.g. s3://BUCKET/PREFIX; empty: nowhere.", pattern=S3)] = ""
    archive_retention_days: Annotated[int, row("Days for which S3 Object Lock (compliance mode) holds each copy. 0: no lock.", ge=0, le=36500)] = 0
    heads_file: Annotated[str, row("File, on another disk or a mounted share, to which each closed run adds its head; empty: none.")] = ""
    publisher: Annotated[Literal["request", "route53", "rfc2136"], row("Who writes key records: request (the DNS team), route53 or rfc2136 (byodkim publish).")] = "request"
    hosted_zone_id: Annotated[str, row('Hosted zone of Route 53, with publisher = "route53".', pattern=r"^([A-Z0-9]{1,32})?$")] = ""
    update_server: Annotated[str, row('Address of the zone\'s primary server, e.g. 192.0.2.53, with publisher = "rfc2136".')] = ""
    tsig_secret_id: Annotated[str, row('Secrets Manager secret that holds the TSIG key, with publisher = "rfc2136".')] = ""
    proof_from: Annotated[str, row("Address of the signing domain from which a run sends the message that proves its switch.")] = ""
    proof_to: Annotated[str, row("Address that message is sent to, whose mail a receipt rule of SES puts into inbox.")] = ""
    inbox: Annotated[str, row("Where that message is found, e.g. s3://BUCKET/PREFIX/: set all three, or none.", pattern=S3)] = ""
    proof_messages: Annotated[int, row("Messages sent around the write; several measure how long mail is unsigned.", ge=1, le=20)] = 1
    proof_wait_seconds: Annotated[int, row("Seconds to wait for those messages.", ge=1, le=900)] = 120
    selector_pattern: Annotated[str, row("How prepare names selectors: {date} is YYYYMMDD, {number} counts from 1.")] = "mail-{date}-{number}"
    key_layout: Annotated[str, row("Where private keys are in key_bucket, unless the secret names a path: prepare puts them there.", pattern=LAYOUT)] = "dkim-keys/{domain}/{selector}/private_key.pem"
    key_kms: Annotated[str, row("ARN of the AWS KMS key that encrypts new private keys; empty: the bucket's setting.", pattern=ARN)] = ""
    regions: Annotated[str | list[Region], row("Other Regions that have the identity, with commas between or as a list: retire checks them.")] = ""
    overlap_days: Annotated[int, row("Days that the previous selector stays published after the verified switch.", ge=0, le=366)] = 7
    retire_by: Annotated[Literal["revoke", "remove"], row("What retire does with the key record: revoke (empty p=) or remove.")] = "revoke"
    retire_key: Annotated[Literal["keep", "delete", "expire"], row("What retire does with the private key: keep, delete (all its versions) or expire (a delete marker).")] = "keep"
    dmarc_reports: Annotated[str, row("Folder of DMARC aggregate reports (.xml, .xml.gz, .zip) that retire reads, from this file's folder.")] = ""
    same_key_in: Annotated[list[str], row("Other sections whose identity signs with the same key, of this domain or another: retire looks at each.")] = []
    says: frozenset[str] = frozenset()
    others: tuple[Profile, ...] = ()
    beside: Mapping[str, tuple[str, str, str]] = msgspec.field(default_factory=dict)
    file: str = ""

    @property
    def folder(self) -> Path:
        """Return the folder from which names of files lead: the file's, or the working folder."""
        return Path(self.file).parent if self.file else Path.cwd()


# fmt: on


class Setting(Struct, frozen=True):
    """A row as it is read: of ``Parameters`` or ``Profile``."""

    name: str
    type: Any
    default: Any
    bounds: Meta

    @property
    def english(self) -> str:
        """Return the help."""
        return self.bounds.description or ""

    @property
    def cells(self) -> Collection[str]:
        """Return the notebooks whose parameters cell has it."""
        found: Collection[str] = (self.bounds.extra or {})["cells"]
        return found

    @property
    def values(self) -> tuple[str, ...]:
        """Return what it may be, where that is one of a few words."""
        return tuple(one for one in get_args(self.type) if isinstance(one, str) and one)

    @property
    def is_number(self) -> bool:
        """Return whether it is a whole number."""
        return self.type is int

    @property
    def least(self) -> int:
        """Return the least that a whole number may be, but for the -1 that leaves it to the profile."""
        return max(int(self.bounds.ge or 0), 0)

    def help(self, language: Language) -> str:
        """Return what it is, in one or two sentences."""
        return translated(self.english, language, f"settings.{self.name}")

    def form(self, language: Language) -> str:
        """Return what it must be, as the end of a sentence."""
        if self.values:
            return say("parameters", "must.choice", language, choices=" | ".join(self.values))
        if self.is_number:
            return say("parameters", "must.count", language, least=self.least, most=self.bounds.le)
        plain = self.type is str and not self.bounds.pattern
        return say("parameters", "must.text" if plain else "must.form", language, help=self.help(language))


def _rows(table: type[Struct]) -> dict[str, Setting]:
    found = {}
    for field in msgspec.structs.fields(table):
        kind, *metas = get_args(field.type) or (field.type,)
        default = field.default_factory() if field.default is msgspec.NODEFAULT else field.default
        if bounds := next((meta for meta in metas if isinstance(meta, Meta)), None):
            found[field.name] = Setting(field.name, kind, default, bounds)
    return found


#: The settings by their names: parameters, and keys of the profile.
FIELDS: Final = _rows(Parameters)
KEYS: Final = _rows(Profile)
#: By which AWS is reached: where the identity is, and where secret and private key are.
REACHED_BY: Final = ("region", "aws_profile", "store_region", "store_profile", "endpoint_url")
#: What stands first in a parameters cell.
_FIRST: Final = ("of", "identities", "selector", "profile")


def notebooks() -> tuple[str, ...]:
    """Return the notebooks that have a parameters cell."""
    return (*procedures(), *EXPLORE)


def fields_of(notebook: str) -> tuple[str, ...]:
    """Return the names in the parameters cell of a notebook, in their order."""
    kinds = {notebook, *(ONE if notebook not in EXPLORE and about(notebook).of_identity else ())}
    found = (row.name for row in FIELDS.values() if kinds.intersection(row.cells))
    return tuple(sorted(found, key=lambda name: name not in _FIRST))


def described(name: str, language: Language) -> str:
    """Return the help of a parameter, with what holds where it is left open."""
    text = FIELDS[name].help(language)
    if name not in KEYS:
        return text
    open_as = "open-minutes" if FIELDS[name].is_number else "open"
    return say("parameters", open_as, language, help=text)


def _default(name: str, language: Language) -> str:
    value = FIELDS[name].default
    return "" if value == "" else say("launch", "default", language, value=value)


def listing(notebook: str, language: Language) -> str:
    """Return the parameters of a notebook with help and default, if it has one, as ``--help`` shows them."""
    rows = [(name, described(name, language) + _default(name, language)) for name in fields_of(notebook)]
    width = max(len(name) for name, _ in rows)
    return "\n".join(
        [
            translated("parameters (-p NAME VALUE):", language, "help"),
            *(f"  {name:{width}}  {text}" for name, text in rows),
        ]
    )
