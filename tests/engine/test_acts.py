"""What is the same for prepare and retire: parameters of rotate alone, and the order of the steps."""

from __future__ import annotations

from pathlib import Path

import pytest

from byodkim.errors import ParameterError
from byodkim.sandbox.client import Sandbox
from tests.each import each
from tests.engine.acts import Act

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
