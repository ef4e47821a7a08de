"""The tasks that run ``byodkim fleet``: the plan of a lane, and one of its waves."""

from __future__ import annotations

import os
import shlex
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from airflow.providers.standard.triggers.temporal import DateTimeTrigger
from airflow.sdk import BaseOperator, BaseOperatorLink, Connection, ObjectStoragePath
from airflow.sdk.exceptions import (
    AirflowException,
    AirflowFailException,
    AirflowNotFoundException,
    AirflowSkipException,
)

from second_edition.airflow import access, approval, lanes
from second_edition.airflow.command import Command, result, unready
from second_edition.airflow.lanes import Lane
from second_edition.messages import say

OUTPUTS: Final = "outputs"
SUMMARY: Final = "summary"  # XCom of each lane's task: what its run came to, also where the task fails
PACE: Final = ("canary", "wave", "pause_minutes", "stop_after", "at_once")
WORDS: Final = ("reason", "ticket", "requested_by", "language", "target", "endpoint_url")
#: A campaign's outcomes that the same command only comes to again until people have acted.
FINAL: Final = ("REFUSED", "FAILED", "STOPPED")
LISTED: Final = 100
WRONG_INPUT: Final = 2
#: How long SES is left alone that has yet to verify an identity; the task waits without a worker.
PENDING: Final = timedelta(minutes=15)


class RecordLink(BaseOperatorLink):
    """The record of a task's run, where ``outputs`` is served (``BYODKIM_RECORDS_URL``)."""

    name = "Record"

    def get_link(self, operator: Any, *, ti_key: Any) -> str:  # noqa: ARG002 - Airflow's signature
        """Return its page's address."""
        return str(getattr(operator, "link", ""))


class FleetOperator(BaseOperator):
    """Runs ``byodkim fleet`` for a lane.

    Args:
        lane: account and Region.
        project: the folder with ``notebooks/`` and ``byodkim.toml``, in which the command runs.
        command: byodkim's own command.
        records: address under which ``outputs`` of the project is served.
    """

    # What people typed is never taken for a template.
    template_fields = ()
    operator_extra_links = (RecordLink(),)

    def __init__(self, *, lane: Lane, project: str, command: str, records: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.lane, self.project, self.command, self.records = lane, Path(project), command, records
        self.link = ""
        self._running: Command | None = None

    def run(self, context: Any, what: str, given: dict[str, Any]) -> dict[str, Any]:
        """Run the command to its end, with what it prints in the task's log, and return what its journal says.

        Raises:
            AirflowException: the journal does not tell its end. A retry goes on from what stands.
        """
        params, ti = context["params"], context["ti"]
        record = self.project / OUTPUTS / f"{self.lane.name}-{what}-{datetime.now(UTC):%Y%m%dT%H%M%SZ}.ipynb"
        self.link = f"{self.records.rstrip('/')}/{record.stem}.html"
        words = {name: params[name] for name in WORDS if params[name]}
        given = {**words, **given, "profile": self.lane.profile, "region": self.lane.region}
        code = self._byodkim("fleet", "-o", str(record), "-f", "/dev/stdin", given=given)
        found = result(record)
        names, before = found.pop("records"), found.pop("taken_over")
        # Once anything was begun, there is a pause after it.
        summary = {"what": what, "at": datetime.now(UTC).isoformat() if names else "", "link": self.link}
        ti.xcom_push(key=SUMMARY, value=found | summary | {"failed": found["failed"][:LISTED]})
        if code == WRONG_INPUT:
            raise AirflowFailException(say("airflow", "wrong-input", params["language"]))
        if not found["outcome"]:
            raise AirflowException(say("airflow", "again", params["language"], record=record.name, code=code))
        # What an attempt before this one left, it may not have copied.
        names += [record.name, *(before if ti.try_number > 1 else ())]
        paths = [f"{OUTPUTS}/{name}" for name in names]
        if self.lane.archived and params["target"] == "aws" and self._byodkim("archive", *paths):
            raise AirflowFailException(say("airflow", "not-archived", params["language"], records=shlex.join(paths)))
        return found

    def _byodkim(self, *words: str, given: dict[str, Any] | None = None) -> int:
        """Run byodkim with the access that the account's Connection gives: its environment alone holds it."""
        connection, folder = None, self.project / OUTPUTS / ".airflow"
        with suppress(AirflowNotFoundException):
            connection = Connection.get(self.lane.connection)
        environment, profile = access.environment(os.environ, connection, folder)
        if given is not None and profile:
            given["aws_profile"] = profile
        lock = folder / f"{self.lane.name}.lock"
        self._running = Command([self.command, *words], self.project, lock, environment)
        return self._running.run(self.log.info, given)

    def on_kill(self) -> None:
        """Ask the command to stop, where Airflow stops the task; what is under way there comes to its end."""
        if self._running is not None:
            self._running.stop()


class PlanOperator(FleetOperator):
    """Plans a lane's part of the table.

    Args:
        lanes: all of them.
    """

    def __init__(self, *, lanes: list[Lane], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.lanes = lanes

    def execute(self, context: Any) -> list[dict[str, Any]]:
        """Return the waves of what is ready. What is not ready is told, and no failure.

        Raises:
            AirflowSkipException: the table has no identity of this lane.
            AirflowException: no identity at all could be looked at.
        """
        params = context["params"]
        language, given = params["language"], str(params["table"])
        text = (ObjectStoragePath(given) if "://" in given else self.project / given).read_text("utf-8")
        rows = lanes.part(text, self.lane, self.lanes, language)
        if not rows:
            raise AirflowSkipException(say("airflow", "no-rows", language))
        table = self.project / OUTPUTS / f"{self.lane.name}-{datetime.now(UTC):%Y%m%dT%H%M%SZ}.csv"
        table.parent.mkdir(parents=True, exist_ok=True)
        table.write_text(rows, "utf-8", newline="")
        found = self.run(context, "plan", {"identities": str(table), **{name: params[name] for name in PACE}})
        left = unready(self.project / OUTPUTS / found["record"], found["run"]) if found["counts"] else []
        lines = [
            f"- {row['domain']}: {say('fleet', 'group.' + row['group'], language)} {row['stopping']}" for row in left
        ]
        context["ti"].xcom_push(key="unready", value=lines[:LISTED])
        blind = not found["ready"] and found["counts"].get("unread")
        if blind or found["outcome"] not in ("PLANNED", "UNCHANGED"):
            raise AirflowException(say("airflow", "no-plan", language, outcome=found["outcome"]))
        count = lanes.waves(found["ready"], str(params["canary"]), params["wave"])
        one = {"of": count, "plan": found["run"]}
        return [{"number": number, "label": f"{number}/{count}", **one} for number in range(1, count + 1)]


class WaveOperator(FleetOperator):
    """Carries a lane's campaign on to the end of one of its waves.

    Args:
        wave: its number, of how many, and the plan run.
    """

    def __init__(self, *, wave: dict[str, Any], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.wave = wave

    def execute(self, context: Any, event: Any = None) -> str:
        """Return the outcome. Begun again, after a kill or a pause, it goes on from what stands.

        Raises:
            TaskDeferred: the pause after the wave before is not over, or SES has yet to verify an identity.
            AirflowSkipException: more identities have failed than may.
            AirflowFailException: nobody let the campaign go on, identities failed, or it was refused.
        """
        params, ti, wave = context["params"], context["ti"], self.wave
        language, answer = params["language"], ti.xcom_pull(task_ids="approve")
        if params["mode"] != "apply" or not approval.approves(answer):
            raise AirflowFailException(say("airflow", "no-go-ahead", language))
        before = (
            ti.xcom_pull(task_ids=self.task_id, map_indexes=ti.map_index - 1, key=SUMMARY) if ti.map_index else None
        )
        if before and before["halted"] == "failures":
            ti.xcom_push(key=SUMMARY, value=before | {"failed": [], "what": ""})
            raise AirflowSkipException(say("airflow", "stopped", language))
        if before and before["at"] and event is None:
            self._wait(datetime.fromisoformat(before["at"]) + timedelta(minutes=params["pause_minutes"]))
        last = wave["number"] if wave["number"] < wave["of"] else 0
        reason = approval.reason(params["reason"], answer, ti.run_id, language)
        given = {"mode": "apply", "approved": wave["plan"], "last_wave": last, "reason": reason}
        found = self.run(context, f"wave{wave['number']}", given)
        if found["halted"] == "pending":
            self._wait(datetime.now(UTC) + PENDING)
        if found["halted"] == "asked":
            raise AirflowException(say("airflow", "again", language, record=found["record"], code="-"))
        if found["outcome"] in FINAL:
            values = {"outcome": found["outcome"], "record": found["record"]}
            raise AirflowFailException(say("airflow", "final", language, **values))
        return str(found["outcome"])

    def _wait(self, until: datetime) -> None:
        """Leave the worker until then; the lane's pool stays taken."""
        if until > datetime.now(UTC):
            self.defer(trigger=DateTimeTrigger(until), method_name="execute")
