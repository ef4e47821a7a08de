"""Files that the manual procedure leaves: found by name and first line, at the top of a few folders, and not read."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, NoEncryption, PrivateFormat

from byodkim.engine.leftovers import look
from byodkim.evidence import approval
from tests.dkim import keys

ARMOUR = "-----BEGIN {}-----\nMIIE\n-----END {}-----\n"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home with a project in it, where the run stands."""
    for name in ("Downloads", "ダウンロード", "mail/notebooks", "mail/outputs", "mail/deep"):
        (tmp_path / name).mkdir(parents=True)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path / "mail")
    return tmp_path


def put(path: Path, text: str | bytes = "x") -> None:
    path.write_bytes(text if isinstance(text, bytes) else text.encode())


@pytest.mark.parametrize(
    "name",
    ["private_key_20261110_020011.pem", "private_key.pem", "dkim-signing-attributes.json",
     "dkim-signing-attributes-2.json"],
)  # fmt: skip
@pytest.mark.parametrize("folder", ["", "Downloads", "ダウンロード", "mail", "mail/notebooks", "mail/outputs"])
def test_the_manual_procedure_s_files_are_found_wherever_it_leaves_them(home: Path, folder: str, name: str) -> None:
    put(home / folder / name)
    assert look(home / "mail/outputs") == ((f"~/{Path(folder, name)}",), ())


def pem(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | Ed25519PrivateKey, passphrase: bytes = b"") -> bytes:
    encryption = BestAvailableEncryption(passphrase) if passphrase else NoEncryption()
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption)


SHORT_RSA = rsa.generate_private_key(65537, 1024)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        (keys.pem(), True),
        (pem(SHORT_RSA, b"secret"), True),
        (pem(SHORT_RSA).replace(b"\n", b"\r\n"), True),
        ("-----BEGIN RSA PRIVATE KEY-----", True),
        (pem(Ed25519PrivateKey.generate()), False),
        (pem(ec.generate_private_key(ec.SECP521R1()), b"secret"), False),
        (ARMOUR.format("PUBLIC KEY", "PUBLIC KEY") + "x" * 1000, False),
        ("the PRIVATE KEY is not here" + "x" * 1000, False),
        ("", False),
        (ARMOUR.format("PRIVATE KEY", "PRIVATE KEY") + "x" * 65_536, False),
    ],
)
def test_only_a_pem_file_that_may_hold_an_rsa_key_is_left_over(home: Path, text: str | bytes, *, left: bool) -> None:
    put(home / "Downloads/key.pem", text)
    put(home / "Downloads/key.txt", text)
    assert look(home / "mail/outputs") == (("~/Downloads/key.pem",) if left else (), ())


def test_nothing_is_looked_for_further_down_and_what_is_no_file_is_let_be(home: Path) -> None:
    for folder in ("mail/deep", "mail/notebooks/deep", "Downloads/deep"):
        (home / folder).mkdir(exist_ok=True)
        put(home / folder / "private_key_1.pem")
    (home / "private_key_2.pem").mkdir()
    os.mkfifo(home / "private_key_3.pem")  # opening it would wait for ever
    os.mkfifo(home / "key.pem")
    (home / "private_key_4.pem").symlink_to("nowhere")
    assert look(home / "mail/outputs") == ((), ())


def test_a_folder_that_cannot_be_listed_is_named(home: Path) -> None:
    (home / "Downloads").rmdir()
    (home / "Downloads").symlink_to("Downloads")
    assert look(home / "mail/outputs") == ((), ("~/Downloads",))


def test_a_notebook_s_kernel_that_stands_in_its_folder_looks_in_the_project_too(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(home / "mail/private_key_1.pem")
    put(home / "mail/notebooks/private_key_2.pem")
    monkeypatch.chdir(home / "mail/notebooks")
    assert look(home / "mail/outputs")[0] == ("~/mail/notebooks/private_key_2.pem", "~/mail/private_key_1.pem")


def test_no_byte_after_the_first_line_is_read(home: Path) -> None:
    for number in range(50):
        put(home / f"Downloads/{number}.pem", ARMOUR.format("PRIVATE KEY", "") + "x" * 40_000)
        put(home / f"Downloads/{number}-bare.pem", "MIIE" * 10_000)

    def read() -> int:
        found = re.search(r"rchar: (\d+)", Path("/proc/self/io").read_text())
        assert found
        return int(found[1])

    before = read()
    again = read()
    found, _ = look(home / "mail/outputs")
    spent = read() - again - (again - before)
    assert len(found) == 50
    assert spent < 50 * 64


@pytest.mark.parametrize("passphrase", ["", "a long passphrase of an approver"])
def test_an_approver_s_key_in_the_home_folder_is_not_left_over(home: Path, passphrase: str) -> None:
    approval.make_key(home / "walk-approver.pem", passphrase, "en")
    assert look(home / "mail/outputs") == ((), ())
