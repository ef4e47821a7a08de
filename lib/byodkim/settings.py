"""The settings, one row each: parameters of a notebook, keys of ``byodkim.toml``, or both.

A row gives type, default, bounds, help and error. The parameters cells of the notebooks and the
tables of the documents are generated from here.
"""

from __future__ import annotations

import contextlib
import difflib
import re
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple, get_args
from zoneinfo import ZoneInfo

import idna

from byodkim.errors import InputError
from byodkim.words import Language, Sentence, _

#: Where a setting may stand: RUN is a parameter of a run, PROFILE a key of ``byodkim.toml``.
RUN: Final = "run"
PROFILE: Final = "profile"
PROFILE_FILE: Final = "byodkim.toml"

DOMAIN: Final = re.compile(r"([a-z0-9_]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}")
#: A name has 255 octets (RFC 1035 section 3.1); ``selector._domainkey.`` takes up to 75 of them.
LONGEST_DOMAIN: Final = 178
REGION: Final = r"[a-z]{2}(-[a-z]+)+-\d{1,2}"
SELECTOR: Final = r"[a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?"
PUBLIC_KEY: Final = r"[A-Za-z0-9+/]{43}="
#: A private key in a parameter would be written into the record: base64 of DER, or a PEM header.
PRIVATE_KEY: Final = re.compile(r"PRIVATE KEY|MII[BCEJ][A-Za-z0-9+/\s]{300}")


class Setting(NamedTuple):
    """A row of the table.

    Attributes:
        name: of parameter and key.
        kind: ``str``, ``int``, ``float``, ``list`` (of text) or ``dict`` (text by name).
        default: what holds where nobody says otherwise.
        help: what it is, in one or two sentences.
        where: RUN, PROFILE or both.
        bounds: least and greatest number.
        choices: the words it may be.
        pattern: what the whole text must match; "" is always allowed.
        form: what the pattern means, in words.
    """

    name: str
    kind: type
    default: Any
    help: Sentence
    where: tuple[str, ...] = (PROFILE,)
    bounds: tuple[float, float] = (0, 0)
    choices: tuple[str, ...] = ()
    pattern: str = ""
    form: Sentence | None = None

    @property
    def unset(self) -> Any:
        """Return the value of a parameters cell that leaves the setting to the profile."""
        if PROFILE not in self.where:
            return self.default
        return -1 if self.kind is int else ""

    def must_be(self) -> Sentence:
        """Return what a value has to be."""
        if self.form is not None:
            return self.form
        if self.choices:
            return _("one of {choices}", choices=list(self.choices))
        if self.kind in (int, float):
            least, most = (f"{bound:g}" for bound in self.bounds)
            return _("a number from {least} to {most}", least=least, most=most)
        if self.kind is list:
            return _("a list of texts")
        if self.kind is dict:
            return _("a table of texts by name")
        return _("a text")


BOTH: Final = (RUN, PROFILE)
A_REGION: Final = _("a Region such as ap-northeast-1")

SETTINGS: Final = (
    Setting(
        "selector", str, "", _("Selector to switch to, e.g. mail-20261124-1."), (RUN,),
        pattern=SELECTOR,
        form=_("1 to 63 letters, digits and hyphens, with no hyphen at either end"),
    ),
    Setting(
        "profile", str, "default", _("Section of byodkim.toml that holds the defaults."), (RUN,)
    ),
    Setting(
        "mode", str, "plan", _("plan: read only. apply: write what the plan shows."), (RUN,),
        choices=("plan", "apply"),
    ),
    Setting(
        "target", str, "aws",
        _("aws, or a rehearsal on this machine: sandbox or sandbox:SCENARIO."), (RUN,),
        pattern=r"aws|sandbox(:[a-z0-9-]+)?", form=_("aws, sandbox or sandbox:SCENARIO"),
    ),
    Setting("reason", str, "", _("Why the change is made, for the record."), (RUN,)),
    Setting("ticket", str, "", _("Change ticket, for the record."), (RUN,)),
    Setting("requested_by", str, "", _("Who asked for the change, for the record."), (RUN,)),
    Setting(
        "waive", str, "",
        _('Checks to waive, each with its reason: "ID: reason; ID: reason".'), (RUN,),
    ),
    Setting(
        "approved", str, "",
        _("Approval files, with commas between. Empty: those beside the record."), (RUN,),
    ),
    Setting(
        "message", str, "", _("File of a received message (.eml) that proves the switch."), (RUN,)
    ),
    Setting("domain", str, "", _("Signing domain, the SES identity."), BOTH),
    Setting(
        "region", str, "", _("AWS Region of the identity."), BOTH, pattern=REGION, form=A_REGION
    ),
    Setting("secret_id", str, "", _("Secrets Manager secret that names the selectors."), BOTH),
    Setting(
        "key_bucket", str, "",
        _("S3 bucket of the private keys, where the secret names none."), BOTH,
    ),
    Setting(
        "wait_minutes", int, 10,
        _("Minutes to wait until SES has verified the selector. 0 does not wait."), BOTH,
        bounds=(0, 72 * 60),
    ),
    Setting(
        "wait_dns_minutes", int, 0,
        _("Minutes to wait until every server publishes the key record. 0 does not wait."), BOTH,
        bounds=(0, 14 * 24 * 60),
    ),
    Setting(
        "language", str, "en", _("Language of records and errors: en or ja."), BOTH,
        choices=get_args(Language),
    ),
    Setting(
        "account", str, "", _("Account in which runs are allowed."), pattern=r"\d{12}",
        form=_("12 digits, in quotes"),
    ),
    Setting("aws_profile", str, "", _("Profile of the AWS configuration to sign in with.")),
    Setting(
        "endpoint_url", str, "", _("Another AWS endpoint, such as a proxy."),
        pattern=r"https?://[^\s/]+/?", form=_("an address such as https://proxy.example.jp"),
    ),
    Setting(
        "store_region", str, "", _("AWS Region of secret and private keys, where it is another."),
        pattern=REGION, form=A_REGION,
    ),
    Setting("store_profile", str, "", _("AWS profile that reads secret and private keys.")),
    Setting(
        "secret_selector", str, "",
        _("Dotted path of the selector in the secret, for a layout of your own."),
    ),
    Setting("secret_record", str, "", _("Dotted path of the key record's value in the secret.")),
    Setting("secret_key_path", str, "", _("Dotted path of the private key's place in the secret.")),
    Setting(
        "key_layout", str, "dkim-keys/{domain}/{selector}/private_key.pem",
        _("Where a private key is in key_bucket, unless the secret says where."),
        pattern=r"[^{}]*(\{domain\}[^{}]*)?\{selector\}[^{}]*",
        form=_("a path with {{selector}} in it, and {{domain}} where you want it"),
    ),
    Setting(
        "key_kms", str, "",
        _("KMS key that encrypts new private keys. Empty: as the bucket has it."),
    ),
    Setting(
        "selector_pattern", str, "mail-{date}-{number}",
        _("Names of new selectors, where none is given."),
        pattern=r"[a-zA-Z0-9-]*\{date\}[a-zA-Z0-9-]+\{number\}[a-zA-Z0-9-]*",
        form=_("letters, digits and hyphens, with {{date}} and then {{number}} in it"),
    ),
    Setting(
        "dns_writer", str, "request",
        _("Who writes key records: request (the DNS team), route53, or rfc2136 (dynamic update)."),
        choices=("request", "route53", "rfc2136"),
    ),
    Setting("hosted_zone_id", str, "", _("Hosted zone of Route 53 for the key records.")),
    Setting(
        "update_server", str, "",
        _("Address of the zone's primary, for dynamic updates, e.g. 192.0.2.53."),
    ),
    Setting(
        "tsig_secret_id", str, "",
        _("Secrets Manager secret with the TSIG key: name, algorithm and secret (base64)."),
    ),
    Setting(
        "nameservers", list, [],
        _("Authoritative servers to ask instead of those that the delegation names."),
    ),
    Setting("resolvers", list, [], _("Recursive resolvers to ask instead of this machine's.")),
    Setting(
        "timezone", str, "", _("Time zone of the times in records, e.g. Asia/Tokyo. Empty: UTC.")
    ),
    Setting(
        "ttl", int, 3600, _("TTL in the DNS request, in seconds."), bounds=(60, 86400)
    ),
    Setting(
        "overlap_days", int, 7,
        _("Days for which the previous key record stays published after the switch."),
        bounds=(1, 366),
    ),
    Setting(
        "retire_key", str, "keep",
        _("What retire does with the private key once its record is gone: keep, or delete every "
          "version of its object."),
        choices=("keep", "delete"),
    ),
    Setting(
        "late_write_seconds", int, 60,
        _("Seconds for which a write without a clear answer may still arrive."), bounds=(1, 900),
    ),
    Setting(
        "ses_requests_per_second", float, 1.0,
        _("Pace of SES calls. SES allows 1 a second in each account and Region."),
        bounds=(0.1, 100),
    ),
    Setting(
        "approvals", int, 0, _("How many people must approve a plan before it is applied."),
        bounds=(0, 9),
    ),
    Setting(
        "approvers", dict, {},
        _("Public keys of those who may approve, by name. `byodkim key` shows yours."),
        pattern=PUBLIC_KEY, form=_("a table of public keys, as byodkim key prints them, by name"),
    ),
    Setting(
        "sealing_keys", dict, {},
        _("Public keys whose signed records count, by name. Yours always counts."),
        pattern=PUBLIC_KEY, form=_("a table of public keys, as byodkim key prints them, by name"),
    ),
)  # fmt: skip

ROWS: Final = {row.name: row for row in SETTINGS}


def parameters_cell() -> str:
    """Return the parameters cell of a notebook. papermill's ``--help-notebook`` reads it by regular
    expression.
    """
    lines = []
    for row in SETTINGS:
        if RUN in row.where:
            unset = "-1" if row.kind is int else "Empty"
            note = f" {unset}: as byodkim.toml has it." if PROFILE in row.where else ""
            kind = row.kind.__name__
            lines.append(f"{row.name}: {kind} = {_literal(row.unset)}  # {row.help.text}{note}")
    return "\n".join(lines)


def _literal(value: Any) -> str:
    return f'"{value}"' if isinstance(value, str) else repr(value)


class Settings(NamedTuple):
    """The settings of a run, with what was passed in.

    Attributes:
        values: every setting by its name, parsed.
        passed: names and values that were passed in as parameters, as text.
        folder: of ``byodkim.toml``, or the working folder where there is none. Names of files lead
            from here.
        profile_file: ``byodkim.toml``; ``None`` where there is none.
    """

    values: Mapping[str, Any]
    passed: Mapping[str, str]
    folder: Path
    profile_file: Path | None = None

    def text(self, name: str) -> str:
        """Return a setting that is a text."""
        return str(self.values[name])

    def number(self, name: str) -> int:
        """Return a setting that is a whole number."""
        return int(self.values[name])

    def table(self, name: str) -> dict[str, str]:
        """Return a setting that is a table."""
        return dict(self.values[name])

    def texts(self, name: str) -> tuple[str, ...]:
        """Return a setting that is a list."""
        return tuple(self.values[name])

    @property
    def language(self) -> Language:
        """Return the language of records and errors."""
        chosen: Language = self.values["language"]
        return chosen

    @property
    def zone(self) -> ZoneInfo:
        """Return the time zone of the record."""
        return ZoneInfo(self.text("timezone") or "UTC")

    def as_text(self) -> dict[str, str]:
        """Return every setting as text, for the journal."""
        return {name: _as_text(value) for name, value in self.values.items()}


def _as_text(value: Any) -> str:
    if isinstance(value, Mapping):
        return "; ".join(f"{name}: {each}" for name, each in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    return str(value)


def read(
    parameters: Mapping[str, Any], passed: Iterable[str], start: Path | None = None
) -> Settings:
    """Return the settings of a run: parameters, then the profile's section, then the defaults.

    Args:
        parameters: every name and value that the notebook's cells set.
        passed: the names that were passed in. ``mode`` counts only when it was: a saved template
            must not switch.
        start: folder from which ``byodkim.toml`` is looked for, upwards; the working folder by
            default.

    Raises:
        InputError: a name is not known, or a value cannot be.
    """
    _refuse_unknown(parameters)
    _refuse_private_key(parameters)
    given = {name: value for name, value in parameters.items() if _is_given(ROWS[name], value)}
    names = set(passed)
    if "mode" not in names:
        given.pop("mode", None)
    file = find_profile(start or Path.cwd())
    section = _section(file, str(given.get("profile", "default")), "profile" in names)
    values: dict[str, Any] = {}
    for row in SETTINGS:
        value = row.default
        if row.name in section:
            value = _parsed(row, section[row.name], _("key {name} of byodkim.toml", name=row.name))
        if row.name in given:
            value = _parsed(row, given[row.name], _("parameter {name}", name=row.name))
        values[row.name] = value
    _check_zone(values["timezone"])
    values["domain"] = _in_ascii(values["domain"])
    shown = {name: _as_text(value) for name, value in given.items() if name in names}
    return Settings(values, shown, file.parent if file else Path.cwd(), file)


def sections_about(settings: Settings, domain: str) -> list[tuple[str, Settings]]:
    """Return the profile's sections that name a domain, or none: these are used with ``-r domain``.

    Raises:
        InputError: such a section cannot be read.
    """
    if settings.profile_file is None:
        return []
    start, sections = settings.folder, tomllib.loads(settings.profile_file.read_text("utf-8"))
    names = [name for name, section in sections.items() if _is_about(section, domain)]
    return [(name, read({"profile": name}, ("profile",), start)) for name in names]


def _is_about(section: Mapping[str, Any], domain: str) -> bool:
    """Return whether a section names this domain, or none."""
    with contextlib.suppress(InputError):
        return _in_ascii(str(section.get("domain") or domain)) == domain
    return False  # another section's mistake


def require(settings: Settings, procedure: str) -> None:
    """Refuse a run that lacks what its procedure needs.

    Raises:
        InputError: names what is missing.
    """
    needed: dict[str, Sentence] = {}
    if procedure != "prepare":  # which names one by selector_pattern
        needed["selector"] = _("selector, the selector to switch to (-r selector mail-20261124-1)")
    if settings.text("target") == "aws":
        needed |= {
            "domain": _("domain, the SES identity"),
            "region": _("region, the AWS Region of the identity"),
            "secret_id": _("secret_id, the secret that names the selectors"),
        }
        if procedure == "prepare":
            needed["key_bucket"] = _("key_bucket, the bucket of the private keys")
    missing = [str(sentence) for name, sentence in needed.items() if not settings.text(name)]
    if missing:
        raise InputError(
            _("{procedure} needs {missing}.", procedure=procedure, missing=missing),
            todo=_("Pass it, or write it into byodkim.toml (`byodkim init` makes one)."),
        )


def find_profile(start: Path) -> Path | None:
    """Return the nearest ``byodkim.toml`` in a folder or above it."""
    folders = [start.resolve(), *start.resolve().parents]
    return next((file for folder in folders if (file := folder / PROFILE_FILE).is_file()), None)


def waivers(text: str, known: Mapping[str, bool]) -> dict[str, str]:
    """Return the reasons for which checks are waived, by ID.

    Args:
        text: ``ID: reason; ID: reason``.
        known: IDs of checks, each with whether it may be waived.

    Raises:
        InputError: an ID is not known or may not be waived, or a reason is missing.
    """
    reasons: dict[str, str] = {}
    for part in filter(None, (each.strip() for each in text.split(";"))):
        name, _colon, reason = (each.strip() for each in part.partition(":"))
        if name not in known:
            raise InputError(
                _("waive names {name}, which is no check.", name=name), todo=_near(name, known)
            )
        if not known[name]:
            raise InputError(
                _("The check {name} cannot be waived.", name=name),
                todo=_('Do what the record says under "Do next", then run again.'),
            )
        if not reason:
            raise InputError(
                _("waive gives no reason for {name}.", name=name),
                todo=_("Write a reason after the colon: it stands in the record."),
            )
        reasons[name] = reason
    return reasons


def _in_ascii(domain: str) -> str:
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
        _("The domain {domain} is no domain name, or can be spelled in two ways.",
          domain=domain[:80]),
        todo=_("Write it in ASCII, e.g. xn--wgv71a119e.jp. Nothing was read or written."),
    )  # fmt: skip


def _is_given(row: Setting, value: Any) -> bool:
    return value != row.unset or PROFILE not in row.where


def _refuse_unknown(parameters: Mapping[str, Any]) -> None:
    for name in parameters:
        if name not in ROWS or RUN not in ROWS[name].where:
            rows = [row.name for row in SETTINGS if RUN in row.where]
            in_profile = name in ROWS
            raise InputError(
                _("{name} is no parameter. Nothing was read or written.", name=name),
                todo=_("Write it in byodkim.toml.") if in_profile else _near(name, rows),
            )


def _refuse_private_key(parameters: Mapping[str, Any]) -> None:
    for name, value in parameters.items():
        if PRIVATE_KEY.search(str(value)):
            raise InputError(
                _(
                    "The parameter {name} holds a private key. Nothing was read or written.",
                    name=name,
                ),
                _("papermill stores parameters in plain text, so this key must not sign mail."),
                _("Delete the output notebook, make a new key pair, and pass no key."),
            )


def _section(file: Path | None, name: str, named: bool) -> dict[str, Any]:
    if file is None:
        if named and name != "default":
            raise InputError(
                _("There is no byodkim.toml here, so there is no profile {name}.", name=name),
                todo=_("Run `byodkim init`, or change into your project's folder."),
            )
        return {}
    try:
        sections = tomllib.loads(file.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(
            _("byodkim.toml cannot be read: {reason}", reason=str(error)),
            todo=_("Correct the file. Nothing was read or written."),
        ) from None
    stray = [key for key, value in sections.items() if not isinstance(value, dict)]
    if stray:
        raise InputError(
            _("byodkim.toml has {key} outside a section.", key=stray[0]),
            todo=_("Write [default] above it."),
        )
    if name not in sections:
        raise InputError(
            _("byodkim.toml has no section {name}.", name=name), todo=_near(name, sections)
        )
    section: dict[str, Any] = sections[name]
    for key in section:
        if key not in ROWS or PROFILE not in ROWS[key].where:
            keys = [row.name for row in SETTINGS if PROFILE in row.where]
            raise InputError(
                _("[{section}] in byodkim.toml has {key}, which is no key.", section=name, key=key),
                todo=_near(key, keys),
            )
    return section


def _parsed(row: Setting, value: Any, place: Sentence) -> Any:
    """Return a value in the row's type, or refuse it."""
    try:
        parsed = _converted(row, value)
    except (TypeError, ValueError):
        raise InputError(
            _(
                "The {place} is {value}, and must be {form}. Nothing was read or written.",
                place=str(place), value=repr(value)[:80], form=str(row.must_be()),
            ),
            todo=_("Pass it with -r, which keeps text as it is.")
            if row.kind is str and isinstance(value, int | float)
            else None,
        ) from None  # fmt: skip
    return parsed


def _converted(row: Setting, value: Any) -> Any:
    """Return a value in the row's type.

    Raises:
        TypeError: it has another type.
        ValueError: it is out of bounds, or has another form.
    """
    if isinstance(value, bool):
        raise TypeError
    if row.kind is int or row.kind is float:
        return _number(row, value)
    if row.kind is list:
        return _list(value)
    if row.kind is dict:
        return _table(row, value)
    return _one_text(row, value)


def _number(row: Setting, value: Any) -> float:
    number = row.kind(value) if isinstance(value, str) else value
    if not isinstance(number, int | float) or (row.kind is int and number != int(number)):
        raise TypeError
    if not row.bounds[0] <= number <= row.bounds[1]:
        raise ValueError
    converted: float = row.kind(number)
    return converted


def _list(value: Any) -> list[str]:
    texts = [each.strip() for each in value.split(",")] if isinstance(value, str) else value
    if not isinstance(texts, list) or not all(isinstance(each, str) for each in texts):
        raise TypeError
    return [each for each in texts if each]


def _table(row: Setting, value: Any) -> dict[str, str]:
    if not isinstance(value, dict) or not all(isinstance(each, str) for each in value.values()):
        raise TypeError
    if row.pattern and not all(re.fullmatch(row.pattern, each) for each in value.values()):
        raise ValueError
    return value


def _one_text(row: Setting, value: Any) -> str:
    if not isinstance(value, str) or (row.choices and value not in row.choices):
        raise TypeError
    text = value.strip()
    if row.pattern and text and not re.fullmatch(row.pattern, text):
        raise ValueError
    if any(not each.isprintable() for each in text):
        raise ValueError
    return text


def _check_zone(name: str) -> None:
    try:
        ZoneInfo(name or "UTC")
    except (KeyError, ValueError, OSError):
        raise InputError(
            _("The time zone {name} is not known.", name=name),
            todo=_("Write a name such as Asia/Tokyo."),
        ) from None


def _near(name: str, known: Iterable[str]) -> Sentence:
    names = sorted(known)
    near = difflib.get_close_matches(name, names, 1, 0.5)
    if near:
        return _("Did you mean {near}?", near=near[0])
    return _("These are known: {names}.", names=names)
