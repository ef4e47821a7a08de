"""What SES's API v1 leaves open, and what servers say together."""

from __future__ import annotations

from byodkim.dkim.published import Judgement, Verdict
from byodkim.rotation.inventory import of_batch, record_state, unclear
from tests.each import each


@each(
    ("selectors", "enabled", "status", "origin", "asked"),
    [
        (["mail-1"], True, "SUCCESS", "EXTERNAL", False),
        (["mail-1"], False, "FAILED", "EXTERNAL", False),
        (["a" * 32, "b" * 32, "c" * 32], True, "PENDING", "AWS_SES", False),
        ([], True, "SUCCESS", "", True),
        ([], True, "NOT_STARTED", "", True),
        ([], False, "FAILED", "", True),
        ([], False, "NOT_STARTED", "", False),  # DKIM was never set up
        ([], None, "", "", False),
        (["a", "b"], True, "SUCCESS", "", True),
    ],
)
def test_the_origin_is_told_by_the_number_of_tokens(
    selectors: list[str], enabled: bool | None, status: str, origin: str, asked: bool
) -> None:
    found = of_batch("example.jp", {"selectors": selectors, "signing_enabled": enabled, "status": status})
    assert (found.name, found.signing_origin, found.status, found.signing_enabled) == (
        "example.jp", origin, status, enabled,
    )  # fmt: skip
    assert found.selector == (selectors[0] if len(selectors) == 1 else "")
    assert unclear(found) is asked


def judged(*words: str) -> list[Judgement]:
    """A sound key is named by its first letters."""
    return [
        Judgement(Verdict.A_KEY, sha256=word) if word.startswith("key") else Judgement(Verdict(word)) for word in words
    ]


@each(
    ("words", "state"),
    [
        ((), ""),
        (("key-1", "key-1"), "a-key"),
        (("key-1", "key-2"), "differ"),
        (("key-1", "absent"), "differ"),
        (("absent", "absent"), "absent"),
        (("key-1", "no-answer"), "partly"),
        (("key-1", "absent", "no-answer"), "differ"),
        (("refused", "no-answer"), "partly"),
        (("key-1", "no-ipv6"), "a-key"),  # what this machine cannot ask says nothing of the server
        (("no-ipv6", "no-ipv6"), "no-ipv6"),
    ],
)
def test_what_servers_say_together(words: tuple[str, ...], state: str) -> None:
    assert record_state(judged(*words)) == state
