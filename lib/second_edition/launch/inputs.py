"""Refuse wrong values before a kernel starts. The kernel looks once more: nothing relies on this."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from msgspec import Struct

from second_edition.evidence import folders
from second_edition.evidence.journal import SUFFIX
from second_edition.evidence.seal import seal_path
from second_edition.intent import campaign, profile
from second_edition.intent import intent as intents
from second_edition.intent.caller import PAPERMILL_PATHS
from second_edition.messages import Language
from second_edition.settings import Parameters


class Accepted(Struct, frozen=True):
    """Hold what is known of a run before it begins.

    Attributes:
        selector: asked for; the procedure's name where none was, or many are.
        domain: the signing domain, ``sandbox`` where only the sandbox will say it.
        language: of the run.
        spoken: until it begins.
        archive: the folder for its record: the profile's, or the campaign's there; for publish that of the record it
            is given, where that lies elsewhere.
    """

    selector: str
    domain: str
    language: Language
    spoken: Language
    archive: Path


def accept(given: Mapping[str, Any], folder: Path, procedure: str = "rotate") -> Accepted:
    """Check the parameters of a run in ``folder``, and the profile that they name.

    Raises:
        ParameterError: one paragraph on the first thing that is wrong.
        RecordError, AccessError: there is no request to publish.
        SandboxError: the sandbox is not installed.
    """
    named = {name: value for name, value in given.items() if name not in PAPERMILL_PATHS}
    found = intents.accept(named, folder, procedure)
    requested, section, language, domain = found.asked, found.section, found.spoken, found.asked.domain
    if procedure == intents.FLEET:
        _check_table(requested, folder, language)
    if requested.target == "aws":
        intent = intents.resolve(
            requested, section, None, given, found.waivers, procedure, found.of.taken if found.of else ()
        )
        domain = intent.domain
        profile.keeping_of(section, language)
    else:
        if requested.endpoint_url:
            intents.check_loopback(requested.endpoint_url, language)
        else:
            intents.check_scenario(requested.target.partition(":")[2] or "ready", language)
        domain = domain or "sandbox"
    archive = section.folder / section.archive
    if procedure == intents.FLEET:
        return Accepted(procedure, domain, found.language, language, _of_campaign(archive, requested))
    asker = (folder / requested.of).resolve().parent
    if requested.of and not asker.is_relative_to(archive.resolve()):
        archive = asker  # their chain is verified in one archive
    return Accepted(requested.selector or procedure, domain, found.language, language, archive)


def _of_campaign(archive: Path, requested: Parameters) -> Path:
    """Return the folder of the plan that is carried out, which has a seal; where there is none, a new one."""
    named = folders.named(requested.approved)
    found = folders.files(archive, f"*.{named}{SUFFIX}") if named else iter(())
    plan = next((one for one in found if seal_path(one).exists()), None)
    return plan.parent if plan else archive / folders.of_campaign(f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}")


def _check_table(requested: Parameters, folder: Path, language: Language) -> None:
    """Refuse a table of identities that cannot be used: a campaign may have hours before it."""
    found = campaign.of(requested, language)
    if requested.identities and requested.mode == "plan":
        campaign.read(folder / requested.identities, found.passed, language)
