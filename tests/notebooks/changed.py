"""A record with one digit of what a step showed changed, and what a verification says of it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from tests.notebooks.runs import Ran, Runner
from tests.verification.made import save

BYODKIM = str(Path(sys.executable).with_name("byodkim"))


def verified(ran: Ran, step: str, home: Path) -> str:
    """Change the last digit that a step showed, in a copy; return the exit code and the words of ``byodkim verify``."""
    folder = ran.folder / f"off-{step}"
    folder.mkdir()
    for path in ran.path.parent.glob(f"{ran.path.stem}.*"):
        shutil.copy(path, folder)
    notebook = ran.notebook
    cell = next(one for one in notebook["cells"] if f"steps.{step}(" in "".join(one["source"]))
    data = cell["outputs"][-1]["data"]
    text = "".join(data["text/plain"])
    place = next((place for place in range(len(text) - 1, -1, -1) if text[place].isdigit()), len(text) - 1)
    changed = str((int(text[place]) + 1) % 10) if text[place].isdigit() else "!"
    data["text/plain"] = text[:place] + changed + text[place + 1 :]
    save(folder / ran.path.name, notebook)
    env = Runner(ran.folder, home).environment()
    words = [BYODKIM, "verify", folder.name]
    done = subprocess.run(words, cwd=ran.folder, env=env, capture_output=True, text=True, timeout=600)
    return f"{done.returncode} {done.stdout}"
