"""Asking the reader of a campaign how an identity stands: one question a connection, one line of JSON each way.

Nothing secret goes either way. What does not answer, answers otherwise, or belongs to somebody else is as if there
were no reader: who asked reads by itself.
"""

from __future__ import annotations

import json
import os
import socket
import struct
from collections.abc import Mapping
from typing import Any, Final

#: The environment variable that says where the reader listens.
VARIABLE: Final = "BYODKIM_READER"
#: Bytes of an answer: a full read of an identity is a few thousand.
LARGEST: Final = 1 << 17
#: Seconds that an answer may be late, beyond what it was to wait.
GRACE_S: Final = 5.0
_SO_PEERCRED: Final = getattr(socket, "SO_PEERCRED", None)  # Linux; elsewhere the folder's rights have to do


def ask(address: str, question: Mapping[str, Any], wait_s: float) -> dict[str, Any] | None:
    """The reader's answer; ``None`` where there is none to rely on.

    Args:
        address: path of its socket.
        question: ``name``, ``age_s``, ``wait_s``, ``wrote`` and ``patient``, as the custodian's ``lately`` has them.
        wait_s: how long it may take, in seconds.
    """
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
            line.settimeout(wait_s + GRACE_S)
            line.connect(address)
            if not same_user(line):
                return None
            line.sendall(json.dumps(question).encode() + b"\n")
            answer = json.loads(_read(line))
    except (OSError, ValueError, RecursionError):
        return None
    return answer if isinstance(answer, dict) else None


def same_user(line: socket.socket) -> bool:
    """Return whether the process at the other end is this user's, as far as the system tells."""
    if _SO_PEERCRED is None:
        return True
    _, user, _ = struct.unpack("3i", line.getsockopt(socket.SOL_SOCKET, _SO_PEERCRED, struct.calcsize("3i")))
    return bool(user == os.getuid())


def _read(line: socket.socket) -> bytes:
    told = b""
    while not told.endswith(b"\n"):
        part = line.recv(1 << 16)
        if not part or len(told) > LARGEST:
            raise ValueError("the answer is none")
        told += part
    return told
