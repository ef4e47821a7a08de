"""A real Airflow on loopback: API server, scheduler with LocalExecutor, triggerer, SQLite."""

import base64
import contextlib
import json
import os
import subprocess
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.error import URLError

import psutil

from tests.dns.daemons import free_port

ROOT = Path(__file__).parents[2]
#: `make prove` makes it. AIRFLOW_VENV names another one.
BIN = Path(os.environ.get("AIRFLOW_VENV") or ROOT / ".venv-airflow") / "bin"
LANE = "123456789012_ap-northeast-1"
DAG = f"byodkim_fleet_{LANE}"
POOL = f"byodkim_{LANE}"
USER, PASSWORD = "tanaka", "password-of-a-test"


class Airflow:
    """Airflow's commands and its REST API.

    Args:
        folder: where Airflow keeps everything.
        project: the folder in which byodkim runs.
        command: path of ``byodkim``.
    """

    def __init__(self, folder: Path, project: Path, command: Path) -> None:
        self.home, self.project, self.command = folder, project, command
        self.url = f"http://127.0.0.1:{free_port()}"
        self.home.mkdir()
        (self.home / "passwords.json").write_text(json.dumps({USER: PASSWORD}))
        self.env = {
            "PATH": f"{BIN}:{os.environ['PATH']}",
            "HOME": str(folder.parent),
            "LANG": "C.UTF-8",
            "AIRFLOW_HOME": str(self.home),
            "BYODKIM_LANES": LANE,
            **self._settings(),
            "AIRFLOW_VAR_BYODKIM_PROJECT": str(project),
            "AIRFLOW_VAR_BYODKIM_COMMAND": str(command),
        }
        self._services: list[subprocess.Popen[bytes]] = []
        self._token = ""

    def _settings(self) -> dict[str, str]:
        sections: dict[str, dict[str, object]] = {
            "core": {
                "dags_folder": ROOT / "deploy" / "airflow",
                "load_examples": False,
                "executor": "LocalExecutor",
                "parallelism": 3,
                "dags_are_paused_at_creation": False,
                "fernet_key": base64.urlsafe_b64encode(bytes(range(32))).decode(),
                "simple_auth_manager_users": f"{USER}:admin",
                "simple_auth_manager_passwords_file": self.home / "passwords.json",
                "execution_api_server_url": f"{self.url}/execution/",
            },
            "api": {"host": "127.0.0.1", "port": self.url.rpartition(":")[2], "workers": 1},
            "api_auth": {"jwt_secret": "secret-of-a-test-" * 4},
            # How soon the scheduler misses a killed worker: 300 s by default.
            "scheduler": {
                "task_instance_heartbeat_sec": 2,
                "task_instance_heartbeat_timeout": 10,
                "task_instance_heartbeat_timeout_detection_interval": 2,
            },
        }
        return {
            f"AIRFLOW__{section}__{name}".upper(): str(value)
            for section, values in sections.items()
            for name, value in values.items()
        }

    def start(self) -> None:
        """Make the database and the pool, and start the services."""
        self.run("db", "migrate")
        self.run("pools", "set", POOL, "1", "byodkim")
        self.run("dags", "reserialize")
        for service in ("api-server", "scheduler", "triggerer"):
            with (self.home / f"{service}.out").open("ab") as log:
                self._services.append(
                    subprocess.Popen(
                        [BIN / "airflow", service],
                        env=self.env,
                        cwd=self.home,
                        stdout=log,
                        stderr=log,
                        start_new_session=True,
                    )
                )
        self.wait(self._answers)

    def stop(self) -> None:
        """End the services and everything that they started."""
        for service in self._services:
            with contextlib.suppress(psutil.NoSuchProcess):
                process = psutil.Process(service.pid)
                for each in (*process.children(recursive=True), process):
                    each.kill()
            service.wait()

    def run(self, *words: str) -> str:
        """Return what one of Airflow's commands prints."""
        done = subprocess.run(
            [BIN / "airflow", *words], env=self.env, cwd=self.home, capture_output=True, text=True
        )
        assert done.returncode == 0, f"{words}: {done.stdout[-2000:]}{done.stderr[-2000:]}"
        return done.stdout

    def byodkim(self, *words: str) -> str:
        """Return what the command prints, run in the project as a person would."""
        done = subprocess.run(
            [self.command, *words], env=self.env, cwd=self.project, capture_output=True, text=True
        )
        assert done.returncode == 0, f"{words}: {done.stdout}{done.stderr}"
        return done.stdout

    def ask(self, path: str, method: str = "GET", body: object = None) -> Any:
        """Return the answer of Airflow's REST API."""
        if not self._token and not path.startswith("/auth"):
            login = {"username": USER, "password": PASSWORD}
            self._token = self.ask("/auth/token", "POST", login)["access_token"]
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {self._token}"}
        content = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, content, headers, method=method)
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.loads(answer.read())

    def _answers(self) -> bool:
        with contextlib.suppress(URLError):
            self.ask("/api/v2/version")
            return True
        return False

    def wait(self, what: Callable[[], Any], seconds: float = 180) -> Any:
        """Return what comes true, as soon as it does."""
        ends = time.monotonic() + seconds
        while time.monotonic() < ends:
            if found := what():
                return found
            time.sleep(0.3)
        logs = [f"{path.name}: {path.read_text()[-1500:]}" for path in self.home.glob("*.out")]
        raise AssertionError("\n".join([f"not in {seconds} s", *logs]))

    def process_of(self, *words: str) -> psutil.Process | None:
        """Return the process with these words in its command line, of those that run now."""
        for service in self._services:
            for process in psutil.Process(service.pid).children(recursive=True):
                with contextlib.suppress(psutil.Error):
                    if {*words} <= {*process.cmdline()}:
                        return process
        return None


class DagRun:
    """One run of the DAG."""

    def __init__(self, airflow: Airflow, **conf: object) -> None:
        self._airflow = airflow
        body = {"logical_date": None, "conf": conf}
        made = airflow.ask(f"/api/v2/dags/{DAG}/dagRuns", "POST", body)
        self._path = f"/api/v2/dags/{DAG}/dagRuns/{made['dag_run_id']}"
        self.id = made["dag_run_id"]

    @classmethod
    def approved(cls, airflow: Airflow, **conf: object) -> "DagRun":
        """Start a run, and have a person let it go on."""
        run = cls(airflow, **conf)
        run.wait_for_question()
        run.answer("Approve")
        return run

    def tasks(self, task: str) -> list[dict[str, Any]]:
        """Return the instances of a task, in the order of the waves."""
        answer = self._airflow.ask(f"{self._path}/taskInstances?limit=100")["task_instances"]
        found = [each for each in answer if each["task_id"] == task]
        return sorted(found, key=lambda each: int(each["map_index"]))

    def states(self, task: str) -> list[str]:
        """Return the states of a task's instances."""
        return [each["state"] for each in self.tasks(task)]

    def wait_for_question(self) -> str:
        """Wait for the question to a person, and return its text."""
        airflow = self._airflow
        airflow.wait(lambda: self.states("approve") == ["awaiting_input"])
        # Airflow fails a question that is answered before its scheduler knows that it was asked.
        log = airflow.home / "scheduler.out"

        def is_known() -> bool:
            lines = [line for line in log.read_text().splitlines() if "executor event" in line]
            return any("'approve'" in line and self.id in line for line in lines)

        airflow.wait(is_known)
        return str(airflow.ask(f"{self._path}/taskInstances/approve/-1/hitlDetails")["body"])

    def answer(self, option: str) -> None:
        """Answer the question: Approve or Reject."""
        path = f"{self._path}/taskInstances/approve/-1/hitlDetails"
        self._airflow.ask(path, "PATCH", {"chosen_options": [option], "params_input": {}})

    def end(self, seconds: float = 240) -> str:
        """Wait for the end of the run, and return its state."""

        def state() -> str:
            found = str(self._airflow.ask(self._path)["state"])
            return found if found in ("success", "failed") else ""

        return str(self._airflow.wait(state, seconds))

    def mark_failed(self, task: str, index: int) -> None:
        """Have Airflow stop a task, as a person does."""
        path = f"{self._path}/taskInstances/{task}/{index}"
        self._airflow.ask(path, "PATCH", {"new_state": "failed"})

    def clear_failed(self) -> None:
        """Have the tasks that failed, and those after them, begin again."""
        body = {"dry_run": False, "dag_run_id": self.id, "only_failed": True}
        self._airflow.ask(f"/api/v2/dags/{DAG}/clearTaskInstances", "POST", body)

    def kill_worker(self, command: psutil.Process) -> None:
        """Kill the worker and the task that run a command, and wait until the command ends, too."""
        task = command.parent()
        assert task is not None
        worker = task.parent()
        assert worker is not None
        worker.kill()
        task.kill()
        command.wait(20)

    def log(self, task: str, attempt: int = 1, index: int = -1) -> str:
        """Return the log of a task as Airflow shows it."""
        path = f"{self._path}/taskInstances/{task}/logs/{attempt}?map_index={index}"
        return "\n".join(str(line["event"]) for line in self._airflow.ask(path)["content"])
