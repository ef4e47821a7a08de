"""The DAGs for Apache Airflow: a campaign for each account and Region that ``byodkim.toml`` names.

The table is read, each identity planned; a person looks at what came of it and lets it go on; then the identities are
switched in waves, a few first. Each run is ``rotate.ipynb`` by the papermill provider, in the pool of its account and
Region, with a record of its own. A retry is the same command to another record: it looks at what stands, and does what
is missing.

Environment, read where DAGs are parsed and where tasks run: ``BYODKIM_PROJECT`` (folder with ``notebooks/`` and
``byodkim.toml``; the checkout this file is in), ``BYODKIM_COMMAND`` (``.venv/bin/byodkim`` there), ``BYODKIM_KERNEL``
(name of the Jupyter kernel in byodkim's environment; ``byodkim``), ``BYODKIM_RETRY_SECONDS`` (60).
"""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

from airflow.exceptions import AirflowFailException, AirflowSkipException
from airflow.providers.standard.operators.hitl import ApprovalOperator
from airflow.sdk import DAG, ObjectStoragePath, Param, task

from byodkim.airflow import campaign, table
from byodkim.airflow.campaign import Place, Result
from byodkim.airflow.operator import RotateOperator, failures
from byodkim.messages import say

PROJECT = os.environ.get("BYODKIM_PROJECT") or str(Path(__file__).parents[3])
COMMAND = os.environ.get("BYODKIM_COMMAND") or f"{PROJECT}/.venv/bin/byodkim"
KERNEL = os.environ.get("BYODKIM_KERNEL") or "byodkim"
RETRY = timedelta(seconds=float(os.environ.get("BYODKIM_RETRY_SECONDS") or 60))
WAVES = 4
APPLYING = tuple(f"apply_{number}" for number in range(1, WAVES + 1))
RETRIES = {"plan": 1, "apply": 3}
TO_ANSWER = timedelta(days=7)


def _params(place: Place) -> dict[str, Param]:
    text = {"type": "string", "maxLength": 600}
    return {
        "table": Param("fleet.csv", **text),
        "mode": Param("plan", type="string", enum=["plan", "apply"]),
        "waves": Param([1, 10, 100], type="array", items={"type": "integer", "minimum": 1}, maxItems=WAVES - 1),
        "stop_after": Param(0, type="integer", minimum=0),
        "reason": Param("", **text),
        "ticket": Param("", **text),
        "requested_by": Param("", **text),
        "language": Param(place.language, type="string", enum=["en", "ja"]),
        "target": Param("aws", type="string", enum=["aws", "sandbox"]),
        "endpoint_url": Param("", **text),
    }


@task
def read_table(place: Place, known: list[str], params: Any = None) -> list[table.Row]:
    """The rows of the place. A path is taken from the project's folder; an address such as s3:// by Airflow's own."""
    given = str(params["table"])
    text = (ObjectStoragePath(given) if "://" in given else Path(PROJECT, given)).read_text("utf-8")
    return table.read(text, place.profiles, known, params["language"])


@task(trigger_rule="all_done")
def summary(rows: list[table.Row], plans: Any, params: Any = None) -> dict[str, Any]:
    """What the plans came to: what is ready, and the text to be looked at. A plan that was killed tells nothing."""
    told = {one["domain"]: one for one in plans}
    found = [told.get(row["domain"]) or nothing(row) for row in rows]
    ready = [row for row in rows if told.get(row["domain"], {}).get("outcome") in campaign.GOOD["plan"]]
    text = campaign.overview(found, "plan", params["language"])
    print(text)
    return {"plans": found, "ready": ready, "text": text}


@task.short_circuit(ignore_downstream_trigger_rules=False)
def to_be_applied(found: dict[str, Any], params: Any = None) -> bool:
    """Return whether there is anything to ask a person about."""
    return params["mode"] == "apply" and bool(found["ready"])


@task(trigger_rule="all_done")
def wave(number: int, found: dict[str, Any], params: Any = None, ti: Any = None) -> list[table.Row]:
    """The rows of a wave, once a person has let the campaign go on, and no more runs failed than may."""
    said, language, most = ti.xcom_pull(task_ids="approve"), params["language"], params["stop_after"]
    if params["mode"] != "apply" or not said or said["chosen_options"] != [ApprovalOperator.APPROVE]:
        raise AirflowSkipException(say("airflow", "no-go-ahead", language))
    if (count := failures(ti, APPLYING)) > most:
        raise AirflowSkipException(say("airflow", "stopped", language, count=count, most=most))
    planned = campaign.waves(found["ready"], params["waves"], WAVES)
    return list(planned[number - 1]) if number <= len(planned) else []


@task(trigger_rule="all_done")
def report(rows: list[table.Row], plans: Any, applied: list[Any], params: Any = None) -> None:
    """What each identity came to. Fails unless all came to what the mode asks for."""
    mode = params["mode"]
    told: dict[str, Result] = {one["domain"]: one for one in plans}
    if mode == "apply":
        done = {one["domain"]: one for results in applied for one in results or ()}
        # One that was planned and not applied has not come to what was asked for: its plan alone is no switch.
        told = {name: done.get(name) or one for name, one in told.items()}
    found = [told.get(row["domain"]) or nothing(row) for row in rows]
    print(campaign.overview(found, mode, params["language"]))
    if wanting := [one for one in found if one["outcome"] not in campaign.GOOD[mode]]:
        raise AirflowFailException(say("airflow", "not-all", params["language"], count=len(wanting), all=len(found)))


def nothing(row: table.Row) -> Result:
    """The result of a run of which nothing is told."""
    return {"domain": row["domain"], "record": "", "run": "", "outcome": ""}


def fleet(place: Place, known: list[str]) -> DAG:
    """The DAG of an account and Region."""
    common = {
        "pool": place.name, "place": place, "project": PROJECT, "records": "outputs", "command": COMMAND,
        "kernel_name": KERNEL, "retry_delay": RETRY, "waves": APPLYING,
    }  # fmt: skip
    with DAG(
        place.name.replace("byodkim_", "byodkim_fleet_", 1),
        schedule=None, catchup=False, max_active_runs=1, params=_params(place), tags=["byodkim"],
        doc_md=say("airflow", "dag", place.language, account=place.account, region=place.region),
    ) as dag:  # fmt: skip
        rows = read_table(place, known)
        plans = RotateOperator.partial(task_id="plan", mode="plan", retries=RETRIES["plan"], **common).expand(row=rows)
        found = summary(rows, plans.output)
        approve = ApprovalOperator(
            task_id="approve",
            subject=say("airflow", "approve", place.language, account=place.account, region=place.region),
            body="{{ ti.xcom_pull(task_ids='summary')['text'] }}",
            response_timeout=TO_ANSWER,
        )
        before: Any = to_be_applied(found)
        before >> approve
        before, applied = approve, []
        for number, name in enumerate(APPLYING, 1):
            chosen = wave.override(task_id=f"wave_{number}")(number, found)
            run = RotateOperator.partial(task_id=name, mode="apply", retries=RETRIES["apply"], **common)
            switched = run.expand(row=chosen)
            before >> chosen
            before = switched
            applied.append(switched.output)
        report(rows, plans.output, applied)
    return dag


_text = Path(PROJECT, campaign.FILE).read_text("utf-8")
_places = campaign.places(_text)
for _one in _places:
    globals()[_one.name] = fleet(_one, [name for each in _places for name in each.profiles])
