"""Which writes use an approval up."""

from __future__ import annotations

from typing import Any

from second_edition.evidence.served import of
from tests.second_edition.each import each
from tests.second_edition.events.noted import record_of

AT = "2026-11-24T04:09:00.000+00:00"
GIVEN = {"status": 200, "request_id": "1"}
UNCLEAR = {"event": "answer", "at": AT, "error": {"code": "ReadTimeoutError", **GIVEN, "unclear": True}}
REFUSED = {"event": "answer", "at": AT, "error": {"code": "BadRequestException", **GIVEN, "unclear": False}}
TAKEN = {"event": "answer", "at": AT, "answer": {"dkim_status": "PENDING", "dkim_tokens": [], **GIVEN}}


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
    change = {"operation": "Put", "target": "example.jp", "next_selector": "mail-20261124-1", "resubmit": resubmit}
    intent = {"event": "intent", "n": 1, "at": AT, "change": change}
    account: Any = record_of({"event": "begin", "run": "1"}, intent, answer)
    assert of(account).taken is taken
