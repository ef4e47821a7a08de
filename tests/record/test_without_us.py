"""A record is verified with OpenSSL, jq and sha256sum alone, as docs/en/records.md shows."""

import base64
import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.record.archives import Archive, new_key

SCRIPT = Path(__file__).with_name("verify_without_us.sh")


def verify(archive: Archive, name: str, public: str) -> subprocess.CompletedProcess[str]:
    command = ["sh", str(SCRIPT), str(archive.folder), name, public]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("name", ["plan-1", "apply-1", "plan-2"])
def test_an_unchanged_record_verifies(original, name):
    done = verify(original, name, original.mori.public)
    assert done.returncode == 0, done.stderr
    assert "Signature Verified Successfully" in done.stdout
    assert f"{name}.journal.jsonl: OK" in done.stdout
    assert f"{name}.ipynb: OK" in done.stdout


def flip(folder: Path, file: str) -> None:
    data = bytearray((folder / file).read_bytes())
    data[len(data) // 2] ^= 1
    (folder / file).write_bytes(data)


def flip_base64(folder: Path, name: str) -> None:
    """Change a bit of the seal's payload, or of its signature."""
    path = folder / "apply-1.seal.json"
    content = json.loads(path.read_text())
    place = content if name == "payload" else content["signatures"][0]
    data = bytearray(base64.b64decode(place[name]))
    data[40] ^= 1
    place[name] = base64.b64encode(data).decode()
    path.write_text(json.dumps(content))


CHANGES: dict[str, Callable[[Path], object]] = {
    "journal": lambda folder: flip(folder, "apply-1.journal.jsonl"),
    "notebook": lambda folder: flip(folder, "apply-1.ipynb"),
    "payload": lambda folder: flip_base64(folder, "payload"),
    "signature": lambda folder: flip_base64(folder, "sig"),
    "seal of another run": lambda folder: (folder / "plan-1.seal.json").replace(
        folder / "apply-1.seal.json"
    ),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_one_changed_bit_is_seen(sample, change):
    change(sample.folder)
    assert verify(sample, "apply-1", sample.mori.public).returncode != 0


def test_another_key_does_not_verify(original):
    assert verify(original, "apply-1", new_key().public).returncode != 0
