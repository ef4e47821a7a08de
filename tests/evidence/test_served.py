"""Which writes use an approval up."""

from __future__ import annotations

from typing import Any

from byodkim.evidence.record import Record
from byodkim.evidence.served import of
from tests.each import each

UNCLEAR = {"event": "answer", "error": {"code": "ReadTimeoutError", "unclear": True}}
REFUSED = {"event": "answer", "error": {"code": "BadRequestException", "unclear": False}}
TAKEN = {"event": "answer", "answer": {"dkim_status": "PENDING"}}


@each(
    ("answer", "resubmit", "taken"),
    [
        (TAKEN, False, True),
        (TAKEN, True, True),
        (REFUSED, False, False),
        (REFUSED, True, False),
        # A later run sees whether SES has another selector; nothing shows that it was given the same one once more.
        (UNCLEAR, False, False),
        (UNCLEAR, True, True),
    ],
)
def test_a_write_that_ses_may_have_taken_unseen_uses_its_approvals_up(
    answer: dict[str, Any], resubmit: bool, taken: bool
) -> None:
    change = {"next_selector": "mail-20261124-1", "resubmit": resubmit}
    intent = {"event": "intent", "n": 1, "at": "2026-11-24T04:09:00.000+00:00", "change": change}
    account: Any = Record(({"event": "begin", "run": "1"}, intent, answer))
    assert of(account).taken is taken
