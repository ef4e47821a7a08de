"""The notebooks that are shipped, and whether another one still holds their code."""

import ast
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

TEMPLATES: Final = Path(__file__).with_name("notebooks")


def is_shipped(notebook: Mapping[str, Any], procedure: str) -> bool:
    """Return whether a notebook's code cells are those of the shipped one, and its parameters cells
    do nothing but give names a literal value.
    """
    shipped = json.loads((TEMPLATES / f"{procedure}.ipynb").read_text("utf-8"))
    return _code(notebook) == _code(shipped) and assigned(notebook) is not None


def assigned(notebook: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the values that the parameters cells give to names; ``None`` where they do more."""
    values: dict[str, Any] = {}
    try:
        for cell in filter(_is_parameters, notebook["cells"]):
            for statement in ast.parse("".join(cell["source"])).body:
                match statement:
                    case ast.AnnAssign(target=ast.Name(name), value=ast.expr() as value):
                        values[name] = ast.literal_eval(value)
                    case ast.Assign(targets=[ast.Name(name)], value=value):
                        values[name] = ast.literal_eval(value)
                    case _:
                        return None
    except (SyntaxError, ValueError):
        return None
    return values


def _code(notebook: Mapping[str, Any]) -> list[str]:
    """Return the code of every cell but the parameters cell and the one that papermill injects."""
    return [
        "".join(cell["source"]).strip()
        for cell in notebook["cells"]
        if cell["cell_type"] == "code" and not _is_parameters(cell)
    ]


def _is_parameters(cell: Mapping[str, Any]) -> bool:
    return bool({"parameters", "injected-parameters"} & set(cell["metadata"].get("tags", ())))
