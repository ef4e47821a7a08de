"""Proof by a message: a file with a received message is judged against the record at the
authoritative servers.
"""

import hashlib
from pathlib import Path

from byodkim.checks.check import Finding, Verdict
from byodkim.dkim.message import judge_message
from byodkim.engine.run import Run
from byodkim.errors import InputError
from byodkim.record.events import MessageJudged
from byodkim.words import _

#: More than any mail provider takes.
LARGEST: int = 50 * 1024 * 1024


def judge_file(run: Run, path: Path) -> MessageJudged:
    """Return what a received message proves of the switch.

    Raises:
        InputError: the file cannot be read, or is larger than 50 MiB.
    """
    try:
        with path.open("rb") as file:
            raw = file.read(LARGEST + 1)
    except OSError as error:
        raise InputError(
            _(
                "The message {path} cannot be read: {reason}",
                path=path.name,
                reason=error.strerror or "",
            ),
            todo=_("Save the received message with its full header as a file (.eml)."),
        ) from None
    if len(raw) > LARGEST:
        raise InputError(_("The message {path} is larger than 50 MiB.", path=path.name))
    result = judge_message(
        raw,
        domain=run.wanted.domain,
        selector=run.selector,
        answers=run.seen.requested.answers,
    )
    verdicts: dict[str, Verdict] = {
        "proved": "PASS",
        "contradicted": "FAIL",
        "undecided": "UNKNOWN",
    }
    finding = Finding(
        "MESSAGE-PROOF",
        verdicts[result.kind],
        _("A received message is signed with the selector and verifies at every server"),
        result.what,
        "warns",
    )
    return MessageJudged(sha256=hashlib.sha256(raw).hexdigest(), finding=finding)
