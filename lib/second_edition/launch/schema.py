"""``byodkim schema``: the journal's format for programs of others."""

from __future__ import annotations

import argparse
import json

from second_edition import events


def add_arguments(_: argparse.ArgumentParser) -> None:
    """Add nothing: the command takes no arguments."""


def run(_: argparse.Namespace) -> int:
    """Print the JSON Schema of a journal's lines."""
    print(json.dumps(events.schema(), ensure_ascii=False, indent=1))
    return 0
