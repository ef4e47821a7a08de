"""The account of a publication, beside the record that asked for it: a journal, chained and sealed like a run's.

It has a name of its own, as it is no run of the identity: ``<record>.<id>.publication.jsonl``. Its first event names
the head of the record's journal, and the accounts of the identity before it. The identity's next run names its head.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from byodkim.evidence import journal, seal

SUFFIX: Final = journal.ACCOUNT
SEAL_SUFFIX: Final = f"{SUFFIX}{seal.SUFFIX}"


def path_of(record: Path, identifier: str) -> Path:
    """Return where the account of a publication lies."""
    return record.with_name(f"{record.stem}.{identifier}{SUFFIX}")
