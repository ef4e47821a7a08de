"""How the custodian says that it could not: in words that hold no secret."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from byodkim.aws.discreet import discreet

T = TypeVar("T")


class DutyError(Exception):
    """Something could not be read or is not allowed. ``code`` and ``message`` hold no secret."""

    def __init__(self, operation: str, code: str, message: str) -> None:
        self.operation, self.code, self.message = operation, code, message
        super().__init__(code)


def reading(operation: str, read: Callable[[], T]) -> T:
    """What ``read`` gives; AWS's refusal as a ``DutyError`` that holds no secret."""
    try:
        return read()
    except ClientError as error:
        inner = error.response.get("Error", {})
        code, message = (discreet(str(inner.get(name, ""))) for name in ("Code", "Message"))
        raise DutyError(operation or error.operation_name, code, message) from None
    except BotoCoreError as error:
        raise DutyError(operation or "ListObjectsV2", type(error).__name__, str(error)) from None
