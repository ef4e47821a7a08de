"""What a run needs, loaded before there is one: the processes that are forked of this one then have it."""

from __future__ import annotations

import pkgutil
import sys
from importlib import import_module
from typing import Final

from byodkim import messages

#: By whom it is wanted: the runner, then the kernel.
MODULES: Final = (
    "byodkim.launch.command_line", "byodkim.launch.rotate", "byodkim.launch.finishing",
    "byodkim.launch.execution", "byodkim.launch.forked_kernel",
    "papermill", "ipykernel.kernelapp", "ipykernel.ipkernel", "ipykernel.zmqshell",
    "byodkim.steps", "byodkim.procedure.stepping", "byodkim.procedure.kernel", "byodkim.evidence.dsse",
    "byodkim.custody.forked",
    "dns.query", "dns.resolver", "dkim",  # which are loaded beside a cold run's first cells
    "IPython.core.completerlib", "IPython.core.debugger", "IPython.core.oinspect", "IPython.extensions.storemagic",
    "sqlite3",  # by the history of the kernel, which is off
    "numpy",  # by which pieces of a key are looked for
)  # fmt: skip


def load() -> None:
    """Loads it all, and has done once what is remembered for the next time."""
    sys.modules.setdefault("debugpy", None)  # type: ignore[arg-type] # which no cell is debugged by
    for name in MODULES:
        import_module(name)
    for topic in pkgutil.iter_modules(messages.__path__, f"{messages.__name__}."):
        import_module(topic.name)
    nbformat = import_module("nbformat")
    nbformat.writes(nbformat.reads(nbformat.writes(nbformat.v4.new_notebook()), as_version=4))
