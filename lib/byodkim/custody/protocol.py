"""What may be asked of the custodian.

A request is ``{"id", "op", "arguments"}``, an answer ``{"id", "value" | "error",
"calls"}``, each one line of JSON; ``calls`` lists the AWS calls made since the last answer, bodies excluded.
"""

from __future__ import annotations

from typing import Final

OPERATIONS: Final = frozenset(
    {
        "open", "warm", "caller", "identity", "secret", "key", "sign", "put", "forget", "locked", "lock", "seal",
        "keep", "traces", "listed", "make", "store", "enter", "promote", "release",
    }
)  # fmt: skip
