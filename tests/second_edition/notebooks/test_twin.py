"""A twin of production: rehearsed in, beside the same change in production; and without anything secret of it.

Production is a standing sandbox. Its secrets hold a marked word in every field that nobody may see.
"""

from __future__ import annotations

import html
import json
import re
from datetime import UTC
from typing import Any

import psutil
import pytest

from second_edition.display.words import Words
from second_edition.events.writes import Waited
from second_edition.evidence.record import Record
from second_edition.evidence.twin import Twin
from second_edition.launch.twin import _said
from second_edition.sandbox.client import Sandbox
from tests.second_edition.notebooks.twins import (
    ESTATES,
    MARK,
    NEW,
    OLD,
    changed,
    held,
    recorded,
    verdicts,
    windows,
)
from tests.second_edition.sandbox.test_standing import free_ports


def alike(planned: Record, tried: Record, done: Record) -> None:
    """The run in the twin of a plan did what the one in production did, and waited by the twin's clock."""
    assert (tried.outcome, done.outcome) == ("SWITCHED", "SWITCHED")
    assert changed(tried) == changed(done)
    assert planned.made is not None
    twin = tried.begin.twin
    assert twin
    assert twin.plan
    assert (twin.run, twin.plan.digest) == (planned.begin.run, planned.made.digest)
    waited = tried.of(Waited)
    assert waited is not None
    assert waited.seconds > 250 > 60 > (waited.wall_s or 60)


@pytest.mark.prove
def test_a_lag_and_a_fault_of_production_are_the_twins_too(rehearse: Any) -> None:
    made = rehearse(ESTATES["run-sheet"])
    made.production.unpublish(NEW, server="ns2")
    made.production.set_record("unrelated.example.jp", "TXT", ["x"], server="ns1")
    made.in_production("plan", code=1)
    made.begin_twin("plan")
    tried = made.in_twin("tried", code=1)
    assert tried.seen is not None
    assert [len(one.records) for one in tried.seen.records] == [1, 0, 1]
    planned = recorded(made.folder / "outputs/plan.ipynb")
    assert planned.seen is not None
    assert [one.serial for one in tried.seen.records] == [one.serial for one in planned.seen.records]
    assert verdicts(tried) == verdicts(planned)


def test_nothing_secret_of_production_reaches_its_twin(rehearse: Any) -> None:
    made = rehearse(ESTATES["any-characters"])
    production = list(held(made.production.facts.endpoint_url))
    secret = {text for text in production if MARK in text}
    keys = set().union(*(windows(text) for text in production if "PRIVATE KEY" in text))
    assert secret
    assert len(keys) > 100
    made.in_production("plan")
    made.begin_twin("plan")
    made.describe("plan")
    twin = Sandbox.connect(made.twin_url)
    made.in_twin("tried", "-p", "mode", "apply")
    process = psutil.Process(made.process.pid)
    texts = [
        *held(made.twin_url),
        json.dumps(twin.state()),
        json.dumps(twin.calls()),
        (made.folder / "world.json").read_text(),
        "".join(made.said),
        made.log.read_text(),
        " ".join([*process.cmdline(), *map(str, process.environ().items())]),
        *(path.read_text("latin-1") for path in (made.folder / "outputs").glob("tried*")),
    ]
    for text in texts:
        assert MARK not in text
        bare = "".join(text.split())
        assert not [key for key in keys if key in bare]
    described = json.loads((made.folder / "world.json").read_text())
    shape = described["secrets"][0]["versions"][0]
    assert set(shape) == {"owner", "expires", "example.jp"}
    (first, _) = shape["example.jp"]["live"]
    assert first["login"] == {"user": "{new}", "passwords": ["{new}", {"old": "{new}"}]}
    (text,) = (one for one in held(made.twin_url) if "api_key" in one)
    assert len(json.loads(text)["owner"]) == 16


def test_the_record_in_production_names_its_rehearsal(rehearse: Any) -> None:
    made = rehearse(ESTATES["run-sheet"])
    planned = made.in_production("plan")
    made.begin_twin("plan")
    made.in_edited_twin("edited", "-p", "mode", "apply")
    made.in_production("look")
    assert "on a twin that is not what `byodkim twin`" in (made.folder / "outputs" / "look.html").read_text("utf-8")
    for path in (made.folder / "outputs").glob("edited*"):
        path.unlink()
    tried = made.in_twin("tried", "-p", "mode", "apply")
    done = made.in_production("done", "-p", "mode", "apply")
    alike(planned, tried, done)
    for other in ("tried", "done"):  # of a twin, and of a run that wrote
        assert f"The record outputs/{other}.ipynb cannot have a twin" in made.describe(other, code=2)
    page = (made.folder / "outputs" / "tried.html").read_text("utf-8")
    assert f"(run {planned.begin.run})" in page
    assert "The plan is that run&#39;s, with the twin&#39;s own keys." in page
    page = (made.folder / "outputs" / "done.html").read_text("utf-8")
    assert f"Rehearsed by run {tried.begin.run}, which ended SWITCHED" in page
    assert "It made the same writes, and its twin&#39;s plan relies on the same facts" in page
    assert made.in_production("back", "-p", "mode", "apply", selector=OLD).outcome == "SWITCHED"
    Sandbox.connect(made.twin_url).reset()  # another world, without a past
    again = made.in_twin("again")
    assert (again.outcome, again.begin.previous) == ("PLANNED", None)
    made.byodkim("verify", "outputs")


@pytest.mark.prove
def test_a_campaign_is_rehearsed_on_the_twin_of_its_plan(rehearse: Any) -> None:
    made = rehearse(ESTATES["run-sheet"])
    (made.folder / "byodkim.toml").write_text('[default]\nrehearsal = "canary"\n')
    (made.folder / "table.csv").write_text(f"domain,selector,secret_id\nexample.jp,{NEW},prod/dkim\n")
    table = ("-r", "identities", "table.csv", "-p", "pause_minutes", "0")
    planned = made.in_production("campaign", *table, procedure="fleet")
    page = (made.folder / "outputs" / "campaign.html").read_text("utf-8")
    assert 0 < page.index("byodkim twin outputs/campaign.ipynb") < page.index("Carry it out in waves")
    made.in_production("named", *table, "-p", "nameservers", made.production.facts.nameservers, procedure="fleet")
    asked = made.byodkim("approve", "outputs/named.ipynb", "--name", "tanaka", code=1)  # and nobody says yes
    assert asked.index("byodkim twin outputs/named.ipynb") < asked.index("One approval switches 1 identity")
    for told in (asked, html.unescape((made.folder / "outputs" / "named.html").read_text("utf-8"))):
        assert "Nobody compared them with the zone's delegation" in told
    apply = ("-p", "mode", "apply", "-r", "approved", planned.begin.run)
    refused = made.in_production("refused", *table, *apply, procedure="fleet", code=1)
    assert verdicts(refused)["FLEET-REHEARSED"] == "FAIL"
    (made.folder / "byodkim.toml").write_text('[default]\nrehearsal = "canary"\napprovals = 2\n')
    made.begin_twin("campaign")
    assert f": example.jp. Selectors in use: {OLD}. Secrets: 1; their versions: 2;" in made.said[0]
    first = made.said.index("Rehearse in it:\n") + 1
    plan, carry_out = made.said[first : first + 2]
    (there,) = set(re.findall(r"-r approved (\S+)", made.shell(plan)))
    assert made.shell(carry_out.replace("PLAN-RUN", there)).startswith("SWITCHED")
    (made.folder / "byodkim.toml").write_text('[default]\nrehearsal = "canary"\n')
    compared = "The run of each identity compares its plan with the one that the twin was made from"
    campaigns = [page.read_text() for page in (made.folder / "outputs").rglob("*-fleet.html")]
    assert [compared in page for page in campaigns] == [True, True]
    made.store_anew("prod/dkim")
    planned = made.in_production("moved", *table, procedure="fleet")
    page = (made.folder / "outputs" / "moved.html").read_text("utf-8")
    assert "FLEET-REHEARSED: rehearsed: 0 of 1. example.jp: run" in page
    assert "rehearsed another state; changed since: secret.version" in page
    assert "byodkim twin outputs/moved.ipynb" in page
    made.begin_twin_again("moved")  # with keys of its own, which no run of the first one gave away
    said = made.shell(plan)
    assert "Of 1 in the table 1 can be switched" in said
    (there,) = set(re.findall(r"-r approved (\S+)", said))
    assert made.shell(carry_out.replace("PLAN-RUN", there)).startswith("SWITCHED")
    apply = ("-p", "mode", "apply", "-r", "approved", planned.begin.run)
    done = made.in_production("done", *table, *apply, procedure="fleet")
    assert (done.outcome, verdicts(done)["FLEET-REHEARSED"]) == ("SWITCHED", "PASS")
    (table_back,) = (made.folder / "outputs").glob("done.*.back.csv")
    rows = ("-r", "identities", str(table_back), "-p", "pause_minutes", "0")
    planned = made.in_production("plan-back", *rows, procedure="fleet")
    assert "byodkim twin" not in (made.folder / "outputs" / "plan-back.html").read_text("utf-8")
    seals = [*(made.folder / "outputs").rglob("*.seal.json")]
    for one in seals:
        one.rename(one.with_suffix(".away"))
    unsigned = made.in_production("plan-unsigned", *rows, procedure="fleet")  # nobody vouches that it ever worked
    assert verdicts(unsigned)["FLEET-REHEARSED"] != "PASS"
    for one in seals:
        one.with_suffix(".away").rename(one)
    apply = ("-p", "mode", "apply", "-r", "approved", planned.begin.run)
    assert made.in_production("back", *rows, *apply, procedure="fleet").outcome == "SWITCHED"
    assert len(re.findall(r"^VERIFIED +\S+ +table\.csv ", made.shell("byodkim verify outputs"), re.MULTILINE)) == 9


def test_where_no_twin_stands_it_is_said_how_to_start_one(rehearse: Any) -> None:
    made = rehearse(ESTATES["run-sheet"])
    made.twin_url = f"http://127.0.0.1:{free_ports()[0]}"
    with pytest.raises(AssertionError, match=r"byodkim twin RECORD\.ipynb"):
        made.in_twin("tried")


def test_what_a_twin_lacks_is_said_once() -> None:
    """Each name server of a CNAME's target answered, and each answer tells of it."""
    about = {"account": "123456789012", "at": "2026-11-24T04:08:57+00:00", "run": "r"}
    world = {"about": about, **{name: [] for name in ("identities", "secrets", "objects", "servers")}}
    lines = _said(Twin(world, unknown=[("outside", {"name": "keys.example.com"})] * 4), Words("en", UTC))
    assert [line for line in lines if "keys.example.com" in line] == [
        "The twin does not hold keys.example.com, which is in another zone: a run whose key record leads there is "
        "refused by DNS-ANSWERS, and cannot be rehearsed."
    ]
