"""One papermill run as its caller sees it: exit code, words on standard error, the notebook and the files it left."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

ROOT = Path(__file__).parents[3]
#: In front of the installed package: papermill then finds the second edition's engine.
ENTRY = str(ROOT / "tests/second_edition/papermill")
PAPERMILL = str(Path(sys.executable).with_name("papermill"))
ENGINE = ("--engine", "byodkim")
HEADLINE = "steps.headline()"
JOURNAL = "application/vnd.byodkim.journal+json"
#: jupyter_client chooses the kernel's ports before the kernel takes them: another process may be faster. The run has
#: not begun then, unless the kernel is started again.
PORT_TAKEN = "ZMQError: Address already in use"
AWS = {
    "AWS_ACCESS_KEY_ID": "sandbox",
    "AWS_SECRET_ACCESS_KEY": "sandbox",
    "AWS_EC2_METADATA_DISABLED": "true",
}


def execute(command: list[str], folder: Path, **how: Any) -> subprocess.CompletedProcess[str]:
    """Run a command, again where its kernel's port was taken before it began."""
    there = {*folder.rglob("*.journal.jsonl")}
    for _ in range(3):
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=600, **how)
        if PORT_TAKEN not in done.stderr or there != {*folder.rglob("*.journal.jsonl")}:
            break
    return done


@dataclass(frozen=True)
class Ran:
    """Hold what a run left behind. ``calls`` and ``state`` are what the sandbox said when it had ended."""

    returncode: int
    stdout: str
    stderr: str
    path: Path
    files: frozenset[str]
    folder: Path = field(repr=False)

    @property
    def paragraph(self) -> str:
        """The last words on standard error: the error's paragraph."""
        return self.stderr.strip().splitlines()[-1]

    def said(self) -> list[str]:
        """Return what stands on standard error besides what papermill says of its work."""
        usual = ("Input Notebook: ", "Output Notebook: ", "Executing notebook with kernel: ")
        return [line for line in self.stderr.splitlines() if line and not line.startswith(usual)]

    def ending(self) -> list[tuple[str, str]]:
        """Return the named lines between outcome and record's path; all that is said is as the headline has it."""
        outcome, *lines, record = self.stdout.splitlines()
        first, *said = self.headline.splitlines()
        assert outcome == first
        place = [line for line in said if line.startswith("Rehearsal in a sandbox ")]
        assert lines[: len(place)] == place
        lines = lines[len(place) :]
        assert record.startswith("Record: ")
        assert self.path.samefile(self.folder / record.removeprefix("Record: "))
        named = [line.partition(": ") for line in lines]
        assert all(told in self.headline for _, _, told in named)
        return [(name, told) for name, _, told in named]

    @property
    def notebook(self) -> dict[str, Any]:
        """The output notebook."""
        notebook: dict[str, Any] = json.loads(self.path.read_text("utf-8"))
        return notebook

    @property
    def cells(self) -> list[dict[str, Any]]:
        """Its code cells, without papermill's own banner."""
        return [
            cell
            for cell in self.notebook["cells"]
            if cell["cell_type"] == "code" and "papermill-error-cell-tag" not in cell["metadata"].get("tags", [])
        ]

    def outputs(self, source: str) -> list[dict[str, Any]]:
        """The outputs of the cell whose text holds ``source``."""
        cell = next(cell for cell in self.cells if source in "".join(cell["source"]))
        outputs: list[dict[str, Any]] = cell["outputs"]
        return outputs

    def shown(self, source: str, kind: str = "text/plain") -> str:
        """Return what the cell shows, in one MIME type."""
        bundles = [output["data"] for output in self.outputs(source) if "data" in output]
        return "\n".join("".join(bundle.get(kind, "")) for bundle in bundles)

    @property
    def headline(self) -> str:
        """Return what stands at the record's top, as plain text."""
        return self.shown(HEADLINE)

    @property
    def outcome(self) -> str:
        """The headline's first word."""
        words = self.headline.split(maxsplit=1)
        assert words, f"no headline:\n{self.stderr}"
        return words[0]

    @property
    def everything(self) -> str:
        """All that the record shows, in plain text."""
        return "\n".join(self.shown("".join(cell["source"])) for cell in self.cells)

    @property
    def journal_path(self) -> Path:
        """The journal beside the record."""
        (path,) = (self.folder / name for name in self.files if name.endswith(".journal.jsonl"))
        return path

    @property
    def events(self) -> list[dict[str, Any]]:
        """The journal's lines, read by json and nothing else."""
        return [json.loads(line) for line in self.journal_path.read_text("utf-8").splitlines()]

    def event(self, name: str) -> dict[str, Any]:
        """The last event of that name."""
        return [event for event in self.events if event["event"] == name][-1]

    def has(self, name: str) -> bool:
        """Return whether the journal holds such an event."""
        return any(event["event"] == name for event in self.events)

    @property
    def code_sha256(self) -> tuple[str, str]:
        """A digest of the notebook's own code cells, and of those that were executed, by a reckoning of our own."""
        own = [cell for cell in self.cells if not "".join(cell["source"]).startswith("# Parameters")]
        executed = [cell for cell in own if cell["execution_count"]]
        texts = [["".join(cell["source"]) for cell in cells] for cells in (own, executed)]
        listed = [json.dumps(text, ensure_ascii=False, separators=(",", ":")) for text in texts]
        whole, part = (hashlib.sha256(text.encode()).hexdigest() for text in listed)
        return whole, part

    @property
    def verdicts(self) -> dict[str, str]:
        """The checks as they were made last: verdict by ID."""
        return {finding["id"]: finding["verdict"] for finding in self.event("checked")["findings"]}

    def failed(self) -> set[str]:
        """Return the checks that were made and did not pass."""
        return {name for name, verdict in self.verdicts.items() if verdict not in ("PASS", "SKIPPED")}


class Runner:
    """Runs the notebook of one project folder, each time to a new record.

    ``plain``: in an ipykernel, as papermill does by itself; otherwise by byodkim's engine, which takes half as long.
    """

    def __init__(self, folder: Path, home: Path, *, plain: bool = True) -> None:
        self.folder, self.home, self.plain, self._count = folder, home, plain, 0

    def environment(self, **more: str) -> dict[str, str]:
        """No settings but those given: neither AWS's nor Jupyter's of whoever runs the tests."""
        path = os.pathsep.join(filter(None, (more.get("PYTHONPATH"), ENTRY)))
        given = {**more, "PYTHONPATH": path}
        return {"PATH": os.environ["PATH"], "HOME": str(self.home), "LANG": "C.UTF-8", "TZ": "UTC", **given}

    def command(self, *words: str, name: str, notebook: str = "notebooks/rotate.ipynb") -> list[str]:
        """The command line."""
        return [PAPERMILL, notebook, name, "--no-progress-bar", *(() if self.plain else ENGINE), *words]

    def papermill(
        self,
        *words: str,
        name: str = "",
        folder: str = "",
        notebook: str = "notebooks/rotate.ipynb",
        env: dict[str, str] | None = None,
        stdin: IO[bytes] | None = None,
    ) -> Ran:
        """Runs it and waits for its end. ``folder`` is the working folder, below the project's."""
        self._count += 1
        name = name or f"outputs/{self._count}.ipynb"
        before = self.listed()
        here = self.folder / folder
        command, environment = self.command(*words, name=name, notebook=notebook), self.environment(**(env or {}))
        done = execute(command, here, env=environment, stdin=stdin)
        path = (here / name).resolve()
        return Ran(done.returncode, done.stdout, done.stderr, path, self.listed() - before, self.folder)

    def listed(self) -> frozenset[str]:
        """Every file of the project, by its path in it."""
        return frozenset(str(path.relative_to(self.folder)) for path in self.folder.rglob("*") if path.is_file())


def alone() -> bool:
    """Return whether a process may have a network of its own here."""
    try:
        return (
            subprocess.run(["unshare", "--map-root-user", "--net", "ip", "link"], capture_output=True).returncode == 0
        )
    except FileNotFoundError:
        return False
