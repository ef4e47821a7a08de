"""``python -m tests.second_edition.simulation``: the tables that docs/en/scale.md and docs/ja/scale.md quote; always the same.

With ``--write`` they go into the docs, between their markers.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Final

from second_edition.messages import LANGUAGES, Language
from tests.second_edition.bench.table import markdown
from tests.second_edition.simulation.campaign import Faults, Fleet, Plain, Told, run

ROOT: Final = Path(__file__).resolve().parents[3]
DOCS: Final[Mapping[Language, Path]] = {one: ROOT / "docs/second_edition" / one / "scale.md" for one in LANGUAGES}
MARK: Final = re.compile(r"<!-- simulation (\w+) -->\n.*?<!-- /simulation -->", re.DOTALL)
MILLION = Fleet(groups=2000, identities=1_000_000)
REGION = Fleet(groups=1, identities=10_000)
JAPANESE: Final = {
    "identities": "ID", "groups": "アカウント×リージョン", "planning": "計画", "writing, one wave": "書き込み（1 波）",
    "with canary and waves": "書き込み（カナリアと波）", "calls an identity": "ID あたりの呼び出し",
    "fault hits": "障害の割合", "stop after N": "停止条件 N", "canary": "カナリア", "written": "書き込んだ ID",
    "not verified in time": "期限内に未検証", "stopped": "停止", "open at once": "同時に検証待ち",
    "writing 10,000": "10,000 件の書き込み", "a fault that hits all reaches": "全件に及ぶ障害の影響",
    "of 1 write a second": "毎秒 1 回に対して", "what goes wrong": "起きること",
    "planning and writing": "計画と書き込み", "calls refused": "拒否された呼び出し", "yes": "はい", "no": "いいえ",
    "never": "なし", "nothing": "なし", "1 in 10 calls refused": "呼び出しの 1 割が拒否",
    "an hour in which 9 in 10 are": "1 時間のあいだ 9 割が拒否", "killed 5 times": "5 回の強制終了",
    "2 % not ready": "2 % が準備未了",
}  # fmt: skip


def hours() -> Iterator[Sequence[str]]:
    """Yield what it takes where nothing goes wrong but that SES is slow with some."""
    yield "identities", "groups", "planning", "writing, one wave", "with canary and waves", "calls an identity"
    for fleet in (REGION, Fleet(20, 10_000), Fleet(200, 100_000), Fleet(100, 1_000_000), MILLION):
        whole = run(fleet, Plain(fleet.identities, canary=1, most=None))
        waves = run(fleet, Plain(fleet.identities, most=None))
        yield (
            f"{fleet.identities:,}", f"{fleet.groups:,}", _h(whole.planned_s), _h(whole.ended_s - whole.planned_s),
            _h(waves.ended_s - waves.planned_s), f"{waves.calls / fleet.identities:.2f}",
        )  # fmt: skip


def faults() -> Iterator[Sequence[str]]:
    """Yield how far a fault gets that shows only after the write, in a million identities."""
    yield "fault hits", "canary", "stop after N", "written", "not verified in time", "stopped"
    for share in (0.001, 0.01, 0.1, 1.0):
        for canary, most in ((0.001, 5), (0.01, 5), (0.01, 500)):
            told = run(MILLION, Plain(MILLION.identities, canary=canary, most=most), Faults(broken=share))
            yield f"{share:.1%}", f"{canary:.1%}", str(most), f"{len(told.writes):,}", f"{told.broken:,}", _yes(told)
    told = run(MILLION, Plain(MILLION.identities, most=None), Faults(broken=0.01))
    yield "1.0%", "1.0%", "never", f"{len(told.writes):,}", f"{told.broken:,}", _yes(told)


def slow() -> Iterator[Sequence[str]]:
    """Yield what a rule of few failures makes of identities that SES verifies too late, without any fault."""
    yield "identities", "stop after N", "written", "not verified in time", "stopped"
    for count in (10_000, 100_000, 1_000_000):
        for most in (0, 5, count // 1000):
            told = run(Fleet(count // 500, count), Plain(count, most=most))
            yield f"{count:,}", f"{most:,}", f"{len(told.writes):,}", f"{told.broken:,}", _yes(told)


def open_at_once() -> Iterator[Sequence[str]]:
    """What a limit on what is open at once costs a full Region, and what it holds a fault to that hits everything."""
    yield "open at once", "writing 10,000", "of 1 write a second", "a fault that hits all reaches"
    for at_once in (1, 10, 50, 100, 200, 1000):
        fleet = Fleet(1, 10_000, at_once=at_once)
        calm = run(fleet, Plain(10_000, canary=1, most=None))
        hit = run(fleet, Plain(10_000, canary=1, most=5), Faults(broken=1))
        writing = calm.ended_s - calm.planned_s
        yield f"{at_once:,}", _h(writing), f"{10_000 / writing:.0%}", f"{hit.broken:,}"


def troubles() -> Iterator[Sequence[str]]:
    """Yield what goes wrong around it, in a full Region."""
    yield "what goes wrong", "planning and writing", "calls refused", "written", "not verified in time"
    told = {
        "nothing": Faults(),
        "1 in 10 calls refused": Faults(throttled=0.1),
        "an hour in which 9 in 10 are": Faults(storm=(12_000, 15_600, 0.9)),
        "killed 5 times": Faults(kills=(600, 1200, 3000, 6000, 9000)),
        "2 % not ready": Faults(refused=0.02),
    }
    for name, faulty in told.items():
        came = run(REGION, Plain(REGION.identities, most=None), faulty)
        yield name, _h(came.ended_s), f"{came.refused_calls:,}", f"{len(came.writes):,}", f"{came.broken:,}"


def _h(seconds: float) -> str:
    return f"{seconds / 3600:.1f} h" if seconds >= 7200 else f"{seconds / 60:.0f} min"


def _yes(told: Told) -> str:
    return "yes" if told.stopped else "no"


TABLES: Final[Mapping[str, Callable[[], Iterator[Sequence[str]]]]] = {
    "hours": hours, "faults": faults, "slow": slow, "open": open_at_once, "troubles": troubles,
}  # fmt: skip


@cache
def _rows(name: str) -> Sequence[Sequence[str]]:
    return tuple(TABLES[name]())


def table(name: str, language: Language) -> str:
    """A table as the docs have it."""
    lines = _rows(name)
    if language == "ja":
        lines = [[JAPANESE.get(cell, cell).replace("%", " %").replace("  %", " %") for cell in line] for line in lines]
    return markdown(lines[0], lines[1:])


def written(text: str, language: Language) -> str:
    """A document with every table that it names put in anew."""
    return MARK.sub(
        lambda found: f"<!-- simulation {found[1]} -->\n{table(found[1], language)}\n<!-- /simulation -->", text
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.second_edition.simulation", description=__doc__)
    parser.add_argument("--write", action="store_true", help="into docs/en/scale.md and docs/ja/scale.md")
    if parser.parse_args().write:
        for each, path in DOCS.items():
            path.write_text(written(path.read_text("utf-8"), each), "utf-8")
    else:
        for title, told in TABLES.items():
            print(f"{title}: {told.__doc__}\n\n{table(title, 'en')}\n")
