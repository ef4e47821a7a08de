"""Find what a procedure contributes, by its name: the modules of its package ``second_edition.procedures.NAME``."""

from __future__ import annotations

import pkgutil
from functools import cache
from importlib import import_module
from typing import Any, Final, NamedTuple

PACKAGE: Final = "second_edition.procedures"


class About(NamedTuple):
    """Hold what a procedure is, as its package says it in ``ABOUT``.

    Attributes:
        what: what its command does, for ``--help``.
        example: of the command, without ``byodkim``.
        place: of the command in its group.
        group: of the help.
        of_identity: whether it is about one identity: its notebook has the parameters of all that are, and its runs ask
            for SES, the secret and the key store as soon as they begin.
        names_selector: whether a selector must be given.
    """

    what: str
    example: str
    place: int
    group: str = "Rotate"
    of_identity: bool = True
    names_selector: bool = False


def procedures() -> tuple[str, ...]:
    """Return the names of all procedures."""
    return tuple(sorted(module.name for module in pkgutil.iter_modules(import_module(PACKAGE).__path__)))


def about(procedure: str) -> About:
    """Return what a procedure is."""
    found: About = import_module(f"{PACKAGE}.{procedure}").ABOUT
    return found


@cache
def contributed(procedure: str, module: str) -> Any:
    """Return a procedure's module, such as ``steps`` or ``record``.

    Raises:
        LookupError: this version knows no such procedure. A record may name any.
    """
    if procedure not in procedures():
        raise LookupError(procedure)
    return import_module(f"{PACKAGE}.{procedure}.{module}")
