"""DataFrames that explore and review return: typed columns, named alike in every language."""

from collections.abc import Mapping
from typing import Any, Final
from zoneinfo import ZoneInfo

import pandas as pd

from byodkim.show.section import visible

TEXT: Final = "string"
TRUTH: Final = "boolean"
COUNT: Final = "Int64"
CATEGORY: Final = "category"
TIME: Final = "time"


def frame_of(
    columns: Mapping[str, str], rows: list[Any], zone: ZoneInfo | None = None
) -> pd.DataFrame:
    """Return rows as a DataFrame, in which invisible characters are spelled out.

    Args:
        columns: the kind of each column by its name.
        rows: as many values each. "" or ``None`` is a missing text.
        zone: of the times.
    """
    values = list(zip(*rows, strict=True)) or [()] * len(columns)
    named = zip(columns.items(), values, strict=True)
    return pd.DataFrame({name: _series(list(column), kind, zone) for (name, kind), column in named})


def _series(values: list[Any], kind: str, zone: ZoneInfo | None) -> pd.Series:
    if kind == TIME:
        return pd.Series(values, dtype="datetime64[us, UTC]").dt.tz_convert(zone)
    if kind in (TEXT, CATEGORY):
        return pd.Series([_text(value) for value in values], dtype=kind)
    return pd.Series(values, dtype=kind)


def _text(value: object) -> str | None:
    return None if value in (None, "") else visible(value)
