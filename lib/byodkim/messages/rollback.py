"""Words of a run that goes back by itself."""

from __future__ import annotations

from typing import Final

TEXTS: Final[dict[str, tuple[str, str]]] = {
    "why.time": (
        "SES has not verified {selector} {hours} h after it was written",
        "{selector} の書き込みから {hours} 時間を過ぎても SES の検証が終わりません",
    ),
    "why.given-up": (
        "SES has given up on {selector} (status FAILED)",
        "SES が {selector} の検証を打ち切りました（FAILED）",
    ),
    "done": (
        "{why}, so {left} was written again, as the profile asks.",
        "{why}。プロファイルの設定に従い {left} に戻しました。",
    ),
    "means": (
        "Mail is signed with {left} as soon as SES has verified it; from the switch until then it may have gone out unsigned.",
        "SES が {left} を検証し終えると、その署名に戻ります。切替からそれまでの間は署名なしで送信された可能性があります。",
    ),
    "todo": (
        "See why the key record of {selector} was not found, then run again.",
        "{selector} の鍵レコードが検出されなかった原因を調べてから、再実行してください。",
    ),
    "not.unproved": (
        "{why}, and no record proves a selector to go back to ({left}).",
        "{why}。戻せると確認済みのセレクタが記録にありません（{left}）。",
    ),
    "not.refused": (
        "{why}, and {left} was not written again: {ids} would refuse a rollback.",
        "{why}。{left} への切り戻しは {ids} で拒否されるため、戻していません。",
    ),
    "not.record": (
        "{why}, and {left} was not written again: its key record is no longer served everywhere.",
        "{why}。{left} の鍵レコードが全サーバーで公開されていないため、戻していません。",
    ),
    "not.unclear": (
        "{why}; {left} was written again, and SES does not show it.",
        "{why}。{left} を書き込みましたが、SES に反映されたことを確認できません。",
    ),
    "not.means": (
        "Mail may go out unsigned; keep the key records of both selectors published.",
        "署名なしで送信される可能性があります。両方のセレクタの鍵レコードを公開したままにしてください。",
    ),
    "not.todo": (
        "Publish the key record of {selector} everywhere and run again, or roll back as the record says.",
        "{selector} の鍵レコードを全サーバーで公開して再実行するか、記録の手順で切り戻してください。",
    ),
}
