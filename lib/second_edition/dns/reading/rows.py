"""A row: one key record that a file asks for, and what the readers of all formats share."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final, Literal

from msgspec import Struct

from second_edition.dkim.character_string import quoted

Form = Literal["csv", "zone", "strings", "text", "published"]

NARROW: Final = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
"""Full-width characters to ASCII, one for one, so that places in a text stay where they are (Unicode FF00-FFEF)."""
STRAIGHT: Final = dict.fromkeys(map(ord, "“”„″‘’‚′＂＇"), ord('"'))
"""What word processors put in place of quotation marks, to quotation marks."""
_LABELS: Final = {
    "name": "name fqdn recordname host hostname record dnsname 名前 レコード名 ホスト名",
    "kind": "type recordtype タイプ 種別 種類 レコードタイプ",
    "value": "value recordvalue data content rdata 値 内容 レコード値 データ 設定値 登録値",
    "ttl": "ttl recordttl ttl(seconds) ttl(秒)",
    "action": "action changetype operation state 操作 アクション 作業 処理 変更種別",
}
#: Labels of what has no part in whether a record is published.
_ASIDE: Final = ("zone", "zone_id", "hostedzoneid", "managed_zone", "kind", "proxied", "comment", "note", "備考")
_COLUMNS: Final = {label: column for column, labels in _LABELS.items() for label in labels.split()}
NAME: Final = re.compile(r"(?<![\w.*\\-])[\w.*\\-]*domainkey[\w.\\-]*", re.IGNORECASE)
VALUE: Final = re.compile(
    r"""(?<!["(\s])["(\s]*(?<![\w=])(?:[ghnst]\s*=[^;"\n]{0,64};\s{0,9}){0,8}(?:v\s*=\s*dkim|k\s*=\s*rsa|p\s*=\s*["\w+/<-])""",
    re.IGNORECASE,
)
DELETION: Final = re.compile(r"\s*(?:del|remov|absent)|削除|廃止", re.IGNORECASE)
"""How a value of ``action`` begins that takes a record away."""
AUTOMATIC: Final = "1"
"""How Cloudflare writes a TTL that is left to it."""


class Row(Struct, frozen=True):
    """One record that is asked for, as it is written.

    Attributes:
        line: where it stands in the file, from 1.
        name: its name, or "" if none is near it.
        kind: its type, or "".
        value: its value, with the quotes, escapes and line breaks that it has there.
        ttl: its time to live, in whatever way it is put, or "".
        form: ``zone`` and ``strings`` (Route 53 and its like) need quotes round each character-string; in a
            ``csv`` they may stand round short ones alone, as Route 53 shows them; in a ``text`` they may stand there;
            what is ``published`` has none of its own.
        relative: the name may lack the end that the zone gives it.
        idle: the finding, where it deletes a record or publishes none: ``deletes``, ``commented-out``, ``count-zero``,
            ``weight-zero``; else "".
        twice: names that stand twice in one of the objects that it stands in.
        unjudged: names of its settings that no reader knows: one may say that it is not published.
    """

    line: int
    name: str
    kind: str
    value: str
    ttl: str
    form: Form
    relative: bool = False
    idle: str = ""
    twice: tuple[str, ...] = ()
    unjudged: tuple[str, ...] = ()


def column(label: str) -> str:
    """Return what a label of a table, an object or a tag names: an attribute of ``Row``, ``action``, or ""."""
    return _COLUMNS.get("".join(label.translate(NARROW).split()).strip('"').lower(), "")


def is_known(label: str) -> bool:
    """Return whether a label names what is judged, or what need not be."""
    return bool(column(label)) or label.strip().lower() in _ASIDE


def concerns_dkim(row: Row) -> bool:
    """Return whether a row is a key record's."""
    return bool(NAME.search(row.name.translate(NARROW)) or VALUE.match(row.value.translate(NARROW)))


def joined(strings: Iterable[bytes]) -> str:
    """Return character-strings as one value, each in quotes."""
    return " ".join(map(quoted, strings))


def undoubled(domain: str) -> str:
    """Return ``example.jp`` of ``example.jp.example.jp``, and ``mail.example.jp`` of ``mail.example.jp.example.jp``."""
    labels = domain.split(".")
    for size in range(len(labels) // 2, 1, -1):
        if labels[-2 * size : -size] == labels[-size:]:
            return ".".join(labels[:-size])
    return domain
