"""A kernel that is forked of whoever runs the notebook, instead of started: the same ipykernel, its imports done.

It is spoken to through sockets in a folder that only this user may enter, not over TCP. Everything else is as papermill
has it: a process of its own, in a session of its own, that ends with whoever started it.
Linux only, and only where no thread was started before.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import json
import os
import select
import signal
import sys
import threading
import time
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from queue import Empty
from typing import Any, Final, NoReturn

from jupyter_client.asynchronous import AsyncKernelClient
from jupyter_client.connect import write_connection_file
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning import KernelProvisionerBase

from byodkim.custody.prctl import be_called

PORTS: Final = {"shell_port": 1, "iopub_port": 2, "stdin_port": 3, "control_port": 4, "hb_port": 5}
KERNEL: Final = "byodkim-kernel"
TO_END_S: Final = 5.0
LOOK_S: Final = 0.2


class Kernel:
    """The process, from its fork on.

    Args:
        folder: of its sockets and its connection file; only this user may enter it.
        let_go: what is not the kernel's own, let go of in it.

    It prepares itself, then waits for the word to serve (``go``).
    """

    def __init__(self, folder: Path, let_go: Callable[[], None]) -> None:
        self.file, self.key = folder / "kernel.json", os.urandom(32).hex().encode()
        names: dict[str, Any] = {"transport": "ipc", "ip": str(folder / "k"), "key": self.key, **PORTS}
        write_connection_file(str(self.file), **names, kernel_name="python3")
        assert threading.active_count() == 1  # noqa: S101 - a lock that another thread holds would be held for ever
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        word, self._word = os.pipe()
        parent, self.pid = os.getpid(), os.fork()
        if not self.pid:
            os.close(self._word)
            _serve(self.file, parent, word, let_go)
        os.close(word)
        self._fd = os.pidfd_open(self.pid)
        self._code: int | None = None

    def go(self, expected: Mapping[str, Any] | None = None) -> None:
        """Has it serve, with the environment and in the folder of this process as they are now.

        ``expected``: parameters of a run of rotate, whose custodian it is to start before the first cell asks for it.
        """
        asked = {"environment": dict(os.environ), "folder": str(Path.cwd()), "expected": expected}
        told = json.dumps(asked).encode()
        with contextlib.suppress(BrokenPipeError), os.fdopen(self._word, "wb") as word:  # that it died is seen later
            word.write(told)

    def poll(self) -> int | None:
        """Its exit code as ``subprocess.Popen`` has it, ``None`` as long as it lives."""
        return self._ended(os.WNOHANG)

    def wait(self, timeout: float | None = None) -> int | None:
        """The same, once it has ended or after ``timeout`` seconds."""
        if self._code is None:
            select.select([self._fd], [], [], timeout)
        return self.poll()

    def send_signal(self, number: int) -> None:
        """Sends it a signal, and none to whoever has its id after it."""
        if self.poll() is None:
            signal.pidfd_send_signal(self._fd, number)

    def kill(self) -> None:
        """Ends it at once, with all that it started."""
        if self.poll() is None:
            with contextlib.suppress(ProcessLookupError):  # in the moment before it is the leader of a group
                os.killpg(self.pid, signal.SIGKILL)
            self.send_signal(signal.SIGKILL)

    def _ended(self, how: int) -> int | None:
        if self._code is None:
            pid, status = os.waitpid(self.pid, how)
            if pid:
                self._code = os.waitstatus_to_exitcode(status)
        return self._code


def _serve(file: Path, parent: int, word: int, let_go: Callable[[], None]) -> NoReturn:
    """The kernel, from its fork to its end. What was to be done at the end of the parent is not done here."""
    try:
        os.setsid()
        be_called(KERNEL)
        gc.enable()  # as it is in a process that was started
        sys.setswitchinterval(0.0005)  # its threads would take turns of 5 ms until they all wait for something
        let_go()
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        os.close(nothing)
        sys.modules.setdefault("debugpy", None)  # type: ignore[arg-type] # a tenth of a second for who debugs cells
        from ipykernel.kernelapp import IPKernelApp

        options = ["--HistoryManager.hist_file=:memory:", f"--IPKernelApp.parent_handle={parent}"]
        # It would sleep after each cell, for clients that do not wait until what the cell showed has come: ours does.
        options.append("--Kernel._execute_sleep=0")
        app = IPKernelApp.instance()
        app.initialize(["-f", str(file), *options])
        if _told(word):
            app.start()
    finally:
        for stream in (sys.__stdout__, sys.__stderr__):
            if stream is not None:
                with contextlib.suppress(Exception):
                    stream.flush()
        os._exit(0 if sys.exc_info()[0] is None else 1)


def _told(word: int) -> bool:
    """Waits for the word to serve; none comes from who has died."""
    with os.fdopen(word, "rb") as source:
        told = source.read()
    if told:
        asked = json.loads(told)
        os.environ.clear()
        os.environ.update(asked["environment"])
        time.tzset()
        os.chdir(asked["folder"])
        if asked["expected"] is not None:
            import_module("byodkim.steps").expect(asked["expected"])
    return bool(told)


class _Provisioner(KernelProvisionerBase):  # type: ignore[misc]
    """Says to jupyter_client how the kernel is, and signals it."""

    process: Kernel | None = None

    @property
    def has_process(self) -> bool:
        return self.process is not None

    async def poll(self) -> int | None:
        return self.process.poll() if self.process else 0

    async def wait(self) -> int | None:
        code = self.process.wait(TO_END_S) if self.process else 0
        self.process = None
        return code

    async def send_signal(self, signum: int) -> None:
        if self.process:
            self.process.send_signal(signum)

    async def kill(self, restart: bool = False) -> None:  # noqa: ARG002 - jupyter_client's
        if self.process:
            self.process.kill()

    async def terminate(self, restart: bool = False) -> None:  # noqa: ARG002
        await self.send_signal(signal.SIGTERM)

    async def pre_launch(self, **options: Any) -> dict[str, Any]:
        return {**options, "cmd": []}

    async def launch_kernel(self, cmd: list[str], **_: Any) -> dict[str, Any]:  # noqa: ARG002
        manager = self.parent
        self.process = manager.forked
        return dict(manager.get_connection_info())

    async def cleanup(self, restart: bool = False) -> None:
        pass


class Client(AsyncKernelClient):  # type: ignore[misc]
    """jupyter_client's own. It waits for what it wants, not for a while; whether the kernel lives, the system tells."""

    def start_channels(self, *_: Any, **__: Any) -> None:
        """Opens the channels, but for the heart's: that would be a thread."""
        super().start_channels(hb=False)

    async def wait_for_ready(self, timeout: float | None = None) -> None:
        """Returns when the kernel answers and what it shows is heard.

        Raises:
            RuntimeError: it died, or does not answer within ``timeout`` seconds.
        """
        ends = time.monotonic() + (timeout or float("inf"))
        asked: set[str] = set()  # on a busy machine the answer to one comes when the next has been asked
        while True:
            asked.add(self.kernel_info())
            with contextlib.suppress(Empty):
                reply, heard = await self.get_shell_msg(timeout=1), ""
                while heard not in asked:  # it is heard from when what it said of this question has come through
                    message = await self.get_iopub_msg(timeout=LOOK_S)
                    idle = message["content"].get("execution_state") == "idle"
                    heard = message["parent_header"].get("msg_id", "") if idle else ""
                self._handle_kernel_info_reply(reply)
                return
            if self.parent.forked.poll() is not None:
                raise RuntimeError("Kernel died before replying to kernel_info")
            if time.monotonic() > ends:
                raise RuntimeError(f"Kernel didn't respond in {timeout} seconds")


class Manager(AsyncKernelManager):  # type: ignore[misc]
    """jupyter_client's own, of a kernel that is there already."""

    def __init__(self, forked: Kernel, **options: Any) -> None:
        super().__init__(**options)
        self.forked = forked
        self.client_factory = Client
        self.transport, self.ip = "ipc", str(self.forked.file.parent / "k")
        for name, number in PORTS.items():
            setattr(self, name, number)
        self.session.key, self.connection_file = self.forked.key, str(self.forked.file)
        # How one is started nobody need look up.
        self._kernel_spec = KernelSpec(display_name=KERNEL, language="python")
        self.provisioner = _Provisioner(kernel_id="", kernel_spec=self._kernel_spec, parent=self)

    async def start_kernel(self, **options: Any) -> None:
        """As jupyter_client starts one, without its 10 ms of sleep for the sake of its tests."""
        await AsyncKernelManager.start_kernel.__wrapped__(self, **options)

    async def shutdown_kernel(self, now: bool = False, restart: bool = False) -> None:  # noqa: ARG002
        """Asks the kernel to end, and sees to it that it does.

        ``now``: it is ended, and waited for with the rest of its family.
        """
        if now:
            self.forked.kill()
            self.provisioner.process = None
            return
        await self.request_shutdown()
        loop, ended = asyncio.get_running_loop(), asyncio.Event()
        loop.add_reader(self.forked._fd, ended.set)
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(ended.wait(), TO_END_S)
        loop.remove_reader(self.forked._fd)
        self.forked.kill()
        await self.provisioner.wait()
