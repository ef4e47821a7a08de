"""What a run is given, refused before a kernel starts. The kernel looks once more: nothing relies on this."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from byodkim.aws.key_store import looks_private
from byodkim.dns.server_names import parse_nameservers
from byodkim.evidence import folders
from byodkim.evidence.journal import SUFFIX
from byodkim.intent import campaign, parameters, profile, proving
from byodkim.intent import intent as intents
from byodkim.intent import keeping as keepings
from byodkim.intent.keeping import Keeping
from byodkim.messages import Language
from byodkim.rotation.checks import checks_of
from byodkim.sandbox.client import SCENARIOS
from byodkim.settings import FIELDS, PAPERMILL_PATHS, REACHED_BY, Parameters


@dataclass(frozen=True)
class Accepted:
    """What is known of a run before it begins.

    Attributes:
        selector: asked for; the procedure's name where none was, or many are.
        domain: the signing domain, ``sandbox`` where only the sandbox will say it.
        language: of the run.
        archive: the folder for its record: the profile's, or the campaign's there.
        keeping: who seals what.
        settings: with which a custodian reaches AWS for that.
    """

    selector: str
    domain: str
    language: Language
    archive: Path
    keeping: Keeping
    settings: Mapping[str, Any]


def accept(given: Mapping[str, Any], folder: Path, procedure: str = "rotate") -> Accepted:
    """Looks through the parameters of a run in ``folder``, and the profile that they name.

    Raises:
        ParameterError: one paragraph on the first thing that is wrong.
    """
    named = {name: value for name, value in given.items() if name not in PAPERMILL_PATHS}
    asked = parameters.parse(named, procedure)
    if procedure == intents.FLEET:
        _check_table(asked, folder)
    for name in FIELDS:
        if looks_private(str(getattr(asked, name))):
            raise parameters.error("private-key", asked.language or "en", name=name)
    section, path = profile.load(asked.profile, folder, asked.language or "en")
    language = intents.spoken(asked, section)
    intents.check_texts(asked, language, procedure)
    known = {one.id: one.waivable for one in checks_of(procedure).checks.values()}
    waivers = parameters.waivers(asked.waive, known, language)
    if asked.message or section.proof_from or section.proof_to or section.inbox:
        proving.of(asked, section, folder, language)
    on_aws = asked.target == "aws"
    own = asked.nameservers or (section.nameservers if on_aws else "")
    servers = parse_nameservers(own, language) if own else ()
    domain, kept, settings = asked.domain, Keeping(), dict[str, Any]()
    if on_aws:
        intent = intents.resolve(asked, section, None, given, waivers, servers, procedure=procedure)
        domain, kept = intent.domain, keepings.of(section, path, language)
        settings = {name: getattr(intent, name) for name in REACHED_BY}
    else:
        _check_scenario(asked, language)
    archive = (path.parent if path else folder) / section.archive
    about = "" if procedure == intents.FLEET else asked.selector
    archive = _of_campaign(archive, asked) if procedure == intents.FLEET else archive
    return Accepted(about or procedure, domain or ("" if on_aws else "sandbox"), language, archive, kept, settings)


def _of_campaign(archive: Path, asked: Parameters) -> Path:
    """Return the folder of the plan that is carried out; where there is none, a new one."""
    named = folders.named(asked.approved)
    plan = next(folders.files(archive, f"*.{named}{SUFFIX}"), None) if named else None
    return plan.parent if plan else archive / folders.of_campaign(f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}")


def _check_table(asked: Parameters, folder: Path) -> None:
    """Refuses a table of identities that cannot be used: a campaign may have hours before it."""
    language = asked.language or "en"
    found = campaign.of(asked, language)
    if asked.identities and asked.mode == "plan":
        campaign.read(folder / asked.identities, found.passed, language)


def _check_scenario(asked: Parameters, language: Language) -> None:
    scenario = asked.target.partition(":")[2] or "ready"
    if scenario not in SCENARIOS:
        raise parameters.error("scenario", language, value=scenario, known=", ".join(sorted(SCENARIOS)))
    if asked.endpoint_url:
        intents.check_loopback(asked.endpoint_url, language)
