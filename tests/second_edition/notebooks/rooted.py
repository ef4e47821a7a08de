"""A run of a profile that names no name servers, in a network of its own: real root addresses, port 53.

Started as ``unshare --map-root-user --net python -m tests.second_edition.notebooks.rooted FOLDER``; prints what came of it.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import dns.rdatatype

from second_edition.dkim.published import Server
from second_edition.dns.exchange import exchange
from second_edition.dns.roots import ROOTS
from second_edition.sandbox.client import Sandbox
from tests.second_edition.dns.daemons import PATH
from tests.second_edition.dns.internet import delegation, zone
from tests.second_edition.notebooks.profiles import AwsStage
from tests.second_edition.notebooks.runs import Ran
from tests.second_edition.notebooks.stage import Stage, project
from tests.second_edition.sandbox.generator import zone_line

DOMAIN, TOP = "example.jp", {"a.dns.jp": "192.0.2.1"}
NS = {f"ns{number}.{DOMAIN}": f"192.0.2.5{number}" for number in (1, 2)}


def ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, env={"PATH": PATH})


@contextmanager
def machine(folder: Path, zones: Mapping[str, str], addresses: Sequence[str]) -> Iterator[None]:
    """An nsd with port 53 of addresses that are this network's while it runs."""
    folder.mkdir(parents=True)
    listed = ""
    for number, (name, text) in enumerate(zones.items()):
        (folder / f"{number}.zone").write_text(text)
        listed += f'zone:\n  name: "{name}"\n  zonefile: "{number}.zone"\n'
    for address in addresses:
        ip("addr", "add", address, "dev", "lo", *(["nodad"] if ":" in address else []))
    served = "".join(f"  ip-address: {address}\n" for address in addresses)
    (folder / "nsd.conf").write_text(
        f'server:\n{served}  username: ""\n  chroot: ""\n  zonesdir: "{folder}"\n  database: ""\n'
        f'  pidfile: "{folder}/pid"\n  xfrdfile: ""\n  zonelistfile: ""\n  xfrdir: "{folder}"\n  server-count: 1\n'
        f"remote-control:\n  control-enable: no\n{listed}"
    )
    found = shutil.which("nsd", path=PATH)
    assert found
    with subprocess.Popen([found, "-d", "-c", str(folder / "nsd.conf")]) as child:
        try:
            for _ in range(500):
                if exchange(Server("", addresses[0]), next(iter(zones)), dns.rdatatype.SOA, timeout_s=0.5).message:
                    break
                time.sleep(0.02)
            yield
        finally:
            child.terminate()
            for address in addresses:
                ip("addr", "del", f"{address}/{'128' if ':' in address else '32'}", "dev", "lo")


def internet(folder: Path, lines: str) -> ExitStack:
    """Root, jp and the zone, on two name servers."""
    stack = ExitStack()
    first = "a.root-servers.net"
    root = zone(".", {first: ""}, f"{first}. 3600 A 198.41.0.4", delegation("jp", TOP))
    served: list[tuple[dict[str, str], Sequence[str]]] = [
        ({".": root}, sorted({server.address for server in ROOTS})),
        ({"jp": zone("jp", TOP, delegation(DOMAIN, NS))}, ["192.0.2.1"]),
        *(({DOMAIN: zone(DOMAIN, NS, serial=7) + lines}, [address]) for address in NS.values()),
    ]
    for number, (zones, addresses) in enumerate(served):
        stack.enter_context(machine(folder / str(number), zones, addresses))
    return stack


def told(stage: Stage, ran: Ran) -> dict[str, Any]:
    observed = ran.event("observed")["observation"]
    found_by = (observed["dns"]["delegation"] or {"found_by": ""})["found_by"]
    asked = sorted({answer["server"]["address"] for answer in observed["records"]})
    return {
        "outcome": ran.outcome, "failed": sorted(ran.failed()), "puts": len(stage.puts), "paragraph": ran.stderr,
        "selector": stage.identity["selectors"][0], "found_by": found_by, "asked": asked,
    }  # fmt: skip


def main(folder: Path) -> None:
    """One run in apply mode."""
    ip("link", "set", "lo", "up")
    (folder / "home").mkdir()
    with Sandbox.start() as sandbox:
        stage = Stage(sandbox, project(folder / "project", folder / "home", plain=False))
        aws = AwsStage(stage)
        aws.profile(section="default", nameservers="", resolvers="127.0.0.1:1")
        lines = "".join(
            zone_line(sandbox.facts, s) for s in (sandbox.facts.current_selector, sandbox.facts.next_selector)
        )
        with internet(folder / "internet", lines):
            print(json.dumps(told(stage, aws.apply())))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
