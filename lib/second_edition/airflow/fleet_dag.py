"""The DAG for Apache Airflow: a campaign over the accounts and Regions that ``byodkim.toml`` names.

Each account and Region is a lane. Each lane's part of the table is planned; a person looks at what came of it and lets
it go on; then the lanes go side by side, wave after wave. A wave is one task, which runs ``byodkim fleet``.

Environment, read where the DAG is parsed and where tasks run: ``BYODKIM_PROJECT`` (folder with ``notebooks/`` and
``byodkim.toml``; the checkout this file is in), ``BYODKIM_COMMAND`` (``.venv/bin/byodkim`` there),
``BYODKIM_RECORDS_URL`` (address under which its ``outputs`` is served), ``BYODKIM_RETRY_SECONDS`` (60).
"""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

from airflow.providers.standard.operators.hitl import ApprovalOperator
from airflow.sdk import DAG, Param, task
from airflow.sdk.exceptions import AirflowFailException

from second_edition.airflow import lanes
from second_edition.airflow.command import GROUPS
from second_edition.airflow.operator import OUTPUTS, SUMMARY, PlanOperator, WaveOperator
from second_edition.messages import say

PROJECT = os.environ.get("BYODKIM_PROJECT") or str(Path(__file__).parents[3])
LANES = lanes.read(Path(PROJECT, lanes.FILE).read_text("utf-8"))
COMMON: dict[str, Any] = {
    "project": PROJECT,
    "command": os.environ.get("BYODKIM_COMMAND") or f"{PROJECT}/.venv/bin/byodkim-second-edition",
    "records": os.environ.get("BYODKIM_RECORDS_URL") or f"file://{PROJECT}/{OUTPUTS}",
    "retry_delay": timedelta(seconds=float(os.environ.get("BYODKIM_RETRY_SECONDS") or 60)),
}
TEXT: dict[str, Any] = {"type": "string", "maxLength": 600}
PARAMS = {
    "table": Param("fleet.csv", **TEXT),
    "mode": Param("plan", type="string", enum=["plan", "apply"]),
    "canary": Param("1%", type="string", pattern=r"^([1-9][0-9]*|[0-9]+(\.[0-9]+)?%)$"),
    "wave": Param(100, type="integer", minimum=1),
    "pause_minutes": Param(15, type="integer", minimum=0),
    "stop_after": Param(0, type="integer", minimum=0),
    "at_once": Param(0, type="integer", minimum=0),
    "reason": Param("", **TEXT),
    "ticket": Param("", **TEXT),
    "requested_by": Param("", **TEXT),
    "language": Param(LANES[0].language, type="string", enum=["en", "ja"]),
    "target": Param("aws", type="string", enum=["aws", "sandbox"]),
    "endpoint_url": Param("", **TEXT),
}


def overview(ti: Any, language: Any) -> str:
    """Return how each lane stands, as Markdown: what is ready, who waits for what, and each run with its record."""
    lines: list[str] = []
    for lane in LANES:
        plan = ti.xcom_pull(task_ids=f"plan_{lane.name}", key=SUMMARY)
        if plan is None:
            continue
        groups = [(name, plan["counts"].get(name)) for name in GROUPS]
        counts = [f"{say('fleet', f'group.{name}', language)} {count}" for name, count in groups if count]
        lines += [f"**{lane.account} {lane.region}**: {', '.join(counts) or plan['outcome'] or '-'} ({_record(plan)})"]
        lines += ti.xcom_pull(task_ids=f"plan_{lane.name}", key="unready") or []
        for wave in ti.xcom_pull(task_ids=[f"waves_{lane.name}"], key=SUMMARY) or []:
            if wave and wave["what"]:
                lines += [f"- {wave['what']}: {wave['outcome'] or '-'} ({_record(wave)})"]
                lines += [f"- {one}" for one in wave["failed"]]
        lines += [""]
    return "\n".join(lines)


def _record(one: Any) -> str:
    return f"[{one['record']}]({one['link']})"


@task.short_circuit(trigger_rule="all_done", ignore_downstream_trigger_rules=False)
def summary(params: Any = None, ti: Any = None) -> str:
    """Return what the plans came to, for a person to be asked; "" where there is nothing to ask about."""
    text = overview(ti, params["language"])
    print(text)
    ready = [ti.xcom_pull(task_ids=f"plan_{lane.name}") for lane in LANES]
    return text if params["mode"] == "apply" and any(ready) else ""


@task(trigger_rule="all_done")
def report(params: Any = None, ti: Any = None) -> None:
    """Print how each lane stands in the end. Fails where a task has failed; what was not ready is no failure."""
    print(overview(ti, params["language"]))
    if ti.get_ti_count(dag_id=ti.dag_id, run_ids=[ti.run_id], states=["failed", "upstream_failed"]):
        raise AirflowFailException(say("airflow", "not-all", params["language"]))


with DAG(
    "byodkim_fleet", schedule=None, catchup=False, max_active_runs=1, params=PARAMS, tags=["byodkim"],
    doc_md=say("airflow", "dag", LANES[0].language),
):  # fmt: skip
    end = report()
    approve = ApprovalOperator(
        task_id="approve",
        subject=say("airflow", "approve", LANES[0].language),
        body="{{ ti.xcom_pull(task_ids='summary') }}",
        response_timeout=timedelta(days=7),
    )
    plans = [
        PlanOperator(task_id=f"plan_{lane.name}", lane=lane, lanes=LANES, pool=lane.pool, retries=1, **COMMON)
        for lane in LANES
    ]
    plans >> summary() >> approve
    for lane, plan in zip(LANES, plans, strict=True):
        waves = WaveOperator.partial(
            task_id=f"waves_{lane.name}", lane=lane, pool=lane.pool, retries=3,
            map_index_template="{{ task.wave['label'] }}", **COMMON,
        ).expand(wave=plan.output)  # fmt: skip
        approve >> waves >> end
