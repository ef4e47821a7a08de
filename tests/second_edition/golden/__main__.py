"""Make the archive of journal format 1 that every later version must verify: ``python -m tests.second_edition.golden``.

It was made once, when the format was final. It is never made again: ``test_golden`` reads what stands here.
"""

from __future__ import annotations

import json
import os
import shutil
import tarfile
import tempfile
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from second_edition.sandbox.client import Sandbox
from tests.second_edition.kills.killing import HOOK, ROOT
from tests.second_edition.kills.test_fleet_kills import campaigns, play
from tests.second_edition.notebooks import outside
from tests.second_edition.notebooks.fleets import AT_ONCE, fleet, lines, ready
from tests.second_edition.notebooks.stage import Stage, project

HERE = Path(__file__).parent
ARCHIVE, KEY, EXPECTED = HERE / "archive.tar.xz", HERE / "sealing-key.pub.pem", HERE / "outcomes.json"
APPLY = ("-p", "mode", "apply")
WAIVED = ("-p", "waive", "DNS-PUBLISHED: agreed with the DNS team", "-p", "wait_minutes", "0")
LEFT = "mail-20260912-1"


def killed(stage: Stage, at: str, *words: str, notebook: str = "notebooks/rotate.ipynb", selector: str = "") -> None:
    """Runs a notebook and kills its kernel once an event of that name is on disk."""
    path = os.pathsep.join((str(HOOK), str(ROOT)))
    env = {"PYTHONPATH": path, "KILL": f"kernel:after:{at}", "ALIVE": str(stage.folder / "alive")}
    facts = stage.sandbox.facts
    target = ("-p", "target", "sandbox", "-p", "endpoint_url", facts.endpoint_url, "-r", "selector", selector)
    stage.runner.papermill(*target, *words, notebook=notebook, env=env)


def other(stage: Stage, name: str, *words: str, selector: str = "") -> None:
    """Runs another procedure's notebook."""
    target = ("-p", "target", "sandbox", "-p", "endpoint_url", stage.sandbox.facts.endpoint_url)
    given = ("-r", "selector", selector) if selector else ()
    stage.runner.papermill(*target, *given, *words, notebook=f"notebooks/{name}.ipynb")


def prepare(stage: Stage) -> None:
    """Planned, killed while it stores, resumed, and again."""
    other(stage, "prepare")
    killed(stage, "stored", *APPLY, notebook="notebooks/prepare.ipynb")
    other(stage, "prepare", *APPLY)
    other(stage, "prepare", *APPLY)


def rotate(stage: Stage) -> None:
    """Planned, in Japanese; killed before its write; resumed; again; then the selector that was left is retired."""
    stage.run("-p", "language", "ja", "-p", "reason", "年次の切替")
    killed(stage, "intent", *APPLY, selector=stage.sandbox.facts.next_selector)
    stage.apply("-p", "reason", "yearly rotation", "-p", "ticket", "CHG-1042")
    stage.apply()
    stage.sandbox.advance(timedelta(days=8))
    other(stage, "retire", selector=LEFT)
    other(stage, "retire", *APPLY, selector=LEFT)
    other(stage, "retire", *APPLY, selector=LEFT)


def refused(stage: Stage) -> None:
    """Refused; written all the same, and not verified; gone back from after a day."""
    (stage.folder / "byodkim.toml").write_text("[default]\nrollback_after_hours = 24\n")
    stage.apply()
    stage.apply(*WAIVED)
    stage.sandbox.advance(timedelta(hours=25))
    stage.apply(*WAIVED)


def failed(stage: Stage) -> None:
    """SES says that it signs with the next selector, and a real message is unsigned."""
    stage.sandbox.set_knobs(signing_when_verified="unsigned")
    stage.apply("-p", "message", "send")


def campaign(stage: Stage) -> None:
    """Planned; killed while its runs go on; resumed."""
    table = ready(stage, 0, 1, 2)
    play(stage, table, "")
    run = str(lines(campaigns(stage)[0])[0]["run"])
    play(stage, table, run, "after", 12)
    play(stage, table, run)


def stopped(stage: Stage) -> None:
    """A campaign that stops: somebody has stored the first identity's key again since its plan."""
    table, facts = ready(stage, 0, 1, name="two.csv"), stage.sandbox.facts
    words = ("-r", "identities", table, "-r", "selector", facts.next_selector, "-r", "canary", "1", *AT_ONCE)
    plan = fleet(stage, *words)
    s3 = outside.client(facts, "s3")
    place = {
        "Bucket": facts.key_bucket,
        "Key": f"dkim-keys/d00000.{facts.domain}/{facts.next_selector}/private_key.pem",
    }
    pem = s3.get_object(**place)["Body"].read()
    s3.put_object(**place, Body=pem)  # the same key, another version
    s3.close()
    fleet(stage, *words, "-p", "mode", "apply", "-r", "approved", plan.run)


STORIES: dict[str, tuple[str, Callable[[Stage], None]]] = {
    "prepare": ("unprepared", prepare),
    "rotate": ("ready", rotate),
    "refused": ("dns-absent", refused),
    "failed": ("ready", failed),
    "campaign": ("fleet", campaign),
    "stopped": ("fleet", stopped),
}


def outcomes(folder: Path) -> list[str]:
    """Return what the runs of a story came to, by their ids; "" for one that never closed."""
    found = [lines(path) for path in folder.rglob("*.journal.jsonl")]
    ordered = sorted((events for events in found if events), key=lambda events: str(events[0]["run"]))
    return [f"{events[0].get('procedure', 'rotate')} {_closed(events[-1])}".strip() for events in ordered]


def _closed(last: Mapping[str, Any]) -> str:
    return str(last["outcome"]) if last["event"] == "closed" else ""


def main() -> None:
    """Play every story, and keep what it left."""
    with tempfile.TemporaryDirectory() as name, Sandbox.start() as sandbox:
        folder, home = Path(name), Path(name) / "home"
        (home / ".local/state").mkdir(parents=True)
        for story, (scenario, tell) in STORIES.items():
            sandbox.reset(scenario)
            stage = Stage(sandbox, project(folder / story, home))
            (stage.folder / "state").symlink_to(home / ".local/state")
            tell(stage)
            shutil.copytree(stage.folder / "outputs", folder / "archive" / story)
        told = {story: outcomes(folder / "archive" / story) for story in STORIES}
        EXPECTED.write_text(json.dumps(told, indent=1) + "\n", "utf-8")
        shutil.copy(home / ".local/state/byodkim/sealing-key.pub.pem", KEY)
        with tarfile.open(ARCHIVE, "w:xz") as file:
            file.add(folder / "archive", "archive")


if __name__ == "__main__":
    main()
