"""Define what a run is to do: parameters, then profile or sandbox, then defaults; each value with its source."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import tzinfo
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec
from msgspec import Struct, field
from msgspec.structs import replace

from second_edition.contributions import about
from second_edition.dkim.names import check_domain, check_selector, is_loopback
from second_edition.dkim.published import Server
from second_edition.dns.server_names import parse_encrypted, parse_nameservers
from second_edition.errors import ParameterError
from second_edition.events.run import Parameter
from second_edition.intent import parameters, profile, profile_file, proving, request
from second_edition.intent.parameters import check_text, error
from second_edition.intent.profile import listed, section_of, zone_of
from second_edition.intent.proving import Proving
from second_edition.intent.request import Asked
from second_edition.messages import Language
from second_edition.rotation.checks import checks_of
from second_edition.sandbox.client import check_installed
from second_edition.settings import FIELDS, REACHED_BY, UNSET_MINUTES, Parameters, Profile, fields_of

SANDBOX = "sandbox"
STANDING = "http://127.0.0.1:4599"  # where a twin stands unless it is told otherwise
# Who waits for what they have written themselves: to be served that takes some time everywhere.
TO_SERVE_MINUTES = {"retire": 5, "publish": 10}
PUBLISH = "publish"
FLEET = "fleet"  # the procedure that is about many identities, and about none by itself
EXPLORE = "explore"  # which looks around, and needs nothing to be named
_SETTINGS = ("domain", "secret_id", "key_bucket", *REACHED_BY, "nameservers")


class Other(Struct, frozen=True):
    """An identity that signs with the same key, and who signs in there. ``domain`` is "" where it is the run's."""

    account: str
    region: str
    aws_profile: str = ""
    domain: str = ""

    @property
    def name(self) -> str:
        """Return what it is called."""
        return "/".join(filter(None, (self.account, self.region, self.domain)))


class Intent(Struct, frozen=True):
    """One run's task.

    Attributes:
        asked: the run's parameters.
        section: the profile, where a sandbox or the procedure has not its own way.
        values: every parameter in force with its source, for the record.
        approvals: how many people must have agreed. What they agree to is what mail will be signed with, which is
            rotate's to change: other procedures need none, nor does a twin: an approval is of production's plan.
        others: identities besides the run's own that must not use a selector that is retired.
    """

    asked: Parameters
    section: Profile
    selector: str
    domain: str
    account: str
    region: str
    expected_region: str
    secret_id: str
    key_bucket: str
    aws_profile: str
    store_region: str
    store_profile: str
    endpoint_url: str
    nameservers: tuple[Server, ...]
    resolvers: tuple[Server, ...]
    encrypted_resolvers: tuple[Server, ...]
    applies: bool
    sandbox: bool
    wait_dns_minutes: int
    wait_minutes: int
    language: Language
    zone: tzinfo
    requests_per_second: float
    waivers: Mapping[str, str]
    values: Mapping[str, Parameter] = field(default_factory=dict)
    approvals: int = 0
    others: tuple[Other, ...] = ()


class Accepted(Struct, frozen=True):
    """Hold what a run was given, looked through before anything is touched.

    Attributes:
        asked: its parameters.
        section: the profile that they name.
        language: of the run.
        spoken: until it begins: where nobody says the run's, the environment's.
        waivers: reasons by ID of the check.
        proving: by which message the switch is to be proved, where one is asked for.
        of: what the record asks for whose request is published; ``None`` in other procedures.
    """

    asked: Parameters
    section: Profile
    language: Language
    spoken: Language
    waivers: Mapping[str, str]
    proving: Proving | None
    of: Asked | None = None


def accept(given: Mapping[str, Any], folder: Path, procedure: str) -> Accepted:
    """Look through what a run in ``folder`` is given, and the profile that it names.

    Raises:
        ParameterError: one paragraph on the first thing that is wrong.
        RecordError, AccessError: the request of a record is to be published, and it has none that can be.
    """
    spoken = profile_file.spoken(given.get("language"))
    asked, of = parameters.parse(given, procedure, spoken), None
    if procedure == PUBLISH:
        asked, of = request.read(asked, spoken)
    if asked.target == "twin" and not asked.endpoint_url:  # which stands, and may have a past
        asked = replace(asked, endpoint_url=STANDING)
    section = profile.load(asked.profile, folder, spoken)
    if asked.language or "language" in section.says:
        spoken = language_of(asked, section)
    asked = replace(asked, domain=_domain(asked.domain, spoken))
    check_texts(asked, spoken, procedure)
    checks = checks_of(procedure).checks.values() if procedure != EXPLORE else ()
    waivers = parameters.waivers(asked.waive, {check.id: check.waivable for check in checks}, spoken)
    proves = procedure not in (PUBLISH, EXPLORE) and (
        asked.message or section.proof_from or section.proof_to or section.inbox
    )
    by = proving.of(asked, section, folder, spoken) if proves else None
    own = asked.nameservers or (section.nameservers if asked.target == "aws" else "")
    if own:
        parse_nameservers(own, spoken)  # refused before anything is started
    zone_of(section.timezone, spoken)  # likewise
    return Accepted(asked, section, language_of(asked, section), spoken, waivers, by, of)


def resolve(
    requested: Parameters,
    profile: Profile,
    facts: Mapping[str, Any] | None,
    injected: Collection[str],
    waivers: Mapping[str, str],
    procedure: str = "rotate",
    recorded: Collection[str] = (),
) -> Intent:
    """Return the task, from what was asked, the profile, and the sandbox's facts where that is the target.

    A sandbox takes nothing of AWS from the profile, so that a rehearsal cannot reach what the profile names.
    ``recorded``: the parameters that a record gives.

    Raises:
        ParameterError: something needed is set nowhere, or the domain is another section's.
    """
    language = language_of(requested, profile)
    base = dict(facts) if facts is not None else msgspec.structs.asdict(profile)
    if procedure == FLEET:  # each identity of a campaign has a domain and a secret of its own
        base |= {"domain": "", "secret_id": ""}
    base["secret_id"] = str(base["secret_id"]).replace("{domain}", requested.domain or str(base["domain"]))
    profile = _adapted(profile, procedure, on_aws=facts is None)
    below = {**_values(profile), **_values_of(base, SANDBOX if facts is not None else "profile")}
    given_by = {**dict.fromkeys(injected, "parameter"), **dict.fromkeys(recorded, "record")}
    values = {
        name: _value(name, requested, below.get(name), given_by)
        for name in dict.fromkeys((*fields_of(procedure), *_SETTINGS, *recorded))
    }
    _refuse_missing(values, profile, procedure, language)
    asked, region = requested.domain, values["region"].value
    if facts is None and procedure != EXPLORE and asked and (other := section_of(asked, region, profile)):
        raise error("profile.elsewhere", language, domain=asked, other=other, name=requested.profile)
    meant = _meant(base, values, facts)
    taken: dict[str, Any] = {name: values[name].value for name in _SETTINGS if name not in ("domain", "nameservers")}
    taken |= _servers(str(requested.nameservers or base["nameservers"]), profile, language, on_aws=facts is None)
    taken |= {name: _minutes(name, requested, profile) for name in ("wait_minutes", "wait_dns_minutes")}
    return Intent(
        **taken,
        asked=requested,
        section=profile,
        selector=requested.selector,
        domain=_domain(values["domain"].value, language),
        # A Region that was asked for is where the run acts; the profile's, where it names one, is where it is meant to.
        account=meant.account,
        expected_region=meant.region,
        applies=requested.mode == "apply",
        sandbox=facts is not None,
        language=language,
        zone=zone_of(profile.timezone, language),
        requests_per_second=float(base.get("requests_per_second") or 0) if facts else profile.ses_requests_per_second,
        waivers=dict(waivers),
        values=values,
        approvals=profile.approvals if procedure in ("rotate", FLEET) and requested.target != "twin" else 0,
        others=_others(profile, Other(meant.account, taken["region"], taken["aws_profile"]), facts),
    )


def _servers(own: str, profile: Profile, language: Language, *, on_aws: bool) -> dict[str, tuple[Server, ...]]:
    """Return the name servers that are given, and the profile's resolvers; a rehearsal on this machine asks none."""
    plain, encrypted = (profile.resolvers, profile.encrypted_resolvers) if on_aws else ("", "")
    return {
        "nameservers": parse_nameservers(own, language) if own else (),
        "resolvers": parse_nameservers(plain, language, where="resolvers") if plain else (),
        "encrypted_resolvers": parse_encrypted(encrypted, language) if encrypted else (),
    }


def _adapted(profile: Profile, procedure: str, *, on_aws: bool) -> Profile:
    """Return the profile that is in force: who writes DNS waits for it, and a sandbox has no key in KMS."""
    least = max(profile.wait_dns_minutes, TO_SERVE_MINUTES.get(procedure, 0))
    waits = replace(profile, wait_dns_minutes=least)
    return waits if on_aws else replace(waits, key_kms="")


def _values(profile: Profile) -> dict[str, Parameter]:
    """Return what the profile says of the reader and of waiting, in a sandbox too."""
    return {
        name: Parameter(value=str(getattr(profile, name)), source="profile" if name in profile.says else "default")
        for name in ("language", "wait_minutes", "wait_dns_minutes")
    }


def _values_of(base: Mapping[str, Any], origin: str) -> dict[str, Parameter]:
    """Return what the profile or the sandbox says of the identity, and of how AWS and DNS are reached."""
    found = {name: str(base.get(name, "")) for name in _SETTINGS}
    return {name: Parameter(value=text, source=origin if text else "default") for name, text in found.items()}


def _value(name: str, requested: Parameters, below: Parameter | None, given_by: Mapping[str, str]) -> Parameter:
    """Return what is in force of a parameter: its own value, or what stands ``below`` where it is left open."""
    given = getattr(requested, name)
    if below is not None and given in ("", UNSET_MINUTES):
        return below
    if name in given_by:
        return Parameter(value=str(given), source=given_by[name])
    return Parameter(value=str(given), source="default" if given in (FIELDS[name].default, "") else "cell")


def _meant(base: Mapping[str, Any], values: Mapping[str, Parameter], facts: Mapping[str, Any] | None) -> Other:
    """Return the account and Region that the run is meant for: the profile's; in a sandbox, one that it has."""
    place = (values["region"].value, values["aws_profile"].value)
    for one in facts["places"] if facts else ():
        if (one["region"], one.get("aws_profile", "")) == place:
            return Other(**one)
    return Other(str(base.get("account", "")), str(base.get("region") or place[0]))


def _others(profile: Profile, own: Other, facts: Mapping[str, Any] | None) -> tuple[Other, ...]:
    """Return what else signs with the same key: by the profile; a sandbox has accounts and Regions of its own."""
    if facts is not None:
        found = [Other(**one) for one in facts["places"]]
    else:
        found = [replace(own, region=region) for region in listed(profile.regions)]
        found += [Other(one.account, one.region, one.aws_profile, one.domain) for one in profile.others]
    return tuple({one.name: one for one in found if one.name != own.name}.values())


def _refuse_missing(values: Mapping[str, Parameter], profile: Profile, procedure: str, language: Language) -> None:
    bucket = profile.lock == "s3" or procedure == "prepare"
    needed = ("domain", "region", "secret_id", *(("key_bucket",) if bucket else ()))
    for name in {FLEET: ("region",), EXPLORE: (), PUBLISH: ("region",)}.get(procedure, needed):
        if not values[name].value:
            raise error("missing", language, name=name)


def language_of(requested: Parameters, profile: Profile) -> Language:
    """Return the language of the run: the parameter's, else the profile's."""
    return requested.language or profile.language


def check_texts(requested: Parameters, language: Language, procedure: str = "rotate") -> None:
    """Refuse a selector, or a text, that must not get into a record.

    Raises:
        ParameterError: one paragraph.
    """
    if not requested.selector and procedure != EXPLORE and about(procedure).names_selector:
        raise error("selector-empty", language)
    try:
        if requested.selector:
            check_selector(requested.selector)
    except ParameterError:
        raise error("selector", language, value=repr(requested.selector[:70])) from None
    for name in FIELDS:
        check_text(name, str(getattr(requested, name)), language)


def check_loopback(endpoint_url: str, language: Language) -> None:
    """Refuse a standing sandbox on another host.

    Raises:
        ParameterError: the address is not of this machine.
    """
    if not is_loopback(urlsplit(endpoint_url).hostname or ""):
        raise error("sandbox-endpoint", language, value=endpoint_url)


def check_scenario(name: str, language: Language) -> None:
    """Refuse a scenario that the sandbox does not have, before one is started.

    Raises:
        ParameterError: there is no such scenario.
        SandboxError: the sandbox is not installed.
    """
    check_installed(language)
    known = import_module("second_edition.ses_sandbox.scenarios").ALL
    if name not in known:
        raise error("scenario", language, value=name, known=", ".join(sorted(known)))


def _minutes(name: str, requested: Parameters, profile: Profile) -> int:
    given = int(getattr(requested, name))
    return given if given != UNSET_MINUTES else int(getattr(profile, name))


def _domain(text: str, language: Language) -> str:
    """Return the domain as DNS has it; "" where none is named, which ``_refuse_missing`` judges."""
    try:
        return check_domain(text) if text else ""
    except ParameterError:
        raise error("domain", language, value=repr(text[:80])) from None
