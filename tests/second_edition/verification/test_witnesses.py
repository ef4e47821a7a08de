"""Approvals, timestamps and the seal over a finished notebook: the word of others on a run, verified again."""

from __future__ import annotations

import json
import os
import random
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from second_edition.evidence import approval, timestamp
from second_edition.evidence.approval import public_text
from second_edition.evidence.folders import LARGEST_READ
from second_edition.evidence.journal import digest
from second_edition.evidence.seal import read_seal, seal_path
from second_edition.evidence.verification_case import Files
from second_edition.intent.trust import Trusted
from second_edition.launch.verifying import verify_all
from second_edition.plain import plain
from second_edition.rotation.plan import Plan
from tests.second_edition.events.noted import record_of
from tests.second_edition.evidence.authority import Authority
from tests.second_edition.verification.forged import event
from tests.second_edition.verification.judged import codes, journal_of, judge, own, seal_of
from tests.second_edition.verification.made import Change, Events, events_of, follow, put, reseal, vouch, without, write

TANAKA, SATO = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
NOTHING: Mapping[str, str] = {}
PEOPLE = {"tanaka": public_text(TANAKA), "sato": public_text(SATO)}
ONE = {"tanaka": PEOPLE["tanaka"]}


def approved(
    chain: Path,
    *keys: Ed25519PrivateKey,
    required: int = 1,
    people: Mapping[str, str] = PEOPLE,
    planned: str = "",
    facts: Mapping[str, str] = NOTHING,
    days: float = 0,
) -> Path:
    """The run ``apply`` as if its plan had been approved: by these keys, who looked at the run ``planned``.

    ``facts``: what the plan relied on besides when they did, which was so many ``days`` before.
    """
    path = journal_of(chain, "apply")
    events = events_of(path)
    events[0]["approvals"] = required
    record = record_of({**events[0], "run": planned or events[0]["run"]}, *events[1:])
    assert record.plan is not None
    shown = Plan.of(record.plan.writes, {**record.plan.relies_on, **facts}, digest)
    presented = []
    for number, key in enumerate(keys):
        at = datetime.fromisoformat(events[0]["at"]) - timedelta(days=days)
        stated = approval.statement(record, shown, "me", "", at.replace(microsecond=0))
        file = chain / "one.json"
        file.write_bytes(approval.sign(stated, key))
        presented.append({**plain(approval.present(file, people)), "file": f"{number}.json"})
        file.unlink()
    place = next(number for number, event in enumerate(events) if event["event"] == "checked")
    given = {
        "event": "approvals",
        "at": events[place]["at"],
        "required": required,
        "approvers": people,
        "used": {},
        "calls": [],
    }
    events.insert(place, {**given, "presented": presented})
    return rewritten(path, events)


def rewritten(path: Path, events: Events) -> Path:
    write(path, json.loads(json.dumps(events)))
    reseal(path)
    path.with_name(f"{path.name.partition('.')[0]}.ipynb").unlink(missing_ok=True)
    return path


def changed(chain: Path, change: Change, name: str = "apply") -> Path:
    """A run with another event, chained and sealed anew."""
    path = journal_of(chain, name)
    events = events_of(path)
    change(events)
    return rewritten(path, events)


def trusting(**people: str) -> Trusted:
    known = own()
    return Trusted(known.keys, known.sources, {"": people})


def judged(path: Path, trust: Trusted | None = None) -> set[str]:
    (one,) = judge(path, trust=trust)
    return codes(one) - {"no-notebook", "previous-elsewhere", "stamp-late"}  # the chain may be some minutes old


def test_an_approval_by_who_is_trusted(chain: Path) -> None:
    path = approved(chain, TANAKA)
    (one,) = judge(path, trust=trusting(**PEOPLE))
    assert (one.verdict, one.approved, one.required) == ("verified", 1, 1)
    assert judged(path) == {"approvers-own"}  # the run's own word on who they are


def test_what_a_run_was_given_that_did_not_write_counts_for_nothing(chain: Path) -> None:
    approved(chain, TANAKA, days=8)
    (one,) = judge(changed(chain, without("intent", "answer")), trust=trusting(**PEOPLE))
    assert (one.approved, one.required, "approval-expired" in codes(one)) == (0, 0, False)


@pytest.mark.parametrize(
    ("fact", "found"), [("warning.BACK-CHECKS", "approvers-own"), ("check.DNS-PUBLISHED", "approvals-few")]
)
def test_an_approval_of_a_plan_with_a_warning_covers_the_run_after_it_has_passed(
    chain: Path, fact: str, found: str
) -> None:
    assert judged(approved(chain, TANAKA, facts={fact: "FAIL"})) == {found}


@pytest.mark.parametrize("planned", ["", "20260101T000000Z-abc00000"])
def test_an_approval_of_a_plan_run_that_is_elsewhere_is_noted(chain: Path, planned: str) -> None:
    """As one that was copied from another folder: by the runs of this one, nobody can tell what it served there."""
    approved(chain, TANAKA, planned=planned)
    (one,) = (one for one in judge(chain, trust=trusting(**PEOPLE)) if one.path.name.startswith("apply."))
    assert one.sound
    assert ("approval-brought" in codes(one)) == bool(planned)


def test_too_few_of_them(chain: Path) -> None:
    assert judged(changed(chain, put("begin", "approvals", 1))) == {"approvals-few"}
    path = approved(chain, TANAKA, required=2)
    assert judged(path, trusting(**PEOPLE)) == {"approvals-few"}
    twice = changed(chain, lambda events: event(events, "approvals").update(presented=presented(events) * 2))
    assert judged(twice, trusting(**PEOPLE)) == {"approvals-few"}  # one person's, in two files


def presented(events: Events) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = event(events, "approvals")["presented"]
    return found


def test_by_somebody_who_is_not_trusted_under_that_name(chain: Path) -> None:
    path = approved(chain, TANAKA)
    other = public_text(Ed25519PrivateKey.generate())
    assert judged(path, trusting(tanaka=other)) == {"approval-off", "approvals-few"}
    assert judged(path, trusting(sato=PEOPLE["tanaka"])) == {"approval-off", "approvals-few"}  # another name


@pytest.mark.parametrize(
    ("days", "people", "said"),
    [
        (0, {}, "who sato, tanaka are is the run's own word: give --approver or list them in byodkim.toml"),
        (0, ONE, "the approval 1.json does not count: none of the approvers you trust signed it"),
        (0, ONE, "the plan was carried out with 1 of 2 approvals"),
        (8, PEOPLE, "the approval by sato ({at}) had expired on {expires} when it was used"),
        (-1, PEOPLE, "the approval by tanaka is dated {at}, ahead of the run that used it"),
    ],
)
def test_what_is_said_of_approvals(chain: Path, days: int, people: Mapping[str, str], said: str) -> None:
    path = approved(chain, TANAKA, SATO, required=2, days=days)
    (one,) = judge(path, trust=trusting(**people) if people else None)
    at = datetime.fromisoformat(events_of(path)[0]["at"]).replace(microsecond=0) - timedelta(days=days)
    times = {"at": at.isoformat(), "expires": (at + timedelta(days=7)).isoformat()}
    assert said.format(**times) in {finding.text for finding in one.findings}


def test_of_another_plan(chain: Path) -> None:
    approved(chain, TANAKA)
    path = changed(chain, put("planned", "plan", "digest", "0" * 64))
    assert "approvals-few" in judged(path, trusting(**PEOPLE))


@pytest.mark.parametrize("change", [{"comment": "x"}, {"at": "2026-01-01T00:00:00+00:00"}, {"selector": "x"}])
def test_told_otherwise_than_it_was_signed(chain: Path, change: dict[str, Any]) -> None:
    approved(chain, TANAKA)
    path = changed(chain, lambda events: presented(events)[0]["approval"].update(change))
    assert "approval-off" in judged(path, trusting(**PEOPLE))


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Authority]:
    with Authority(tmp_path_factory.mktemp("authority") / "tsa") as found:
        yield found


def rooted(roots: Path | None) -> Trusted:
    known = own()
    return Trusted(known.keys, known.sources, {}, {"": roots} if roots else {})


def stamp(chain: Path, authority: Authority) -> Path:
    seal = read_seal(seal_of(chain, "apply"))
    path = timestamp.path_of(seal.path)
    path.write_bytes(timestamp.fetch(authority.url, seal.signature, authority.root))
    return path


def test_a_timestamp(chain: Path, authority: Authority) -> None:
    path = journal_of(chain, "apply")
    stamp(chain, authority)
    (one,) = judge(path, trust=rooted(authority.root))
    assert codes(one) - {"stamp-late"} == {"previous-elsewhere"}
    assert one.stamped is not None
    assert judged(path, rooted(None)) == {"stamp-unchecked"}


@pytest.mark.parametrize(("ago", "code"), [(0, ""), (1, "stamp-late"), (-1, "stamp-early")])
def test_a_timestamp_of_another_time_than_the_runs_end(chain: Path, authority: Authority, ago: int, code: str) -> None:
    """A past that is written anew has no old timestamp; and no seal is older than what it is of."""
    at = datetime.now(UTC) - timedelta(hours=ago)
    path = follow(chain, "anew", after="back", at=f"{at:%Y%m%dT%H%M%SZ}-0001")
    seal = read_seal(seal_path(path))
    timestamp.path_of(seal.path).write_bytes(timestamp.fetch(authority.url, seal.signature, authority.root))
    (one,) = judge(path, trust=rooted(authority.root))
    assert [found.code for found in one.findings if found.code.startswith("stamp")] == [code] * bool(code)
    assert (one.verdict, one.stamped is not None) == ("off" if code == "stamp-early" else "verified", True)


def test_a_timestamp_of_another_seal_and_one_that_was_altered(chain: Path, authority: Authority) -> None:
    made, trust = stamp(chain, authority), rooted(authority.root)
    data = made.read_bytes()
    seal = read_seal(seal_of(chain, "again"))
    made.write_bytes(timestamp.fetch(authority.url, seal.signature, authority.root))
    assert judged(journal_of(chain, "apply"), trust) == {"seal-timestamp.false"}
    made.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    (one,) = judge(journal_of(chain, "apply"), trust=trust)
    assert made.name in next(found.text for found in one.findings if found.code == "seal-timestamp.false")
    made.write_bytes(data)
    assert judged(journal_of(chain, "apply"), trust) == set()
    os.truncate(made, LARGEST_READ + 1)
    (one,) = judge(journal_of(chain, "apply"), trust=trust)
    assert f"the timestamp {made.name} cannot be read (File too large)" in {found.text for found in one.findings}


def two_waived(events: Events) -> None:
    for one in (one for told in events for one in told.get("findings", ())):
        one |= {"verdict": "WAIVED", "reason": "x"} if one["id"] in ("KEY-PAIR", "KEY-SIZE") else {}


def asked_at(endpoint: str) -> Change:
    """Asked SES there, as if it were AWS."""

    def change(events: Events) -> None:
        put("begin", "target", "aws")(events)
        put("caller", "caller", "endpoint", endpoint)(events)

    return change


def test_what_is_off_is_named(chain: Path) -> None:
    kept = events_of(journal_of(chain, "apply"))
    told = (
        (two_waived, "that STS named: KEY-SIZE, KEY-PAIR"),
        (put("begin", "account", "210987654321"), "that STS named: SES-ACCOUNT"),
        (asked_at("http://192.0.2.10:4566"), "http://192.0.2.10:4566, without TLS"),
        (asked_at("HTTP://127.0.0.1:4566"), "HTTP://127.0.0.1:4566, without TLS"),
    )
    for change, text in told:
        (one,) = judge(changed(chain, change))
        assert any(text in found.text for found in one.findings), [found.text for found in one.findings]
        rewritten(journal_of(chain, "apply"), kept)


def test_one_that_was_asked_for_and_is_not_there(chain: Path) -> None:
    path = changed(chain, lambda events: events[0]["keeping"].update(timestamp_url="http://tsa.example.jp/"))
    assert judged(path) == {"unstamped"}
    path = changed(chain, lambda events: events[0]["keeping"].update(timestamp_url="", archive_s3="s3://records/dkim"))
    (one,) = judge(path)
    assert "which there are shows in s3://records/dkim alone" in " ".join(found.text for found in one.findings)


def vouched(chain: Path, *, key: Ed25519PrivateKey | None = None, other: Mapping[str, str] = NOTHING) -> Path:
    """A page of the run ``apply``, and the seal over it."""
    page = chain / "apply.html"
    page.write_text("page")
    return vouch(journal_of(chain, "apply"), page, key, other)


def test_a_page(chain: Path) -> None:
    sealed = vouched(chain)
    assert judged(journal_of(chain, "apply")) == set()
    (chain / "apply.html").write_text("Page")
    assert judged(journal_of(chain, "apply")) == {"page"}
    sealed.unlink()
    (one,) = judge(journal_of(chain, "apply"))
    assert (one.verdict, codes(one)) == ("verified", {"page-uncovered", "previous-elsewhere"})
    sealed.with_name("apply.x.page.seal.json").write_text("{}")  # which is nobody's
    assert "page-uncovered" in codes(judge(journal_of(chain, "apply"))[0])
    (chain / "apply.html").unlink()  # it can be made again
    assert judged(journal_of(chain, "apply")) == set()


def test_a_seal_over_a_page_that_does_not_count(chain: Path) -> None:
    journal = journal_of(chain, "apply")
    vouched(chain, key=Ed25519PrivateKey.generate())
    assert judged(journal) == {"page-seal"}
    for other in ({"run": "another"}, {"head": "0" * 64}, {"kind": "urn:byodkim:run:1"}):
        vouched(chain, other=other)
        assert judged(journal) == {"page-other"}
    path = vouched(chain)
    data, missed = path.read_bytes(), []
    for place in random.Random(20261124).sample(range(len(data)), 120):
        path.write_bytes(data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :])
        if judged_alone(journal) != {"page-seal"}:
            missed.append(place)
    assert missed == []


def test_where_no_key_is_trusted_a_signed_page_is_no_fault(chain: Path) -> None:
    vouched(chain)
    (one,) = judge(journal_of(chain, "apply"), trust=Trusted({}, {}), language="ja")
    assert (one.verdict, codes(one)) == ("cannot-tell", {"seal-untrusted", "previous-elsewhere"})


def judged_alone(journal: Path) -> set[str]:
    """Without the notebook, which takes long."""
    (one,) = verify_all([Files(journal)], own(), "en")
    return codes(one) - {"no-notebook"}
