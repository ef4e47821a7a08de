"""Words of the review notebook, which reads archived runs."""

from __future__ import annotations

from typing import Final

TEXTS: Final[dict[str, tuple[str, str]]] = {
    "unknown": (
        "The review has no parameter {name}; it knows: {known}. Nothing was read.",
        "パラメータ {name} はありません。使えるのは {known} です。何も読み取っていません。",
    ),
    "text": (
        "The parameter {name} must be text: give it with -r. Nothing was read.",
        "パラメータ {name} は文字列で指定してください（-r）。何も読み取っていません。",
    ),
    "language": (
        "The parameter language must be one of: {known}. Nothing was read.",
        "パラメータ language は {known} のいずれかです。何も読み取っていません。",
    ),
    "two": (
        "The parameter runs must name two runs with a comma between them, or none.",
        "パラメータ runs には、実行 ID を 2 つ、カンマで区切って指定してください（省略可）。",
    ),
    "identity": (
        "The archive holds no run of {identity}; it knows: {known}.",
        "{identity} の実行はありません。記録にある ID は {known} です。",
    ),
    "sound": (
        "Every run verifies: its journal, its seal, its notebook, and its place after the run before it.",
        "すべての実行が検証に合格しました（ジャーナル、封印、ノートブック、前回の実行とのつながり）。",
    ),
    "unsound": (
        "The evidence of these runs does not verify: do not rely on what is told of them.",
        "次の実行は証跡の検証に合格しません。その内容を根拠にしないでください。",
    ),
    "found": ("what is off", "問題点"),
    "alone": ("There are no two runs to compare.", "比較できる 2 件の実行がありません。"),
}
