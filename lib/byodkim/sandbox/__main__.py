"""``python -m byodkim.sandbox``: one world. It prints one line of JSON once it answers.

It ends when its standard input closes, or, with ``--standing``, when it is told to stop.
"""

from __future__ import annotations

import argparse
import os
import sys
import threading
import time
from typing import Final

import msgspec

from byodkim.sandbox.control import Control
from byodkim.sandbox.front import Aws, serve
from byodkim.sandbox.name_servers import AUTHORITATIVE, HOST, RESOLVER, Dns
from byodkim.sandbox.scenarios import DEFAULT, SCENARIOS, Beginning
from byodkim.sandbox.seed import ACCOUNT, DOMAIN, KEY_BUCKET, REGION, build, make_keys, secret_id
from byodkim.sandbox.ses import SES, tick
from byodkim.sandbox.world import World

TICK_S: Final = 0.05


def main() -> None:
    """Serve a world until its time is over."""
    parser = argparse.ArgumentParser(prog="python -m byodkim.sandbox")
    parser.add_argument("--scenario", choices=list(SCENARIOS), default=DEFAULT)
    parser.add_argument("--identities", type=int, default=60)
    parser.add_argument("--faulty", type=int, default=0)
    parser.add_argument("--throttled", type=int, default=0)
    parser.add_argument("--standing", action="store_true")
    parser.add_argument("--ports", default="0,0,0,0,0")
    options = parser.parse_args()
    ports = [int(port) for port in options.ports.split(",")]
    begun = msgspec.convert(vars(options), Beginning, strict=False)
    world = serve_world(begun, ports)
    threading.Thread(target=_tick_for_ever, daemon=True).start()
    sys.stdout.buffer.write(msgspec.json.encode(world) + b"\n")
    sys.stdout.flush()
    if options.standing:
        threading.Event().wait()
    sys.stdin.buffer.read()
    os._exit(0)  # nothing outlives the process, and an orderly end takes longer


def serve_world(begun: Beginning, ports: list[int]) -> World:
    """Build the world and answer on loopback.

    Args:
        begun: what to begin with.
        ports: of the endpoint, ns1, ns2, ns3 and resolver; 0 for a free one.
    """
    spare_keys = make_keys(2 * begun.identities) if begun.scenario == "fleet" else []
    dns, aws = Dns(DOMAIN, ports[1:]), Aws()
    SES.look_up = dns.look_up
    planted = build(begun, dns, spare_keys)
    domains = tuple(planted.domains)

    def world() -> World:
        return World(
            endpoint_url=f"http://{HOST}:{server.port}",
            account=ACCOUNT,
            region=REGION,
            domain=domains[0],
            domains=domains,
            secret_id=secret_id(DOMAIN),
            key_bucket=KEY_BUCKET,
            hosted_zone_id=planted.hosted_zone_id,
            nameservers=dns.addresses(*AUTHORITATIVE),
            resolvers=dns.addresses(RESOLVER),
            clock_offset_s=SES.offset.total_seconds(),
            begun=begun,
            pid=os.getpid(),
        )

    server = serve(aws, Control(world, aws, dns, planted), ports[0])
    return world()


def _tick_for_ever() -> None:
    while True:
        tick()
        time.sleep(TICK_S)


if __name__ == "__main__":
    main()
