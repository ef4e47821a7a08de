"""Start the custodian so that nobody but its own code runs in it. This file is also its first code.

As a script, with ``python -I -S``, it lets the process import only what is installed, and byodkim
itself: no folder of the caller, no PYTHON* variable, no ``sitecustomize`` and no ``.pth`` file
decides which code gets to hold a key.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import sysconfig
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from subprocess import Popen

#: Variables that decide which code a process loads, or who can read what it sends, by their
#: beginnings. Sources:
#: Python's "Command line and environment", ld.so(8), dyld(1), iconv(1), OpenSSL's openssl-env(7),
#: botocore's loaders.
#: Whoever ends TLS on the way reads the private key: no CA bundle counts but certifi's. A company's
#: proxy that opens
#: TLS must let AWS through.
UNSAFE = (
    "PYTHON", "__PYVENV", "LD_", "DYLD_", "OPENSSL_", "GCONV_", "GLIBC_", "LOCPATH", "BASH_ENV",
    "SSLKEYLOGFILE", "SSL_CERT", "AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE",
    "AWS_DATA_PATH", "AWS_IGNORE_CONFIGURED", "BOTOCORE_", "BOTO_CONFIG",
    "HTTP_PROXY", "http_proxy",
)  # fmt: skip

PR_SET_PDEATHSIG, PR_SET_DUMPABLE = 1, 4

#: The custodian that was started before the run asked for it, by whether it can write.
_ahead: dict[bool, Popen[bytes]] = {}


def start_ahead(*, writes: bool) -> None:
    """Start a custodian now, which loads its libraries until the run asks for it."""
    _ahead[writes] = _start(writes=writes)


def take(*, writes: bool) -> Popen[bytes]:
    """Return a custodian's process: the one that was started ahead, or a new one.

    Without ``writes`` it has no operation that writes, as long as it lives.
    """
    return _ahead.pop(writes, None) or _start(writes=writes)


def _start(*, writes: bool) -> Popen[bytes]:
    from subprocess import DEVNULL, PIPE, Popen  # the custodian itself does not need it

    return Popen(
        command(*(["--writes"] if writes else [])),
        stdin=PIPE,
        stdout=PIPE,
        stderr=DEVNULL,
        env=safe_environment(os.environ),
        start_new_session=True,  # a terminal's signals are not meant for it
    )


def command(*arguments: str) -> list[str]:
    """Return the command that starts a custodian."""
    packages = dict.fromkeys(sysconfig.get_path(name) for name in ("purelib", "platlib"))
    return [sys.executable, "-I", "-S", __file__, os.pathsep.join(packages), *arguments]


def safe_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that decide neither about code nor about who can read the traffic."""
    return {name: value for name, value in environment.items() if not name.startswith(UNSAFE)}


def harden() -> None:
    """Forbid core dumps and looks at this memory; ignore Ctrl-C; end with the parent."""
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if sys.platform == "linux":
        prctl = ctypes.CDLL(None).prctl
        prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
        _end_with(os.getppid())
        prctl(PR_SET_PDEATHSIG, signal.SIGHUP, 0, 0, 0)


def _end_with(parent: int) -> None:
    """Let SIGHUP end this process if its parent has ended.

    Linux sends PDEATHSIG when the thread that started this process ends (prctl(2)), and the run may
    go on then.
    """

    def end_if_orphaned(_number: int, _frame: object) -> None:
        if os.getppid() != parent:
            os._exit(0)

    signal.signal(signal.SIGHUP, end_if_orphaned)


def main() -> None:
    """Become a custodian."""
    harden()
    from importlib.machinery import ModuleSpec, PathFinder

    root = Path(__file__).resolve().parents[2]

    class OnlyByodkim:
        """Find byodkim beside this file, and nothing else there."""

        @staticmethod
        def find_spec(name: str, *_path_and_target: object) -> ModuleSpec | None:
            """Return the package's spec (``importlib.abc.MetaPathFinder``)."""
            return PathFinder.find_spec(name, [str(root)]) if name == "byodkim" else None

    packages, *options = sys.argv[1:]
    sys.meta_path.insert(0, OnlyByodkim)
    sys.path += packages.split(os.pathsep)
    from byodkim.custody.custodian import serve

    serve(may_write="--writes" in options)


if __name__ == "__main__":
    main()
