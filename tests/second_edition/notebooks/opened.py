"""The notebook opened as in JupyterLab: a kernel in the notebook's folder, cells edited and run one by one."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jupyter_client.manager import KernelManager

TIMEOUT_S = 600


@dataclass
class Executed:
    """Hold what a cell came to: the error's class and text ("" where there is none), and what it showed."""

    error: str = ""
    paragraph: str = ""
    shown: list[dict[str, Any]] = field(default_factory=list)
    updated: list[dict[str, Any]] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "\n".join(bundle.get("text/plain", "") for bundle in self.shown)

    @property
    def headline(self) -> str:
        """Return what the cell put in the headline's place."""
        return str(self.updated[-1].get("text/plain", "")) if self.updated else ""


class Opened:
    """A kernel with the notebook of a project folder."""

    def __init__(self, folder: Path, env: dict[str, str]) -> None:
        self.folder, path = folder, folder / "notebooks" / "rotate.ipynb"
        notebook = json.loads(path.read_text("utf-8"))
        self.cells = ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code"]
        self._manager = KernelManager(kernel_name="python3")
        self._manager.start_kernel(cwd=str(path.parent), env={**env, "JPY_SESSION_NAME": str(path)})
        self.client = self._manager.blocking_client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=TIMEOUT_S)

    def close(self) -> None:
        """Ends the kernel."""
        self.client.stop_channels()
        self._manager.shutdown_kernel(now=True)
        self._manager.context.destroy()

    def execute(self, source: str) -> Executed:
        """Runs one cell."""
        came = Executed()

        def note(message: dict[str, Any]) -> None:
            content = message["content"]
            match message["msg_type"]:
                case "display_data" | "execute_result":
                    came.shown.append(content["data"])
                case "update_display_data":
                    came.updated.append(content["data"])
                case "error":
                    came.error, came.paragraph = content["ename"], content["evalue"]

        self.client.execute_interactive(source, timeout=TIMEOUT_S, output_hook=note)
        return came

    def begin(self, **values: object) -> Executed:
        """Runs the cells from the top to the one that begins the run, with parameters edited in their cell."""
        headline, parameters, begin = self.cells[:3]
        self.execute(headline)
        for name, value in values.items():
            line = f"{name} = {value!r}".replace("\\", r"\\")
            parameters, count = re.subn(rf"(?m)^{name}: \w+ = .*$", line, parameters)
            assert count == 1, name
        assert self.execute(parameters).error == ""
        return self.execute(begin)
