"""Which module of byodkim imports which: at the top, for types and in functions alike."""

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

Graph = Mapping[str, set[str]]


def graph(modules: Mapping[str, Path]) -> Graph:
    """Return the modules that each module names in an import."""
    return {name: set(_imported(path, modules)) - {name} for name, path in modules.items()}


def _imported(path: Path, modules: Mapping[str, Path]) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in modules)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}, line {node.lineno}: a relative import"
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                module = whole if whole in modules else str(node.module)
                if module in modules:
                    yield module


def reached(imports: Graph, start: str) -> set[str]:
    """Return a module and all that it imports, directly or not."""
    done, waiting = set[str](), [start]
    while waiting:
        module = waiting.pop()
        if module not in done:
            done.add(module)
            waiting += imports[module]
    return done
