"""``python -m byodkim.sandbox``: one world. It prints one line of JSON once it answers.

It ends when its standard input closes, or, with ``--standing``, when it is told to stop.
"""

import argparse
import os
import sys
import threading
import time
from typing import Final

import msgspec

from byodkim.sandbox.control import Sandbox
from byodkim.sandbox.ses import tick
from byodkim.sandbox.world import DEFAULT, SCENARIOS, Beginning

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
    world = Sandbox(begun, ports).world()
    threading.Thread(target=_tick_for_ever, daemon=True).start()
    sys.stdout.buffer.write(msgspec.json.encode(world) + b"\n")
    sys.stdout.flush()
    if options.standing:
        threading.Event().wait()
    sys.stdin.buffer.read()
    os._exit(0)  # nothing outlives the process, and an orderly end takes longer


def _tick_for_ever() -> None:
    while True:
        tick()
        time.sleep(TICK_S)


if __name__ == "__main__":
    main()
