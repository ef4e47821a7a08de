"""The table of a campaign: which identities, and to which selector each."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Collection
from typing import Final

from byodkim.errors import ParameterError
from byodkim.messages import Language, say

Row = dict[str, str]

#: The first two must be there. All are parameters of ``rotate.ipynb``, and stay text.
COLUMNS: Final = ("domain", "selector", "profile", "secret_id", "key_bucket")
#: What a domain and a selector can be; each run looks more closely. Both get into file names and into Markdown.
DOMAIN: Final = re.compile(r"(?=.{1,253}\Z)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)+")
SELECTOR: Final = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?")


def read(text: str, profiles: Collection[str], known: Collection[str], language: Language) -> list[Row]:
    """The rows of one account and Region, in their order.

    Args:
        text: CSV with a header; the columns are those of ``COLUMNS``, ``profile`` is ``default`` where left empty.
        profiles: sections of the profile file that belong to the account and Region.
        known: all its sections.
        language: of an error.

    Raises:
        ParameterError: the first line that cannot be used, or no row is left. Nothing was read of AWS or DNS.
    """
    reader = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")), restkey="", strict=True)
    found: list[Row] = []
    try:
        header = tuple(reader.fieldnames or ())
        if not {"domain", "selector"} <= set(header) <= set(COLUMNS) or len(set(header)) < len(header):
            raise _wrong("table.header", language, known=", ".join(COLUMNS))
        for given in reader:
            row = _row(given, reader.line_num, known, language)
            if row["profile"] in profiles:
                found.append(row)
    except csv.Error as error:
        raise _wrong("table.line", language, line=reader.line_num + 1, what=error) from None
    names = [row["domain"] for row in found]
    if twice := sorted({name for name in names if names.count(name) > 1}) if len(set(names)) < len(names) else []:
        raise _wrong("table.twice", language, domain=twice[0])
    if not found:
        raise _wrong("table.empty", language, profiles=", ".join(sorted(profiles)))
    return found


def _row(given: dict[str, str | None], line: int, known: Collection[str], language: Language) -> Row:
    row = {name: (given.get(name) or "").strip() for name in COLUMNS}
    row["domain"], row["profile"] = row["domain"].lower().removesuffix("."), row["profile"] or "default"
    forms = {"domain": DOMAIN, "selector": SELECTOR}
    wrong = [name for name, form in forms.items() if not form.fullmatch(row[name])]
    wrong += ["profile"] if row["profile"] not in known else []
    wrong += ["-"] if "" in given else []  # more values than columns
    if wrong:
        raise _wrong("table.line", language, line=line, what=wrong[0])
    return row


def _wrong(key: str, language: Language, **values: object) -> ParameterError:
    what, todo = say("airflow", key, language, **values), say("airflow", f"{key}.todo", language)
    return ParameterError(what, say("airflow", "nothing-done", language), todo)
