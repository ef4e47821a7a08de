"""The checks of rotate, one module for each group; ``CHECKS`` holds them all, in the order of the table."""

from __future__ import annotations

from second_edition.contributions import contributed
from second_edition.rotation.checks import (
    account,
    activation,
    approval,
    delegation,
    identity,
    key,
    lock,
    published,
    record,
    rollback,
    secret,
    signature,
)
from second_edition.rotation.checks.case import CHECKS, Applying, Case, Expected
from second_edition.rotation.findings import Registry

__all__ = ["CHECKS", "FAMILIES", "Applying", "Case", "Expected", "checks_of"]

# Importing a family registers its checks; this is the order in which they are made and shown.
FAMILIES = (
    account, identity, secret, key, delegation, published, activation, signature, rollback, lock, approval,
    record,
)  # fmt: skip
CHECKS.arrange([family.__name__ for family in FAMILIES])


def checks_of(procedure: str) -> Registry:
    """Return the checks of a procedure; those that it shares with rotate are the same ones, by the same IDs.

    Raises:
        LookupError: there is no such procedure.
    """
    own = contributed(procedure, "checks")
    found: Registry = own.BEFORE | own.AFTER
    return found
