"""The procedures by name. Only the one that is used is imported."""

from __future__ import annotations

from byodkim.engine.procedure import Procedure


def procedure_of(name: str) -> Procedure:
    """Return a procedure.

    Raises:
        ValueError: there is none of this name.
    """
    if name == "rotate":
        from byodkim.procedures import rotate

        return rotate
    if name == "prepare":
        from byodkim.procedures import prepare

        return prepare
    if name == "retire":
        from byodkim.procedures import retire

        return retire
    raise ValueError(name)
