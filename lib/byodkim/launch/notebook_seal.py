"""The seal of a finished notebook: whoever executed it says by a signature what it and its page were.

The run's own seal is made before its notebook is finished. This one, an in-toto Statement of the same form, names the
digests of the notebook and, in what it states, of its page, by the same key: ``<name>.<run id>.notebook.seal.json``.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from byodkim.custody.client import Custodian
from byodkim.errors import AccessError
from byodkim.evidence import seal
from byodkim.evidence.archived import Archived
from byodkim.evidence.record import Record
from byodkim.launch.inputs import Accepted
from byodkim.messages import say
from byodkim.procedure.keeping import Keeper

NOTEBOOK: Final = "urn:byodkim:notebook:1"


def statement(archived: Archived, page: Path) -> dict[str, Any]:
    """The statement about a run's notebook and its page.

    Raises:
        OSError: a file cannot be read.
    """
    begin, outcome = archived.events[0], Record(archived.events).outcome
    return {
        "_type": seal.STATEMENT,
        "subject": [{"name": archived.path.name, "digest": {"sha256": _digest(archived.path)}}],
        "predicateType": NOTEBOOK,
        "predicate": {
            "run": begin["run"],
            "domain": begin["domain"],
            "head": archived.evidence.head,
            "outcome": outcome.value if outcome else "",
            "page": {"name": page.name, "digest": {"sha256": _digest(page)}},
        },
    }


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def make(archived: Archived, page: Path, accepted: Accepted) -> Path | None:
    """Seals the finished notebook of a run; ``None`` where there is no run that could be told of.

    Raises:
        SealError: there is no key, it did not sign, or the disk does not take the file.
    """
    if not archived.events or not archived.evidence.sound:
        return None
    run = str(archived.events[0]["run"])
    path = archived.path.with_name(f"{archived.path.stem}.{run}{seal.NOTEBOOK_SUFFIX}")
    hands = Custodian()
    try:
        if accepted.keeping.seal_key:
            hands.ask("open", settings=accepted.settings)
        keeper = Keeper(accepted.keeping, hands, lambda: datetime.now(UTC), accepted.language)
        try:
            stated = statement(archived, page)
        except OSError as error:
            what = say("rotate", "unread", accepted.language, path=path.name, reason=error.strerror or error)
            raise AccessError(what) from error
        seal.write(path, seal.envelope(stated, keeper.sign), accepted.language)
    finally:
        hands.close()
    return path
