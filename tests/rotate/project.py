"""A project folder with a sandbox of its own, and whole runs in it.

``papermill`` and ``command`` start processes. ``run`` calls the notebook's steps in this process,
which takes a tenth of the time: for tables in which only the world differs.
"""

import contextlib
import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import pytest

from byodkim import settings, steps
from byodkim.errors import ByodkimError
from byodkim.launch import VARIABLE, Launch
from byodkim.policy import PERMISSIONS
from byodkim.record.events import AnyEvent, Checked, Closed, Interrupted, Requested
from byodkim.record.journal_file import read_journal
from byodkim.record.record import tell
from byodkim.record.sealing_key import load_sealing_key
from byodkim.record.verify import Report, verify_folder
from byodkim.sandbox.world import World, control
from byodkim.words import Sentence, speak
from tests.sandbox.tools import NEW, PUT, client

ROOT = Path(__file__).parents[2]
NOTEBOOK = ROOT / "notebooks" / "rotate.ipynb"
BIN = Path(sys.executable).parent
PROVE = pytest.mark.prove
#: Steps of the shorter procedures.
SHORT = ("observe", "check", "plan", "apply", "hand_over", "close")
STEPS_OF = {"retire": SHORT, "fleet": SHORT}
STEPS = ("observe", "prove", "check", "plan", "apply", "verify", "compare", "hand_over", "close")

#: S3 calls KMS, and a version or a missing object needs a permission of its own.
INDIRECT = {"Decrypt", "GenerateDataKey", "GetObjectVersion", "ListBucket"}
RENAMED = {"ListBucketVersions": "ListObjectVersions", "DeleteObjectVersion": "DeleteObject"}

#: What a test does to the world.
Change = Callable[["Project"], object]


class Result(NamedTuple):
    """How a run ended. ``code`` is papermill's exit code, or the one it would have been."""

    name: str
    code: int
    text: str
    events: tuple[AnyEvent, ...]

    @property
    def outcome(self) -> str:
        last = self.events[-1] if self.events else None
        return last.outcome if isinstance(last, Closed) else ""

    @property
    def headline(self) -> Sentence:
        last = self.events[-1]
        assert isinstance(last, Closed)
        return last.headline

    @property
    def checked(self) -> Checked:
        return next(each for each in reversed(self.events) if isinstance(each, Checked))

    @property
    def stopped_by(self) -> str:
        """Return ``CHECK VERDICT`` of the finding that stopped the run, or the error's kind."""
        interrupted = [each.kind for each in self.events if isinstance(each, Interrupted)]
        stopping = [each for each in self.checked.findings if each.stops] if not interrupted else []
        first = [f"{each.check} {each.verdict}" for each in stopping[:1]]
        return " ".join([*first, *interrupted])

    def require(self, outcome: str) -> None:
        """Require an outcome, with the exit code that belongs to it."""
        code = int(outcome in ("REFUSED", "FAILED"))
        assert (self.outcome, self.code) == (outcome, code), self.text

    def finding(self, check: str) -> Any:
        return next(each for each in self.checked.findings if each.check == check)

    def count(self, kind: type) -> int:
        return sum(isinstance(each, kind) for each in self.events)


class Project:
    """``folder`` has byodkim.toml and outputs/; ``state`` is where this person's key is."""

    def __init__(self, folder: Path, world: World, state: Path) -> None:
        self.folder, self.world, self.state = folder, world, state
        self.domain = world.domain
        self.target = "sandbox"
        self._started: list[subprocess.Popen[str]] = []
        self.outputs = folder / "outputs"
        self.outputs.mkdir()
        self.profile("")
        self.own(state)

    def name_of(self, selector: str) -> str:
        """Return the name of a key record."""
        return f"{selector}._domainkey.{self.domain}"

    def record(self, selector: str = NEW) -> str:
        """Return the right value of a key record."""
        entries = self.secret()["selectors"]
        values = {each["selector"]: each["dns_record"]["value"] for each in entries}
        return str(values[selector])

    # What there is

    @property
    def parameters(self) -> dict[str, str]:
        """Return the parameters of an apply run."""
        identity = {"domain": self.domain, "secret_id": self.world.secret_id}
        return {
            "selector": NEW,
            "target": self.target,
            "mode": "apply",
            "wait_minutes": "1",
        } | identity

    def words(self, **given: str) -> list[str]:
        """Return the parameters of an apply run as words of a command line."""
        return [word for pair in (self.parameters | given).items() for word in ("-r", *pair)]

    @property
    def environment(self) -> dict[str, str]:
        own = {each: value for each, value in os.environ.items() if not each.startswith("PYTEST")}
        return own | {"XDG_STATE_HOME": str(self.state)}  # ipykernel behaves otherwise in pytest

    def profile(self, text: str) -> None:
        (self.folder / "byodkim.toml").write_text(f"[default]\n{text}")

    def be_aws(self, environment: pytest.MonkeyPatch, more: str = "") -> None:
        """Let runs take the sandbox for AWS: account, endpoint and servers stand in the profile."""
        self.target = "aws"
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            environment.setenv(name, "sandbox")
        world = self.world
        self.profile(
            f'account = "{world.account}"\nregion = "{world.region}"\n'
            f'endpoint_url = "{world.endpoint_url}"\nkey_bucket = "{world.key_bucket}"\n'
            f"nameservers = {list(world.nameservers)}\nresolvers = {list(world.resolvers)}\n"
            f"ses_requests_per_second = 100\n{more}"
        )

    def own(self, state: Path) -> None:
        """Let the runs of a person attach this project's sandbox."""
        (state / "byodkim").mkdir(parents=True, exist_ok=True)
        (state / "byodkim" / "sandbox.json").write_bytes(msgspec.json.encode(self.world))

    def change(self, path: str, **body: object) -> Any:
        return control(self.world, path, **body)

    def calls(self, operation: str) -> list[dict[str, Any]]:
        return [each for each in self.change("calls") if each["operation"] == operation]

    @property
    def puts(self) -> int:
        """Return how many attempts to set a key reached SES."""
        return len(self.calls(PUT))

    def identity(self) -> dict[str, Any]:
        """Return what SES shows of the identity, without counting as an AWS call."""
        rows: list[dict[str, Any]] = self.change("status")
        return next(
            row
            for row in rows
            if (row["region"], row["IdentityName"]) == (self.world.region, self.domain)
        )

    @property
    def selector(self) -> str:
        return ",".join(self.identity()["Tokens"])

    def client(self, service: str) -> Any:
        return client(self.world, service)

    def secret(self) -> dict[str, Any]:
        answer = self.client("secretsmanager").get_secret_value(SecretId=self.world.secret_id)
        content: dict[str, Any] = json.loads(answer["SecretString"])
        return content

    def put_secret(self, content: object) -> None:
        text = content if isinstance(content, str) else json.dumps(content)
        self.client("secretsmanager").put_secret_value(
            SecretId=self.world.secret_id, SecretString=text
        )

    def path_of(self, selector: str) -> dict[str, str]:
        path = f"dkim-keys/{self.domain}/{selector}/private_key.pem"
        return {"Bucket": self.world.key_bucket, "Key": path}

    def versions(self, selector: str) -> list[dict[str, Any]]:
        """Return the versions of a key's object."""
        place = self.path_of(selector)
        found = self.client("s3").list_object_versions(Bucket=place["Bucket"], Prefix=place["Key"])
        return [{**place, "VersionId": each["VersionId"]} for each in found.get("Versions", ())]

    def pem(self, selector: str = NEW) -> bytes:
        data: bytes = self.client("s3").get_object(**self.path_of(selector))["Body"].read()
        return data

    # Runs

    def run(
        self,
        name: str = "run",
        before: Mapping[str, Change] | None = None,
        *,
        procedure: str = "rotate",
        **given: str,
    ) -> Result:
        """Run the notebook's steps in this process. ``before``: changes of the world by step."""
        changes = before or {}

        def change(step: str) -> None:
            changes.get(step, _nothing)(self)

        text = run_steps(procedure, self.outputs, name, self.parameters | given, change)
        return self.result(name, text=text)

    def papermill(
        self, name: str = "run", *options: str, notebook: Path = NOTEBOOK, **given: str
    ) -> Result:
        """Run plain papermill to its end."""
        process = self.start(name, *options, notebook=notebook, **given)
        return self.end(name, process)

    def start(
        self, name: str, *options: str, notebook: Path = NOTEBOOK, strike: str = "", **given: str
    ) -> subprocess.Popen[str]:
        """Start plain papermill. ``strike``: see ``strike.py``."""
        words = self.words(**given)
        command = [BIN / "papermill", notebook, f"outputs/{name}.ipynb", *words, *options]
        return self.popen(*command, strike=strike)

    def popen(self, *command: object, strike: str = "") -> subprocess.Popen[str]:
        struck = {"JUPYTER_PATH": str(Path(__file__).parent / "jupyter"), "STRIKE": strike}
        process = subprocess.Popen(
            list(map(str, command)),
            cwd=self.folder,
            env=self.environment | (struck if strike else {}),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._started.append(process)
        return process

    def stop(self) -> None:
        """End what a test that failed left running."""
        for process in self._started:
            if process.stdout and not process.stdout.closed:
                process.kill()
                process.communicate()

    def end(self, name: str, process: subprocess.Popen[str]) -> Result:
        text = process.communicate(timeout=60)[0]
        return self.result(name, process.returncode, text)

    def byodkim(self, *words: str) -> tuple[int, str]:
        process = self.popen(BIN / "byodkim", *words)
        text = process.communicate(timeout=60)[0]
        return process.returncode, text

    def result(self, name: str, code: int | None = None, text: str = "") -> Result:
        path = self.outputs / f"{name}.journal.jsonl"
        events = read_journal(path).events if path.exists() else ()
        if code is None:
            code = tell(events).exit_code if events else 2
        return Result(name, code, text, events)

    def require_policy(self, procedure: str, **given: str) -> None:
        """Require that the IAM policy allows what runs of either mode call, and nothing else."""
        for mode in ("plan", "apply"):
            self.change("forget")
            self.run(mode, None, procedure=procedure, mode=mode, **given)
            called = {each["operation"] for each in self.change("calls")}
            rows = [each for each in PERMISSIONS[procedure] if mode in each.modes]
            allowed = {each.action.partition(":")[2] for each in rows} - INDIRECT
            assert called - {"GetCallerIdentity"} == {RENAMED.get(each, each) for each in allowed}

    # What a record must be

    def verified(self) -> Report:
        return verify_folder(self.outputs, {load_sealing_key().public: "me"})

    def require_record(self, result: Result) -> None:
        """Require a closed, sealed and verified record with every file that it should have."""
        files = {each.name for each in self.outputs.iterdir()}
        assert result.outcome, result.text
        assert {f"{result.name}.{end}" for end in ("seal.json", "html")} <= files
        assert (f"{result.name}.csv" in files) == bool(result.count(Requested))
        report = self.verified()
        assert report.verified, [report.problems, [(run.name, run.why) for run in report.runs]]
        assert result.name in [run.name for run in report.runs if run.verdict == "VERIFIED"]


def often(several: Iterable[Any], *dear: Any) -> list[Any]:
    """Return all cases. Those that are not dear are left to ``make prove``."""
    return [each if each in dear else pytest.param(each, marks=PROVE) for each in several]


def cases(table: Mapping[str, Mapping[str, Change]], *dear: str) -> list[Any]:
    """Return every change with what it comes to, under which it stands in the table."""
    return [
        pytest.param(change, comes_to, id=name, marks=PROVE if dear and name not in dear else ())
        for comes_to, changes in table.items()
        for name, change in changes.items()
    ]


def alone(scenario: str = "ready") -> pytest.MarkDecorator:
    """Give a test a sandbox of its own, e.g. because it moves the clock."""
    return pytest.mark.parametrize("project", [scenario], indirect=True, ids=[""])


def run_steps(
    procedure: str,
    outputs: Path,
    name: str,
    parameters: Mapping[str, str],
    before: Callable[[str], object] | None = None,
) -> str:
    """Run a notebook's steps, and call ``before`` with each. Return the error's text."""
    with _signals_kept(), contextlib.redirect_stdout(io.StringIO()):
        try:
            read = settings.read(parameters, parameters)
            speak(read.language)
            settings.require(read, procedure)
            launch = Launch(os.getppid(), procedure, str(outputs), name, tuple(parameters), read)
            launch.hand_over()
            run = steps.begin(procedure, **steps.parameters())
            for step in STEPS_OF.get(procedure, STEPS):
                if before:
                    before(step)
                getattr(steps, step)(run)
        except ByodkimError as error:
            return str(error)
        finally:
            os.environ.pop(VARIABLE, None)
            speak("en")
    return ""


@contextlib.contextmanager
def _signals_kept() -> Iterator[None]:
    """Undo what closing a record does to this process's signals."""
    kept = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in kept.items():
            signal.signal(number, handler)


def _nothing(_project: Project) -> None:
    pass


# Changes of the world, for tables


def dns(selector: str = NEW, **body: object) -> Change:
    """Change what stands at the name of a key record."""
    return lambda project: project.change("dns", name=project.name_of(selector), **body)


def server(*servers: str, **body: object) -> Change:
    return lambda project: project.change("dns", servers=list(servers), **body)


def fault(operation: str, **body: object) -> Change:
    return lambda project: project.change("fault", operation=operation, **body)


def identity(**body: object) -> Change:
    return lambda project: project.change("identity", domain=project.domain, **body)


def ses(**body: object) -> Change:
    return lambda project: project.change("ses", **body)


def hours(count: float) -> Change:
    return lambda project: project.change("ses", advance_h=count)


def secret(content: object) -> Change:
    """Replace the secret's content."""
    return lambda project: project.put_secret(content)


def entry(selector: str = NEW, **fields: object) -> Change:
    """Replace fields of one entry of the secret; ``None`` removes them."""

    def change(project: Project) -> None:
        content = project.secret()
        for each in content["selectors"]:
            if each["selector"] == selector:
                each.update(fields)
        project.put_secret(content)

    return change


def single_entry(selector: str = NEW) -> Change:
    """Make the secret the run sheet's own: one entry."""

    def change(project: Project) -> None:
        entries = project.secret()["selectors"]
        project.put_secret(next(each for each in entries if each["selector"] == selector))

    return change


def stored(data: bytes, selector: str = NEW) -> Change:
    """Replace the private key's object."""
    return lambda project: project.client("s3").put_object(**project.path_of(selector), Body=data)


def removed(selector: str = NEW) -> Change:
    """Delete every version of the private key's object."""

    def change(project: Project) -> None:
        for version in project.versions(selector):
            project.client("s3").delete_object(**version)

    return change


def both(*changes: Change) -> Change:
    def change(project: Project) -> None:
        for each in changes:
            each(project)

    return change
