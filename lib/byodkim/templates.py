"""The notebooks that are shipped, and whether another one still holds their code."""

import ast
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

TEMPLATES: Final = Path(__file__).with_name("notebooks")


def is_shipped(notebook: Mapping[str, Any], procedure: str) -> bool:
    """Return whether a notebook's code cells are those of the shipped one, parameters aside."""
    shipped = json.loads((TEMPLATES / f"{procedure}.ipynb").read_text("utf-8"))
    return _code(notebook) == _code(shipped) and all(
        _only_assigns("".join(cell["source"])) for cell in notebook["cells"] if _is_parameters(cell)
    )


def _code(notebook: Mapping[str, Any]) -> list[str]:
    """Return the code of every cell but the parameters cell and the one that papermill injects."""
    return [
        "".join(cell["source"]).strip()
        for cell in notebook["cells"]
        if cell["cell_type"] == "code" and not _is_parameters(cell)
    ]


def _is_parameters(cell: Mapping[str, Any]) -> bool:
    return bool({"parameters", "injected-parameters"} & set(cell["metadata"].get("tags", ())))


def _only_assigns(code: str) -> bool:
    """Return whether code does nothing but give names a literal value."""
    try:
        statements = ast.parse(code).body
        for statement in statements:
            if not isinstance(statement, ast.Assign | ast.AnnAssign) or statement.value is None:
                return False
            ast.literal_eval(statement.value)
    except (SyntaxError, ValueError):
        return False
    return True
