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
        "The journal of every run holds together: no line was altered, dropped, swapped or added.",
        "すべての実行のジャーナルは整合しています（行の変更・欠落・入れ替え・追加はありません）。",
    ),
    "unsound": (
        "The evidence of these runs is missing or does not hold together: what is told of them proves nothing.",
        "次の実行は証跡が欠落または変更されており、その内容は証明になりません。",
    ),
    "alone": ("There are no two runs to compare.", "比較できる 2 件の実行がありません。"),
}
