"""The rehearsal of two weeks, in both languages: a selector's whole life in ten records, each verified at the end."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from second_edition.messages import Language
from tests.second_edition.project.readme import LANGUAGES, only, text_of
from tests.second_edition.project.terminals import Walk

pytestmark = pytest.mark.prove

NEXT, LEFT = "mail-20261124-1", "mail-20260912-1"
# Each record, what it comes to, of which selector, and what it writes at AWS.
RECORDS: Mapping[str, tuple[str, str, list[str]]] = {
    "day-01-plan": ("PLANNED", NEXT, []),
    "day-01-prepare": ("PREPARED", NEXT, ["PutObject", "PutSecretValue", *["UpdateSecretVersionStage"] * 2]),
    "day-13-faulty": ("REFUSED", NEXT, []),
    "day-14-lagging": ("REFUSED", NEXT, []),
    "day-14-plan": ("PLANNED", NEXT, []),
    "day-14-rotate": ("SWITCHED", NEXT, ["PutEmailIdentityDkimSigningAttributes"]),
    "day-14-early": ("REFUSED", LEFT, []),
    "day-22-plan": ("PLANNED", LEFT, []),
    "day-22-retire": ("RETIRED", LEFT, ["ChangeResourceRecordSets"]),
    "day-23-after": ("UNCHANGED", NEXT, []),
}
KANA = re.compile("[ぁ-ヿ]")


@pytest.fixture(params=LANGUAGES)
def language(request: pytest.FixtureRequest) -> Language:
    asked: Language = request.param
    return asked


@pytest.fixture
def walk(walks: Mapping[Language, Walk], language: Language) -> Walk:
    return walks[language]


def block(walk: Walk, words: str) -> str:
    """Return what the one block wrote that wrote these words."""
    (said,) = (said for said in walk.said if words in said)
    return said


@pytest.mark.parametrize("name", RECORDS)
def test_each_record_comes_to_what_is_told(walk: Walk, language: Language, name: str) -> None:
    first, (outcome, selector, writes) = walk.headline(name).splitlines()[0], RECORDS[name]
    said = {"en": rf"{outcome}  ", "ja": rf"\S+（{outcome}）  "}[language]
    assert re.match(said, first)
    assert selector in first
    assert bool(KANA.search(first)) == (language == "ja")
    assert walk.wrote(name) == writes


def test_all_ten_are_verified_at_the_end(walk: Walk, language: Language) -> None:
    words = {"en": "10 runs: 10 verified, 0 off", "ja": "実行 10 件: 検証済み 10 件、問題あり 0 件"}[language]
    lines = block(walk, words).splitlines()
    verified = [line.split()[1] for line in lines if line.startswith("VERIFIED ")]
    assert verified == [walk.event(name, "begin")["run"] for name in RECORDS]


def test_the_request_is_marked_as_a_rehearsals_and_has_no_other_defect(walk: Walk, language: Language) -> None:
    words = {"en": "Give this sheet to nobody", "ja": "この依頼書を誰にも渡さないでください"}[language]
    defect, key = block(walk, words).splitlines()[-2:]
    assert defect.startswith("REHEARSAL: do not publish")
    assert walk.event("day-01-prepare", "handed")["sha256"] in key
    said = block(walk, ".dns-request.json")
    listed = [Path(line) for line in said.splitlines() if ".dns-request." in line and line.startswith("outputs/")]
    assert sorted(path.suffix for path in listed) == [".csv", ".json", ".txt", ".zone"]
    assert all("REHEARSAL: do not publish" in (walk.folder / path).read_text("utf-8")[:60] for path in listed)


def test_the_faulty_reply_is_told_to_the_dns_team_and_the_corrected_one_thanked_for(
    walk: Walk, language: Language
) -> None:
    faulty = block(walk, {"en": "is not yet as we asked", "ja": "設定内容についてのご確認依頼"}[language])
    assert "customerProvidedPublicKey" in faulty
    assert walk.event("day-01-prepare", "handed")["value"] in faulty
    assert {"en": "thank you", "ja": "の設定を確認しました"}[language] in block(walk, "day-14-plan")


@pytest.mark.parametrize(
    ("name", "checks"),
    [
        ("day-13-faulty", {"DNS-PUBLISHED", "DNS-PLACEHOLDER", "KEY-SIGNS"}),
        ("day-14-lagging", {"DNS-PUBLISHED", "DNS-PLACEHOLDER", "KEY-SIGNS"}),
        ("day-14-early", {"TIME-OVERLAP"}),
    ],
)
def test_what_was_refused_says_why(walk: Walk, name: str, checks: set[str]) -> None:
    stopped = {one["id"] for one in walk.event(name, "checked")["findings"] if one["verdict"] == "FAIL"}
    assert stopped == checks
    assert all(check in walk.headline(name) for check in checks)


def test_it_is_switched_by_the_plan_that_was_approved_and_proved_by_a_message(walk: Walk) -> None:
    plans = [walk.event(name, "planned")["plan"]["digest"] for name in ("day-14-plan", "day-14-rotate")]
    assert plans[0] == plans[1]
    assert "tanaka" in walk.headline("day-14-rotate")
    (approval,) = (walk.folder / "outputs").glob("day-14-plan.*.approval.tanaka.json")
    stated = json.loads(base64.b64decode(json.loads(approval.read_text("utf-8"))["payload"]))["predicate"]
    signed = datetime.fromisoformat(stated["at"])  # in whole seconds
    made = datetime.fromisoformat(walk.event("day-14-plan", "begin")["at"]).replace(microsecond=0)
    assert made <= signed < made + timedelta(hours=1)
    for name in ("day-14-rotate", "day-23-after"):
        assert {one["verdict"] for one in walk.event(name, "weighed")["findings"]} == {"PASS"}


def test_other_eyes_see_what_the_readme_shows(walk: Walk, language: Language) -> None:
    looked = block(walk, '"SigningAttributesOrigin"')
    assert set(only(text_of(walk.folder, language), "shown").text.splitlines()) <= set(looked.splitlines())
    # dig's answer, its strings joined, is the value that was asked of the DNS team.
    answered = "".join(re.findall(r'"([^"]*)"', looked.splitlines()[-1]))
    assert answered == walk.event("day-01-prepare", "handed")["value"]
