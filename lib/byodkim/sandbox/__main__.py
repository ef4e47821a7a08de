"""``python -m byodkim.sandbox``: the sandbox as a command, and as the child process of a run (``--embedded``)."""

from __future__ import annotations

import argparse
import sys

from byodkim.sandbox import command


def main(arguments: list[str] | None = None) -> int:
    """Run the command line and say its exit code."""
    parser = argparse.ArgumentParser(prog="python -m byodkim.sandbox", description=command.DESCRIPTION)
    command.add_arguments(parser)
    return command.run(parser.parse_args(arguments))


if __name__ == "__main__":
    sys.exit(main())
