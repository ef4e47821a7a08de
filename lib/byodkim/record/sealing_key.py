"""The user's own Ed25519 key, which signs records and approvals. It is made on first use.

It is not a DKIM key. Its public half is listed in profiles as 32 bytes in base64.
"""

import base64
import contextlib
import hashlib
import os
import stat
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from platformdirs import user_state_path

from byodkim.errors import RecordError
from byodkim.record.files import open_itself, write_file
from byodkim.words import Sentence, _


class SealingKey:
    """A private key that signs.

    Attributes:
        private: what signs.
        public: the public key, 32 bytes in base64, as profiles list it.
    """

    def __init__(self, private: Ed25519PrivateKey) -> None:
        self.public = base64.b64encode(private.public_key().public_bytes_raw()).decode()
        self.private = private


def load_sealing_key() -> SealingKey:
    """Return the user's sealing key from their state folder. Make it on first use.

    It is ``sealing-key.pem`` in ``~/.local/state/byodkim``, or in ``byodkim`` of XDG_STATE_HOME.

    Raises:
        RecordError: the key cannot be made or read, is no Ed25519 key, or others have access to it.
    """
    path = key_path()
    try:
        if not path.exists():
            _make(path)
        data = _read_private(path)
    except OSError as error:
        reason = error.strerror or str(error)
        raise _unusable(path, _("The file or its folder: {reason}.", reason=reason)) from error
    private = None
    with contextlib.suppress(ValueError, TypeError):
        private = serialization.load_pem_private_key(data, password=None)
    if not isinstance(private, Ed25519PrivateKey):
        raise _unusable(path, _("The file holds no Ed25519 key without a password."))
    return SealingKey(private)


def key_path() -> Path:
    """Return where the user's sealing key is kept."""
    return user_state_path("byodkim") / "sealing-key.pem"


def public_key(public: str) -> Ed25519PublicKey:
    """Return the key that verifies what a sealing key signed.

    Raises:
        RecordError: ``public`` is not 32 bytes in base64.
    """
    try:
        key = Ed25519PublicKey.from_public_bytes(base64.b64decode(public, validate=True))
    except ValueError:
        key = None
    if key is None or base64.b64encode(key.public_bytes_raw()).decode() != public:
        raise RecordError(_("{key} is not the public key of a sealing key.", key=public[:80]))
    return key


def fingerprint(public: str) -> str:
    """Return the first 16 hexadecimal digits of the SHA-256 of a public key's 32 bytes."""
    return hashlib.sha256(base64.b64decode(public)).hexdigest()[:16]


def _make(path: Path) -> None:
    """Make the key. Where another process was faster, its key stays."""
    private = Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_file(path, private, mode=0o600, replaces=False)


def _read_private(path: Path) -> bytes:
    with open_itself(path) as file:
        state = os.fstat(file.fileno())
        if not stat.S_ISREG(state.st_mode) or state.st_uid != os.geteuid():
            raise _unusable(path, _("It must be a regular file that you own."))
        if state.st_mode & 0o077:
            raise _unusable(path, _("Others have access to it, so it proves nothing."))
        return file.read(10_000)


def _unusable(path: Path, reason: Sentence) -> RecordError:
    return RecordError(
        _("Your sealing key {file} cannot be used, so nothing could be signed. {reason}",
          file=str(path), reason=reason),
        todo=_("Make the file and its folder accessible to you alone (`chmod 600 {file}`), or set "
               "XDG_STATE_HOME. If others may have read the key, delete it, and have your new "
               "public key listed in byodkim.toml.", file=str(path)),
    )  # fmt: skip
