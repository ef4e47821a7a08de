"""JupyterLab as people have it: its own server, opened in a real browser, worked in by its commands and by keys."""

from __future__ import annotations

import secrets
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.second_edition.display.browser import Browser
from tests.second_edition.eventually import eventually

START_S = 600


class Lab:
    """One notebook, open in JupyterLab."""

    def __init__(self, browser: Browser, url: str) -> None:
        self.browser = browser
        self.window(16000)  # as high as the notebook: JupyterLab keeps of a long one only what can be seen
        browser("Emulation.setFocusEmulationEnabled", enabled=True)  # without a window nothing has the focus else
        browser("Page.navigate", url=url)
        self.wait("window.jupyterapp && document.querySelector('.jp-NotebookPanel .jp-Notebook')")
        self.wait("document.querySelectorAll('.jp-Notebook .jp-Cell').length > 5")
        self.wait(f"({_PANEL})?.sessionContext.session?.kernel?.status === 'idle'")

    def wait(self, expression: str, seconds: float = 600) -> Any:
        """The value of a JavaScript expression once it is true."""
        return eventually(lambda: self.browser.evaluate(f"Boolean({expression})"), seconds)

    def window(self, height: int) -> None:
        """Makes the window so many CSS pixels high."""
        self.browser("Emulation.setDeviceMetricsOverride", width=1600, height=height, deviceScaleFactor=1, mobile=False)

    def command(self, name: str) -> None:
        """One of JupyterLab's own commands, as its menus give them."""
        self.browser.evaluate(f"window.jupyterapp.commands.execute({name!r}).then(() => true)")

    def run_all(self) -> None:
        """Starts the cells. The command's own promise is kept only when all of them have run: it is not waited for."""
        self.browser.evaluate("void window.jupyterapp.commands.execute('notebook:run-all-cells')")

    def restart(self) -> None:
        """Restarts the kernel."""
        self.browser.evaluate(f"({_PANEL}).sessionContext.restartKernel().then(() => true)")
        self.wait(f"({_PANEL}).sessionContext.session?.kernel?.status === 'idle'")

    def set_source(self, holding: str, old: str, new: str) -> None:
        """Edits the cell that holds a text."""
        found = self.browser.evaluate(
            f"""(() => {{
              const cell = ({_PANEL}).content.widgets.find(one => one.model.sharedModel.source.includes({holding!r}));
              const source = cell.model.sharedModel.source;
              cell.model.sharedModel.setSource(source.replace({old!r}, {new!r}));
              return source.includes({old!r});
            }})()"""
        )
        assert found, holding

    def errors(self) -> list[str]:
        """The errors that stand below cells."""
        found: list[str] = self.browser.evaluate(
            f"""({_PANEL}).content.widgets.flatMap(cell => cell.model.type === 'code'
              ? cell.model.outputs.toJSON().filter(one => one.output_type === 'error').map(one => one.evalue) : [])"""
        )
        return found

    def shown(self, holding: str) -> str:
        """A JavaScript expression: what stands below the cell that holds a text, scrolled to; null before there is any.

        JupyterLab renders only what can be seen.
        """
        return f"""(() => {{
          const cell = ({_PANEL}).content.widgets.find(one => one.model.sharedModel.source.includes({holding!r}));
          if (!cell.outputArea?.model.length) return null;
          cell.outputArea.node.scrollIntoView();
          return cell.outputArea.node;
        }})()"""

    def finished(self) -> str:
        """A JavaScript expression: whether every code cell was executed."""
        return (
            f"({_PANEL}).content.widgets.filter(cell => cell.model.type === 'code')"
            ".every(cell => cell.model.executionCount > 0)"
        )


_PANEL = "window.jupyterapp.shell.currentWidget"


@contextmanager
def opened(browser: Browser, folder: Path, notebook: str, env: dict[str, str]) -> Iterator[Lab]:
    """JupyterLab of a project's folder with one notebook open, for as long as the block lasts."""
    with served(folder, [sys.executable, "-m", "jupyterlab", f"--notebook-dir={folder}"], env) as address:
        yield Lab(browser, address(notebook))


@contextmanager
def working_copy(browser: Browser, folder: Path, name: str, env: dict[str, str]) -> Iterator[Lab]:
    """Yield what ``byodkim lab`` opens: JupyterLab with a copy of a notebook."""
    with served(folder, [sys.executable, "-m", "second_edition.launch.command_line", "lab", name], env) as address:
        (copy,) = (folder / "lab").glob("*.ipynb")
        yield Lab(browser, address(copy.name))


@contextmanager
def served(folder: Path, command: list[str], env: dict[str, str]) -> Iterator[Callable[[str], str]]:
    """A server of JupyterLab for as long as the block lasts; gives the address of a notebook there."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    token = secrets.token_hex(16)
    command += ["--no-browser", "--allow-root", f"--port={port}", "--port-retries=0"]
    command += ["--ip=127.0.0.1", "--expose-app-in-browser", "--LabApp.news_url=None"]
    with (folder.parent / "lab.log").open("wb") as log:
        server = subprocess.Popen(command, cwd=folder, env={**env, "JUPYTER_TOKEN": token}, stdout=log, stderr=log)
    try:
        await_answer(f"http://127.0.0.1:{port}/api?token={token}", server)
        yield lambda notebook: f"http://127.0.0.1:{port}/lab/tree/{notebook}?token={token}&reset"
    finally:
        server.terminate()
        try:
            server.wait(30)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def await_answer(url: str, server: subprocess.Popen[Any]) -> None:
    """Returns once JupyterLab answers at its address."""
    ends = time.monotonic() + START_S
    while True:
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except (urllib.error.URLError, OSError):
            assert server.poll() is None, "JupyterLab ended"
            assert time.monotonic() < ends, "JupyterLab does not answer"
            time.sleep(0.2)
