"""What OpenSSL says of a record, and what its seal states."""

import base64
import hashlib
import json
import subprocess
from pathlib import Path

SCRIPT = Path(__file__).parents[1] / "record/verify_without_us.sh"


def require_seal(folder: Path, name: str, public_key: str) -> None:
    """Require what docs/en/records.md says: OpenSSL and sha256sum find the record unchanged."""
    command = ["sh", str(SCRIPT), str(folder), name, public_key]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Signature Verified Successfully" in done.stdout
    for file in ("journal.jsonl", "ipynb"):
        assert f"{name}.{file}: OK" in done.stdout


def head(folder: Path, name: str) -> str:
    """Return the SHA-256 of a record's journal."""
    return hashlib.sha256((folder / f"{name}.journal.jsonl").read_bytes()).hexdigest()


def previous(folder: Path, name: str) -> tuple[str, str]:
    """Return the record before this one in the chain, and its head."""
    envelope = json.loads((folder / f"{name}.seal.json").read_text())
    predicate = json.loads(base64.b64decode(envelope["payload"]))["predicate"]
    return predicate["previous_record"], predicate["previous_head"]
