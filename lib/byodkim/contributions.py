"""Find what a procedure contributes, by its name: the modules of its package ``byodkim.procedures.NAME``."""

from __future__ import annotations

import pkgutil
from importlib import import_module
from typing import Any, Final

PACKAGE: Final = "byodkim.procedures"


def procedures() -> tuple[str, ...]:
    """Return the names of all procedures."""
    return tuple(sorted(module.name for module in pkgutil.iter_modules(import_module(PACKAGE).__path__)))


def contributed(procedure: str, module: str) -> Any:
    """Return a procedure's module, such as ``steps`` or ``record``.

    Raises:
        LookupError: this version knows no such procedure. A record may name any.
    """
    if procedure not in procedures():
        raise LookupError(procedure)
    return import_module(f"{PACKAGE}.{procedure}.{module}")
