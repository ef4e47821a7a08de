"""What is said where a selector that SES has is written again."""

from __future__ import annotations

from typing import Final

PHRASES: Final[dict[str, tuple[str, str]]] = {
    "selector-unverified": (
        "{selector} is set and not verified: written again, see PLAN-REWRITE",
        "{selector} は設定済みですが未検証です（再設定、PLAN-REWRITE を参照）",
    ),
    "giver-known": (
        "the run that gave SES the key, or that there is none",
        "SES に鍵を設定した実行、またはそれがないこと",
    ),
    "no-rewrite": ("SES is not looking for its key record ({status})", "SES による検証待ちではありません（{status}）"),
    "given-by": (
        "run {run} gave SES this key, and SES says {status}: nothing to write",
        "実行 {run} がこの鍵を SES に設定済み（{status}）: 書き込みなし",
    ),
    "given-by-replaced": (
        "run {run} gave SES this key and SES verified it; SES says {status}, so somebody gave SES another key since: "
        "written again",
        "実行 {run} がこの鍵を SES に設定し、検証済みでした。現在は {status} のため、その後に別の鍵が設定されています: 再設定",
    ),
    "given-by-none": (
        "no archived run gave SES this key, or a message contradicts it; SES says {status}: written again",
        "この鍵を SES に設定した実行が保管先にないか、メッセージと矛盾します（{status}）: 再設定",
    ),
}

CHECKS: Final[dict[str, tuple[str, str]]] = {
    "PLAN-REWRITE": (
        "It is known whether an archived run gave SES the key that it has yet to verify",
        "SES が未検証の鍵について、どの実行が設定したか（または設定していないか）が分かっている",
    ),
    "PLAN-REWRITE.todo": (
        "Restore the damaged journal, so that it is known whether a run gave SES this key. To write it again in any case, "
        "waive PLAN-REWRITE with the reason.",
        "破損したジャーナルを復元し、この鍵を設定した実行があるか確認できるようにしてください。それでも再設定する場合は、理由を書いて "
        "PLAN-REWRITE を免除してください。",
    ),
}

TEXTS: Final[dict[str, tuple[str, str]]] = {
    "plan.again": (
        "{identity} would be given {next} again: SES gave up on it, which only another write ends.",
        "{identity} に {next} を再設定します（SES が検証を打ち切っており、再設定が必要なため）。",
    ),
    "plan.replaced": (
        "{identity} would be given {next} again: SES had verified it, and somebody gave SES another key since.",
        "{identity} に {next} を再設定します（検証済みになった後、SES に別の鍵が設定されたため）。",
    ),
    "plan.rewrite": (
        "{identity} would be given {next} again: SES has not verified it, and no archived run gave SES this key.",
        "{identity} に {next} を再設定します（SES が未検証で、この鍵を設定した実行が保管先にないため）。",
    ),
}
