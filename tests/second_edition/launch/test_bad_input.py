"""Whatever a command is given: it ends with its words, and with neither a stack trace nor the name of an exception."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from second_edition.launch.command_line import COMMANDS, main
from second_edition.ses_sandbox.scenarios import Names
from tests.second_edition.each import each
from tests.second_edition.project.tracked import ROOT

PYTHON_S = re.compile(
    r"Traceback|\b(?!ParameterError\b)\w*(?:Error|Exception|Warning)\b|\b(?:Errno|codec|NoneType|__\w+__|<class)\b"
)
#: Files by what is wrong with them: what stands in each.
FILES = {
    "empty": b"", "binary": bytes(range(256)), "shift-jis": "ドメイン,フラット\n".encode("shift-jis"), "null": b"null",
    "twice": b"selector: a\nselector: b\n",
    "number": b"5", "list": b"[]", "object": b"{}", "deep": b"[" * 50_000, "nul": b"a\0b\n", "cells": b'{"cells": 5}',
    "quote": b'domain,waive\nexample.jp,"KEY-AGE: it\nexample.net,\n', "digits": b"wait_minutes: " + b"9" * 5000,
    "utf-16": "domain\nexample.jp\n".encode("utf-16"), "long": b"x" * 300_000,
    "cell": b'{"cells": [{"cell_type": "code", "source": "from second_edition import steps", "outputs": 5}]}',
    "output": b'{"cells": [{"cell_type": "code", "source": "from second_edition import steps", "outputs": [{"data": 5}]}]}',
}  # fmt: skip
NAMES = (*FILES, "huge", "missing", "folder", "/dev/full", "/dev/null", "no/such/folder", "a\nb", "x" * 300, "", ".")
#: Command lines, each with every name in the place of FILE.
READERS = (
    "record FILE", "message FILE FILE", "message example.ipynb FILE --nameservers 192.0.2.53", "verify FILE",
    "verify example.ipynb --policy FILE", "verify example.ipynb --key FILE", "verify example.ipynb --roots FILE",
    "verify example.ipynb --heads FILE", "archive FILE", "site FILE", "approve FILE",
    "request FILE", "lint FILE", "lint FILE --record FILE",
    "lint empty --public-key FILE", "reply FILE", "publish FILE", "twin FILE --port 0 --dns-port 0",
    "rotate -f FILE", "rotate -r selector a -p target sandbox --notebook FILE", "retire -f FILE",
    "fleet -p target sandbox -p identities FILE", "sandbox --description FILE --port 0 --dns-port 0",
    "prepare -p target sandbox --notebook FILE",
)  # fmt: skip
#: The same for what they write.
WRITERS = (
    "record example.ipynb -o FILE", "request example.ipynb -o FILE", "lint empty -o FILE", "site folder -o FILE",
    "twin example.ipynb --description FILE", "inventory --target sandbox --csv FILE",
    "rotate -r selector a -p target sandbox --notebook missing -o FILE",
)  # fmt: skip
#: A folder that cannot be made. ``init .`` would make this one a project.
ALONE = (
    "init /dev/full",
    "init empty",
    "init folder/x",
    f"init {'x' * 300}",
    "record example.ipynb -o /",
    "request example.ipynb -o /",
)
#: Command lines, each with every strange value in the place of VALUE.
VALUES = (
    "-1", "99999", "9" * 5000, "nan", "x", "", " ", "フラット", "a\nb", "\udcff", "a" * 5000, "--", "../x",
    "http://[::1", "http://127.0.0.1:99999", "http://127.0.0.1:x", "%s", "{x}",
)  # fmt: skip
STRANGE = (
    "sandbox --port VALUE --dns-port 99999", "sandbox --dns-port VALUE --port 99999", "sandbox state --port VALUE",
    "sandbox --domain VALUE --identities -1", "sandbox --selector VALUE --identities -1",
    "sandbox --current-selector VALUE --identities -1", "sandbox --identities VALUE --domain -",
    "sandbox --requests-per-second VALUE --domain -", "sandbox advance VALUE --port 1", "sandbox --scenario VALUE",
    "sandbox knob VALUE VALUE --port 1", "twin missing --port VALUE", "publish missing -p wait_dns_minutes VALUE",
    "publish missing -r replace VALUE", "lint empty --ttl VALUE", "lint empty --selector VALUE",
    "lint empty --domain VALUE", "reply --domain VALUE --selector a", "reply --nameservers VALUE --selector a",
    "message missing missing --nameservers VALUE", "policy VALUE", "policy --profile VALUE", "policy --keys VALUE",
    "policy --encryption-key VALUE", "policy --secret-id VALUE", "approve --name VALUE missing",
    "approve missing --comment VALUE",
    "verify missing --head VALUE", "verify missing --approver VALUE", "verify missing --heads VALUE", "lab VALUE",
    "inventory --target VALUE --region -", "inventory --target sandbox --endpoint-url VALUE",
    "inventory --profile VALUE",
    "inventory --target sandbox --nameservers VALUE --endpoint-url http://127.0.0.1:1",
    "rotate -r selector VALUE", "rotate -p VALUE VALUE", "rotate -r selector a -p wait_minutes VALUE",
    "rotate -r selector a -p endpoint_url VALUE -p target sandbox --notebook missing",
    "rotate -r selector a -p nameservers VALUE --notebook missing", "rotate -r selector a -p domain VALUE",
    "rotate -r selector a -p waive VALUE", "rotate -r selector a -p message VALUE", "rotate --execution-timeout VALUE",
    "rotate -r selector a -p profile VALUE", "rotate -r selector a -p language VALUE", "schema VALUE", "VALUE",
    "site missing VALUE",
    "rotate -r selector a -p mode VALUE", "rotate -r selector a -p target VALUE --notebook missing",
    "fleet -p canary VALUE -p target sandbox", "fleet -p wave VALUE",
    "fleet -p identities VALUE",
    "fleet -p mode apply -p target sandbox -p approved VALUE", "retire -r selector VALUE", "prepare -r selector VALUE",
)  # fmt: skip
#: Profiles that no command can use.
PROFILES = (
    b"default = 5\n", b"[default]\nregion = 5\n", b"[default]\napprovers = 5\n", b"[default]\nsealing_keys = 5\n",
    b"\xff[default]\n", "[default]\ncontacts = 'メール'\n".encode("shift-jis"), b"[[default]]\n",
    b"[default]\ndomain = 'a\\u0000b'\n",
    b"[default]\nsame_key_in = ['x']\n", b"[default]\nheads_file = 5\n", b"a = " + b"[" * 5000, b"\0",
    b"[policy]\napprovals = 'x'\n",
    b"[default]\narchive = 'a\\u0000b'\n", b"[default]\ntimezone = 'a\\u0000b'\n",
    b"[default]\nsealing_keys = ['a\\u0000b']\n",
    b"[default]\nendpoint_url = 'http://[::1'\n", b"[default]\nresolvers = 5\n", b"policy = 5\n",
    b"[default]\npolicy = 1\n", b"[default]\nsealing_keys = ['x']\n", b"[default]\napprovers = { t = 'x' }\n",
)  # fmt: skip
WITH_PROFILE = (
    "policy rotate", "verify example.ipynb", "rotate -r selector a --notebook missing",
    "inventory --target aws --region -",
    "fleet -p identities empty", "lint empty", "site folder", "explore-is-none",
)  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with a shipped record, a folder, and every strange file; the working folder."""
    made = tmp_path_factory.mktemp("strange")
    for path in (ROOT / "docs/second_edition/example").iterdir():
        shutil.copy2(path, made)
    for name, content in FILES.items():
        (made / name).write_bytes(content)
    (made / "folder").mkdir()
    with (made / "huge").open("wb") as file:  # sparse
        file.truncate(2**43)
    here = Path.cwd()
    os.chdir(made)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOME", str(made))
        patch.setenv("LANGUAGE", "en")
        patch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        yield made
    os.chdir(here)


def lines() -> Iterator[list[str]]:
    """Each command line as its words."""
    for line in (*READERS, *WRITERS):
        yield from ([name if word == "FILE" else word for word in line.split()] for name in NAMES)
    yield from (line.split() for line in ALONE)
    yield from (
        ["approve", "--name", "a", "--yes", "--key", name] for name in (*FILES, "folder", "/dev/full", "x" * 300)
    )
    for line in STRANGE:
        yield from ([value if word == "VALUE" else word for word in line.split()] for value in VALUES)


def ended(words: list[str], capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    """The exit code of a command, and all that it printed. What it refuses it says in one paragraph."""
    try:
        code = main(words)
    except SystemExit as stopped:  # of argparse
        code = int(stopped.code or 0)
    printed = capsys.readouterr()
    assert code == 0 or printed.err or printed.out
    if code == 2 and not printed.err.startswith(("usage:", "使い方:")):
        assert (len(printed.err.splitlines()), printed.out) == (1, ""), printed
    return code, printed.out + printed.err


def check(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    code, printed = ended(words, capsys)
    assert code in (0, 1, 2, 3), code
    shown = printed.replace("".join(words), "")
    assert PYTHON_S.findall(shown) == [], shown[-600:]


EVERY = list(lines())


# As there are 18 values, each command line gets some, and others than the one before it.
@pytest.mark.parametrize("step", [5, pytest.param(1, marks=pytest.mark.prove)])
@pytest.mark.usefixtures("folder")
def test_a_strange_value_ends_in_words(capsys: pytest.CaptureFixture[str], step: int) -> None:
    @each("words", EVERY[::step], ids=lambda words: " ".join(ascii(word)[1:60] for word in words))
    def test(words: list[str]) -> None:
        check(words, capsys)

    test()


@each("line", [*READERS, "approve --name a --yes --key FILE"])
def test_no_command_opens_a_pipe(folder: Path, capsys: pytest.CaptureFixture[str], line: str) -> None:
    """It would wait there for whoever writes."""
    pipe = folder / "pipe"
    os.mkfifo(pipe)
    met = threading.Event()

    def writer() -> None:
        end = os.open(pipe, os.O_WRONLY)  # goes on as soon as somebody has opened the pipe to read
        met.set()
        os.close(end)

    thread = threading.Thread(target=writer)
    thread.start()
    try:
        check(["pipe" if word == "FILE" else word for word in line.split()], capsys)
        assert not met.is_set()
    finally:
        reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
        thread.join()
        os.close(reader)
        pipe.unlink()


@each(("content", "line"), [(content, line) for content in PROFILES for line in WITH_PROFILE])
def test_a_profile_that_is_none_ends_in_words(
    folder: Path, capsys: pytest.CaptureFixture[str], content: bytes, line: str
) -> None:
    path = folder / "byodkim.toml"
    path.write_bytes(content)
    try:
        check(line.split(), capsys)
    finally:
        path.unlink()


def run(line: str, folder: Path, **more: str) -> subprocess.CompletedProcess[str]:
    """A command in a shell, where ``byodkim`` is this Python's."""
    shell = f'byodkim() {{ "{sys.executable}" -m second_edition.launch.command_line "$@"; }}; {line}'
    environment = {**os.environ, "LANGUAGE": "en", **more}
    return subprocess.run(
        ["/bin/bash", "-c", shell], cwd=folder, env=environment, capture_output=True, text=True, timeout=600
    )


CLOSED = ("init 1 | head -1", "schema | head -1", "schema >&-")
FULL = ("schema", "--help", "lint empty")


@each("line", CLOSED)
def test_who_reads_may_stop_early(folder: Path, line: str) -> None:
    for unbuffered in ("", "1"):
        done = run(f"byodkim {line}", folder, PYTHONUNBUFFERED=unbuffered)
        assert done.stderr == ""


def test_a_run_begins_where_a_scheduler_has_closed_input_and_errors(tmp_path: Path) -> None:
    assert run("byodkim init", tmp_path).returncode == 0
    done = run("byodkim rotate -r selector mail-20261124-1 -p target sandbox -o p.ipynb <&- 2>&-", tmp_path)
    assert (done.returncode, done.stdout.partition("  ")[0]) == (0, "PLANNED")


@each("line", FULL)
def test_a_full_disk_is_said_in_one_paragraph(folder: Path, line: str) -> None:
    done = run(f"byodkim {line} > /dev/full", folder, PYTHONUNBUFFERED="")
    assert done.returncode != 0
    assert re.fullmatch(r"Standard output cannot be read or written \(No space left on device\)\. .*\n", done.stderr)


def test_every_command_is_tried() -> None:
    tried = {line.split()[0] for line in (*READERS, *WRITERS, *STRANGE, *ALONE)}
    assert tried >= COMMANDS.keys()


#: Command lines, and what each says in English and in Japanese.
SAID = {
    "sandbox --port 99999": ("'99999' is not a port", "'99999' はポート番号ではありません"),
    "sandbox --port -1": ("'-1' is not a port", "'-1' はポート番号ではありません"),
    "sandbox --domain フラット": (
        "'フラット' is not a domain name such as example.jp",
        "'フラット' は example.jp のようなドメイン名ではありません",
    ),
    "sandbox --selector a_b": ("'a_b' is not one that SES takes", "セレクタ 'a_b' は SES で使えません"),
    "fleet -p target sandbox -p identities empty": ("is empty. Its first line names the columns", "が空です"),
    "fleet -p target sandbox -p identities quote": (
        "a double quote out of place",
        "二重引用符の位置が正しくありません",
    ),
    "fleet -p target sandbox -p identities shift-jis": ("is not UTF-8 text (line 1)", "UTF-8 のテキストではありません"),
    "rotate -r selector a -p target sandbox -r domain ../x --notebook missing": (
        "'../x' is not a domain name such as example.jp",
        "'../x' は example.jp のようなドメイン名ではありません",
    ),
    "rotate -r selector a -p target sandbox -r nameservers x --notebook missing": (
        "'x' in the parameter nameservers is no IP address. Nothing was read or written; SES signs as before.",
        "は IP アドレスではありません。何も読み書きしていません。SES の署名は変わりません。",
    ),
    "rotate -f twice --notebook missing": ("and each name once.", "同じ名前は一度だけ"),
    "verify ''": ("argument PATH: invalid path value: ''", "引数 PATH: '' は path の値ではありません"),
    "rotate -r selector a -p wait_minutes ten": ("whole number from 0 to 4320.", "0 から 4320 までの整数"),
}


@each(("line", "language"), [(line, language) for line in SAID for language in ("en", "ja")])
def test_what_is_wrong_is_said(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, line: str, language: str
) -> None:
    monkeypatch.setenv("LANGUAGE", language)
    (folder / "byodkim.toml").write_text(f'[default]\nlanguage = "{language}"\n')
    try:
        code, printed = ended([*shlex.split(line), *(["-p", "language", language] if " -p " in line else [])], capsys)
    finally:
        (folder / "byodkim.toml").unlink()
    assert code != 0
    assert SAID[line][language == "ja"] in printed


def test_a_domain_in_japanese_is_served() -> None:
    assert Names("フラット.jp").checked().domain.encode().decode("idna") == "フラット.jp"
