"""Journals of a few lines, as runs leave them."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from byodkim.evidence import journal
from byodkim.evidence.journal import Account, Journal

RUN = "20261124T000000Z-00ff"


def run(folder: Path, *, identifier: str = RUN, outcome: str = "SWITCHED", **begin: Any) -> Account:
    """A journal of a few lines."""
    log = Journal(folder / f"a.{identifier}{journal.SUFFIX}", lambda: datetime(2026, 11, 24, tzinfo=UTC))
    log.write("begin", run=identifier, domain="example.jp", **{"previous": None, **begin})
    log.write("caller", caller={"account": "123456789012", "region": "ap-northeast-1"})
    if outcome:
        log.write("closed", outcome=outcome, error=None)
    log.close()
    return journal.read(log.path)
