"""Words of runs that go through several accounts and Regions."""

from __future__ import annotations

from typing import Final

TEXTS: Final[dict[str, tuple[str, str]]] = {
    "event.united": ("planned for all places", "全対象の計画を作成"),
    "at": ("{place}: {what}", "{place}: {what}"),
    "place": ("place", "対象"),
    "from": ("from", "変更前"),
    "to": ("to", "変更後"),
    "outcome": ("outcome", "結果"),
    "plan": (
        "Place by place, in this order; each only when SES has verified the one before it. The digest is that of all.",
        "次の順に 1 か所ずつ切り替えます。前の対象の検証が終わるまで、次の対象には書き込みません。ダイジェストは全対象に対するものです。",
    ),
    "follow": (
        "The further places follow, one by one, when SES has verified this one.",
        "残りの対象は、この対象の検証が終わってから順に切り替えます。",
    ),
    "waits": (
        "Not come to: it is written only when the places before it are verified.",
        "未着手（前の対象の検証が終わるまで書き込みません）。",
    ),
    "outcome.PLANNED": (
        "{domain} would sign with {selector} in {count} places; nothing was written",
        "{domain} を {count} か所で {selector} に切り替える計画（書き込みはしていません）",
    ),
    "outcome.REFUSED": (
        "{domain} was not switched to {selector} in any of {count} places",
        "{domain} の {selector} への切替を拒否しました（{count} か所とも変更なし）",
    ),
    "outcome.UNCHANGED": (
        "{domain} signs with {selector} in all {count} places already",
        "{domain} は {count} か所すべてで既に {selector} で署名しています",
    ),
    "outcome.SWITCHED": (
        "{domain} signs with {selector} in all {count} places",
        "{domain} は {count} か所すべてで {selector} で署名しています",
    ),
    "stands.verified": ("{place}: signs with {selector}, verified.", "{place}: {selector} で署名（検証済み）。"),
    "stands.not-signing": (
        "{place}: has {selector} ({status}), and SES does not sign with it.",
        "{place}: {selector} を設定済み（{status}）、SES は署名していない。",
    ),
    "stands.pending": (
        "{place}: has {selector}, not verified yet ({status}).",
        "{place}: {selector} を設定済み、検証待ち（{status}）。",
    ),
    "stands.still": ("{place}: still {current}, not written.", "{place}: {current} のまま（書き込みなし）。"),
    "stands.untaken": (
        "{place}: still {current}, the write was not taken.",
        "{place}: {current} のまま（書き込みは反映されず）。",
    ),
    "stands.unclear": (
        "{place}: has either {current} or {next}, which is not known.",
        "{place}: {current} か {next} のどちらか不明。",
    ),
    "stands.back": (
        "{place}: was given back to {selector} ({status}).",
        "{place}: {selector} に切り戻し（{status}）。",
    ),
    "stands.unseen": ("{place}: could not be looked at.", "{place}: 確認できず。"),
    "both": ("Both key records must stay published.", "両方の鍵レコードを公開したままにしてください。"),
    "meaning.switched": (
        "SES has verified it in every place. Mail of a place may have gone out unsigned for up to {duration} after its write.",
        "全対象で SES の検証が終わりました。各対象では、書き込み後に最長 {duration} 署名なしで送信された可能性があります。",
    ),
    "meaning.pending": (
        "Mail may go out unsigned where it is not verified. Places that were not written sign as before.",
        "検証待ちの対象では、署名なしで送信される可能性があります。書き込みのない対象の署名は変更前と同じです。",
    ),
    "next.again": (
        "The same command does what is missing, and writes no place twice:",
        "同じコマンドを再実行すると、残りの対象だけを行います（二重に書き込むことはありません）。",
    ),
    "untaken.changed": ("nothing: the write was not taken", "変更なし（書き込みは反映されず）"),
    "untaken.safe": ("yes: mail is signed as before", "はい。署名は変更前と同じです"),
    "finished.yes": ("yes: SES has verified the selector in every place", "はい。全対象で SES の検証が終わっています"),
    "finished.no": ("no: {standing}", "いいえ。{standing}"),
    "back.first": (
        "place by place, in the same order, with one command: {told}",
        "1 つのコマンドで同じ順に切り戻し: {told}",
    ),
    "message": (
        "The message proves the switch in {place}, the run's own place; what the others sign is told by SES alone.",
        "メッセージによる確認は、この実行自身の対象 {place} のものです。ほかの対象の署名は SES の表示だけによります。",
    ),
}
