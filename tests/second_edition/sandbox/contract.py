"""botocore's own model as the judge of what the sandbox's SES answers."""

from __future__ import annotations

from typing import Any

from botocore.model import Shape
from botocore.validate import ParamValidator


class _Validator(ParamValidator):  # type: ignore[misc]  # botocore carries no types
    """What botocore asks of a request's values, and that a word is one of the model's."""

    def _validate_string(self, param: Any, shape: Shape, errors: Any, name: str) -> None:
        super()._validate_string(param, shape, errors, name)
        if getattr(shape, "enum", None) and param not in shape.enum:
            errors.report(name, "invalid type", param=param, valid_types=shape.enum)


def defects(value: Any, shape: Shape) -> list[str]:
    """Return what in a JSON value does not fit a shape of the model, each with its place."""
    report: str = _Validator().validate(value, shape).generate_report()
    return report.splitlines()
