"""The seal of a finished notebook: whoever executed it says by a signature what it and its page were.

The run's own seal is made before its notebook is finished. This one, an in-toto Statement of the same form, names the
digests of the notebook and, in what it states, of its page, by the same key: ``<name>.<run id>.notebook.seal.json``.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any, Final

from byodkim.errors import AccessError
from byodkim.evidence import seal
from byodkim.evidence.archived import Archived
from byodkim.evidence.record import Record
from byodkim.messages import say
from byodkim.procedure.keeping import Keeper, hands_of
from byodkim.procedure.run import Run

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


def make(archived: Archived, page: Path, run: Run | None) -> Path | None:
    """Seals the finished notebook of a run; ``None`` where there is no run that could be told of.

    The run's own custodian signs it.

    Raises:
        SealError: there is no key, it did not sign, or the disk does not take the file.
    """
    if run is None or not archived.events or not archived.evidence.sound:
        return None
    path, language = (
        archived.path.with_name(f"{archived.path.stem}.{run.id}{seal.NOTEBOOK_SUFFIX}"),
        run.intent.language,
    )
    try:
        stated = statement(archived, page)
    except OSError as error:
        what = say("rotate", "unread", language, path=path.name, reason=error.strerror or error)
        raise AccessError(what) from error
    with hands_of(run) as hands:
        keeper = Keeper(run.keeping, hands, run.clock, language)
        seal.write(path, seal.envelope(stated, keeper.sign), language)
    return path
