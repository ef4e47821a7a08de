"""The custodian's process: one request a line on standard input, one answer a line on standard output.

A request is ``{"id", "op", "arguments"}``, an answer ``{"id", "value" | "error", "calls"}``, each one line of JSON;
``calls`` lists the AWS calls made since the last answer, bodies excluded.

It holds the private key and nothing else does. It keeps no file, writes no log, leaves no core dump, and ends with its
parent: when its input ends, it ends. On Linux another process of the same user cannot open its memory from the moment
that ``bootstrap`` runs; one that opened it before, within Python's own start, still reads it.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any, BinaryIO, NoReturn

from second_edition.aws.hosts import Unsent
from second_edition.custody.isolation import DUMPABLE, PDEATHSIG, READ_ONLY, prctl
from second_edition.custody.operations import OPERATIONS, READS, WRITES
from second_edition.custody.refusal import DutyError
from second_edition.custody.session import Session

LEAKED = 3  #: exit status of a custodian that found key material in a text


def harden() -> None:
    """Forbid core dumps and debuggers, and die with the parent, which alone handles an interrupt."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if sys.platform == "linux":
        prctl(DUMPABLE, 0)
        prctl(PDEATHSIG, signal.SIGKILL)


def main() -> None:
    """Serve until standard input ends, then end at once, whatever is under way.

    Started with ``--read-only``, it has no operation that writes, and its clients make no call that does.
    """
    harden()
    serve(sys.stdin.buffer, read_only=READ_ONLY in sys.argv[1:])


def serve(source: BinaryIO, *, read_only: bool) -> NoReturn:
    """Answer what is asked in ``source`` on standard output; the process ends when ``source`` does."""
    sink = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # nothing that a library prints can reach the answers
    session, lock = Session(read_only=read_only), threading.Lock()
    pool = ThreadPoolExecutor(8, "request")
    for line in source:
        if session.opened:
            pool.submit(_serve, session, line, sink, lock)
        else:  # what follows needs the session, and is sent without waiting for it
            _serve(session, line, sink, lock)
    os._exit(0)


def _serve(session: Session, line: bytes, sink: BinaryIO, lock: threading.Lock) -> None:
    request, hit = json.loads(line), False
    reply = _answer(session, request)
    with lock:  # no answer goes before the calls that it was made of: another one may have taken them along
        try:
            text, hit = _said(session, request, reply)
        except Exception as error:  # noqa: BLE001 - whoever asked waits for an answer: there is always one, even here
            text = _refusal(request, type(error).__name__, "")
        sink.write(text.encode() + b"\n")
        sink.flush()
        if hit or (request["op"] == "keep" and session.stopped):  # said by whoever met it, before it ends
            os._exit(LEAKED)


def _said(session: Session, request: dict[str, Any], reply: dict[str, Any]) -> tuple[str, bool]:
    """Return an answer as text, and whether key material was found in it or in what was to be searched."""
    if session.opened:
        reply["calls"] = session.clients.log.drain()
    text = json.dumps(reply)
    if request["op"] == "search":
        return text, reply.get("value") is not None
    if session.leaks(text):
        return _refusal(request, "LeakStopped", "the answer held part of a private key"), True
    if session.stopped:  # by another text: this answer was not searched
        return _refusal(request, "LeakStopped", "key material was found in a text"), False
    return text, False


def _refusal(request: dict[str, Any], code: str, message: str) -> str:
    error = {"operation": request["op"], "code": code, "message": message}
    return json.dumps({"id": request["id"], "error": error, "calls": []})


def _answer(session: Session, request: dict[str, Any]) -> dict[str, Any]:
    reply: dict[str, Any] = {"id": request["id"], "calls": []}
    try:
        if session.stopped:
            raise DutyError(str(request["op"]), "LeakStopped", "key material was found in a text")
        if request["op"] not in OPERATIONS:
            raise DutyError(str(request["op"]), "UnknownOperation", "the custodian knows no such operation")
        if session.read_only and request["op"] not in READS:
            raise DutyError(str(request["op"]), "ReadOnly", "this custodian was started to look, and writes nothing")
        if request["op"] in WRITES and not session.clients.settings.writes:
            raise DutyError(str(request["op"]), "ReadOnly", "this run was opened to plan, and writes nothing")
        reply["value"] = OPERATIONS[request["op"]](session, **request["arguments"])
    except DutyError as error:
        reply["error"] = {"operation": error.operation, "code": error.code, "message": error.message}
    except Unsent as error:  # before any client was made
        reply["error"] = {"operation": request["op"], "code": type(error).__name__, "message": str(error)}
    except Exception as error:  # noqa: BLE001 - a message or a trace of an unknown error may hold anything: its type only
        reply["error"] = {"operation": request["op"], "code": type(error).__name__, "message": ""}
    return reply


if __name__ == "__main__":
    main()
