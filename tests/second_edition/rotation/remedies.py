"""What a finding advises, told apart from what its check always does."""

from __future__ import annotations

from second_edition.rotation.checks import CHECKS, checks_of
from second_edition.rotation.checks.message import AFTER
from second_edition.rotation.findings import Check, Finding, Registry

REGISTRIES: tuple[Registry, ...] = (CHECKS, AFTER, *map(checks_of, ("prepare", "publish", "retire", "fleet")))
USUAL = {check.id: check.remedy for registry in REGISTRIES for check in registry.checks.values()}


def own(procedure: str) -> dict[str, Check]:
    """The checks of a procedure that rotate does not have."""
    return {name: check for name, check in checks_of(procedure).checks.items() if name not in CHECKS.checks}


def special(finding: Finding, like: str = "") -> str:
    """The remedy where it is not the check's usual one: as much of it as ``like`` is long, all of it for ""."""
    remedy = finding.remedy
    return "" if remedy is None or remedy == USUAL[finding.id] else remedy.text[: len(like) or None]
