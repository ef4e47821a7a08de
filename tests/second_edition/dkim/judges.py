"""Three other readers of key records, over real DNS: dkimpy, opendkim-testkey and Perl's Mail::DKIM.

Each gets the record from a name server on loopback. dkimpy and Mail::DKIM verify a message signed as SES signs;
opendkim-testkey compares the record with the private key. Many records go to one start of each program.
"""

from __future__ import annotations

import functools
import json
import logging
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import dkim
import dns.resolver
from dnslib import QTYPE, RR, TXT, DNSRecord

from tests.second_edition.dkim.keys import pem
from tests.second_edition.dns.servers import NameServer, reply, soa
from tests.second_edition.project.tracked import ROOT

Strings = tuple[bytes, ...]
DKIMPY, OPENDKIM, PERL = "dkimpy", "opendkim-testkey", "Mail::DKIM"
JUDGES: Final = (DKIMPY, OPENDKIM, PERL)

DOMAIN: Final = "example.jp"
MESSAGE: Final = b"From: info@example.jp\r\nTo: taro@example.jp\r\nSubject: rehearsal\r\n\r\nhello\r\n"
_SCRIPT: Final = Path(__file__).with_name("verify.pl")
_REFUSED = re.compile(r"^opendkim-testkey: key (\d+): (?!OK$)", re.MULTILINE)
_UNBOUND = """\
server:
  do-not-query-localhost: no
  module-config: "iterator"
  use-syslog: no
forward-zone:
  name: "."
  forward-addr: {address}@{port}
"""


@functools.cache
def signed(place: int, bits: int) -> bytes:
    """The message with a signature of the form that SES makes, by the selector ``s<place>``."""
    header: bytes = dkim.sign(
        MESSAGE, b"s%d" % place, DOMAIN.encode(), pem(bits), canonicalize=(b"relaxed", b"simple"), include_headers=None
    )
    return header + MESSAGE


def go_msgauth(folder: Path, records: Sequence[Strings], bits: Sequence[int]) -> list[bool]:
    """Return whether go-msgauth's ``dkim-verify`` accepts a message signed by each record's key.

    It asks the system's resolver, so it runs in a network and with a resolv.conf of its own.
    """
    table = {f"s{place}._domainkey.{DOMAIN}": [part.hex() for part in one] for place, one in enumerate(records)}
    (folder / "table.json").write_text(json.dumps(table))
    for place, length in enumerate(bits):
        (folder / f"{place}.eml").write_bytes(signed(place, length))
    alone = ["unshare", "--map-root-user", "--net", "--mount", sys.executable, "-m", "tests.second_edition.dkim.go_judge"]
    done = subprocess.run([*alone, str(folder)], capture_output=True, text=True, timeout=600, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    found: list[bool] = json.loads(done.stdout)
    return found


@dataclass(frozen=True)
class Court:
    """The three, and the name server that they ask.

    Attributes:
        folder: a private one, for keys and messages that are made anew.
        server: where the records are.
        table: the records by name; changed for each sitting.
    """

    folder: Path
    server: NameServer
    table: dict[str, Strings]

    def accepted_by(self, records: Sequence[Strings], bits: Sequence[int]) -> list[frozenset[str]]:
        """For each record, made of the key of so many bits, the judges that accept it."""
        self.table.clear()
        self.table.update({f"s{place}._domainkey.{DOMAIN}": strings for place, strings in enumerate(records)})
        verdicts = {DKIMPY: self._dkimpy(bits), OPENDKIM: self._opendkim(bits), PERL: self._perl(bits)}
        return [frozenset(judge for judge in JUDGES if verdicts[judge][place]) for place in range(len(records))]

    def _dkimpy(self, bits: Sequence[int]) -> list[bool]:
        resolver = dns.resolver.Resolver(configure=False)
        resolver.nameservers, resolver.port = [self.server.server.address], self.server.server.port
        quiet = logging.getLogger("quiet")
        quiet.setLevel(logging.CRITICAL)

        def fetch(name: bytes, **_: object) -> bytes:
            return b"".join(resolver.resolve(name.decode(), "TXT", tcp=True)[0].strings)

        def verifies(message: bytes) -> bool:
            try:
                return bool(dkim.verify(message, logger=quiet, dnsfunc=fetch))
            except (dkim.DKIMException, ValueError, IndexError, TypeError, AttributeError, AssertionError):
                return False  # dkimpy lets a few errors of its parsers through

        return [verifies(signed(place, length)) for place, length in enumerate(bits)]

    def _opendkim(self, bits: Sequence[int]) -> list[bool]:
        keys = {length: self.folder / f"{length}.pem" for length in set(bits)}
        for length, path in keys.items():
            path.touch(mode=0o600)
            path.write_bytes(pem(length))
        rows = [f"{place} {DOMAIN}:s{place}:{keys[length]}\n" for place, length in enumerate(bits)]
        (self.folder / "table").write_text("".join(rows))
        server = self.server.server
        (self.folder / "unbound").write_text(_UNBOUND.format(address=server.address, port=server.port))
        configuration = self.folder / "configuration"
        configuration.write_text(f"KeyTable file:{self.folder}/table\nResolverConfiguration {self.folder}/unbound\n")
        said = _run(_program("opendkim-testkey"), "-vv", "-x", str(configuration))
        assert f"{len(bits)} key" in said, said
        refused = {int(place) for place in _REFUSED.findall(said)}
        return [place not in refused for place in range(len(bits))]

    def _perl(self, bits: Sequence[int]) -> list[bool]:
        paths = [self.folder / f"{place}.eml" for place in range(len(bits))]
        for place, path in enumerate(paths):
            path.write_bytes(signed(place, bits[place]))
        server = self.server.server
        said = _run(_program("perl"), str(_SCRIPT), server.address, str(server.port), *map(str, paths))
        results = dict(line.split("\t")[:2] for line in said.splitlines() if line.count("\t") == 2)
        assert set(results) == set(map(str, paths)), said
        assert "temperror" not in results.values(), said
        return [results[str(path)] == "pass" for path in paths]


def respond_from(table: Mapping[str, Strings], question: DNSRecord, transport: str) -> DNSRecord:
    """The answer of a name server that holds these TXT records."""
    del transport
    answer, name = reply(question), str(question.q.qname).rstrip(".").lower()
    if name in table and question.q.qtype == QTYPE.TXT:
        answer.add_answer(RR(question.q.qname, QTYPE.TXT, rdata=TXT(list(table[name])), ttl=60))
    else:
        answer.add_auth(soa())
    return answer


def _program(name: str) -> str:
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin:/opt/homebrew/sbin")
    assert found, f"{name} is not installed"
    return found


def _run(*command: str) -> str:
    ended = subprocess.run(command, capture_output=True, timeout=600)
    return (ended.stdout + ended.stderr).decode("utf-8", errors="replace")
