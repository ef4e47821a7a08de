"""botocore's own model as the judge of what the sandbox's SES answers."""

from __future__ import annotations

import re
from typing import Any

from botocore.model import ListShape, MapShape, Shape, StructureShape


def defects(value: Any, shape: Shape, at: str = "") -> list[str]:
    """Return what in a JSON value does not fit a shape of the model, each with its place."""
    if isinstance(shape, StructureShape):
        return _in_structure(value, shape, at)
    if isinstance(shape, ListShape):
        if not isinstance(value, list):
            return [f"{at}: no list"]
        return [word for index, one in enumerate(value) for word in defects(one, shape.member, f"{at}[{index}]")]
    if isinstance(shape, MapShape):
        if not isinstance(value, dict):
            return [f"{at}: no map"]
        return [word for key, one in value.items() for word in defects(one, shape.value, f"{at}.{key}")]
    if shape.type_name == "string":
        return _in_string(value, shape, at)
    kinds: dict[str, tuple[type, ...]] = {
        "boolean": (bool,),
        "timestamp": (int, float),
        "long": (int,),
        "integer": (int,),
    }
    wrong = type(value) not in kinds[shape.type_name]
    return [f"{at}: {type(value).__name__} for {shape.type_name}"] if wrong else []


def _in_structure(value: Any, shape: StructureShape, at: str) -> list[str]:
    if not isinstance(value, dict):
        return [f"{at}: no structure"]
    found = [f"{at}.{name}: not in the model" for name in value if name not in shape.members]
    found += [f"{at}.{name}: missing" for name in shape.required_members if name not in value]
    for name, member in shape.members.items():
        if name in value:
            found += defects(value[name], member, f"{at}.{name}")
    return found


def _in_string(value: Any, shape: Shape, at: str) -> list[str]:
    if not isinstance(value, str):
        return [f"{at}: {type(value).__name__} for string"]
    known = getattr(shape, "enum", None)
    if known and value not in known:
        return [f"{at}: {value} is not one of the model's words"]
    limits = shape.metadata
    if not limits.get("min", 0) <= len(value) <= limits.get("max", 1 << 20):
        return [f"{at}: length"]
    if "pattern" in limits and not re.search(limits["pattern"], value):
        return [f"{at}: pattern"]
    return []
