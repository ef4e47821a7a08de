"""The checks of rotate, by family. A module a family; ``CHECKS`` holds them all, in the order of the table."""

from __future__ import annotations

from byodkim.rotation.checks import account, activation, back, delegated, identity, key, published, secret
from byodkim.rotation.checks.case import CHECKS, Case, Expected

__all__ = ["CHECKS", "FAMILIES", "Case", "Expected"]

# Importing a family registers its checks; this is the order in which they are made and shown.
FAMILIES = (account, identity, secret, key, delegated, published, activation, back)
CHECKS.arrange([family.__name__ for family in FAMILIES])
