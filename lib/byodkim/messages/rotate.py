"""Words of ``byodkim rotate``."""

from __future__ import annotations

from typing import Final

TEXTS: Final[dict[str, tuple[str, str]]] = {
    "no-notebook": ("There is no notebook {path} here or above.", "{path} がこのフォルダーにも上位にもありません。"),
    "no-notebook.todo": (
        "Change to the project's folder, or name the notebook with --notebook.",
        "プロジェクトのフォルダーに移動するか、--notebook で指定してください。",
    ),
    "exists": ("it exists already", "既に存在します"),
    "unread": ("{path} cannot be read ({reason}).", "{path} を読み取れません（{reason}）。"),
    "no-parameters": (
        "{path} holds no parameters: it must be YAML, one name: value a line.",
        "{path} からパラメータを読み取れません。YAML の「名前: 値」の形で書いてください。",
    ),
    "torn": ("it is not whole", "内容が欠けています"),
    "unbegun": (
        "This run was stopped before it began: there is no journal, and SES was not touched. Run the same command again.",
        "この実行は開始前に停止しました。ジャーナルはなく、SES には書き込んでいません。同じコマンドを再実行してください。",
    ),
    "completed": (
        "An earlier run was killed; its record is complete now, as far as it came: {path}",
        "以前に強制終了した実行の記録を、到達した所まで完成させました: {path}",
    ),
    "unfinished": (
        "The notebook could not be put in its place ({reason}); what there is of it lies at {path}. The journal tells the run.",
        "ノートブックを保存できませんでした（{reason}）。途中までの内容は {path} にあります。実行の内容はジャーナルに残っています。",
    ),
    "unfinished.todo": (
        "Make room, then run the same command again: it looks at what SES has, does what is missing, and puts this notebook in its place.",
        "空き容量を確保し、同じコマンドを再実行してください。SES の状態を確認して残りを実行し、このノートブックも所定の場所に保存します。",
    ),
}
