"""Tomorrow's change of three estates, rehearsed on a twin and then carried out: both records, side by side.

``python -m tests.notebooks.test_rehearsed`` plays them and writes what differed into ``docs/*/rehearsal.md``.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import pytest

from byodkim import review
from byodkim.events.writes import Waited
from byodkim.evidence.record import Record
from tests.bench.table import markdown
from tests.notebooks.runs import PAPERMILL, ROOT
from tests.notebooks.twins import ESTATES, NEW, Rehearsal, changed, recorded

VERIFIES_S: Final = 8.0  # production's SES
HEADS: Final = {
    "en": ("Estate", "Outcome", "Checks that differ (twin, production)", "Wait for SES in the twin", "in production"),
    "ja": ("環境", "結果", "異なるチェック（ツイン、本番）", "ツインでの SES の待ち時間", "本番での待ち時間"),
}
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
CLOCK: Final = {"en": "{:.0f} s by its clock", "ja": "ツインの時計で {:.0f} 秒"}
SECONDS: Final = {"en": "{:.0f} s", "ja": "{:.0f} 秒"}
TABLE: Final = re.compile(r"(<!-- rehearsed -->\n).*?(<!-- /rehearsed -->)", re.DOTALL)
#: What says where a run acted, and no more.
PLACE: Final = re.compile(r"run\.|parameter\.|server\.|key\.|plan\.digest|(before|after)\.selector_key")


VERDICT = re.compile(r"\b(check|warning)\.")


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

    def row(self, name: str, language: str) -> tuple[str, ...]:
        """Return what the documents say of it."""
        waits = [one.of(Waited) for one in (self.tried, self.done)]
        seconds = [one.seconds if one else 0.0 for one in waits]
        outcomes = [str(one.outcome) for one in (self.tried, self.done)]
        both = outcomes[0] if outcomes[0] == outcomes[1] else " / ".join(outcomes)
        times = (CLOCK[language].format(seconds[0]), SECONDS[language].format(seconds[1]))
        return (NAMES[name][language], both, ", ".join(self.checks()) or "-", *times)


def play(folder: Path, stack: ExitStack, name: str) -> Played:
    """Play what ``docs/en/rehearsal.md`` says: plan, twin, rehearsal; then the same change by AWS's target."""
    made = Rehearsal(folder, stack, {**ESTATES[name], "verification_seconds": VERIFIES_S})
    facts = made.production.facts
    profile = {
        "account": facts.account, "region": facts.region, "domain": facts.domain, "secret_id": facts.secret_id,
        "key_bucket": facts.key_bucket, "nameservers": facts.nameservers, "rehearsal": "required",
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


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as opened:
        yield opened


def shown(language: str) -> list[list[str]]:
    """Return the rows that a document shows."""
    found = TABLE.search((ROOT / f"docs/{language}/rehearsal.md").read_text("utf-8"))
    assert found is not None
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in found[0].splitlines()[3:-1]]


@pytest.mark.prove  # test_twin.py has the same for the first of them, on a sandbox
@pytest.mark.parametrize("name", NAMES)
def test_production_does_what_its_twin_did_and_names_the_rehearsal(tmp_path: Path, stack: ExitStack, name: str) -> None:
    played = play(tmp_path, stack, name)
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
    for language in HEADS:  # but for the seconds, which are those of the day
        row = played.row(name, language)
        assert [list(row[:3])] == [one[:3] for one in shown(language) if one[0] == row[0]]


def write(rows: dict[str, Sequence[Sequence[str]]]) -> None:
    """Write the table into the documents."""
    for language, of in rows.items():
        path = ROOT / f"docs/{language}/rehearsal.md"
        table = markdown(HEADS[language], of)
        path.write_text(TABLE.sub(lambda found: f"{found[1]}{table}\n{found[2]}", path.read_text("utf-8")), "utf-8")  # noqa: B023


def main() -> None:
    """Play the three estates, and write what came of it."""
    played = {}
    for name in NAMES:
        with TemporaryDirectory() as folder, ExitStack() as opened:
            played[name] = play(Path(folder), opened, name)
            print(name, *played[name].differing, sep="\n  ", file=sys.stderr)
    write({language: [one.row(name, language) for name, one in played.items()] for language in HEADS})


if __name__ == "__main__":
    main()
