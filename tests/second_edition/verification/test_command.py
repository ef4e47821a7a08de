"""The command: one line a run, exit codes, whose keys count, and what is no run at all."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from msgspec.structs import replace

from second_edition.evidence import journal, sealing_key
from second_edition.evidence.approval import public_text
from second_edition.evidence.dsse import PAYLOAD, Signature, pae
from second_edition.evidence.seal import seal
from second_edition.evidence.verification_case import NOTES
from second_edition.intent.trust import trusted
from second_edition.launch.verify import SHIPPED_AS, Result, lines_of
from second_edition.launch.verifying import FEW, witnesses
from tests.second_edition.display.archive import Archive
from tests.second_edition.each import each
from tests.second_edition.verification.judged import OF_CHECKOUT, codes, journal_of, judge, seal_of, verify
from tests.second_edition.verification.made import cut, follow, save

#: The order of P-256's group (SP 800-186, section 3.2.1.3).
P256 = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def public_pem() -> Path:
    return sealing_key.public_path(sealing_key.default_path(os.environ))


def pem_of(key: Path) -> str:
    made = subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", str(key)], capture_output=True)
    assert made.returncode == 0
    done = subprocess.run(["openssl", "pkey", "-in", str(key), "-pubout"], capture_output=True, text=True, check=True)
    return done.stdout


def test_one_line_a_run(untouched: Path) -> None:
    done = verify(untouched, ".")
    runs = judge(untouched)
    lines = done.stdout.splitlines()
    assert (done.returncode, done.stderr) == (0, "")
    for line, run in zip(lines, runs, strict=False):
        assert line.split()[:4] == ["VERIFIED", run.run, "example.jp", run.outcome]
    assert lines[4] == ""
    assert lines[5].startswith("4 runs: 4 verified, 0 off")
    assert f"  sealing key: {runs[0].keyid} ({public_pem()})" in lines
    assert lines[-1] == f"  --head {runs[-1].run}:{runs[-1].head}"
    assert runs[0].keyid in lines[6]


def test_it_tells_rehearsals_from_runs_on_aws(untouched: Path) -> None:
    assert "4 ran in a sandbox or on a twin, not on AWS." in verify(untouched, ".").stdout.splitlines()


def test_json_has_of_each_run_what_its_files_hold(chain: Path) -> None:
    """Of one whose journal does not hold together no more than its name."""
    broken, keyid = journal_of(chain, "plan"), sealing_key.read_public(public_pem()).keyid
    broken.write_bytes(broken.read_bytes().replace(b"example.jp", b"example.com"))
    nothing = {"domain": "", "outcome": "", "head": "", "keyid": "", "target": "", "template": ""}
    always = {"table": "", "stamped": "", "approvals": {"found": 0, "required": 0}, "waived": []}
    told = json.loads(verify(chain, ".", "--json").stdout)["runs"]
    for name, one in zip(("plan", "apply", "again", "back"), told, strict=True):
        path = journal_of(chain, name)
        begin, *_, closed = (json.loads(line) for line in path.read_bytes().splitlines())
        own = {
            "domain": "example.jp",
            "outcome": closed["outcome"],
            "head": hashlib.sha256(path.read_bytes().splitlines(keepends=True)[-1]).hexdigest(),
            "keyid": keyid,
            "target": begin["target"],
            "template": SHIPPED_AS.get(begin["template_sha256"], ""),
        }
        files = {"run": begin["run"], "journal": path.name, "notebook": f"{name}.ipynb"}
        verdict = {"verdict": "off" if name in ("plan", "apply") else "verified"}  # the next one misses it
        del one["findings"]
        assert one == {**files, **always, **verdict, **(nothing if path == broken else own)}


def test_the_head_that_it_prints_is_what_it_takes(chain: Path) -> None:
    option, head = verify(chain, ".").stdout.splitlines()[-1].split()
    assert verify(chain, ".", option, head).returncode == 0
    run = head.partition(":")[0]
    for path in chain.glob(f"*{run}*"):
        path.unlink()
    (chain / "back.ipynb").unlink()
    assert verify(chain, ".").returncode == 0
    done = verify(chain, ".", option, head)
    assert done.returncode == 1
    assert re.search(f"^OFF  +{run}", done.stdout, re.MULTILINE)
    assert "4 runs: 3 verified, 1 off" in done.stdout


def test_what_is_off_stands_in_the_run_s_line_and_in_json(chain: Path) -> None:
    seal_of(chain, "again").unlink()
    lines = verify(chain, ".").stdout.splitlines()
    assert [line.split()[0] for line in lines[:4]] == ["VERIFIED", "VERIFIED", "OFF", "VERIFIED"]
    assert "the run closed and has no seal" in lines[2]
    done = verify(chain, ".", "--json")
    told = json.loads(done.stdout)
    assert (done.returncode, told["sound"]) == (1, False)
    assert [run["verdict"] for run in told["runs"]] == ["verified", "verified", "off", "verified"]
    found = [one for one in told["runs"][2]["findings"] if one["code"] not in OF_CHECKOUT]
    assert found == [{"code": "unsealed", "fault": True, "text": "the run closed and has no seal"}]
    assert told["heads"] == {told["runs"][-1]["run"]: told["runs"][-1]["head"]}


def profile(text: str) -> Callable[[Path], list[str]]:
    def act(folder: Path) -> list[str]:
        (folder / "byodkim.toml").write_text(text.replace("KEY", str(public_pem())))
        return []

    return act


KEYS: dict[str, tuple[Callable[[Path], list[str]], int]] = {
    "own": (lambda _: [], 0),
    "given": (lambda _: ["--key", str(public_pem())], 0),
    "given-as-text": (lambda _: ["--key", sealing_key.read_public(public_pem()).text], 0),
    "profile": (profile('[other]\nsealing_keys = ["KEY"]\n'), 0),
    "profile-without": (profile("[default]\n"), 0),
}


@each("name", KEYS)
def test_whose_seal_counts(archive: Archive, tmp_path: Path, name: str) -> None:
    act, code = KEYS[name]
    done = verify(tmp_path, *act(tmp_path), str(archive("refused").parent))
    assert (done.returncode, done.stderr) == (code, "")


def test_another_key_that_is_named_counts_instead_of_one_s_own(archive: Archive, tmp_path: Path) -> None:
    (tmp_path / "other.pem").write_text(pem_of(tmp_path / "key.pem"))
    folder = str(archive("refused").parent)
    assert verify(tmp_path, folder, "--key", "other.pem").returncode == 1
    assert verify(tmp_path, folder, "--key", "other.pem", "--key", str(public_pem())).returncode == 0
    profile('[default]\nsealing_keys = ["other.pem"]\n')(tmp_path)
    assert verify(tmp_path, folder).returncode == 0  # of a profile's one's own counts beside them


def test_a_key_that_is_named_excludes_those_of_a_profile_above(archive: Archive, tmp_path: Path) -> None:
    """Show whoever wrote that file: it is not even read, and what is read is named."""
    below = tmp_path / "below"
    below.mkdir()
    (tmp_path / "byodkim.toml").write_text(f'[default]\nsealing_keys = ["{public_pem()}"]\n')
    (below / "other.pem").write_text(pem_of(below / "key.pem"))
    folder = str(archive("refused").parent)
    by_profile = verify(below, folder)
    assert by_profile.returncode == 0
    keyid = sealing_key.read_public(public_pem()).keyid
    assert f"sealed with {keyid}, which byodkim.toml lists." in by_profile.stdout
    assert f"  profile: {tmp_path / 'byodkim.toml'}\n  sealing key: {keyid} ({public_pem()})\n" in by_profile.stdout
    assert "byodkim archive RECORD" not in by_profile.stdout
    (tmp_path / "byodkim.toml").write_text(f'[default\nsealing_keys = ["{public_pem()}"]\n')
    broken = verify(below, folder)
    assert (broken.returncode, broken.stdout) == (2, "")
    assert broken.stderr.startswith("byodkim.toml is not valid TOML (")
    by_key = verify(below, folder, "--key", "other.pem")
    assert (by_key.returncode, by_key.stderr) == (1, "")
    other = sealing_key.read_public(below / "other.pem").keyid
    assert f"Trusted:\n  sealing key: {other} ({below / 'other.pem'})\n" in by_key.stdout
    assert "byodkim archive RECORD" in by_key.stdout


def test_runs_that_were_stopped_and_notebooks_of_no_run_are_counted_apart(chain: Path) -> None:
    cut(chain, "back", events=3)
    follow(chain, "later", after="back")
    looks = {"cell_type": "code", "id": "x", "metadata": {}, "execution_count": 1, "outputs": []}
    cells = [looks | {"source": ["from second_edition import explore"]}]
    save(chain / "look.ipynb", {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})
    done = verify(chain, ".")
    assert done.returncode == 0
    assert [line.split()[0] for line in done.stdout.splitlines()[:5]] == [*["VERIFIED"] * 3, "STOPPED", "VERIFIED"]
    assert re.search(r"^5 runs: 4 verified, 1 stopped, 0 off, notes: \d+, notebooks of no run: 1\.$", done.stdout, re.M)


def test_a_folder_without_any_run_is_no_archive_that_verifies(tmp_path: Path) -> None:
    """A share that is not mounted, or an archive that was emptied, fails a nightly check, whatever else lies there."""
    (tmp_path / "a.20261124T040849Z-7f3a1c2d.journal.jsonl").touch()
    for paths in ((".",), (".", "--json")):
        done = verify(tmp_path, *paths)
        assert (done.returncode, done.stderr.startswith("No run lies in .")) == (2, True), done.stdout


def test_what_cannot_be_judged_has_a_verdict_and_an_exit_code_of_its_own(chain: Path) -> None:
    """A notebook that may not be read; where something else is off, that decides."""
    (chain / "again.ipynb").unlink()
    (chain / "again.ipynb").symlink_to(chain / "again.ipynb")  # root reads any file, but no loop
    done = verify(chain, ".", "--json")
    told = json.loads(done.stdout)
    assert done.returncode == 3
    assert [run["verdict"] for run in told["runs"]] == [*["verified"] * 4, "cannot-tell"]
    seal_of(chain, "again").unlink()
    done = verify(chain, ".", "--json")
    assert done.returncode == 1
    assert json.loads(done.stdout)["runs"][2]["verdict"] == "off"


def test_a_seal_by_a_key_as_kms_keeps_them(chain: Path, tmp_path: Path) -> None:
    """ECDSA on P-256 with SHA-256, made by OpenSSL."""
    key, public = tmp_path / "kms.pem", tmp_path / "kms.pub.pem"
    made = ["openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", str(key)]
    subprocess.run(made, check=True, capture_output=True)
    subprocess.run(["openssl", "pkey", "-in", str(key), "-pubout", "-out", str(public)], check=True)
    theirs = sealing_key.read_public(public)

    def sign(text: str) -> Signature:
        signing = ["openssl", "dgst", "-sha256", "-sign", str(key)]
        signed = subprocess.run(signing, input=pae(PAYLOAD, text.encode()), capture_output=True, check=True)
        r, s = decode_dss_signature(signed.stdout)
        return Signature(encode_dss_signature(r, min(s, P256 - s)), theirs.der)

    path = seal_of(chain, "back")
    path.unlink()
    seal(journal.read(journal_of(chain, "back")), sign)
    (chain / "back.ipynb").unlink()  # it shows the other seal
    both = ["--key", str(public), "--key", str(public_pem())]
    assert verify(chain, ".").returncode == 1
    assert verify(chain, ".", *both).returncode == 0
    data = path.read_bytes()
    r, s = decode_dss_signature(base64.b64decode(json.loads(data)["signatures"][0]["sig"]))
    other = encode_dss_signature(r, P256 - s)  # OpenSSL takes it for one as well
    path.write_bytes(replaced(data, other))
    (one,) = judge(path, trust=trusted([str(public)], [], None, "en"))
    assert codes(one) - NOTES == {"seal-forged"}
    path.write_bytes(data)
    assert data.count(b'"sig": "') == 1
    place = data.index(b'"sig": "') + 40
    path.write_bytes(data[:place] + (b"A" if data[place : place + 1] != b"A" else b"B") + data[place + 1 :])
    assert verify(chain, ".", *both).returncode == 1


def replaced(seal: bytes, signature: bytes) -> bytes:
    """A seal's file with another signature, spelled as it was."""
    old = json.loads(seal)["signatures"][0]["sig"].encode()
    return seal.replace(old, base64.b64encode(signature))


def test_who_trusts_nobody_is_told_how_to(archive: Archive, tmp_path: Path) -> None:
    done = verify(tmp_path, str(archive("refused").parent), XDG_STATE_HOME=str(tmp_path / "nobody"))
    assert done.returncode == 3
    assert done.stdout.startswith("UNKNOWN")
    assert "not among the trusted ones" in done.stdout
    assert "--key FILE" in done.stdout


def test_an_archive_without_runs_is_none(tmp_path: Path) -> None:
    """It was emptied, or its share is not there: a nightly verification may not pass."""
    (tmp_path / "README.md").write_text("records")
    (tmp_path / "policy.toml").write_text("newest_run_days = 9\n")
    for policy in ([], ["--policy", "policy.toml"]):
        done = verify(tmp_path, ".", *policy)
        assert (done.returncode, done.stdout, done.stderr.startswith("No run lies in .")) == (2, "", True)
    missing = verify(tmp_path, ".", "--head", f"20261124T040849Z-7f3a:{'0' * 64}")
    assert (missing.returncode, "is not there" in missing.stdout) == (1, True)
    for words, said in (
        (("README.md",), "README.md is neither the record, the journal nor the seal of a run. Name an executed"),
        (("absent",), "absent does not exist, or is no file or folder. Name an executed notebook"),
        (("absent", "--language", "ja"), "absent は存在しないか"),
        ((".", "--key", "README.md"), "README.md holds no Ed25519 or P-256 public key in PEM. "),
    ):
        done = verify(tmp_path, *words)
        assert (done.returncode, done.stdout, done.stderr[: len(said)]) == (2, "", said)


def test_terminals_are_not_taken_over_by_a_file_s_name(tmp_path: Path) -> None:
    name = "evil\x1b[2J.20260101T000000Z-0000.journal.jsonl"
    (tmp_path / name).write_bytes(b"x\n")
    done = verify(tmp_path, ".")
    assert done.returncode == 1
    assert "\x1b" not in done.stdout


def test_two_lists_of_keys_are_refused(chain: Path) -> None:
    """What one of them excludes, the other must not let in."""
    (chain / "policy.toml").write_text(f'trusted_keys = ["{public_pem()}"]\n')
    done = verify(chain, ".", "--policy", "policy.toml", "--key", str(public_pem()))
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)
    assert done.stderr.startswith("--key and trusted_keys in policy.toml both say which sealing keys you trust.")


def test_the_name_of_a_file_makes_no_line_of_its_own(chain: Path) -> None:
    name = "b.ipynb\nVERIFIED  20991231T000000Z-0  example.jp  SWITCHED\n.ipynb"
    (chain / name).write_bytes((chain / "plan.ipynb").read_bytes())
    lines = verify(chain, ".").stdout.splitlines()
    assert not any(line.startswith("VERIFIED  20991231") for line in lines)
    assert any("\u2039U+000A\u203a" in line for line in lines)


def test_it_needs_no_private_key(archive: Archive, tmp_path: Path) -> None:
    """Nor a network, nor a folder to write to: a copy of the public half is all."""
    public = tmp_path / "public.pem"
    public.write_bytes(public_pem().read_bytes())
    folder = archive("refused").parent
    before = sorted((path.name, path.stat().st_mtime_ns) for path in folder.iterdir())
    done = verify(tmp_path, str(folder), "--key", str(public), XDG_STATE_HOME=str(tmp_path / "nobody"))
    assert done.returncode == 0
    assert sorted((path.name, path.stat().st_mtime_ns) for path in folder.iterdir()) == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["public.pem"]


def test_an_approver_s_key_is_taken(untouched: Path) -> None:
    assert verify(untouched, ".", "--approver", f"tanaka={public_text(Ed25519PrivateKey.generate())}").returncode == 0


def test_many_runs_are_verified_on_all_cores_and_come_to_the_same(untouched: Path, tmp_path: Path) -> None:
    """So many that they are shared out; each copy of the chain is one too many."""
    for number in range(30):
        for path in untouched.glob("[a-b]*.*"):
            (tmp_path / str(number)).mkdir(exist_ok=True)
            (tmp_path / str(number) / path.name).write_bytes(path.read_bytes())
    done = verify(tmp_path, ".", "--json")
    told = json.loads(done.stdout)
    assert len(told["runs"]) == 90 > FEW
    assert {one["code"] for run in told["runs"] for one in run["findings"]} - OF_CHECKOUT == {
        "twice",
        "previous-missing",
    }


def test_the_exit_code_is_known_where_nobody_reads_to_the_end(chain: Path) -> None:
    seal_of(chain, "again").unlink()
    reading, writing = os.pipe()
    os.close(reading)
    program = Path(sys.executable).with_name("byodkim-second-edition")
    assert subprocess.run([program, "verify", "."], cwd=chain, stdout=writing).returncode == 1
    os.close(writing)


def test_a_line_names_account_and_region_where_there_are_several(untouched: Path) -> None:
    one, *others = judge(untouched)
    assert one.link is not None
    assert one.link.world is not None
    there = replace(one.link.world, account="111122223333", region="eu-west-1")
    moved = [replace(one, link=replace(one.link, world=there)), *others]
    given, said = trusted((), (), None, "en"), witnesses((), (), (), "en")
    lines = lines_of(Result(moved, (), given, said, "en"))
    assert "example.jp 111122223333/eu-west-1" in lines[0]
    assert all("example.jp 123456789012/ap-northeast-1" in line for line in lines[1 : len(moved)])
