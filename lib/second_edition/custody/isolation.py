"""Start a process that handles keys: which code it can load, which environment it gets, what Linux denies."""

from __future__ import annotations

import ctypes
import os
import sys
import sysconfig
from collections.abc import Mapping
from pathlib import Path
from typing import Final

PDEATHSIG: Final = 1  # the signal by which it ends with its parent
DUMPABLE: Final = 4


def prctl(option: int, value: int) -> None:
    """Set one of them. Linux only."""
    ctypes.CDLL(None).prctl(option, value)


#: With this argument the custodian has no operation that writes, all its life.
READ_ONLY: Final = "--read-only"
#: Variables that decide which code a process loads, by their beginnings: none of them reaches who holds a key.
#: Sources: Python's "Command line and environment", ld.so(8), dyld(1), iconv(1), OpenSSL's openssl-env(7).
#: SSLKEYLOGFILE loads no code, but would write down the keys of the very connections that the private key takes;
#: AWS_DATA_PATH names models that send them elsewhere, and botocore loads plugins by a variable of its own.
CODE: Final = (
    "PYTHON", "__PYVENV", "LD_", "DYLD_", "OPENSSL_", "GCONV_", "GLIBC_", "LOCPATH", "BASH_ENV", "SSLKEYLOGFILE",
    "AWS_DATA_PATH", "BOTOCORE_",
)  # fmt: skip


def harmless(environment: Mapping[str, str]) -> dict[str, str]:
    """Return what of an environment decides about no code."""
    return {name: value for name, value in environment.items() if not name.startswith(CODE)}


def command(module: str, *arguments: str) -> list[str]:
    """Return the command that starts a module of byodkim isolated (``bootstrap``)."""
    packages = dict.fromkeys(sysconfig.get_path(name) for name in ("purelib", "platlib"))
    bootstrap = str(Path(__file__).with_name("bootstrap.py"))
    return [sys.executable, "-I", "-S", bootstrap, module, os.pathsep.join(packages), *arguments]
