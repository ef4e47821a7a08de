"""The Ed25519 key with which a person signs records and approvals. It is made on first use, and never leaves its file.

It has nothing to do with DKIM: no mail is signed with it.
"""

from __future__ import annotations

import base64
import os
import stat
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from platformdirs import user_state_path
from securesystemslib.signer import CryptoSigner, SSlibKey

from byodkim.errors import RecordError
from byodkim.words import _

FILE: Final = "sealing-key.pem"


class SealingKey:
    """A sealing key. ``public``: base64 of its 32 public bytes, as profiles list it."""

    def __init__(self, private: Ed25519PrivateKey) -> None:
        raw = private.public_key().public_bytes_raw()
        self.public = base64.b64encode(raw).decode()
        self.signer = CryptoSigner(private, public_key(self.public))

    def public_pem(self) -> str:
        """Return the public key in PEM, for OpenSSL."""
        raw = base64.b64decode(self.public)
        pem = Ed25519PublicKey.from_public_bytes(raw).public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        return pem.decode()


def public_key(public: str) -> SSlibKey:
    """Return a public key for securesystemslib. Its key id is the key itself, in base64.

    Raises:
        ValueError: it is no Ed25519 key in base64.
    """
    raw = base64.b64decode(public, validate=True)
    if base64.b64encode(raw).decode() != public:
        raise ValueError("not canonical base64")
    return SSlibKey.from_crypto(Ed25519PublicKey.from_public_bytes(raw), keyid=public)


def key_path() -> Path:
    """Return where the sealing key is."""
    return user_state_path("byodkim") / FILE


def load_sealing_key() -> SealingKey:
    """Return this user's sealing key; make one on first use.

    Raises:
        RecordError: it cannot be made or read, or others can read it.
    """
    path = key_path()
    try:
        if not path.exists():
            _make(path)
        if stat.S_IMODE(path.stat().st_mode) & 0o077:
            raise RecordError(
                _("Others can read the sealing key {path}.", path=str(path)),
                todo=_("Run chmod 600 on it. If somebody may have copied it, delete it: "
                       "a new one is made."),
            )  # fmt: skip
        private = serialization.load_pem_private_key(path.read_bytes(), None)
    except (OSError, ValueError, TypeError) as error:
        raise RecordError(
            _("The sealing key {path} cannot be made or read: {reason}",
              path=str(path), reason=str(error)[:80]),
            todo=_("Set XDG_STATE_HOME to a folder that you can write to."),
        ) from None  # fmt: skip
    if not isinstance(private, Ed25519PrivateKey):
        raise RecordError(_("The sealing key {path} is no Ed25519 key.", path=str(path)))
    return SealingKey(private)


def _make(path: Path) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    pem = Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    draft = path.with_name(f".{FILE}.{os.getpid()}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(pem)
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)  # two first runs at once: the first key stays
    except FileExistsError:
        pass
    finally:
        draft.unlink()
