"""The journal's schema: what programs of others get of it holds for journals of real runs, and refuses what is not."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from second_edition import events
from second_edition.events.parts import Event
from second_edition.events.writes import Resolved, Waited
from second_edition.evidence.journal import SUFFIX, Journal
from tests.second_edition.display.archive import Archive
from tests.second_edition.project.tracked import ROOT


@pytest.fixture(scope="module")
def printed() -> dict[str, Any]:
    command = [sys.executable, "-m", "second_edition.launch.command_line", "schema"]
    told = subprocess.run(command, capture_output=True, text=True, check=True)
    schema: dict[str, Any] = json.loads(told.stdout)
    Draft202012Validator.check_schema(schema)
    return schema


def of_event(schema: dict[str, Any], name: str) -> Draft202012Validator:
    """The part of the schema that its discriminator names for an event: all of it is tried in turn otherwise."""
    return Draft202012Validator({"$ref": schema["discriminator"]["mapping"][name], "$defs": schema["$defs"]})


@pytest.fixture(scope="module")
def lines(archive: Archive) -> list[dict[str, Any]]:
    folders = [archive(name).parent for name in ("switched", "refused", "pending", "killed")]
    paths = [path for folder in (*folders, ROOT / "docs/second_edition" / "example") for path in folder.glob(f"*{SUFFIX}")]
    assert len(paths) == 5
    return [json.loads(line) for path in paths for line in path.read_bytes().splitlines()]


def test_real_journals_are_as_the_printed_schema_says(printed: dict[str, Any], lines: list[dict[str, Any]]) -> None:
    names = {line["event"] for line in lines}
    assert names >= {"begin", "caller", "observed", "checked", "planned", "intent", "answer", "read", "shown", "closed"}
    validators = {name: of_event(printed, name) for name in names}
    for line in lines:
        validators[line["event"]].validate(line)


def altered(line: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The same with a field too many, one of another type, and each of its own fields missing."""
    yield {**line, "note": ""}
    yield {**line, "n": "0"}
    yield {**line, "event": "nothing"}
    for name in ("n", "at", "previous_line"):
        yield {key: value for key, value in line.items() if key != name}


def test_both_refuse_what_is_no_event(printed: dict[str, Any], lines: list[dict[str, Any]]) -> None:
    for line in {line["event"]: line for line in lines}.values():
        for other in altered(line):
            with pytest.raises((ValidationError, KeyError)):
                of_event(printed, other["event"]).validate(other)
            with pytest.raises((LookupError, ValueError)):
                events.decode(json.dumps(other).encode(), events.EVENTS[other["event"]])


def test_every_event_says_what_it_is(printed: dict[str, Any]) -> None:
    named = printed["discriminator"]["mapping"]
    assert len(named) == len(events.EVENTS) > 50
    untold = [name for name, ref in named.items() if not printed["$defs"][ref.rpartition("/")[2]].get("description")]
    assert untold == []


@pytest.mark.parametrize(
    ("kind", "content"),
    [(Waited, {"seconds": "1", "ran_out": True}), (Waited, {}), (Resolved, {"note": "x"})],
    ids=["another type", "too few", "too many"],
)
def test_what_is_no_event_is_not_written(kind: type[Event], content: dict[str, Any], tmp_path: Path) -> None:
    log = Journal(tmp_path / f"a{SUFFIX}", lambda: datetime(2026, 11, 24, tzinfo=UTC))
    with pytest.raises(TypeError, match="no such event"):
        log.write(kind, **content)
    assert (log.path.read_bytes(), log.events) == (b"", [])
    log.close()


def test_no_part_of_an_event_takes_a_field_that_it_does_not_have(printed: dict[str, Any]) -> None:
    parts = {name: one for name, one in printed["$defs"].items() if one.get("type") == "object"}
    assert len(parts) > 100
    assert [name for name, one in parts.items() if one.get("additionalProperties") is not False] == []
