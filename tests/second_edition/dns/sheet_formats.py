"""One key record in every format in which people send it: as the tools write it, not as this project reads it.

The formats stand in ``sheet_formats.txt``, with places for what a record has.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from string import Template


@dataclass(frozen=True)
class Record:
    """``name`` absolute, without a closing dot."""

    name: str
    value: str
    kind: str = "TXT"
    ttl: int = 3600
    apex: str = ""

    @property
    def strings(self) -> list[str]:
        return [self.value[start : start + 255] for start in range(0, max(len(self.value), 1), 255)]

    @property
    def quoted(self) -> str:
        return " ".join('"' + one.replace("\\", "\\\\").replace('"', '\\"') + '"' for one in self.strings)

    @property
    def places(self) -> dict[str, object]:
        """Return what stands in each place of a format."""
        zone = self.apex or self.name.partition("domainkey.")[2]
        selector, _, rest = self.name.partition(".")
        data = b"".join(bytes([len(one)]) + one.encode() for one in self.strings)
        number = {"TXT": "TYPE16", "CNAME": "TYPE5"}[self.kind]
        return {
            **vars(self),
            "zone": zone,
            "owner": self.name.removesuffix(f".{zone}"),
            "selector": selector,
            "rest": rest,
            "quoted": self.quoted,
            "escaped": json.dumps(self.quoted)[1:-1],
            "text": json.dumps(self.value)[1:-1],
            "html": html.escape(self.quoted),
            "twice_html": html.escape(html.escape(self.quoted)),
            "semicolons": self.value.replace(";", "\\;"),
            "quoted_semicolons": self.quoted.replace(";", "\\;"),
            "chunks": '\\"\\"'.join(self.strings),
            "listed": ", ".join(f'"{one}"' for one in self.strings),
            "curly": " ".join(f"\u201c{one}\u201d" for one in self.strings),
            "commented": "\n".join(f'    "{one}" ; part {n} (of the key)' for n, one in enumerate(self.strings, 1)),
            "decimal": " ".join(f'"\\{ord(one[0]):03d}{one[1:]}"' for one in self.strings if one),
            "unknown": f"{number} \\# {len(data)} ( {data[:100].hex()}\n  {data[100:].hex()} )",
            "automatic": 1 if self.ttl == 3600 else self.ttl,
            "markdown": self.name.replace("_", "\\_"),
            "spaced": self.name.replace("._domainkey", ".\u200b_domainkey"),
            "spaced_value": f"{self.value[:150]}\u200b{self.value[150:]}",
            "nb": "\xa0",
            "cr": "\r",
        }


def _filled(text: str, one: Record) -> str:
    return Template(text).substitute(one.places)


_SECTIONS = re.split(r"^=== (\w+)\n", Path(__file__).with_suffix(".txt").read_text("utf-8"), flags=re.MULTILINE)[1:]
FORMATS: dict[str, Callable[[Record], str]] = {
    name: partial(_filled, text) for name, text in zip(_SECTIONS[::2], _SECTIONS[1::2], strict=True)
}
bind, change_batch, octodns, terraform_aws = (
    FORMATS[name] for name in ("bind", "change_batch", "octodns", "terraform_aws")
)
ENCODINGS: dict[str, Callable[[str], bytes]] = {
    "UTF-8": lambda text: text.encode("utf-8"),
    "UTF-8 with a BOM": lambda text: text.encode("utf-8-sig"),
    "UTF-16": lambda text: text.encode("utf-16"),
    "UTF-16LE without a BOM": lambda text: text.encode("utf-16-le"),
    "UTF-16BE without a BOM": lambda text: text.encode("utf-16-be"),
    "UTF-16BE with a BOM": lambda text: b"\xfe\xff" + text.encode("utf-16-be"),
    "UTF-32": lambda text: text.encode("utf-32"),
    "UTF-32LE without a BOM": lambda text: text.encode("utf-32-le"),
    "UTF-32BE without a BOM": lambda text: text.encode("utf-32-be"),
    "cp932": lambda text: text.encode("cp932"),
    "EUC-JP": lambda text: text.encode("euc_jp"),
}
