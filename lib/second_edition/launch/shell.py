"""The shell that executes a notebook's cells in this process, and what they show, put where nbclient puts it."""

from __future__ import annotations

import base64
import builtins
import contextlib
import getpass
import hashlib
import io
import json
import os
import platform
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Final, NoReturn

from IPython.core.compilerop import CachingCompiler
from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.error import StdinNotImplementedError
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from second_edition.launch.notebook_file import Node, node

if TYPE_CHECKING:
    from second_edition.engine.run import Run
    from second_edition.intent.caller import StartedBy

STREAMS: Final = ("stdout", "stderr")
#: What ipykernel says of its language, which papermill writes into the notebook.
LANGUAGE: Final = {
    "name": "python",
    "version": platform.python_version(),
    "mimetype": "text/x-python",
    "codemirror_mode": {"name": "ipython", "version": 3},
    "pygments_lexer": "ipython3",
    "nbconvert_exporter": "python",
    "file_extension": ".py",
}
NO_INPUT: Final = "raw_input was called, but this frontend does not support input requests."  # ipykernel's


class Outputs:
    """The outputs of the cell that is executed, and of earlier cells those that are updated.

    Args:
        changed: is called after each change.
        heard: is called with each output that is complete.
    """

    def __init__(self, changed: Callable[[], None], heard: Callable[[Node], None]) -> None:
        self.lock = threading.RLock()
        self._changed, self._heard = changed, heard
        self._outputs: list[Node] = []
        self._shown: dict[str, list[Node]] = {}  # by display id
        self._streams: dict[str, Node] = {}  # that are still written to
        self._clears = False  # before the next output

    def begin(self, cell: Node) -> None:
        """Show what follows below ``cell``."""
        with self.lock:
            self._outputs = cell.outputs = []
            self._clears = False

    def add(self, kind: str, display_id: str = "", **content: Any) -> None:
        """Add an output; one with a known ``display_id`` replaces what that shows elsewhere."""
        output = node({"output_type": kind, **content})
        with self.lock:
            self.flush()
            if display_id:
                self.update(display_id, output.data, output.metadata)
                self._shown.setdefault(display_id, []).append(output)
            self._append(output)
        self._heard(output)

    def update(self, display_id: str, data: Any, metadata: Any) -> None:
        """Replace what a display id shows, wherever it does."""
        with self.lock:
            self.flush()
            for output in self._shown.get(display_id, ()):
                output.data, output.metadata = data, metadata
        self._changed()

    def clear(self, *, wait: bool) -> None:
        """Take the cell's outputs away, with ``wait`` when the next one comes."""
        with self.lock:
            self.flush()
            self._clears = wait
            if not wait:
                self._clear()
        self._changed()

    def write(self, name: str, text: str) -> None:
        """Add to a stream. Between two other outputs standard output stands before standard error."""
        with self.lock:
            if name not in self._streams:
                output = node({"output_type": "stream", "name": name, "text": ""})
                self._append(output, before=self._streams.get("stderr"))
                self._streams[name] = output
            self._streams[name].text += text
        self._changed()

    def flush(self, *names: str) -> None:
        """End streams, all without ``names``: what is written after it is an output of its own."""
        with self.lock:
            ended = [self._streams.pop(name) for name in names or STREAMS if name in self._streams]
        for output in ended:
            self._heard(output)

    def _append(self, output: Node, before: Node | None = None) -> None:
        if self._clears:
            self._clear()
            before = None
        place = next((i for i, one in enumerate(self._outputs) if one is before), len(self._outputs))
        self._outputs.insert(place, output)
        self._changed()

    def _clear(self) -> None:
        for shown in self._shown.values():
            shown[:] = [one for one in shown if not any(one is output for output in self._outputs)]
        self._outputs.clear()
        self._clears = False


class Stream(io.TextIOBase):
    """Standard output or standard error of the cells."""

    encoding = "utf-8"

    def __init__(self, name: str, outputs: Outputs) -> None:
        self._name, self._outputs = name, outputs

    def writable(self) -> bool:
        """Return whether it is written to."""
        return True

    def write(self, text: str) -> int:
        """Show it below the cell."""
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        if text:
            self._outputs.write(self._name, text)
        return len(text)

    def flush(self) -> None:
        """End the output."""
        self._outputs.flush(self._name)


class _Compiler(CachingCompiler):
    def get_code_name(self, raw_code: str, transformed_code: str, number: int) -> str:  # noqa: ARG002 - IPython's
        """Return a name like those of ipykernel, by which what tells of errors knows cells."""
        digest = hashlib.sha256(raw_code.encode("utf-8", "surrogatepass")).hexdigest()
        return f"{tempfile.gettempdir()}/ipykernel_{os.getpid()}/{digest[:16]}.py"


class _Publisher(DisplayPublisher):
    def publish(
        self,
        data: Any,
        metadata: Any = None,
        source: Any = None,  # noqa: ARG002 - IPython's
        *,
        transient: Any = None,
        update: bool = False,
        **_: Any,
    ) -> None:
        display_id = (transient or {}).get("display_id", "")
        data, metadata = _detached(data), _detached(metadata or {})
        if update:
            self.shell.outputs.update(display_id, data, metadata)
        else:
            self.shell.outputs.add("display_data", display_id, data=data, metadata=metadata)

    def clear_output(self, wait: bool = False) -> None:
        self.shell.outputs.clear(wait=wait)


class _Hook(DisplayHook):
    shell: Shell
    _result: tuple[Any, Any] = ({}, {})

    def start_displayhook(self) -> None:
        self._result = {}, {}

    def write_output_prompt(self) -> None:
        pass

    def write_format_data(self, format_dict: Any, md_dict: Any = None) -> None:
        self._result = _detached(format_dict), _detached(md_dict or {})

    def finish_displayhook(self) -> None:
        data, metadata = self._result
        if data:
            self.shell.outputs.add("execute_result", data=data, metadata=metadata, execution_count=self.prompt_count)


class Shell(InteractiveShell):
    """IPython's shell without a kernel around it.

    Attributes:
        outputs: where it shows things.
        started_by: what runs the notebook, and from and to which file.
        on_interrupt: is called in the place of an interrupt of the cell.
        closing: whether that run closes: no interrupt of the cell is heard from then on.
        run: the run that its cells have begun, ``None`` where there is none.
        left: whether a cell has called ``exit``.
    """

    compiler_class = _Compiler
    outputs: Outputs
    started_by: StartedBy
    on_interrupt: Callable[[], object] | None = None
    closing = False
    run: Run | None = None
    left = False

    def ask_exit(self) -> None:
        """Note that no further cell is to be executed."""
        self.left = True

    def enable_gui(self, gui: Any = None) -> None:
        """Do nothing: there is none."""

    def init_completer(self) -> None:
        """Do nothing: nobody types here, and it takes 3 ms of ``tests.second_edition.bench.command``."""

    def _showtraceback(self, etype: type[BaseException], evalue: BaseException, stb: list[str]) -> None:
        self.outputs.add("error", ename=str(etype.__name__), evalue=str(evalue), traceback=list(stb))


@contextlib.contextmanager
def shell_of(outputs: Outputs, started_by: StartedBy) -> Iterator[Shell]:
    """Yield a fresh shell, which ``get_ipython`` gives as long as the block lasts; then restore what was before."""
    before, InteractiveShell._instance = InteractiveShell._instance, None
    streams, kept = (sys.stdin, sys.stdout, sys.stderr), (builtins.input, getpass.getpass)
    config = Config(HistoryManager={"enabled": False, "hist_file": ":memory:"})
    shell = Shell.instance(config=config, displayhook_class=_Hook, display_pub_class=_Publisher, autoindent=False)
    shell.outputs, shell.started_by = outputs, started_by
    try:
        with open("/dev/null", encoding="utf-8") as nothing:  # noqa: PTH123 - a device
            sys.stdin, sys.stdout, sys.stderr = nothing, Stream("stdout", outputs), Stream("stderr", outputs)
            builtins.input = getpass.getpass = _no_input
            yield shell
    finally:
        sys.stdin, sys.stdout, sys.stderr = streams
        builtins.input, getpass.getpass = kept
        shell.restore_sys_module_state()  # type: ignore[no-untyped-call]
        Shell.clear_instance()
        InteractiveShell._instance = before


def _no_input(*_: object, **__: object) -> NoReturn:
    raise StdinNotImplementedError(NO_INPUT)


def _detached(bundle: Any) -> Any:
    """Return what is shown, as it is at this moment, in the types that JSON has."""
    return node(json.loads(json.dumps(bundle, default=_plain)))


def _plain(value: Any) -> str:
    return base64.b64encode(value).decode("ascii") if isinstance(value, bytes) else str(value)
