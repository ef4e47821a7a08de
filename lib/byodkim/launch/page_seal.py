"""The seal of a record's page: the run's own custodian says by a signature what the page was when it was made.

The run's seal is made before there is a page. This one, an in-toto Statement of the same form by the same key, names
the digest of the page: ``<name>.<run id>.page.seal.json``. Nobody else makes one: a page that is made anew has none.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from byodkim.errors import AccessError
from byodkim.evidence import seal
from byodkim.evidence.archived import Archived
from byodkim.messages import say
from byodkim.procedure.keeping import Keeper, hands_of
from byodkim.procedure.run import Run


def statement(archived: Archived, page: Path) -> dict[str, Any]:
    """Return the statement about a run's page.

    Raises:
        OSError: it cannot be read.
    """
    return {
        "_type": seal.STATEMENT,
        "subject": [{"name": page.name, "digest": {"sha256": hashlib.sha256(page.read_bytes()).hexdigest()}}],
        "predicateType": seal.PAGE,
        "predicate": {"run": archived.events[0]["run"], "head": archived.evidence.head},
    }


def make(archived: Archived, page: Path, run: Run | None) -> Path | None:
    """Seal the page of a run; ``None`` where there is no run that could be told of.

    Raises:
        AccessError: the page cannot be read.
        SealError: there is no key, it did not sign, or the disk does not take the file.
    """
    if run is None or not archived.events or not archived.evidence.sound:
        return None
    path, language = page.with_name(f"{page.stem}.{run.id}{seal.PAGE_SUFFIX}"), run.intent.language
    try:
        stated = statement(archived, page)
    except OSError as error:
        what = say("rotate", "unread", language, path=path.name, reason=error.strerror or error)
        raise AccessError(what) from error
    with hands_of(run) as hands:
        keeper = Keeper(run.keeping, hands, run.clock, language)
        seal.write(path, seal.envelope(stated, keeper.sign), language)
    return path
