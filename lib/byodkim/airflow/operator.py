"""One run of ``rotate.ipynb`` as a task of Airflow: a PapermillOperator that knows what a run comes to."""

from __future__ import annotations

import contextlib
import subprocess
from pathlib import Path
from typing import Any

from airflow.exceptions import AirflowException, AirflowFailException, AirflowSkipException
from airflow.providers.papermill.operators.papermill import PapermillOperator

from byodkim.airflow import campaign
from byodkim.airflow.campaign import Place, Result
from byodkim.airflow.table import Row
from byodkim.messages import Language, say

LONGEST = 1000  # characters of a text in a record


class RotateOperator(PapermillOperator):
    """Runs the notebook for one row of the table, and tells what its journal says.

    Args:
        row: of the table.
        mode: ``plan`` or ``apply``.
        place: account and Region.
        project: the folder with ``notebooks/`` and ``byodkim.toml``; runs have it as their working folder.
        records: where records go, from there.
        command: byodkim's own command, which copies finished records to S3.
        waves: ids of all tasks that apply, whose failures are counted.
    """

    # What people typed is never taken for a template.
    template_fields = ()

    def __init__(
        self,
        *,
        row: Row,
        mode: str,
        place: Place,
        project: str,
        records: str,
        command: str,
        waves: tuple[str, ...] = (),
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.row, self.mode, self.place = row, mode, place
        self.project, self.records, self.command, self.waves = project, records, command, waves

    def execute(self, context: Any) -> Result:
        """Runs it. What it came to is told to Airflow in any case, also where the task then fails."""
        ti, params = context["ti"], context["params"]
        language: Language = params["language"]
        go_ahead = self._go_ahead(context, language) if self.mode == "apply" else None
        name = campaign.record_name(self.row["domain"], ti.run_id, self.mode, ti.try_number)
        record = Path(self.project, self.records, name)
        if record.exists():
            raise AirflowFailException(say("airflow", "exists", language, record=record))
        record.parent.mkdir(parents=True, exist_ok=True)
        self.input_nb, self.output_nb = str(Path(self.project, "notebooks/rotate.ipynb")), str(record)
        self.parameters = self._parameters(params, record, go_ahead, ti)
        failed = ""
        try:
            # A task has a process of its own. The kernel's working folder, in which the profile is found, is ours.
            with contextlib.chdir(self.project):
                super().execute(context)
        except Exception as error:  # noqa: BLE001 - a failed cell or a dead kernel: the journal says what is known
            failed = type(error).__name__
        found = campaign.told(record, self.row["domain"])
        ti.xcom_push(key="return_value", value=found)
        self.log.info(say("airflow", "came-to", language, **{**found, "outcome": found["outcome"] or "-"}))
        values = {**found, "outcome": found["outcome"] or "-", "error": failed or "-"}
        if found["outcome"] in campaign.FINAL:
            raise AirflowFailException(say("airflow", "final", language, **values)) from None
        if failed or found["outcome"] not in campaign.GOOD[self.mode]:
            raise AirflowException(say("airflow", "again", language, **values)) from None
        self._archive(record, language)
        return found

    def _go_ahead(self, context: Any, language: Language) -> dict[str, Any]:
        """Return who said that the campaign may go on, and when.

        Raises:
            AirflowFailException: nobody did.
            AirflowSkipException: too many runs of the campaign have failed meanwhile.
        """
        ti, params = context["ti"], context["params"]
        said = ti.xcom_pull(task_ids="approve")
        if not said or said["chosen_options"] != ["Approve"] or params["mode"] != "apply":
            raise AirflowFailException(say("airflow", "no-go-ahead", language))
        if (count := failures(ti, self.waves)) > params["stop_after"]:
            raise AirflowSkipException(say("airflow", "stopped", language, count=count, most=params["stop_after"]))
        return dict(said)

    def _parameters(self, params: Any, record: Path, go_ahead: dict[str, Any] | None, ti: Any) -> dict[str, str]:
        given = dict(self.row)
        given |= {name: str(params[name]) for name in ("reason", "ticket", "requested_by", "target", "language")}
        given |= {"mode": self.mode, "region": self.place.region, "endpoint_url": str(params["endpoint_url"])}
        if go_ahead is not None:
            user = go_ahead.get("responded_by_user") or {}
            who = user.get("name") or user.get("id") or "?"
            said = say("airflow", "go-ahead", params["language"], who=who, at=go_ahead["responded_at"], run=ti.run_id)
            given["reason"] = f"{given['reason'][: LONGEST - len(said) - 2]}; {said}".removeprefix("; ")
            given["approved"] = campaign.approved_plans(ti.xcom_pull(task_ids="summary")["plans"], self.row["domain"])
        # What papermill's command line tells with --inject-paths: where the journal goes, beside the record.
        paths = {"PAPERMILL_INPUT_PATH": str(self.input_nb), "PAPERMILL_OUTPUT_PATH": str(record)}
        # What is left empty is the profile's: not given at all, the record tells so.
        return {name: value for name, value in given.items() if value} | paths

    def _archive(self, record: Path, language: Language) -> None:
        """Copies the finished notebook, where the profile asks for copies: the run itself could only copy its journal.

        Raises:
            AirflowException: something is still missing. What the run came to stands; the next attempt makes up for it.
        """
        if self.row["profile"] not in self.place.archived or self.parameters.get("target") != "aws":
            return
        done = subprocess.run(
            [self.command, "archive", str(record)], cwd=self.project, capture_output=True, text=True, check=False
        )
        self.log.info("%s", done.stdout + done.stderr)
        if done.returncode:
            raise AirflowException(say("airflow", "not-archived", language, record=record))


def failures(ti: Any, tasks: tuple[str, ...]) -> int:
    """Return how many runs of the campaign have failed for good, of these tasks."""
    return int(ti.get_ti_count(dag_id=ti.dag_id, run_ids=[ti.run_id], task_ids=list(tasks), states=["failed"]))
