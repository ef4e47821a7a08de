"""Calls of AWS as the custodian makes them: repeated or made once, and refusals in words that hold no secret."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Final, TypeVar

from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from second_edition.aws.budget import THROTTLED
from second_edition.aws.discreet import discreet
from second_edition.aws.hosts import Unsent
from second_edition.rotation.observation import UNREADABLE_ANSWER

T = TypeVar("T")
Json = dict[str, Any]
#: Seconds before a call is made again that was one too many. The budget, where there is one, spaces them further.
PAUSES_S: Final = (1.0, 2.0, 4.0, 8.0)
#: Seconds for which a read that SES throttles is repeated, at least. Each repetition waits for its turn in the budget.
READING_S: Final = 30.0
#: What botocore, or who takes its answer apart, raises where a field is not there or of another type.
MISREAD: Final = (ResponseParserError, ValueError, LookupError, TypeError, AttributeError)


class DutyError(Exception):
    """Something could not be read or is not allowed. ``code`` and ``message``, which is AWS's, hold no secret."""

    def __init__(self, operation: str, code: str, message: str = "") -> None:
        self.operation, self.code, self.message = operation, code, message
        super().__init__(f"{operation}: {code}")


def reading(operation: str, read: Callable[[], T]) -> T:
    """Return what ``read`` gives; AWS's refusal as a ``DutyError`` that holds no secret."""
    try:
        return read()
    except ClientError as error:
        raise DutyError(
            error.operation_name, *(discreet(aws_says(error, name)) for name in ("Code", "Message"))
        ) from None
    except BotoCoreError as error:
        raise DutyError(operation, type(error).__name__, str(error)) from None
    except MISREAD:  # their texts may quote the answer
        raise DutyError(operation, UNREADABLE_ANSWER) from None


def aws_says(error: ClientError, name: str = "Code") -> str:
    """Return what AWS says of an error; "" where it does not."""
    return str(error.response.get("Error", {}).get(name, ""))


def persistently(read: Callable[[], T]) -> T:
    """Return what ``read`` gives; repeat it while SES refuses it as one call too many, for ``READING_S`` seconds.

    Raises:
        botocore's errors: the last one, or the first that is another.
    """
    until = time.monotonic() + READING_S
    while True:
        try:
            return read()
        except ClientError as error:
            if not _throttled(error) or time.monotonic() >= until:
                raise


class Taken(Exception):
    """SES shows what was to be written, although it refused the write (``refusal``) as one call too many."""

    def __init__(self, refusal: ClientError) -> None:
        self.refusal = refusal
        super().__init__()


def patiently(write: Callable[[], T], taken: Callable[[], bool]) -> T:
    """Return what ``write`` gives; made again, up to four times, where SES refused it as one call too many.

    Whoever is refused so has not been served, says SES, and nothing else is tried twice. Before each further try
    ``taken`` reads what stands: whether it was served all the same. It raises where that is no longer what was to be
    changed.

    Raises:
        botocore's errors: the last one, or the first that is another.
        Taken: nothing was tried again.
    """
    for pause in PAUSES_S:
        try:
            return write()
        except ClientError as error:
            if not _throttled(error):
                raise
            refusal = error
        time.sleep(pause)
        if taken():
            raise Taken(refusal)
    return write()


def _throttled(error: ClientError) -> bool:
    return aws_says(error) in THROTTLED


def once(write: Callable[[], Any], more: Callable[[Any], Json] = lambda _: {}) -> Json:
    """Make the one attempt at a write, and return what came of it; ``more``: what else the answer says.

    Answers ``{"answer": ...}`` or ``{"error": ...}``; ``unclear`` there means that the write may have been applied.
    """
    said: Json = {}
    try:
        answer = write()
        metadata = answer["ResponseMetadata"]
        said = {"request_id": metadata.get("RequestId", ""), "status": metadata["HTTPStatusCode"]}
        return {"answer": {**said, **more(answer)}}
    except (ClientError, BotoCoreError) as error:
        return {"error": described(error)}
    except Taken as taken:
        return {"error": {**described(taken.refusal), "unclear": True}}
    except MISREAD:  # AWS answered, and nobody can say what
        return failure(UNREADABLE_ANSWER, **said, unclear=True)


def failure(code: str, status: int = 0, request_id: str = "", *, unclear: bool = False) -> Json:
    """Return the answer of a write that came to nothing, or of which nobody can say what it came to."""
    error = {"code": code, "message": "", "status": status, "request_id": request_id, "unclear": unclear}
    return {"error": error}


def described(error: ClientError | BotoCoreError) -> Json:
    """Return an error without its text, which may quote what was given."""
    if not isinstance(error, ClientError):  # what is unsent never left
        return dict(failure(type(error).__name__, unclear=not isinstance(error, Unsent))["error"])
    metadata = error.response["ResponseMetadata"]
    status = metadata["HTTPStatusCode"]
    failed = failure(aws_says(error), status, metadata.get("RequestId", ""), unclear=status >= 500)
    return {**failed["error"], "operation": error.operation_name}
