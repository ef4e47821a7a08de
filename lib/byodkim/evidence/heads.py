"""Heads of closed runs as they are published at their close, where who removes a run cannot remove its head.

A head is one line of JSON: run, identity (domain, account, Region), the SHA-256 of the journal's last line, and when
the run closed and the head was published. It lies beside the copies in S3, under their lock, and at the end of a file.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from byodkim.evidence.journal import canonical
from byodkim.evidence.seal import Seal

FOLDER: Final = "heads/"
SUFFIX: Final = ".json"


def below(begin: Mapping[str, Any]) -> str:
    """Return where a run's head lies below the archive's prefix.

    Args:
        begin: the run's first event.
    """
    return f"{FOLDER}{begin['domain']}/{begin['run']}{SUFFIX}"


def line(seal: Seal, closed: str, published: datetime) -> str:
    """Return the line about a closed run.

    Args:
        seal: the run's.
        closed: when it closed, as its journal says.
        published: when the line is published.
    """
    stated = {name: seal.predicate[name] for name in ("run", "domain", "account", "region", "head")}
    return canonical({**stated, "closed": closed, "published": published.isoformat(timespec="milliseconds")})
