"""The rollback by the text of a record: found as a reader finds it, and run as it stands."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from html import unescape
from pathlib import Path

from second_edition.launch.command_line import main
from tests.second_edition.notebooks import outside
from tests.second_edition.notebooks.runs import ENTRY, Ran
from tests.second_edition.notebooks.stage import Stage
from tests.second_edition.notebooks.wire import Wire, refuse

CURRENT, NEXT = "mail-20260912-1", "mail-20261124-1"
PROGRAMS = Path(sys.executable).parent
WAIVED = ("-p", "waive", "DNS-PUBLISHED: agreed with the DNS team", "-p", "wait_minutes", "0")
DENIED = refuse(403, "AccessDeniedException")
LOOKS = "GetEmailIdentity"
# Not what is said of a write that SES may not show yet: "while it shows ..., there is nothing to roll back".
NOTHING = re.compile(r"(?<!there is\s)nothing to roll back|戻すものはありません|no run signed by a trusted key")


class Scene:
    """A stage whose wire to AWS can be made to break."""

    def __init__(self, stage: Stage, wire: Wire) -> None:
        self.stage, self.wire, self.sandbox = stage, wire, stage.sandbox
        self.words = ("-p", "target", "sandbox", "-p", "endpoint_url", wire.url)

    def plan(self, *words: str, selector: str = NEXT) -> Ran:
        return self.stage.runner.papermill(*self.words, "-r", "selector", selector, *words)

    def apply(self, *words: str) -> Ran:
        return self.plan("-p", "mode", "apply", *words)

    def profile(self, line: str) -> None:
        (self.stage.folder / "byodkim.toml").write_text(f"[default]\n{line}\n")

    def shell(self, line: str) -> subprocess.CompletedProcess[str]:
        """A line as somebody pastes it into a shell in the project's folder."""
        path = os.pathsep.join([ENTRY, str(PROGRAMS), os.environ["PATH"]])
        return subprocess.run(
            ["/bin/sh", "-c", line], cwd=self.stage.folder, env=self.stage.runner.environment(PATH=path),
            capture_output=True, text=True, timeout=600,
        )  # fmt: skip


@dataclass(frozen=True)
class Told:
    """Hold what a story's record says at its top, and how the world was; and both once its rollback was gone.

    ``line`` is the command of the rollback, "" where the record gives none: then nothing was run. ``puts`` are the
    writes that SES took: until then, and in the end.
    """

    text: str
    line: str
    code: int
    came: str
    puts: tuple[int, int]
    selector: str
    status: str
    signed: str
    verifies: bool
    verified: bool


def way_back(text: str) -> str:
    """The command under the heading, as it stands; "" where there is none."""
    found = re.search(r"^(?:Rollback|切り戻し)\n((?:(?!Next$|次の作業$).*\n)*)", text + "\n", re.MULTILINE)
    lines = found[1].splitlines() if found else []
    return next((line for line in lines if line.startswith("papermill ")), "")


def on_page(page: str) -> str:
    """A record's page as its text, a line for each element."""
    return unescape(re.sub(r"\n\s*\n+", "\n", re.sub(r"<[^>]+>", "\n", page)))


def gone_back(tell: Callable[[Scene], str]) -> Callable[[Stage], Told]:
    """A story: what ``tell`` plays, and then the rollback by the text of the record that it gives."""

    def story(stage: Stage) -> Told:
        with Wire(stage.sandbox.facts.endpoint_url, {}) as wire:
            scene = Scene(stage, wire)
            text = tell(scene)
            wire.faults, wire.after_put = {}, {}
            puts, line = len(stage.puts), way_back(text)
            code, came = 0, ""
            if line:
                done = scene.shell(line)
                path = stage.folder / shlex.split(line)[2]
                ran = Ran(done.returncode, done.stdout, done.stderr, path, frozenset(), stage.folder)
                code, came = done.returncode, ran.headline
        facts, identity = stage.sandbox.facts, stage.identity
        message = outside.delivered(facts)
        signed, verifies = outside.signatures(message)[0], outside.verifies(facts, message, 0)
        key = stage.runner.home / ".local/state/byodkim/sealing-key.pub.pem"
        verified = main(["verify", "--key", str(key), str(stage.folder / "outputs")]) == 0
        return Told(
            text, line, code, came, (puts, len(stage.puts)), identity["selectors"][0], identity["status"],
            signed["s"], verifies, verified,
        )  # fmt: skip

    return story
