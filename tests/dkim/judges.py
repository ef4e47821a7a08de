"""Other readers of key records, over real DNS: dkimpy, opendkim-testkey and Mail::DKIM."""

import functools
import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import dkim

from byodkim.dkim.record import character_strings
from tests.dkim.keys import pem
from tests.dns.daemons import PATH, nsd

DOMAIN = "example.jp"
MESSAGE = b"From: info@example.jp\r\nTo: taro@example.jp\r\nSubject: test\r\n\r\nhello\r\n"
SCRIPT = Path(__file__).with_name("verify.pl")
UNBOUND = """\
server:
  do-not-query-localhost: no
  module-config: "iterator"
forward-zone:
  name: "."
  forward-addr: 127.0.0.1@{port}
"""


@functools.cache
def signed(selector: str = "s0", bits: int = 2048, **how: object) -> bytes:
    """Return the message with a signature by dkimpy, in SES's canonicalization unless told."""
    how = {"canonicalize": (b"relaxed", b"simple"), **how}
    header: bytes = dkim.sign(MESSAGE, selector.encode(), DOMAIN.encode(), pem(bits), **how)
    return header + MESSAGE


def accepted_by_dkimpy(message: bytes, text: str) -> bool:
    def give(name: bytes, timeout: int = 5) -> bytes:  # noqa: ARG001 - dkimpy's names
        return text.encode()

    try:
        return bool(dkim.DKIM(message).verify(dnsfunc=give))
    except Exception:  # noqa: BLE001 - dkimpy lets errors of its parsers through
        return False


def verdicts(folder: Path, texts: Sequence[str]) -> list[dict[str, bool]]:
    """Return which judges accept each record, for a message signed with the 2048-bit key."""
    with nsd(folder, {DOMAIN: zone(texts)}) as port:
        opendkim = accepted_by_opendkim(folder, port, len(texts))
        messages = [signed(f"s{place}") for place in range(len(texts))]
        perl = [result == "pass" for result in results_of_perl(folder, port, messages)]
    return [
        {
            "dkimpy": accepted_by_dkimpy(messages[place], text),
            "opendkim-testkey": opendkim[place],
            "Mail::DKIM": perl[place],
        }
        for place, text in enumerate(texts)
    ]


def zone(texts: Sequence[str]) -> str:
    """Return master-file lines that publish each record at ``s<place>``."""
    lines = ["@ 60 NS ns1.example.net."]
    for place, text in enumerate(texts):
        strings = (
            "".join(f"\\{ord(sign):03d}" for sign in string) for string in character_strings(text)
        )
        quoted = " ".join(f'"{string}"' for string in strings)
        lines.append(f"s{place}._domainkey 60 TXT {quoted}")
    return "\n".join(lines) + "\n"


def accepted_by_opendkim(folder: Path, port: int, count: int) -> list[bool]:
    key = folder / "key.pem"
    key.touch(mode=0o600)
    key.write_bytes(pem())
    rows = [f"{place} {DOMAIN}:s{place}:{key}\n" for place in range(count)]
    (folder / "table").write_text("".join(rows))
    (folder / "unbound").write_text(UNBOUND.format(port=port))
    config = folder / "opendkim.conf"
    config.write_text(f"KeyTable file:{folder}/table\nResolverConfiguration {folder}/unbound\n")
    output = run("opendkim-testkey", "-vv", "-x", str(config))
    assert f"{count} key" in output, output
    refused = re.findall(r"^opendkim-testkey: key (\d+): (?!OK$)", output, re.MULTILINE)
    return [str(place) not in refused for place in range(count)]


def results_of_perl(folder: Path, port: int, messages: Sequence[bytes]) -> list[str]:
    paths = [str(folder / f"{place}.eml") for place in range(len(messages))]
    for path, message in zip(paths, messages, strict=True):
        Path(path).write_bytes(message)
    output = run("perl", str(SCRIPT), "127.0.0.1", str(port), *paths)
    results = dict(line.split("\t") for line in output.splitlines() if "\t" in line)
    assert set(results) == set(paths), output
    assert "temperror" not in results.values(), output
    return [results[path] for path in paths]


def run(program: str, *arguments: str) -> str:
    path = shutil.which(program, path=PATH)
    assert path, f"{program} is not installed"
    ended = subprocess.run([path, *arguments], capture_output=True, timeout=60)
    return (ended.stdout + ended.stderr).decode("utf-8", "replace")
