"""What is the same for prepare and retire: parameters of rotate alone, and the order of the steps."""

from __future__ import annotations

from pathlib import Path

import pytest

from byodkim import steps
from byodkim.errors import ParameterError
from byodkim.procedure.run import StepError
from byodkim.sandbox.client import Sandbox
from tests.each import each
from tests.procedure.acts import Act

ACTS = [Act("prepare", "mail-20261124-1", "unprepared"), Act("retire", "mail-20260912-1", "overlap")]


@each("act", ACTS)
def test_parameters_of_rotate_alone_are_unknown(
    child: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, act: Act
) -> None:
    with act.staged(child, tmp_path, monkeypatch) as sandbox:
        for name in ("wait_minutes", "approved", "message" if act.procedure == "retire" else "wait_dns_minutes"):
            with pytest.raises(ParameterError, match=f"no parameter named {name}"):
                act.begin(sandbox, **{name: 1})
        assert sandbox.calls() == []


@each("act", ACTS)
def test_a_step_out_of_its_order_does_nothing(
    child: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, act: Act
) -> None:
    with act.staged(child, tmp_path, monkeypatch) as sandbox:
        run = act.begin(sandbox)
        count = len(run.journal.events)
        for step in {"verify", "compare", "apply", "prove"}:
            with pytest.raises(StepError, match="next is observe"):
                getattr(steps, step)(run)
            assert (len(run.journal.events), run.stage) == (count, "begun"), step
        run.release()
