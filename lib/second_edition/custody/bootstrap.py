"""Start a module of byodkim that handles keys, with nothing to import but what was installed.

Run by its path, with ``python -I -S``: no folder of the caller, no PYTHON* variable and no ``sitecustomize`` decides
which code gets to hold a key; path files count where packages are installed. Of the folder that byodkim lies in, which
in a checkout holds whatever anybody put there, only the package itself can be imported.

Arguments: the module, the folders with installed packages (``os.pathsep`` between), then the module's own arguments.
"""

import ctypes
import gc
import os
import site
import sys
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from runpy import run_module

PACKAGE = "second_edition"


class OnlyByodkim:
    """Find the package that this file is a part of, and nothing else beside it."""

    @staticmethod
    def find_spec(name: str, path: object = None, target: object = None) -> ModuleSpec | None:  # noqa: ARG004
        """Return the package's spec (``importlib.abc.MetaPathFinder``)."""
        return PathFinder.find_spec(name, [str(Path(__file__).parents[2])]) if name == PACKAGE else None


def main() -> None:
    """Run the module that the arguments name as ``__main__``."""
    if sys.platform == "linux":  # nobody opens this process's memory from here on (PR_SET_DUMPABLE, prctl(2))
        ctypes.CDLL(None).prctl(4, 0, 0, 0, 0)
    gc.set_threshold(500_000)  # none while libraries load: it saves 20 ms (``tests.second_edition.bench.command``)
    module, packages, *sys.argv[1:] = sys.argv[1:]
    sys.meta_path.insert(0, OnlyByodkim)
    installed = packages.split(os.pathsep)
    for folder in installed:
        site.addsitedir(folder)
    own = Path(__file__).resolve().parents[2]
    sys.path[:] = [path for path in sys.path if path in installed or Path(path).resolve() != own]
    run_module(module, run_name="__main__")


if __name__ == "__main__":
    main()
