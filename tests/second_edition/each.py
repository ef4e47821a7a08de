"""A claim about many rows as one case: the test runs for each row, and every row that fails is named."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import pytest


def each(
    names: str | Sequence[str],
    rows: Iterable[Any] | Callable[[], Iterable[Any]],
    ids: Callable[[Any], object] | Iterable[object] | None = None,
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Run a test for each row, as ``pytest.mark.parametrize`` does, but in one case and with the same fixtures.

    ``rows``: a function of rows that take long to make is called when the test runs, and by no worker that does not.
    """
    parameters = [name.strip() for name in names.split(",")] if isinstance(names, str) else list(names)
    known = rows if callable(rows) else list(rows)
    called = ids if callable(ids) else None
    given = None if ids is None or callable(ids) else [str(one) for one in ids]

    def decorate(test: Callable[..., None]) -> Callable[..., None]:
        @functools.wraps(test)
        def run(**fixtures: Any) -> None:
            failed: list[BaseException] = []
            listed = [_values(row, len(parameters)) for row in (known() if callable(known) else known)]
            titles = given or [", ".join(str(called(one) if called else one) for one in values) for values in listed]
            for title, values in zip(titles, listed, strict=True):
                try:
                    test(**fixtures, **dict(zip(parameters, values, strict=True)))
                except (Exception, pytest.fail.Exception) as error:  # noqa: BLE001 - shown with the others
                    error.add_note(f"Row: {title}")
                    failed.append(error)
            if failed:
                raise BaseExceptionGroup(f"{len(failed)} of {len(listed)} rows", failed)

        signature = inspect.signature(test)
        left = [one for name, one in signature.parameters.items() if name not in parameters]
        run.__signature__ = signature.replace(parameters=left)  # type: ignore[attr-defined]
        return run

    return decorate


def _values(row: Any, count: int) -> tuple[Any, ...]:
    return (row,) if count == 1 else tuple(row)
