"""A copy that S3 does not take: the outcome stands, the run's exit code is not 0, and the copy is made up for."""

from __future__ import annotations

import subprocess
from concurrent.futures import Future
from dataclasses import dataclass

import pytest

from tests.notebooks import outside
from tests.notebooks.profiles import AwsStage
from tests.notebooks.runs import AWS, Ran
from tests.notebooks.stage import Stage, Troupe
from tests.notebooks.wire import PUT, Handler, Wire

pytestmark = pytest.mark.prove  # tests/engine/test_archiving.py fails in this process

UNKEPT = "The record is signed, but its timestamp, a copy of it or its published head is missing."
NEXT, BUCKET = "mail-20261124-1", "example-jp-records"


class Records(Wire):
    """A wire on which the bucket of the records refuses."""

    class Refusing(Handler):
        """One connection."""

        @property
        def operation(self) -> str:
            """The operation; one on the records has a name of its own."""
            return "Records" if self.path.startswith(f"/{BUCKET}") else super().operation

    def __init__(self, upstream: str) -> None:
        super().__init__(upstream, {"Records": (lambda handler: denied(handler), 0)})
        self.RequestHandlerClass = self.Refusing


def denied(handler: Handler) -> bool:
    if handler.command != "PUT":  # an upload that is begun to see whether one can be, and given up
        return False
    handler.answer(403, *handler.error("AccessDenied", "not now"))
    return True


@dataclass(frozen=True)
class Told:
    """A run whose copies were refused, what went over the wire, and a run after it; the copies by then."""

    ran: Ran
    seen: list[str]
    selector: str
    rotated: subprocess.CompletedProcess[str]
    again: Ran
    copies: list[str]
    puts: int


def story(stage: Stage) -> Told:
    aws = AwsStage(stage)
    aws.profile(section="default", archive_s3=f"s3://{BUCKET}/runs")
    s3 = outside.client(stage.sandbox.facts, "s3")
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": stage.sandbox.facts.region})
    with Records(stage.sandbox.facts.endpoint_url) as wire:
        ran = aws.apply(endpoint_url=wire.url)
        words = ("-p", "endpoint_url", wire.url, "-p", "mode", "apply", "-p", "selector", NEXT)
        rotated = stage.byodkim("rotate", *words, **AWS)
    selector = stage.identity["selectors"][0]
    again = aws.apply()
    copies = [one["Key"] for one in s3.list_objects_v2(Bucket=BUCKET).get("Contents", ())]
    s3.close()
    return Told(ran, wire.seen, selector, rotated, again, copies, len(stage.puts))


@pytest.fixture(scope="module")
def told(troupe: Troupe) -> Future[Told]:
    return troupe.begin("archive", story)


def test_40_the_outcome_stands_and_the_exit_code_is_not_0(told: Future[Told]) -> None:
    came = told.result()
    assert "Records" in came.seen
    assert came.seen.count(PUT) == 1
    assert (came.ran.outcome, came.ran.returncode, came.selector) == ("SWITCHED", 1, NEXT)
    assert UNKEPT in came.ran.paragraph


def test_byodkim_rotate_says_why_its_exit_code_is_not_0(told: Future[Told]) -> None:
    done = told.result().rotated
    assert done.returncode == 1
    assert done.stdout.startswith("UNCHANGED")
    assert any(one.startswith(f"No copy could be made at s3://{BUCKET}/runs") for one in done.stderr.splitlines())


def test_40_the_next_run_makes_up_for_it(told: Future[Told]) -> None:
    came = told.result()
    assert (came.again.outcome, came.again.returncode, came.puts) == ("UNCHANGED", 0, 1)
    first = came.ran.event("begin")["run"]
    assert any(first in key and key.endswith(".journal.jsonl") for key in came.copies)
    assert came.again.event("kept")["faults"] == []
