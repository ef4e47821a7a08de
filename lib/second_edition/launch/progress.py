"""Note in a notebook how far it is executed, as papermill does: the states are true, and its file is whole.

papermill's own manager of this is not used, as loading papermill takes a sixth of ``tests.second_edition.bench.command``'s time.
"""

from __future__ import annotations

import contextlib
import logging
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from second_edition.launch import notebook_file
from second_edition.launch.shell import Outputs

SETTLED_S: Final = 0.3  # the notebook's file is never further behind than this
PENDING, RUNNING, COMPLETED, FAILED = "pending", "running", "completed", "failed"
LOG: Final = logging.getLogger("papermill")


class Progress:
    """The execution of a notebook.

    Attributes:
        outputs: what its cells show.
        unsaved: why it was not saved the last time; ``None`` where it was.
    """

    def __init__(
        self, nb: Any, path: str | None, *, logs: bool, bar: Any, autosave_s: float, files: Mapping[str, Any]
    ) -> None:
        self.nb, self.path = nb, path
        self.outputs = Outputs(self._changed, self._heard)
        self.unsaved: OSError | None = None
        self._logs, self._autosave_s, self._files = logs, autosave_s, files
        self._saved_at, self._behind = float("-inf"), False
        self._bar = _bar(len(nb.cells), bar) if bar else None
        self._began = _now()
        nb.metadata.papermill.update(start_time=self._began.isoformat(), end_time=None, duration=None, exception=None)
        for cell in nb.cells:
            cell.metadata["papermill"] = type(nb)(
                exception=None, start_time=None, end_time=None, duration=None, status=PENDING
            )
            if cell.cell_type == "code":
                cell.execution_count, cell.outputs = None, []
        self.save()

    def pass_over(self, cell: Any) -> None:
        """Note that a cell without code was reached."""
        now = _now().isoformat()
        cell.metadata.papermill.update(status=COMPLETED, exception=False, start_time=now, end_time=now, duration=0)
        self._step()

    def begin(self, cell: Any, place: int) -> None:
        """Note that a cell is under way."""
        if self._logs:
            LOG.info("Executing Cell %s", f"{place + 1:-<40}")
        cell.metadata.papermill.update(start_time=_now().isoformat(), status=RUNNING, exception=False)
        self.save()

    def end(self, cell: Any, place: int, *, failed: bool) -> None:
        """Note that a cell has come to its end, or to an error that ends the notebook."""
        now, noted = _now(), cell.metadata.papermill
        if self._logs:
            LOG.info("Ending Cell %s", f"{place + 1:-<43}")
            sys.stdout.flush()
            sys.stderr.flush()
        duration = (now - datetime.fromisoformat(noted["start_time"])).total_seconds()
        noted.update(end_time=now.isoformat(), duration=duration, status=FAILED if failed else COMPLETED)
        if failed:
            noted["exception"] = self.nb.metadata.papermill["exception"] = True
        self.save()
        self._step()

    def close(self) -> None:
        """Note the end. A cell that was not reached stays ``pending``.

        Raises:
            OSError: the notebook could not be saved.
        """
        now = _now()
        self.nb.metadata.papermill.update(end_time=now.isoformat(), duration=(now - self._began).total_seconds())
        if self._bar is not None:
            self._bar.close()
        self.save_now()
        if self.unsaved:
            raise self.unsaved

    def save(self) -> None:
        """Write the notebook, unless that was done just now: it is done in a moment then (``saving``)."""
        self._behind = True
        if time.monotonic() - self._saved_at > SETTLED_S:
            self.save_now()

    def save_now(self) -> None:
        """Write the notebook. A full disk ends no run: it is said at the end."""
        with self.outputs.lock:
            self.unsaved, self._behind, self._saved_at = None, False, time.monotonic()
            if self.path and is_file(self.path):
                try:
                    notebook_file.write(self.nb, self.path)
                except OSError as error:
                    self.unsaved = error
            elif self.path:
                from papermill.iorw import write_ipynb  # only papermill's own command line gives such a path

                write_ipynb(self.nb, self.path)

    @contextlib.contextmanager
    def saving(self) -> Iterator[None]:
        """Save what is shown meanwhile within a moment; elsewhere than in a file, as seldom as asked."""
        ended = threading.Event()
        thread = threading.Thread(target=self._save_until, args=(ended,), name="saving", daemon=True)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()

    def _save_until(self, ended: threading.Event) -> None:
        every = SETTLED_S if self.path and is_file(self.path) else self._autosave_s
        while every and not ended.wait(every):
            with self.outputs.lock:
                if self._behind:
                    self.save_now()

    def _step(self) -> None:
        if self._bar is not None:
            self._bar.update(1)

    def _changed(self) -> None:
        self._behind = True

    def _heard(self, output: Any) -> None:
        """Pass what a cell shows on to papermill's log and files, where that is asked for."""
        if output.output_type == "stream":
            if self._logs:
                (LOG.info if output.name == "stdout" else LOG.warning)(output.text)
            if (file := self._files.get(output.name)) is not None:
                file.write(output.text)
                file.flush()
        elif self._logs and "text/plain" in output.get("data", {}):
            LOG.info(output.data["text/plain"])


def _bar(cells: int, given: Any) -> Any:
    from tqdm import tqdm  # 2 ms of ``tests.second_edition.bench.command``, which has no terminal

    options = {"unit": "cell", "desc": "Executing", **(given if isinstance(given, Mapping) else {})}
    return tqdm(total=cells, **options)


def is_file(path: str) -> bool:
    """Return whether a path as papermill takes it is that of a file on this machine."""
    return path != "-" and "://" not in path


def _now() -> datetime:
    return datetime.now(UTC)
