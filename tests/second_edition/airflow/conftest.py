"""Apache Airflow in an environment of its own, with SQLite, beside a sandbox that stands in AWS's place."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.error import URLError

import psutil
import pytest

from second_edition.sandbox.client import Sandbox
from tests.second_edition.airflow.estate import ABROAD, ABROAD_KEY, Estate
from tests.second_edition.custody import spies

ROOT = Path(__file__).parents[3]
#: Made by ``make prove``, or named by who has one elsewhere.
AIRFLOW = Path(os.environ.get("AIRFLOW_VENV") or ROOT / ".venv-airflow") / "bin/airflow"
DAG = "byodkim_fleet"
LANE = "123456789012_ap-northeast-1"
PASSWORD = "of-a-test-alone"
SECRET = "aws-secret-of-a-test-and-of-nothing-else"
IDENTITIES = 6


# A mount namespace is Linux's, and root's.
_MOUNT = ["unshare", "--mount", "mount", "-o", "remount,bind", "/"]
collect_ignore = (
    []
    if shutil.which("unshare") and subprocess.run(_MOUNT, capture_output=True).returncode == 0
    else ["test_read_only_root.py"]
)


class Airflow:
    """Airflow's commands and REST API, for one project folder."""

    def __init__(self, folder: Path, estate: Estate) -> None:
        self.estate, self.project = estate, folder / "project"
        self.home, self.url = folder / "airflow", f"http://127.0.0.1:{_port()}"
        self.home.mkdir(parents=True)
        shutil.copytree(ROOT / "lib/second_edition/notebooks", self.project / "notebooks")
        estate.profile(self.project)
        self.seen = folder / "seen"  # who loaded what the variables of Airflow's processes name
        spies.modules(folder, self.seen, "sitecustomize", "usercustomize")
        (self.home / "passwords.json").write_text(json.dumps({"tanaka": PASSWORD}))
        self.env = {
            "PATH": f"{AIRFLOW.parent}:{os.environ['PATH']}", "HOME": str(folder), "LANG": "C.UTF-8", "TZ": "UTC",
            "AIRFLOW_HOME": str(self.home), "BYODKIM_RECORDS_URL": "https://records.example.jp/byodkim/",
            "BYODKIM_PROJECT": str(self.project), "BYODKIM_RETRY_SECONDS": "1",
            "BYODKIM_COMMAND": str(Path(sys.executable).with_name("byodkim-second-edition")),
            "XDG_STATE_HOME": os.environ["XDG_STATE_HOME"],
            "AWS_EC2_METADATA_DISABLED": "true",
            "LD_PRELOAD": str(spies.library(folder, self.seen)), "PYTHONPATH": str(folder), **self._settings(),
        }  # fmt: skip
        self._services: dict[str, subprocess.Popen[bytes]] = {}
        self._token = ""

    def _settings(self) -> dict[str, str]:
        sections: dict[str, dict[str, object]] = {
            "core": {
                "dags_folder": ROOT / "lib", "load_examples": False, "executor": "LocalExecutor",
                "parallelism": 3, "dags_are_paused_at_creation": False,
                "fernet_key": base64.urlsafe_b64encode(bytes(range(32))).decode(),
                "simple_auth_manager_users": "tanaka:admin",
                "simple_auth_manager_passwords_file": self.home / "passwords.json",
                "execution_api_server_url": f"{self.url}/execution/",
            },
            "api": {"port": self.url.rpartition(":")[2], "workers": 1},
            "api_auth": {"jwt_secret": "of-this-test-and-of-nothing-else-at-all-0123456789"},
            # A worker that was killed is missed after so many seconds; 300 unless set.
            "scheduler": {
                "task_instance_heartbeat_sec": 2, "task_instance_heartbeat_timeout": 15,
                "task_instance_heartbeat_timeout_detection_interval": 2,
            },
        }  # fmt: skip
        return {f"AIRFLOW__{part}__{name}".upper(): str(value)
                for part, settings in sections.items() for name, value in settings.items()}  # fmt: skip

    def run(self, *words: str, stdin: str = "", check: bool = True) -> str:
        """One command, to its end; what it prints."""
        done = subprocess.run(
            [AIRFLOW, *words], env=self.env, cwd=self.home, input=stdin, capture_output=True, text=True, timeout=600
        )
        assert done.returncode == 0 or not check, f"{words}: {done.stdout[-2000:]}{done.stderr[-2000:]}"
        return done.stdout

    def begin(self, *words: str) -> subprocess.Popen[bytes]:
        """One command, in the background; what it prints is among the logs."""
        with (self.home / f"{words[0]}.out").open("ab") as log:
            service = subprocess.Popen(
                [AIRFLOW, *words], env=self.env, cwd=self.home, stdout=log, stderr=log, start_new_session=True
            )
        self._services[words[0]] = service
        return service

    def scheduler(self) -> psutil.Process:
        """Its process."""
        return psutil.Process(self._services["scheduler"].pid)

    def end(self) -> None:
        """Ends all that was begun, and all that it began."""
        for service in self._services.values():
            if service.poll() is None:
                for process in (*psutil.Process(service.pid).children(recursive=True), psutil.Process(service.pid)):
                    process.kill()
                service.wait()

    def ask(self, path: str, method: str = "GET", body: object = None) -> Any:
        """Airflow's REST API, as the user tanaka."""
        if not self._token and not path.startswith("/auth"):
            login = {"username": "tanaka", "password": PASSWORD}
            self._token = self.ask("/auth/token", "POST", login)["access_token"]
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {self._token}"}
        content = None if body is None else json.dumps(body).encode()
        asked = urllib.request.Request(self.url + path, content, headers, method=method)
        with urllib.request.urlopen(asked, timeout=600) as answer:
            return json.loads(answer.read())

    def answers(self, path: str) -> bool:
        """Return whether the API server is there."""
        with contextlib.suppress(URLError):
            self.ask(path)
            return True
        return False

    def runs(self) -> list[dict[str, Any]]:
        """The DAG's runs, in their order."""
        found: list[dict[str, Any]] = self.ask(f"/api/v2/dags/{DAG}/dagRuns?order_by=run_after")["dag_runs"]
        return found

    def tasks(self, run: str) -> list[dict[str, Any]]:
        """The task instances of a run: ``task_id``, ``map_index``, ``state``, ``try_number``."""
        found: list[dict[str, Any]] = self.ask(f"/api/v2/dags/{DAG}/dagRuns/{run}/taskInstances?limit=100")[
            "task_instances"
        ]
        return found

    def state(self, run: str, task: str) -> list[str]:
        """The states of a task's instances."""
        return [one["state"] for one in self.tasks(run) if one["task_id"] == task]

    def answer(self, run: str, option: str) -> None:
        """What a person answers to the campaign's question."""
        where = f"/api/v2/dags/{DAG}/dagRuns/{run}/taskInstances/approve/-1/hitlDetails"
        self.ask(where, "PATCH", {"chosen_options": [option], "params_input": {}})

    def wait(self, what: Callable[[], Any], seconds: float = 600) -> Any:
        """Return what comes true in time."""
        ends = time.monotonic() + seconds
        while time.monotonic() < ends:
            if found := what():
                return found
            time.sleep(0.3)
        raise AssertionError(f"not in {seconds} s: {self.tail()}")

    def tail(self) -> str:
        """The last words of each service, for a failure."""
        told = {path.name: path.read_text("utf-8", "replace")[-1500:] for path in self.home.glob("*.out")}
        return "\n".join(f"{name}: {text}" for name, text in told.items())


def _port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@pytest.fixture(scope="session")
def airflow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Airflow]:
    """An Airflow whose database is made, with its API server."""
    with Sandbox.start("places") as sandbox:
        one = Airflow(tmp_path_factory.mktemp("fleet"), Estate(sandbox, IDENTITIES))
        try:
            one.run("db", "migrate")
            one.begin("api-server")
            command = [sys.executable, "-m", "second_edition.airflow"]
            env = {**os.environ, "BYODKIM_PROJECT": str(one.project)}
            pools = subprocess.run(command, env=env, capture_output=True, text=True, check=True)
            (one.home / "pools.json").write_text(pools.stdout)
            one.run("pools", "import", "pools.json")
            one.run("dags", "reserialize")
            for service in ("scheduler", "triggerer"):
                one.begin(service)
            one.wait(lambda: one.answers("/api/v2/version"))
            for account, key in ((LANE.partition("_")[0], "sandbox"), (ABROAD, ABROAD_KEY)):
                keys = {"conn_type": "aws", "login": key, "password": SECRET}
                one.ask("/api/v2/connections", "POST", {"connection_id": f"byodkim_{account}", **keys})
            yield one
        finally:
            one.end()
