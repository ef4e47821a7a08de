#!/usr/bin/env python3
"""A command line like that of ``byodkim fleet``: three waves of one identity each.

It lets the tests of the DAG decide how a wave ends. Files in the working folder say it:
``fail2`` has wave 2 fail, ``hang2`` has it wait for SES. ``puts`` holds the waves that wrote,
``calls`` the arguments and Airflow's variables of each call.
"""

import json
import os
import sys
import time
from pathlib import Path


def main(words: list[str]) -> int:
    """Return the exit code that the contract of ``byodkim fleet`` names."""
    given = dict(zip(words[2::3], words[3::3], strict=True))
    variables = [name for name in os.environ if name.startswith(("AIRFLOW", "PYTHON"))]
    with Path("calls").open("a") as calls:
        calls.write(json.dumps({"given": given, "variables": variables}) + "\n")
    if given.get("mode") == "apply":
        return apply(given["wave"])
    say("3 of 4 identities can be switched, 1 is stopped by a check")
    print("waves 3")
    return 0


def apply(wave: str) -> int:
    """Write once for a wave, and wait for SES."""
    puts = Path("puts")
    if Path(f"fail{wave}").exists():
        say(f"FAILED     wave {wave}")
        return 1
    if not puts.exists() or wave not in puts.read_text():
        with puts.open("a") as file:
            file.write(wave)
        while Path(f"hang{wave}").exists():
            say("waiting for SES")
            time.sleep(0.2)
    say(f"SWITCHED   wave {wave}")
    return 0


def say(line: str) -> None:
    """Tell the operator."""
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
