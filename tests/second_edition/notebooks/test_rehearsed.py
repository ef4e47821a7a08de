"""Tomorrow's change of three estates, rehearsed on a twin and then carried out: both records, side by side.

``docs/*/rehearsal.md`` has a row for each.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import pytest

from second_edition import review
from second_edition.evidence.record import Record
from second_edition.messages import LANGUAGES
from tests.second_edition.notebooks.runs import PAPERMILL, ROOT
from tests.second_edition.notebooks.twins import ESTATES, NEW, Rehearsal, changed, recorded

VERIFIES_S: Final = 8.0  # production's SES
NAMES: Final = {
    "run-sheet": {
        "en": "key paths of the run sheet, one selector a version, TTL 300",
        "ja": "手順書の鍵パス、1 バージョンに 1 セレクタ、TTL 300",
    },
    "generation": {
        "en": "several selectors in one version, `s3://` paths, TTL 3600",
        "ja": "1 バージョンに複数セレクタ、`s3://` のパス、TTL 3600",
    },
    "dated": {"en": "dated key paths, SES has FAILED", "ja": "日付付きの鍵パス、SES は FAILED"},
}
TABLE: Final = re.compile(r"(<!-- rehearsed -->\n).*?(<!-- /rehearsed -->)", re.DOTALL)
#: What says where a run acted, and no more.
PLACE: Final = re.compile(r"run\.|parameter\.|server\.|key\.|plan\.digest|(before|after)\.selector_key")

VERDICT: Final = re.compile(r"\b(check|warning)\.")


@dataclass(frozen=True)
class Played:
    """The rehearsal, the run in production, and what the review says that differs: (name, one, other)."""

    tried: Record
    done: Record
    differing: list[tuple[str, str, str]]
    page: str
    said: list[str]  # by plain papermill, which rehearsed

    def checks(self) -> list[str]:
        """Return the checks whose verdicts differ, with both."""
        checks = ((name.partition(".")[2], one, other) for name, one, other in self.differing if "check." in name)
        words = ((name, one.split()[0], other.split()[0]) for name, one, other in checks)
        return [f"{name} ({one}, {other})" for name, one, other in words if one != other]


def play(rehearse: Callable[..., Rehearsal], name: str) -> Played:
    """Play what ``docs/en/rehearsal.md`` says: plan, twin, rehearsal; then the same change by AWS's target."""
    made = rehearse({**ESTATES[name], "verification_seconds": VERIFIES_S})
    folder, facts = made.folder, made.production.facts
    profile = {
        "account": facts.account, "region": facts.region, "domain": facts.domain, "secret_id": facts.secret_id,
        "key_bucket": facts.key_bucket, "nameservers": facts.nameservers
    }  # fmt: skip
    lines = [f'{one} = "{value}"' for one, value in profile.items()]
    (folder / "byodkim.toml").write_text("\n".join(["[default]", *lines, "ses_requests_per_second = 100.0", ""]))
    made.environment["AWS_ENDPOINT_URL"] = facts.endpoint_url
    aws = ("-p", "endpoint_url", facts.endpoint_url)
    made.run("plan", *aws)
    made.begin_twin("plan")
    command = ["notebooks/rotate.ipynb", "outputs/rehearsed.ipynb", "-r", "selector", NEW, "-p", "mode", "apply"]
    rehearsed = subprocess.run(
        [PAPERMILL, *command, "-p", "target", "twin", "-p", "endpoint_url", made.twin_url, "--no-progress-bar"],
        cwd=folder, env=made.environment, check=True, capture_output=True, timeout=600,
        text=True,
    )  # fmt: skip
    tried = recorded(folder / "outputs/rehearsed.ipynb")
    done = made.run("done", *aws, "-p", "mode", "apply")
    archive = review.begin(archive=str(folder / "outputs"), runs=f"{tried.begin.run},{done.begin.run}")
    frame = review.compare(archive).frame
    if tried.begin.run > done.begin.run:  # the twin's clock is ahead: it is shown as the later one
        frame = frame[[frame.columns[0], frame.columns[2], frame.columns[1]]]
    differing = [(str(one), str(there), str(here)) for one, there, here in frame.itertuples(index=False)]
    page = (folder / "outputs/done.html").read_text("utf-8")
    return Played(tried, done, differing, page, rehearsed.stdout.splitlines())


def shown(language: str) -> list[list[str]]:
    """Return the rows that a document shows."""
    found = TABLE.search((ROOT / f"docs/second_edition/{language}/rehearsal.md").read_text("utf-8"))
    assert found is not None
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in found[0].splitlines()[3:-1]]


@pytest.mark.prove  # test_twin.py has the same for the first of them, on a sandbox
@pytest.mark.parametrize("name", NAMES)
def test_production_does_what_its_twin_did_and_names_the_rehearsal(
    rehearse: Callable[..., Rehearsal], name: str
) -> None:
    played = play(rehearse, name)
    tried, done = played.tried, played.done
    assert (tried.outcome, done.outcome, done.begin.target) == ("SWITCHED", "SWITCHED", "aws")
    assert changed(tried) == changed(done)
    assert played.said[1].startswith("Rehearsed on a twin of 123456789012, observed at ")
    assert done.begin.rehearsed
    assert done.begin.rehearsed.run == tried.begin.run
    assert f"Rehearsed by run {tried.begin.run}, which ended SWITCHED, on a twin of what stood at" in played.page
    assert "It made the same writes, and its twin&#39;s plan relies on the same facts." in played.page
    others = [one for one in played.differing if not VERDICT.search(one[0]) and not PLACE.match(one[0])]
    assert others == []
    assert played.checks() == []
    for language in LANGUAGES:  # but for the seconds, which are those of the day
        title = NAMES[name][language]
        assert [[title, "SWITCHED"]] == [one[:2] for one in shown(language) if one[0] == title]
