"""A campaign as an operator sees it go on, by plain papermill and by the command, on a terminal."""

from __future__ import annotations

import re
from collections.abc import Mapping
from concurrent.futures import Future
from functools import partial

import pytest

from tests.notebooks import outside
from tests.notebooks.fleets import BYODKIM, Told, environment, fleet, ready
from tests.notebooks.runs import PAPERMILL
from tests.notebooks.stage import Stage, Troupe
from tests.notebooks.test_wait_line import on_a_terminal

NEXT = "mail-20261124-1"
REFUSED = "d00001.example.jp"
COMMANDS = {"papermill": [PAPERMILL, "notebooks/fleet.ipynb", "outputs/1.ipynb"], "byodkim": [BYODKIM, "fleet"]}
NUMBERS = ("-p", "pause_minutes", "0", "-p", "at_once", "3", "-p", "stop_after", "3")
pytestmark = pytest.mark.prove  # tests/fleet/test_campaign_line.py has the quick cases
LINE = re.compile(
    r"Wave (\d)/2: (\d) of 3 ended \(([^)]*)\), \d under way(, \d+\.\d\d a second)?(, about [\d.]+ s left)?"
)


def tell(name: str, stage: Stage) -> Told:
    """One changes after the plan, and is refused; SES takes some seconds for the others."""
    told = Told()
    some = ready(stage, 0, 1, 2, selector=NEXT)
    rest = ("-r", "identities", some, "-r", "canary", "1", *NUMBERS)
    plan = told.runs["plan"] = fleet(stage, *rest)
    facts = stage.sandbox.facts
    s3, where = outside.client(facts, "s3"), {"Bucket": facts.key_bucket}
    path = f"dkim-keys/{REFUSED}/{NEXT}/private_key.pem"
    s3.put_object(**where, Key=path, Body=s3.get_object(**where, Key=path)["Body"].read())  # another version
    s3.close()
    stage.sandbox.set_knobs(check_interval=4)
    words = ["-p", "target", "sandbox", "-p", "endpoint_url", facts.endpoint_url, "-p", "mode", "apply"]
    command = [*COMMANDS[name], *words, "-r", "approved", plan.run, *rest]
    told.seen["terminal"] = on_a_terminal(command, stage.folder, environment(stage), code=1)
    return told


@pytest.fixture(scope="module")
def stories(troupe: Troupe) -> Mapping[str, Future[Told]]:
    return {name: troupe.begin(name, partial(tell, name), "fleet") for name in COMMANDS}


@pytest.mark.parametrize("name", COMMANDS)
def test_counts_wave_rate_and_failures_are_seen(stories: Mapping[str, Future[Told]], name: str) -> None:
    said = stories[name].result().seen["terminal"]
    found = LINE.findall(said)
    assert [one for one in found if one[:2] == ("1", "0")] != []
    assert found[-1][:3] == ("2", "3", "REFUSED 1, SWITCHED 2")
    assert found[-1][3]  # the rate is known by then
    assert said.count(f"{REFUSED}: REFUSED: PLAN-APPROVED failed") == 1
    # The line is the campaign's alone: none of its identities draws there.
    assert "Waiting" not in said
    # The last one stays, above how the run ends.
    assert re.search(LINE.pattern + r"\r\n(.*\r\n)*?FAILED  Switched: 2 of 3;", said)
