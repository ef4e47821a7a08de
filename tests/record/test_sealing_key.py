"""The user's sealing key is made once, and used only while nobody else has access to it."""

import base64
import hashlib
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from byodkim.cli.main import main
from byodkim.errors import RecordError
from byodkim.record.sealing_key import (
    fingerprint,
    key_path,
    load_sealing_key,
    public_key,
)
from tests.aws.keys import openssl


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path / "state"


def test_the_key_is_made_on_first_use_for_its_owner_alone(state):
    key = load_sealing_key()
    path = state / "byodkim" / "sealing-key.pem"
    assert key_path() == path
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert [each.name for each in path.parent.iterdir()] == [path.name]
    assert load_sealing_key().public == key.public
    raw = base64.b64decode(key.public)
    assert len(raw) == 32
    assert fingerprint(key.public) == hashlib.sha256(raw).hexdigest()[:16]


def test_openssl_reads_the_same_public_key():
    load_sealing_key()
    shown = openssl("pkey", "-in", str(key_path()), "-pubout")
    printed = CliRunner().invoke(main, ["key", "--pem"], catch_exceptions=False)
    assert printed.stdout == shown.decode()


def test_two_first_runs_at_once_use_one_key():
    code = "from byodkim.record.sealing_key import *; print(load_sealing_key().public)"
    started = [
        subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
        for _number in range(4)
    ]
    assert len({each.communicate()[0] for each in started}) == 1
    assert {each.returncode for each in started} == {0}


def readable_by_others(path: Path) -> None:
    path.chmod(0o640)


def no_key(path: Path) -> None:
    path.write_text("-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n")


def another_kind_of_key(path: Path) -> None:
    path.write_bytes(openssl("genpkey", "-algorithm", "x25519"))


def with_a_password(path: Path) -> None:
    path.write_bytes(openssl("pkey", "-aes256", "-passout", "pass:x", data=path.read_bytes()))


def a_link(path: Path) -> None:
    path.rename(path.with_name("moved"))
    path.symlink_to("moved")


def a_link_to_nothing(path: Path) -> None:
    path.unlink()
    path.symlink_to("nothing")


def a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (readable_by_others, "chmod 600"),
        (no_key, "no Ed25519 key"),
        (another_kind_of_key, "no Ed25519 key"),
        (with_a_password, "no Ed25519 key"),
        (a_link, "symbolic links"),
        (a_link_to_nothing, "symbolic links"),
        (a_folder, "directory"),
    ],
)
def test_a_key_that_proves_nothing_is_refused(damage, reason):
    load_sealing_key()
    damage(key_path())
    with pytest.raises(RecordError, match=reason) as error:
        load_sealing_key()
    assert "c2VjcmV0" not in str(error.value)


def test_a_state_folder_that_cannot_be_made_is_told(state):
    state.write_text("a file")
    with pytest.raises(RecordError, match="XDG_STATE_HOME"):
        load_sealing_key()


@pytest.mark.parametrize(
    "public", ["", "x", "AAAA", "é" * 44, "A" * 43, " " + "A" * 43 + "=", "A" * 42 + "B="]
)
def test_what_is_no_public_key_is_refused(public):
    with pytest.raises(RecordError, match="is not the public key"):
        public_key(public)
