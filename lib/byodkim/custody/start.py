"""Start the custodian so that nobody but its own code runs in it. This file is also its first code.

As a script, with ``python -I -S``, it lets the process import only what is installed, and byodkim itself: no folder of
the caller, no PYTHON* variable and no ``sitecustomize`` decides which code gets to hold a key.
"""

from __future__ import annotations

import ctypes
import os
import sys
import sysconfig
from collections.abc import Mapping
from pathlib import Path

#: Variables that decide which code a process loads or where its traffic can be read, by their beginnings. Sources:
#: Python's "Command line and environment", ld.so(8), dyld(1), OpenSSL's openssl-env(7), botocore's loaders.
UNSAFE = (
    "PYTHON", "__PYVENV", "LD_", "DYLD_", "OPENSSL_", "GCONV_", "GLIBC_", "LOCPATH", "BASH_ENV",
    "SSLKEYLOGFILE", "SSL_CERT", "AWS_DATA_PATH", "AWS_ENDPOINT_URL", "AWS_IGNORE_CONFIGURED",
    "AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "BOTOCORE_", "BOTO_CONFIG",
    "HTTP_PROXY", "http_proxy",
)  # fmt: skip

PR_SET_PDEATHSIG, PR_SET_DUMPABLE, SIGKILL = 1, 4, 9


def command(*arguments: str) -> list[str]:
    """Return the command that starts a custodian."""
    packages = dict.fromkeys(sysconfig.get_path(name) for name in ("purelib", "platlib"))
    return [sys.executable, "-I", "-S", __file__, os.pathsep.join(packages), *arguments]


def safe_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that decide neither about code nor about where traffic goes."""
    return {name: value for name, value in environment.items() if not name.startswith(UNSAFE)}


def harden() -> None:
    """Forbid core dumps, debuggers and other processes' looks at this memory; end with the parent; ignore Ctrl-C."""
    import resource
    import signal

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if sys.platform == "linux":
        library = ctypes.CDLL(None)
        library.prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
        library.prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0)


def main() -> None:
    """Become a custodian."""
    harden()
    import site
    from importlib.machinery import ModuleSpec, PathFinder

    root = Path(__file__).resolve().parents[2]

    class OnlyByodkim:
        """Find byodkim beside this file, and nothing else there."""

        @staticmethod
        def find_spec(name: str, path: object = None, target: object = None) -> ModuleSpec | None:
            """Return the package's spec (``importlib.abc.MetaPathFinder``)."""
            return PathFinder.find_spec(name, [str(root)]) if name == "byodkim" else None

    packages, *sys.argv[1:] = sys.argv[1:]
    folders = packages.split(os.pathsep)
    sys.meta_path.insert(0, OnlyByodkim)  # type: ignore[arg-type] # a finder is any object with find_spec
    for folder in folders:
        site.addsitedir(folder)
    own = {str(Path(__file__).resolve().parent), str(root)}
    sys.path[:] = [path for path in sys.path if path not in own or path in folders]
    from byodkim.custody.custodian import serve

    serve(may_write="--writes" in sys.argv[1:])


if __name__ == "__main__":
    main()
