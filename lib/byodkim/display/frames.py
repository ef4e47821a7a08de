"""Tables as pandas DataFrames: values, not text, under English names that are the same in every language."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from byodkim.display import rotate, sections, words
from byodkim.display.blocks import Block, Data, Kind, Table, visible
from byodkim.display.words import Words
from byodkim.evidence.record import Record

if TYPE_CHECKING:
    import pandas


def frame(data: Data) -> pandas.DataFrame:
    """Return the values as a DataFrame, each column of its type."""
    import pandas

    columns = zip(*data.rows, strict=True) if data.rows else ([] for _ in data.kinds)
    return pandas.DataFrame(
        {name: _series(values, kind) for (name, kind), values in zip(data.kinds.items(), columns, strict=True)}
    )


def _series(values: Iterable[object], kind: str) -> pandas.Series:
    import pandas

    known = pandas.Series([_value(value) for value in values], dtype=object)
    return (pandas.to_datetime(known, utc=True, format="ISO8601") if kind == Kind.MOMENT else known).astype(kind)


def _value(value: object) -> object:
    """Return a value; of text, what can be seen of it, so that none moves a cursor where a DataFrame is printed."""
    return (visible(value) or None) if isinstance(value, str) else value


def frames(blocks: Sequence[Block]) -> dict[str, pandas.DataFrame]:
    """Return the tables that have values, by their names, in order; tables of one name become one."""
    import pandas

    found: dict[str, list[pandas.DataFrame]] = {}
    for block in blocks:
        if isinstance(block, Table) and block.data is not None:
            found.setdefault(block.data.name, []).append(frame(block.data))
    return {name: pandas.concat(some, ignore_index=True) for name, some in found.items()}


def of_run(record: Record) -> dict[str, pandas.DataFrame]:
    """Return what the steps of a run showed, and its timeline, as far as the journal tells."""
    return frames(shown(record, words.of(record.begin)))


def shown(record: Record, speak: Words) -> list[Block]:
    """Return what the steps of a run show, and its timeline."""
    tell = (rotate.who_and_where, *(row.tell for row in sections.of(record.procedure)))
    return [block for one in tell for block in one(record, speak)]
