"""Whoever has what a run leaves and the memory of every process but the custodian's does not get the private key."""

from __future__ import annotations

import base64
import functools
import math
import os
import sys
from collections.abc import Callable
from pathlib import Path

import numpy
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateNumbers
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from msgspec.structs import replace

from second_edition.sandbox.client import Facts, Sandbox
from tests.second_edition.custody import attacker
from tests.second_edition.custody.collected import collect
from tests.second_edition.each import each
from tests.second_edition.notebooks import outside
from tests.second_edition.notebooks import runs as notebook_runs
from tests.second_edition.notebooks.fleets import BYODKIM, environment, fleet, lines, ready
from tests.second_edition.notebooks.stage import Stage, project


@functools.cache
def key() -> rsa.RSAPrivateKey:
    """A key pair whose d begins as the attacker tries first, as three in four do, and whose numbers are full bytes."""
    while True:
        made = rsa.generate_private_key(65537, 2048)
        numbers = made.private_numbers()
        full = min(one.bit_length() for one in (numbers.dmp1, numbers.dmq1, numbers.iqmp)) > 1016
        if math.gcd(numbers.p - 1, numbers.q - 1) == 2 and numbers.d.bit_length() > 2040 and full:
            return made


NUMBERS = key().private_numbers()
Spell = Callable[[int], bytes]


def python(number: int) -> bytes:
    """An integer of Python in memory, its header included."""
    limbs = [number >> 30 * index & (1 << 30) - 1 for index in range(-(-number.bit_length() // 30))]
    head = (2, 0x7F0000000000, len(limbs))
    return b"".join(one.to_bytes(8, "little") for one in head) + numpy.array(limbs, "<u4").tobytes()


def bare(number: int) -> bytes:
    return number.to_bytes(-(-number.bit_length() // 8))


SPELLINGS: dict[str, Spell] = {
    "bytes": bare,
    "bytes, the last first": lambda number: bare(number)[::-1],
    "DER": lambda number: b"\x02\x81\x81\0" + bare(number),
    "Python": python,
    "base64": lambda number: base64.b64encode(b"\x02\x81\x81\0" + bare(number)),
    "base64 in lines": lambda number: base64.encodebytes(b"\x02\x81\x81\0" + bare(number)),
    "base64url": lambda number: base64.urlsafe_b64encode(b"a\x02\x81\x81\0" + bare(number)),
    "hexadecimal": lambda number: bare(number).hex().encode(),
    "hexadecimal with colons": lambda number: bare(number).hex(":").encode(),
    "decimal": lambda number: str(number).encode(),
}


def memory(*held: bytes) -> bytes:
    """A process's memory that holds these: pointers, numbers and text beside noise."""
    words = os.urandom(1 << 13) + b"a record of a run, and its words. " * 1000 + bytes(1 << 16)
    pointers = (numpy.random.default_rng(1).integers(0, 1 << 40, 1 << 12) + 0x7F0000000000).astype("<u8").tobytes()
    return b"".join((words, *(one + bytes(16 - len(one) % 8) for one in held), pointers))


def rebuilds(image: bytes) -> bool:
    """Return whether the attacker gets the key; no text of a failure shows what the image holds."""
    found = attacker.private_key(image, NUMBERS.public_numbers)
    return found is not None and {found.p, found.q} == {NUMBERS.p, NUMBERS.q}


def written(encoding: Encoding) -> bytes:
    return key().private_bytes(encoding, PrivateFormat.TraditionalOpenSSL, NoEncryption())


def spki(public: rsa.RSAPublicKey) -> bytes:
    return public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def piece(image: bytes) -> bool:
    return bool(attacker.pieces(image, NUMBERS))


@each("spelling", SPELLINGS)
@each("name", ["p", "q", "d"])
def test_a_number_that_stands_anywhere_gives_the_key_away(name: str, spelling: str) -> None:
    assert rebuilds(memory(SPELLINGS[spelling](getattr(NUMBERS, name))))


@each("spelling", [one for one in SPELLINGS if not one.startswith("bytes")])
@each("name", ["dmp1", "dmq1"])
def test_so_does_d_modulo_a_prime_less_one(name: str, spelling: str) -> None:
    assert rebuilds(memory(SPELLINGS[spelling](getattr(NUMBERS, name))))


@each(
    "whole", [written(Encoding.PEM), base64.b64encode(written(Encoding.DER)), written(Encoding.DER)[500:]],
    ids=["PEM", "base64", "torn DER"],
)  # fmt: skip
def test_so_does_a_key_in_a_file(whole: bytes) -> None:
    assert rebuilds(memory(whole))


@each("spelling", [one for one in SPELLINGS if one != "decimal"])
@each("name", ["p", "q", "dmp1", "dmq1", "iqmp"])
def test_pieces_of_every_number_are_found(name: str, spelling: str) -> None:
    number = getattr(NUMBERS, name)
    assert piece(memory(SPELLINGS[spelling](number)))
    assert piece(memory(b"a" + bare(number)[40:63] + b"b"))


def test_what_is_public_gives_nothing_away() -> None:
    public = spki(key().public_key())
    upper = NUMBERS.d >> 1024 << 1024
    image = memory(public, base64.b64encode(public), python(upper), bare(NUMBERS.public_numbers.n))
    assert not rebuilds(image)
    assert not piece(image)


def numbers(facts: Facts, selector: str) -> RSAPrivateNumbers:
    """The private key in the key store."""
    held = load_pem_private_key(outside.pem(facts, selector), None)
    assert isinstance(held, rsa.RSAPrivateKey)
    return held.private_numbers()


LEFT, NEXT = "mail-20260912-1", "mail-20261124-1"
APPLY = ("-p", "mode", "apply")
PAPERMILL = (notebook_runs.PAPERMILL, "notebooks/rotate.ipynb", "outputs/1.ipynb", "--no-progress-bar")
# By name: the world, the command, what it is given, and the keys that the custodian has in hand meanwhile.
RUNS = {
    "plan": ("ready", PAPERMILL, ("-r", "selector", NEXT), (NEXT,)),
    "apply": ("ready", (BYODKIM, "rotate", "-o", "outputs/1.ipynb"), (*APPLY, "-r", "selector", NEXT), (NEXT,)),
    "retire": ("overlap", (BYODKIM, "retire", "-o", "outputs/1.ipynb"), (*APPLY, "-r", "selector", LEFT), (LEFT,)),
    "prepare": ("unprepared", (BYODKIM, "prepare", "-o", "outputs/1.ipynb"), APPLY, ()),
    "fleet": ("fleet", (BYODKIM, "fleet"), ("-r", "selector", NEXT, "-r", "identities", "some.csv"), (NEXT,)),
}


QUICK = {"name": ("apply",)}
HOLDS = """
import os, sys
held = open(sys.argv[1], "rb").read()
os.write(1, b'{"previous_line": "", "event":"closed"}')
"""


if sys.platform == "linux":  # whose /proc is read

    def test_what_a_process_holds_when_it_closes_is_collected(tmp_path: Path) -> None:
        for name in ("project", "home"):
            (tmp_path / name).mkdir()
        (tmp_path / "key.pem").write_bytes(written(Encoding.PEM))
        command = (sys.executable, "-c", HOLDS, str(tmp_path / "key.pem"))
        got = collect(command, tmp_path / "project", {"PATH": os.environ["PATH"]}, tmp_path / "home")
        assert (got.code, got.files, piece(got.image), rebuilds(got.image)) == (0, 0, True, True)

    @pytest.mark.parametrize("name", RUNS)
    def test_what_a_run_holds_gives_nothing_away(child: Sandbox, tmp_path: Path, name: str) -> None:
        """Not even eight bytes of a secret number stand anywhere outside the custodian."""
        scenario, command, words, handled = RUNS[name]
        child.reset(scenario)
        stage, home, facts = (
            Stage(child, project(tmp_path / "project", tmp_path / "home")),
            tmp_path / "home",
            child.facts,
        )
        home.mkdir()
        if name == "fleet":
            facts = replace(facts, domain=f"d00000.{facts.domain}")
            ready(stage, 0)
            words = (*words, *APPLY, "-r", "approved", fleet(stage, *words).run)
        known = [numbers(facts, selector) for selector in handled]
        target = ("-p", "target", "sandbox", "-p", "endpoint_url", facts.endpoint_url)
        got = collect((*command, *target, *words), stage.folder, environment(stage), home)
        assert got.code == 0, got.said
        # papermill and its kernel; of a command its own process; of a campaign those besides that run its identities
        assert len(got.processes) >= {"fleet": 4, "plan": 2}.get(name, 1)
        assert got.custodians >= 1
        if name == "prepare":
            (journal,) = stage.folder.glob("outputs/*.journal.jsonl")
            known += [numbers(facts, event["selector"]) for event in lines(journal) if event["event"] == "named"]
        for held in known:
            assert base64.b64encode(spki(held.public_numbers.public_key())) in got.image  # everything that is public is
            rebuilt, standing = attacker.private_key(got.image, held.public_numbers), attacker.pieces(got.image, held)
            assert (rebuilt is None, len(standing)) == (True, 0)
