"""Write the request to the DNS team as a sheet."""

from __future__ import annotations

import csv
import io
from typing import Final

from msgspec import Struct

#: The columns of the run sheet, in the languages of those who read it.
HEADER: Final = ("名前 / Name", "タイプ / Type", "値 / Value", "TTL")
#: One more column, in a request to remove a record.
REMOVAL: Final = ("依頼 / Action", "削除 / Remove")
#: Excel opens UTF-8 with a byte order mark as UTF-8.
BOM: Final = "\ufeff"
#: A cell that begins with one of these is a formula to a spreadsheet (OWASP, CSV injection).
FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


class RequestRow(Struct, frozen=True):
    """One record to publish.

    Attributes:
        name: absolute, without a final dot.
        type: of the record, ``TXT``.
        value: in one piece.
        ttl: in seconds.
    """

    name: str
    type: str
    value: str
    ttl: int


def request_sheet(row: RequestRow, *, removes: bool = False) -> bytes:
    """Return the request as CSV (RFC 4180), in UTF-8 with a byte order mark for Excel."""
    head, cells = [*HEADER], [row.name, row.type, row.value, str(row.ttl)]
    if removes:
        head, cells = [*head, REMOVAL[0]], [*cells, REMOVAL[1]]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(head)
    writer.writerow([f"'{cell}" if cell.startswith(FORMULA) else cell for cell in cells])
    return (BOM + text.getvalue()).encode()
