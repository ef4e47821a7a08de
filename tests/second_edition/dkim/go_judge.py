"""go-msgauth's ``dkim-verify``, in a network of its own where port 53 is a name server with given records.

Started as ``unshare --map-root-user --net --mount python -m tests.second_edition.dkim.go_judge FOLDER``. FOLDER holds ``table.json``
(strings in hexadecimal by name) and the messages ``0.eml``, ``1.eml`` ...; prints a JSON list of verdicts.
"""

from __future__ import annotations

import functools
import json
import subprocess
import sys
from pathlib import Path

from tests.second_edition.dkim.judges import respond_from
from tests.second_edition.dns.servers import NameServer


def main(folder: Path) -> None:
    """Print whether each message is accepted: it has one signature, and that is valid."""
    (folder / "resolv.conf").write_text("nameserver 127.0.0.1\noptions timeout:5 attempts:2\n")
    subprocess.run(["mount", "--bind", folder / "resolv.conf", "/etc/resolv.conf"], check=True)
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    named = json.loads((folder / "table.json").read_text())
    table = {name: tuple(map(bytes.fromhex, strings)) for name, strings in named.items()}
    with NameServer(functools.partial(respond_from, table), port=53):
        print(json.dumps([_accepts(folder / f"{place}.eml") for place in range(len(table))]))


def _accepts(path: Path) -> bool:
    with path.open("rb") as message:
        done = subprocess.run(["dkim-verify"], stdin=message, capture_output=True, text=True, timeout=600)
    said = done.stdout + done.stderr
    assert said.count("alid signature for") == 1, said
    return " Valid signature for" in said


if __name__ == "__main__":
    main(Path(sys.argv[1]))
