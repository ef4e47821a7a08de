"""The seal over a finished notebook and its page, where whoever executed the notebook made one."""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from byodkim.evidence import seal
from byodkim.evidence.journal import SUFFIX

if TYPE_CHECKING:
    from byodkim.evidence.verification import Trust
    from byodkim.evidence.verification_finding import Finding, Speaker


def pages(journal: Path, run: str, trust: Trust, tell: Speaker) -> tuple[frozenset[str], list[Finding]]:
    """The names of the files that ``<name>.<run id>.notebook.seal.json`` vouches for, and what is off with them."""
    path = journal.with_name(journal.name.removesuffix(SUFFIX) + seal.NOTEBOOK_SUFFIX)
    if not path.exists():
        return frozenset(), []
    try:
        stated = signed_statement(path, trust)
        digests = {str(one["name"]): str(one["digest"]["sha256"]) for one in _named(path, stated)}
        if stated["predicate"]["run"] != run:
            raise ValueError("another run's")
    except (OSError, LookupError, TypeError, ValueError, AttributeError, RecursionError):
        return frozenset(), [tell("pages-seal", name=path.name)]
    # A bare name: it must not lead out of the folder.
    off = [name for name, sha256 in digests.items() if Path(name).name != name or _sha256(path, name) != sha256]
    return frozenset(digests) - {*off}, [tell("pages", names=", ".join(off))] if off else []


def signed_statement(path: Path, trust: Trust) -> Any:
    """The statement in an envelope, if a trusted key signed it.

    Raises:
        OSError, LookupError, TypeError, ValueError: none did, or it is none, or it is spelled otherwise than written.
    """
    from byodkim.evidence.dsse import pae

    data = path.read_bytes()
    outer = json.loads(data)
    payload = base64.b64decode(outer["payload"], validate=True)
    (signature,) = outer["signatures"]
    key, signed = trust.keys[signature["keyid"]], base64.b64decode(signature["sig"], validate=True)
    stated = json.loads(payload)
    made = seal.envelope(stated, lambda _: seal.Signature(signed, key.der))
    if made != data or not key.verifies(signed, pae(seal.PAYLOAD, payload)) or stated["_type"] != seal.STATEMENT:
        raise ValueError("not as it was signed")
    return stated


def _named(path: Path, stated: Any) -> list[Any]:
    """What a statement names: the notebook, and its page where that is there, which can be made again at any time."""
    page = stated["predicate"].get("page")
    return [*stated["subject"], *([page] if page and path.with_name(str(page["name"])).exists() else [])]


def _sha256(beside: Path, name: str) -> str:
    try:
        return hashlib.sha256(beside.with_name(name).read_bytes()).hexdigest()
    except (OSError, ValueError):
        return ""
