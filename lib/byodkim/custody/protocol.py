"""What may be asked of the custodian.

A request is ``{"id", "op", "arguments"}``, an answer ``{"id", "value" | "error",
"calls"}``, each one line of JSON; ``calls`` lists the AWS calls made since the last answer, bodies excluded.
"""

from __future__ import annotations

from typing import Final

OPERATIONS: Final = frozenset(
    {
        "open", "caller", "identity", "secret", "key", "sign", "put", "forget", "locked", "lock",
        "seal", "keep", "keepable", "search", "identities", "dated", "zone_read", "zone_write", "zone_settled", "post",
        "inbox", "arrived", "listed", "make", "store", "enter", "promote", "release", "elsewhere", "versions", "erase",
        "page", "batch", "clearable", "clear", "unlabel", "enterable", "hundred", "heads",
    }
)  # fmt: skip

#: What a custodian that only looks may be asked, all its life: ``--read-only`` when it is started.
READS: Final = frozenset(
    {
        "open", "caller", "identity", "identities", "page", "batch", "secret", "dated", "key", "sign",
        "forget", "search", "hundred", "heads",
    }
)  # fmt: skip
READ_ONLY: Final = "--read-only"
