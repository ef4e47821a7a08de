"""What byodkim does in papermill's process: refuse bad input before anything runs, start the
kernel, seal the saved notebook, say the end.

papermill loads this module as an entry point of ``papermill.engine``, in every run of that
environment. It takes the place of papermill's default engine and passes every notebook that is not
ours on to it unchanged.
"""

from __future__ import annotations

import ast
import atexit
import contextlib
import gc
import json
import os
import queue
import sys
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Final

import click
from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.manager import AsyncKernelManager
from papermill.engines import NBClientEngine, papermill_engines
from traitlets.config import Config

from byodkim.errors import ByodkimError, InputError
from byodkim.launch import TO_CLOSE_S, VARIABLE, Launch
from byodkim.words import _, speak

#: The notebooks that are shipped.
TEMPLATES: Final = Path(__file__).with_name("notebooks")
#: Seconds between two saves of the notebook while cells run.
SAVE_S: Final = 1.0
#: The run that this process executes or has executed, until ``finish`` has said its end.
_current: list[Launch] = []


class Refused(click.ClickException):
    """Bad input, as papermill's command line shows it.

    No kernel was started and no file was written.
    """

    exit_code = 2

    def format_message(self) -> str:
        """Return what click prints after "Error: "."""
        return str(self.__cause__)


class Client(AsyncKernelClient):
    """papermill's connection to the kernel."""

    async def wait_for_ready(self, timeout: float | None = None) -> None:
        """Wait until both channels answer. ``timeout``: seconds; ``None`` waits for ever.

        jupyter_client goes on to wait until 0.2 s pass without a message. papermill knows a cell's
        messages by their parent, so earlier ones do no harm.

        Raises:
            RuntimeError: the kernel died, or did not answer in time.
        """
        ends = time.monotonic() + (float("inf") if timeout is None else timeout)
        while time.monotonic() < ends:
            self.kernel_info()
            with contextlib.suppress(queue.Empty):
                await self.get_shell_msg(timeout=1)
                await self.get_iopub_msg(timeout=0.2)
                return
            if not await self._async_is_alive():
                raise RuntimeError("Kernel died before replying to kernel_info")
        raise RuntimeError(f"Kernel didn't respond in {timeout} seconds")


class KernelManager(AsyncKernelManager):
    """jupyter_client's kernel manager with two differences, which save 0.4 s of each run.

    The kernel's process is ``byodkim.kernel_process``, and nothing waits for a silence once the
    kernel has answered.
    """

    def client(self, **options: Any) -> Any:
        """Return a connection to the kernel."""
        self.client_factory = Client
        return super().client(**options)

    def format_kernel_cmd(self, extra_arguments: list[str] | None = None) -> list[str]:
        """Return the command that starts the kernel."""
        ours = {"ipykernel_launcher": "byodkim.kernel_process"}
        return [ours.get(word, word) for word in super().format_kernel_cmd(extra_arguments)]

    async def _async_finish_shutdown(
        self, waittime: float | None = None, pollinterval: float = 0.01, restart: bool = False
    ) -> None:
        """Wait until the kernel has ended, and look every 10 ms, not every 100."""
        await super()._async_finish_shutdown(waittime, pollinterval, restart)


class Engine(NBClientEngine):  # type: ignore[misc] # papermill has no types
    """papermill's default engine, with what our own notebooks need around it."""

    @classmethod
    def execute_notebook(
        cls, nb: Any, kernel_name: str, output_path: str | None = None, **options: Any
    ) -> Any:
        """Execute a notebook as papermill does.

        Raises:
            Refused: a parameter, the profile or the output path of one of our notebooks is wrong.
        """
        procedure = nb.metadata.get("byodkim", {}).get("procedure", "")
        if not procedure:
            return super().execute_notebook(nb, kernel_name, output_path=output_path, **options)
        try:
            launch = prepare(nb, procedure, output_path)
        except InputError as error:
            raise Refused("") from error
        _current.append(launch)
        atexit.register(gc.freeze)  # 0.1 s of tidying that the end of a process does not need
        atexit.register(finish)
        sys.excepthook = _show_error
        launch.hand_over()
        threading.Thread(target=_load_finish, daemon=True).start()  # while the kernel works
        # Encrypted, there is no warning about plain TCP. After half the time jupyter_client sends
        # SIGTERM, which a run that closes its record ignores.
        manager = {"transport_encryption": "auto", "shutdown_wait_time": 2 * TO_CLOSE_S}
        options.setdefault("config", Config({"KernelManager": manager}))
        options.setdefault("kernel_manager_class", KernelManager)
        try:
            return super().execute_notebook(nb, kernel_name, output_path=output_path, **options)
        finally:
            os.environ.pop(VARIABLE, None)

    @classmethod
    def execute_managed_notebook(cls, nb_man: Any, kernel_name: str, **options: Any) -> Any:
        """Execute the cells as papermill does, but save one of ours once a second at most, not
        twice for each cell. papermill saves it again when the last cell has ended.
        """
        if _current:
            nb_man.save = _at_most_each(SAVE_S, nb_man.save)
        try:
            return super().execute_managed_notebook(nb_man, kernel_name, **options)
        finally:
            vars(nb_man).pop("save", None)


def _at_most_each(seconds: float, act: Callable[[], None]) -> Callable[[], None]:
    """Return a function that acts, unless it did so less than some seconds ago."""
    acted_at = 0.0

    def act_seldom() -> None:
        nonlocal acted_at
        if time.monotonic() - acted_at >= seconds:
            act()
            acted_at = time.monotonic()

    return act_seldom


def _load_finish() -> None:
    """Load what the end of a run needs."""
    import byodkim.finish  # noqa: F401


def prepare(nb: Any, procedure: str, output_path: str | None) -> Launch:
    """Return how a run is launched, after its parameters, profile and output path were read.

    Raises:
        InputError: one of them is wrong.
    """
    from byodkim import settings
    from byodkim.settings_table import ROWS

    passed: Mapping[str, Any] = nb.metadata.papermill.get("parameters", {})
    saved = assigned(nb) or {}
    known = {name: saved[name] for name in saved if name in ROWS}
    chosen = settings.read({**known, **passed}, passed)
    speak(chosen.language)
    settings.require(chosen, procedure)
    target, _colon, scenario = chosen.text("target").partition(":")
    if target == "sandbox" and scenario:
        from byodkim.sandbox.world import check_scenario

        check_scenario(scenario)
    if procedure == "fleet":
        from byodkim.engine.rows import read_rows

        read_rows(chosen)
    if waived := chosen.text("waive"):
        from byodkim.checks.check import read_waivers
        from byodkim.procedures.table import procedure_of

        read_waivers(waived, procedure_of(procedure).CHECKS)
    if nb.metadata.papermill.get("input_path") and _is_output(nb):
        raise InputError(
            _("This notebook is the output of an earlier run, with that run's parameters in it."),
            todo=_("Start from notebooks/{procedure}.ipynb.", procedure=procedure),
        )
    path = _local(output_path)
    folder = path.parent.resolve()
    for suffix in (".ipynb", ".journal.jsonl", ".seal.json", ".html", ".csv", ".zone", ".txt"):
        if (folder / (path.stem + suffix)).exists():
            raise InputError(
                _("{name} exists already, and a record is never overwritten.",
                  name=path.stem + suffix),
                todo=_("Give this run another output name."),
            )  # fmt: skip
    if not folder.is_dir() or not os.access(folder, os.W_OK):
        raise InputError(
            _("The folder {folder} does not exist or cannot be written to.", folder=str(folder)),
            todo=_("Make it, or choose another one for the output notebook."),
        )
    return Launch(
        os.getpid(), procedure, str(folder), path.stem, tuple(passed),
        chosen if is_shipped(nb, procedure) else None,
    )  # fmt: skip


def is_shipped(notebook: Mapping[str, Any], procedure: str) -> bool:
    """Return whether a notebook's code cells are those of the shipped one, and its parameters cells
    do nothing but give names a literal value.
    """
    shipped = json.loads((TEMPLATES / f"{procedure}.ipynb").read_text("utf-8"))
    return _code(notebook) == _code(shipped) and assigned(notebook) is not None


def assigned(notebook: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the values that the parameters cells give to names; ``None`` where they do more."""
    values: dict[str, Any] = {}
    try:
        for cell in filter(_is_parameters, notebook["cells"]):
            for statement in ast.parse("".join(cell["source"])).body:
                match statement:
                    case ast.AnnAssign(target=ast.Name(name), value=ast.expr() as value):
                        values[name] = ast.literal_eval(value)
                    case ast.Assign(targets=[ast.Name(name)], value=value):
                        values[name] = ast.literal_eval(value)
                    case _:
                        return None
    except (SyntaxError, ValueError):
        return None
    return values


def _code(notebook: Mapping[str, Any]) -> list[str]:
    """Return the code of every cell but the parameters cell and the one that papermill injects."""
    return [
        "".join(cell["source"]).strip()
        for cell in notebook["cells"]
        if cell["cell_type"] == "code" and not _is_parameters(cell)
    ]


def _is_parameters(cell: Mapping[str, Any]) -> bool:
    return bool({"parameters", "injected-parameters"} & set(cell["metadata"].get("tags", ())))


def _is_output(nb: Any) -> bool:
    tags = [cell.metadata.get("tags", ()) for cell in nb.cells]
    executed = any(cell.get("execution_count") for cell in nb.cells)
    return executed or sum("injected-parameters" in each for each in tags) > 1


def _local(output_path: str | None) -> Path:
    path = Path(output_path or "-")
    is_record_name = path.suffix == ".ipynb" and not path.name.startswith((".", "index."))
    if "://" in str(output_path) or not is_record_name:
        raise InputError(
            _("The output {path} cannot be a record: name a local notebook, not index.",
              path=str(output_path)),
            todo=_("Name a file such as outputs/CHG-1042.ipynb."),
        )  # fmt: skip
    return path


def finish() -> int:
    """Seal the notebook of this process's run, now that papermill has saved it, and print how the
    run ended.

    Returns:
        The exit code: 0, or 1 where the run was refused, failed, is still pending or was stopped.
    """
    if not _current:
        return 0
    launch = _current.pop()
    from byodkim.finish import finish_record

    try:
        text, code = finish_record(Path(launch.folder), launch.name)
    except ByodkimError as error:
        text, code = str(error), 1
    print(text, file=sys.stderr, flush=True)
    return code


def _show_error(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    """Leave out papermill's traceback of a cell of ours that failed: ``finish`` says it in a few
    lines.
    """
    if not (_current and kind.__name__ == "PapermillExecutionError"):
        sys.__excepthook__(kind, error, trace)


papermill_engines.register(None, Engine)
