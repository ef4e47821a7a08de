"""The life of a selector in a world that this project did not write.

moto's own server or LocalStack, SES as its documentation says, Knot DNS and NSD. byodkim runs as an
operator runs it; dig, dkimpy, the AWS CLI and OpenSSL say what came of it.
"""

from pathlib import Path

import pytest

from tests.second_world import judge
from tests.second_world.estate import CURRENT, NEW, Estate, Result, Seen, estate

PREPARE = f"prepare.ipynb outputs/prepare.ipynb -r selector {NEW} -p mode apply"
ROTATE = f"-r selector {NEW} -p mode apply -p ticket CHG-1042"
WAIT = "-r wait_dns_minutes 5"
TICKET = "-r ticket CHG-1042"
WAIVED = "-r waive 'TIME-OVERLAP: no mail was sent in this world'"
BOTH = (CURRENT, NEW)
#: The new version was pending before it was made current, and keeps that label.
STAGES = ("AWSCURRENT AWSPENDING", "AWSPREVIOUS")


def require(world: Estate, result: Result, outcome: str, expected: Seen) -> str:
    """Require an outcome, what every judge sees then, and a seal. Return the record's name."""
    assert (result.outcome, result.code) == (outcome, int(outcome == "REFUSED")), result.text
    assert world.seen() == expected, result.text
    name = Path(result.line("Record")).stem
    judge.require_seal(world.outputs, name, world.command("byodkim key").text.split()[0])
    assert result.line("Head") == judge.head(world.outputs, name)
    return name


def test_rotation(tmp_path):
    with estate("moto", tmp_path, *BOTH) as world:
        done = world.command(f"papermill notebooks/rotate.ipynb outputs/run.ipynb {ROTATE}")
        switched = Seen((NEW, "SUCCESS"), BOTH, BOTH, BOTH, NEW, ("AWSCURRENT",))
        assert require(world, done, "SWITCHED", switched) == "run"
        assert world.ses.puts == [NEW]


@pytest.mark.prove
@pytest.mark.parametrize("kind", ["moto", "localstack"])
def test_life_of_a_selector(kind, tmp_path):
    with estate(kind, tmp_path, CURRENT) as world:
        live(world)


def live(world: Estate) -> None:
    """Prepare, plan, apply, roll back, apply again, retire, verify."""
    alone = (CURRENT,)
    before = Seen((CURRENT, "SUCCESS"), alone, alone, alone, CURRENT, ("AWSCURRENT",))
    assert world.seen() == before

    done = world.command(f"papermill notebooks/{PREPARE} {WAIT}")
    prepared = before._replace(published=BOTH, verified=BOTH, keys=BOTH, secret=NEW, stages=STAGES)
    names = [require(world, done, "PREPARED", prepared)]
    done = world.command(f"byodkim rotate -r selector {NEW} {TICKET} {WAIT}")
    names.append(require(world, done, "PLANNED", prepared))

    done = world.command(done.line("To apply"))
    switched = prepared._replace(identity=(NEW, "SUCCESS"))
    names.append(require(world, done, "SWITCHED", switched))
    done = world.command(done.line("To roll back"))
    names.append(require(world, done, "SWITCHED", prepared))
    done = world.command(done.line("To roll back"))
    names.append(require(world, done, "SWITCHED", switched))
    assert world.ses.puts == [NEW, CURRENT, NEW]

    done = world.command(f"byodkim retire -r selector {CURRENT} -p mode apply")
    assert done.line("Stopped by") == "TIME-OVERLAP, FAIL"
    names.append(require(world, done, "REFUSED", switched))
    done = world.command(f"byodkim retire -r selector {CURRENT} {WAIVED} -p mode apply {WAIT}")
    retired = switched._replace(published=(NEW,), verified=(NEW,), keys=(NEW,))
    names.append(require(world, done, "RETIRED", retired))

    done = world.command(f"byodkim verify outputs --head {judge.head(world.outputs, names[-1])}")
    assert done.code == 0, done.text
    chain = [("", ""), *((name, judge.head(world.outputs, name)) for name in names)]
    assert [judge.previous(world.outputs, name) for name in names] == chain[:-1]
    assert world.leaks() == []
