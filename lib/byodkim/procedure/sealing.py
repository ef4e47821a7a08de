"""Sealing a run when it has closed: what comes of it never changes the outcome, and is always said."""

from __future__ import annotations

import base64
import os
from collections.abc import Iterator
from contextlib import contextmanager

from byodkim.custody.client import Custodian, Refused
from byodkim.errors import ByodkimError, CustodyError
from byodkim.evidence import journal, sealing_key
from byodkim.evidence.seal import Sealed, SealError, Signature, seal
from byodkim.procedure.run import Run


def seal_run(run: Run) -> Sealed:
    """Seals a run whose last event is written. Never raises what a person is meant to read: that is in the result."""
    try:
        account = journal.read(run.journal.path)
        if account.head != run.journal.head or account.torn:
            raise SealError("make.journal", run.intent.language, where=run.journal.path.name, reason="altered")
        with custodian(run) as hands:
            return Sealed(seal(account, lambda statement: _sign(run, hands, statement), run.intent.language))
    except OSError as error:
        reason = error.strerror or error
        failed = SealError("make.journal", run.intent.language, where=run.journal.path.name, reason=reason)
        return Sealed(faults=(failed,))
    except ByodkimError as error:
        return Sealed(faults=(error,))


@contextmanager
def custodian(run: Run) -> Iterator[Custodian]:
    """The run's custodian; another one in its place where it has died."""
    if run.custodian.alive:
        yield run.custodian
        return
    fresh = Custodian()
    try:
        if run.settings:
            fresh.ask("open", settings=run.settings)
        yield fresh
    finally:
        fresh.close()


def _sign(run: Run, hands: Custodian, statement: str) -> Signature:
    key = run.intent.seal_key
    try:
        signed = hands.ask("seal", statement=statement, key=key).result()
    except Refused as refused:
        known = refused.code.startswith(("key.", "make."))
        where = key or sealing_key.default_path(os.environ)
        reason = refused.message if known else refused.code
        code = refused.code if known else "make.refused"
        raise SealError(code, run.intent.language, where=where, reason=reason) from None
    except CustodyError:
        raise SealError("make.refused", run.intent.language, where=key or "-", reason="CustodianDied") from None
    return Signature(base64.b64decode(signed["signature"]), base64.b64decode(signed["public_key"]))
