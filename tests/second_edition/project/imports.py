"""What the modules of the library import, read from their source."""

from __future__ import annotations

import ast
from collections.abc import Container
from pathlib import Path

from tests.second_edition.project.tracked import ROOT

LIBRARY = ROOT / "lib"

Modules = dict[str, Path]


def modules() -> Modules:
    """Every module of the library by its dotted name."""
    named = {}
    for path in sorted(LIBRARY.rglob("*.py")):
        parts = path.relative_to(LIBRARY).with_suffix("").parts
        named[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return named


def imports(name: str, path: Path, source: str, known: Container[str]) -> set[str]:
    """Return what a module imports anywhere in it: modules of the library where there is one, else dotted names."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            package = name.split(".") if path.name == "__init__.py" else name.split(".")[:-1]
            base = package[: len(package) - node.level + 1] if node.level else []
            origin = ".".join([*base, *([node.module] if node.module else [])])
            inner = {f"{origin}.{alias.name}" for alias in node.names}
            own = {one for one in inner if one in known}
            found |= own if own else ({origin} if origin in known else inner)
            found |= {origin} if own and len(own) < len(inner) else set()
    return found


def graph(named: Modules) -> dict[str, set[str]]:
    """Return what each module imports."""
    return {name: imports(name, path, path.read_text(), named) for name, path in named.items()}
