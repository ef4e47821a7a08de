"""The local sealing key: one a user, whoever comes first, and never where others get at it."""

from __future__ import annotations

import base64
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from second_edition.evidence import sealing_key
from second_edition.evidence.sealing_key import KeyDefect, SealingKey
from tests.second_edition.each import each
from tests.second_edition.evidence.authority import openssl

FIRST_USE = """
import sys
from pathlib import Path
from second_edition.evidence import sealing_key
sys.stdin.readline()
print(sealing_key.public_half(sealing_key.local(Path(sys.argv[1]))).keyid)
"""


def spki(key: ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey | rsa.RSAPrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def refused(path: Path) -> str:
    with pytest.raises(KeyDefect) as raised:
        sealing_key.local(path)
    return raised.value.code


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "byodkim" / "sealing-key.pem"


def test_the_key_is_made_once_and_only_its_owner_reads_it(path: Path) -> None:
    first, again = sealing_key.local(path), sealing_key.local(path)
    assert first.private_bytes_raw() == again.private_bytes_raw()
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    public = sealing_key.public_path(path)
    assert sorted(file.name for file in path.parent.iterdir()) == sorted([path.name, public.name])
    told = subprocess.run(["openssl", "pkey", "-in", str(path), "-pubout"], capture_output=True, text=True, check=True)
    assert told.stdout == public.read_text()
    assert sealing_key.own({"XDG_STATE_HOME": str(path.parents[1])}) == sealing_key.public_half(first)


def test_processes_that_come_first_at_the_same_time_get_one_key(path: Path) -> None:
    command = [sys.executable, "-c", FIRST_USE, str(path)]
    started = [subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(6)]
    for child in started:
        assert child.stdin is not None
        child.stdin.write("\n")
        child.stdin.flush()
    told = {child.communicate(timeout=600)[0].strip() for child in started}
    assert {child.returncode for child in started} == {0}
    assert told == {sealing_key.public_half(sealing_key.local(path)).keyid}
    assert len(list(path.parent.iterdir())) == 2


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_a_key_that_others_can_read_is_refused(path: Path, mode: int) -> None:
    sealing_key.local(path)
    path.chmod(mode)
    assert refused(path) == "key.open"


def test_a_key_in_a_repository_is_refused_and_not_made(path: Path, tmp_path: Path) -> None:
    subprocess.run(["git", "init", "--quiet", str(tmp_path)], check=True)
    assert refused(path) == "key.repository"
    assert not path.exists()


EC = ec.generate_private_key(ec.SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
BROKEN = b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"


@pytest.mark.parametrize("text", [b"", BROKEN, b"\xff" * 99, EC], ids=["empty", "broken", "no text", "of another kind"])
def test_a_key_that_cannot_be_used_is_refused_and_not_quoted(path: Path, text: bytes) -> None:
    path.parent.mkdir(parents=True)
    path.write_bytes(text)
    path.chmod(0o600)
    assert refused(path) == "key.unusable"


def test_public_keys_are_named_by_text_or_by_file(tmp_path: Path) -> None:
    for kind, private in (
        ("ed25519", ed25519.Ed25519PrivateKey.generate()),
        ("p256", ec.generate_private_key(ec.SECP256R1())),
    ):
        key = SealingKey(spki(private))
        assert key.kind == kind
        assert sealing_key.parse(key.text, tmp_path) == key
        pem = private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        (tmp_path / f"{kind}.pem").write_bytes(pem)
        assert sealing_key.parse(f"{kind}.pem", tmp_path) == key
        assert sealing_key.parse(str(tmp_path / f"{kind}.pem"), Path("/")) == key


@each("curve", [ec.SECP384R1(), ec.SECP256K1()])
def test_other_curves_are_no_sealing_keys_and_verify_nothing(curve: ec.EllipticCurve) -> None:
    key = SealingKey(spki(ec.generate_private_key(curve)))
    assert (key.kind, key.verifies(b"", b"")) == ("", False)


def test_text_that_is_no_key_is_refused(tmp_path: Path) -> None:
    p256 = base64.b64encode(spki(ec.generate_private_key(ec.SECP256R1()))).decode()
    for text in (f"ed25519:{p256}", "ed25519:", "ed25519:!", "p256:AAAA"):
        with pytest.raises(KeyDefect) as raised:
            sealing_key.parse(text, tmp_path)
        assert raised.value.code == "public.text"
    with pytest.raises(KeyDefect) as raised:
        sealing_key.parse("absent.pem", tmp_path)
    assert raised.value.code == "public.unreadable"
    rsa_key = rsa.generate_private_key(65537, 2048).public_key()
    (tmp_path / "rsa.pem").write_bytes(rsa_key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    (tmp_path / "empty.pem").write_bytes(b"")
    odd = openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:secp112r1")
    (tmp_path / "odd.pem").write_bytes(openssl("pkey", "-pubout", data=odd))
    for name in ("rsa.pem", "empty.pem", "odd.pem"):
        with pytest.raises(KeyDefect) as raised:
            sealing_key.parse(name, tmp_path)
        assert raised.value.code == "public.unusable"


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    assert refused(tmp_path / "file" / "sealing-key.pem") == "key.unreadable"


def test_the_folder_is_the_users_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/people/sato")
    expected = Path("/people/sato/.local/state/byodkim/sealing-key.pem")
    assert sealing_key.default_path({}) == expected
    assert sealing_key.default_path({"XDG_STATE_HOME": "relative"}) == expected
    assert sealing_key.default_path({"XDG_STATE_HOME": "/state"}) == Path("/state/byodkim/sealing-key.pem")
