"""One DAG for each account and Region: plan a table, ask a person, switch wave after wave.

The DAG needs nothing of byodkim but its command line. Copy the file into the DAGs folder.
docs/en/fleet.md describes set-up and use.

Environment, read where DAGs are parsed:
    BYODKIM_LANES: accounts with Regions, separated by spaces, e.g. ``123456789012_ap-northeast-1``.
        Each has a DAG ``byodkim_fleet_LANE`` and needs a pool ``byodkim_LANE`` with one slot.

Airflow Variables, read by each task:
    byodkim_project: folder of byodkim.toml, ``notebooks`` and ``outputs``.
    byodkim_command: path of the command, if it is not ``byodkim`` on the worker's PATH.
"""

from __future__ import annotations

import ctypes
import os
import re
import signal
from collections import deque
from datetime import UTC, datetime, timedelta
from subprocess import PIPE, Popen
from typing import Any, Final

from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.providers.standard.operators.hitl import ApprovalOperator
from airflow.providers.standard.triggers.temporal import DateTimeTrigger
from airflow.sdk import DAG, BaseOperator, Param
from airflow.sdk.exceptions import AirflowException, AirflowFailException, AirflowSkipException

#: Exit codes that another attempt would only repeat. After any other, the task is tried again.
FINAL: Final = {
    1: "A person must look. The last lines above say why.",
    2: "Wrong input. Nothing was written.",
}
#: Parameters of the DAG that every command gets if they are set.
PASSED_ON: Final = ("target", "ticket", "requested_by")
#: Lines of the plan that the question shows.
SHOWN_LINES: Final = 15
#: When a wave looks again while the wave before waits for its retry.
LOOK_AGAIN: Final = timedelta(seconds=30)
#: Variables for Airflow's own Python, some of them secret. The command does not get them.
OF_AIRFLOW: Final = ("AIRFLOW", "_AIRFLOW", "PYTHON", "VIRTUAL_ENV")
#: Option of Linux's prctl: the signal that a process gets when its parent ends.
PR_SET_PDEATHSIG: Final = 1


class Fleet(BaseOperator):
    """Run ``byodkim fleet`` in the project's folder and show its progress in the task's log."""

    template_fields = ("project", "command")

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.project = "{{ var.value.byodkim_project }}"
        self.command = "{{ var.value.get('byodkim_command', 'byodkim') }}"
        self.process: Popen[str] | None = None

    def fleet(self, context: Any, *words: str) -> tuple[str, str]:
        """Return the command's last line of standard output, and its last lines of progress.

        Raises:
            AirflowFailException: a person must act before another attempt.
            AirflowException: the command was killed. The same command completes it.
        """
        params = context["params"]
        given = [word for name in PASSED_ON if params[name] for word in ("-r", name, params[name])]
        command = [self.command, "fleet", "-r", "table", params["table"], *given, *words]
        environment = {
            name: value for name, value in os.environ.items() if not name.startswith(OF_AIRFLOW)
        }
        last_lines: deque[str] = deque(maxlen=SHOWN_LINES)
        with Popen(
            command, cwd=self.project, env=environment, text=True, encoding="utf-8",
            errors="replace", stdout=PIPE, stderr=PIPE, preexec_fn=end_with_task,
        ) as self.process:  # fmt: skip
            for line in self.process.stderr or ():
                self.log.info("%s", line.rstrip())
                last_lines.append(line.rstrip())
            printed = self.process.stdout.read() if self.process.stdout else ""
        code = self.process.returncode
        if code in FINAL:
            raise AirflowFailException(FINAL[code])
        if code:
            raise AirflowException(f"The command ended with {code}; a retry completes it.")
        return (printed.splitlines() or [""])[-1], "\n".join(last_lines)

    def on_kill(self) -> None:
        """Interrupt the command when Airflow stops the task: it begins no more and closes its
        record.
        """
        if self.process:
            self.process.send_signal(signal.SIGINT)


class Plan(Fleet):
    """Plan the table and return the numbers of its waves."""

    def execute(self, context: Any) -> list[int]:
        """Return 1 for the canary wave, 2 for the next, and so on.

        Raises:
            AirflowSkipException: every identity signs with its selector already.
            AirflowException: the command did not say how many waves there are.
        """
        printed, ending = self.fleet(context)
        waves = re.fullmatch(r"waves (\d+)", printed)
        if not waves:
            raise AirflowException(f"The command printed {printed!r} instead of the waves.")
        if waves[1] == "0":
            raise AirflowSkipException("There is nothing to switch.")
        context["ti"].xcom_push(key="ending", value=ending)
        return list(range(1, int(waves[1]) + 1))


class Wave(Fleet):
    """Switch the identities of one wave, once the wave before has ended and the pause is over.

    Args:
        number: 1 for the canary wave.
    """

    def __init__(self, *, number: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.number = number

    def execute(self, context: Any, event: Any = None) -> str:  # noqa: ARG002 - Airflow's way
        """Return the time at which the wave ended, as ISO 8601. ``event``: a pause is over.

        Raises:
            AirflowFailException: nobody approved the plan, an earlier wave did not end well, or
                this one needs a person.
        """
        ti, answer = context["ti"], context["ti"].xcom_pull(task_ids="approve")
        if not answer or answer["chosen_options"] != [ApprovalOperator.APPROVE]:
            raise AirflowFailException("Nobody answered the question of task approve.")
        self.wait_for_turn(ti, timedelta(minutes=context["params"]["pause_minutes"]))
        user = answer["responded_by_user"] or {}
        answered = f"Airflow user {user.get('name') or 'unknown'}, {answer['responded_at']}"
        reason = "; ".join(filter(None, (context["params"]["reason"], f"approved by {answered}")))
        self.fleet(
            context, "-r", "mode", "apply", "-r", "wave", str(self.number), "-r", "reason", reason
        )
        return datetime.now(UTC).isoformat()

    def wait_for_turn(self, ti: Any, pause: timedelta) -> None:
        """Leave the worker and its slot until the wave before has ended and the pause is over.

        Airflow orders mapped tasks but goes on after a failure and during a retry. Waves do not.

        Raises:
            AirflowFailException: an earlier wave failed.
        """
        states = ti.get_task_states(ti.dag_id, task_ids=[self.task_id], run_ids=[ti.run_id])
        before = [states[ti.run_id][f"{self.task_id}_{index}"] for index in range(ti.map_index)]
        if not {"failed", "skipped", "upstream_failed", "removed"}.isdisjoint(before):
            raise AirflowFailException("An earlier wave did not end well: this one is not started.")
        now = begins = datetime.now(UTC)
        if any(state != "success" for state in before):
            begins = now + LOOK_AGAIN
        elif before and (ended := ti.xcom_pull(self.task_id, map_indexes=ti.map_index - 1)):
            begins = datetime.fromisoformat(ended) + pause
        if begins > now:
            self.log.info("This wave waits until %s.", begins.isoformat(timespec="seconds"))
            self.defer(trigger=DateTimeTrigger(begins), method_name="execute")


def end_with_task() -> None:
    """Have Linux interrupt the command, as Ctrl-C does, when the task's process is killed.

    Otherwise it would go on unseen while the next attempt begins.
    """
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # Airflow may have had it ignored
    prctl = getattr(ctypes.CDLL(None), "prctl", None)
    if prctl:
        prctl(PR_SET_PDEATHSIG, signal.SIGINT)


def lanes() -> list[str]:
    """Return the accounts with Regions of BYODKIM_LANES.

    Raises:
        ValueError: the variable is missing or holds something else.
    """
    found = os.environ.get("BYODKIM_LANES", "").split()
    if not found or not all(re.fullmatch(r"\d{12}_[a-z0-9-]+", lane) for lane in found):
        raise ValueError("Set BYODKIM_LANES, e.g. to 123456789012_ap-northeast-1.")
    return found


TEXT: Final[dict[str, Any]] = {"type": "string", "maxLength": 600}
PARAMS: Final = {
    "table": Param("fleet.csv", type="string", pattern=r"^[\w./-]+\.csv$"),
    "pause_minutes": Param(15, type="integer", minimum=0, description="Minutes between two waves"),
    "target": Param("aws", enum=["aws", "sandbox"]),
    "ticket": Param("", **TEXT),
    "requested_by": Param("", **TEXT),
    "reason": Param("", **TEXT),
}
QUESTION: Final = """\
The plan ended with these lines. Its record names every identity and why it is ready or not.

```text
{{ ti.xcom_pull(task_ids='plan', key='ending') }}
```

If the profile asks for signed approvals, they must lie beside the record before you answer.
"""
for lane in lanes():
    with DAG(
        f"byodkim_fleet_{lane}", schedule=None, catchup=False, max_active_runs=1, params=PARAMS,
        tags=["byodkim"], doc_md=__doc__, default_args={"retry_delay": timedelta(seconds=30)},
    ):  # fmt: skip
        plan = Plan(task_id="plan", pool=f"byodkim_{lane}", retries=2)
        approve = ApprovalOperator(
            task_id="approve",
            subject="Switch the identities of {{ params.table }}?",
            body=QUESTION,
            response_timeout=timedelta(days=7),
        )
        waves = Wave.partial(
            task_id="wave",
            pool=f"byodkim_{lane}",
            retries=3,
            max_active_tis_per_dagrun=1,
            map_index_template="wave {{ task.number }}{{ ' (canary)' if task.number == 1 }}",
        ).expand(number=plan.output)
        plan >> approve >> waves >> EmptyOperator(task_id="end")
