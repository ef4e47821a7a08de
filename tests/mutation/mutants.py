"""Every small change of a module that a test should notice."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any, NamedTuple

SWAPS: dict[type[ast.AST], type[ast.AST]] = {
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Lt: ast.LtE, ast.LtE: ast.Lt,
    ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.In: ast.NotIn, ast.NotIn: ast.In,
    ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.And: ast.Or, ast.Or: ast.And,
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Add,
    ast.BitOr: ast.BitAnd, ast.BitAnd: ast.BitOr,
}  # fmt: skip


class Mutant(NamedTuple):
    """A changed module. ``line`` and ``column``: of the change in the module's source."""

    path: Path
    line: int
    column: int
    change: str
    text: str


def mutants(path: Path) -> Iterator[Mutant]:
    """Return every mutant of a module."""
    tree = ast.parse(path.read_text("utf-8"))
    for holder, field, node in list(_places(tree)):
        for changed in _changes(node):
            _put(holder, field, node, changed)
            change = f"{_short(node)} -> {_short(changed)}"
            text = ast.unparse(ast.fix_missing_locations(tree))
            yield Mutant(path, node.lineno, node.col_offset, change, text)
            _put(holder, field, changed, node)


def _places(node: ast.AST, *, is_shown: bool = False) -> Iterator[tuple[ast.AST, str, Any]]:
    """Return what runs: no annotations, type aliases, ``frozen=True`` or insides of ``X[...]``.

    ``is_shown``: inside a sentence. How many characters of a value it shows is not changed.
    """
    is_type = isinstance(node, ast.Subscript) and ast.unparse(node.value).istitle()
    is_alias = isinstance(node, ast.Assign) and isinstance(node.value, ast.BinOp)
    is_form = isinstance(node, ast.keyword) and node.arg in ("frozen", "kw_only")
    is_shown = is_shown or (isinstance(node, ast.Call) and ast.unparse(node.func) == "_")
    if is_type or is_alias or is_form or (is_shown and isinstance(node, ast.Slice)):
        return
    for field, value in ast.iter_fields(node):
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST) and field not in ("annotation", "returns"):
                yield node, field, child
                yield from _places(child, is_shown=is_shown)


def _changes(node: Any) -> Iterator[ast.AST]:
    match node:
        case ast.Compare():
            for index, each in enumerate(node.ops):
                if swap := SWAPS.get(type(each)):
                    yield _with(node, ops=[*node.ops[:index], swap(), *node.ops[index + 1 :]])
        case ast.BoolOp() | ast.BinOp() | ast.AugAssign() if swap := SWAPS.get(type(node.op)):
            yield _with(node, op=swap())
        case ast.UnaryOp(ast.Not()):
            yield node.operand
        case ast.Constant():
            yield from (ast.Constant(value) for value in _other_values(node.value))
        case ast.Return() if not _is_plain(node.value):
            yield ast.Return(ast.Constant(None))
        case ast.If() | ast.IfExp() | ast.While() if not _is_plain(node.test):
            yield _with(node, test=ast.UnaryOp(ast.Not(), node.test))
    if isinstance(node, ast.Raise | ast.AugAssign | ast.Expr) and not _is_docstring(node):
        yield ast.Pass()


def _with(node: ast.AST, **fields: object) -> ast.AST:
    return type(node)(**dict(ast.iter_fields(node)) | fields)


def _other_values(value: object) -> list[int | float]:
    if isinstance(value, bool):
        return [not value]
    if isinstance(value, int):
        return [value + 1, value - 1]
    return [value * 2] if isinstance(value, float) else []


def _is_plain(node: ast.AST | None) -> bool:
    """Return whether it is changed by itself, or its change would be no change."""
    if isinstance(node, ast.Constant):
        return node.value in (None, False, True)
    return node is None or isinstance(node, ast.UnaryOp)


def _is_docstring(node: ast.AST) -> bool:
    return isinstance(getattr(node, "value", None), ast.Constant)


def _put(holder: ast.AST, field: str, old: ast.AST, new: ast.AST) -> None:
    value = getattr(holder, field)
    if isinstance(value, list):
        value[next(index for index, each in enumerate(value) if each is old)] = new
    else:
        setattr(holder, field, new)


def _short(node: ast.AST) -> str:
    """Return the first line of a change, by which a reader finds it."""
    text = ast.unparse(ast.fix_missing_locations(deepcopy(node))).splitlines()[0]
    return text if len(text) <= 70 else f"{text[:67]}..."
