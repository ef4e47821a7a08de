"""Words of the command line."""

from __future__ import annotations

from typing import Final

TEXTS: Final[dict[str, tuple[str, str]]] = {
    "page": ("Record: {path}", "記録: {path}"),
    "foreign": (
        "{path} exists and is not a record page, so it was left as it is.",
        "{path} は既に存在し、記録の頁ではないため、変更していません。",
    ),
    "unwritable": ("{path} cannot be written ({reason}).", "{path} に書き込めません（{reason}）。"),
    "name-another": ("Name another file with -o.", "-o で別のファイル名を指定してください。"),
    "untold": (
        "The events of {path} are not such as byodkim {version} writes ({type}).",
        "{path} のイベントは byodkim {version} の形式ではありません（{type}）。",
    ),
    "untold.todo": (
        "Use the version that the record names, or compare the record with an archived copy.",
        "記録に書かれた版の byodkim を使うか、保管済みの控えと照合してください。",
    ),
    "unproved": (
        "{path} proves no key pair, so no DNS request can be made from it: the check KEY-PAIR has not passed in that run.",
        "{path} では鍵ペアの一致を確認できていない（チェック KEY-PAIR が合格していない）ため、DNS 設定依頼は作成できません。",
    ),
    "unproved.means": (
        "A request with another key's value would break every signature.",
        "鍵の異なる値で依頼すると、すべての署名が検証に失敗します。",
    ),
    "unproved.todo": (
        "Mend what the record names, run again, and make the request from the new record.",
        "記録に示された原因を解消して再実行し、その記録から作成してください。",
    ),
    "unsound": (
        "The evidence of {path} contradicts itself, so no DNS request is made from it. {how}",
        "{path} の証跡に矛盾があるため、DNS 設定依頼は作成しません。{how}",
    ),
    "request": (
        "DNS request: {path} (TXT record at {name}).",
        "DNS 設定依頼: {path}（{name} の TXT レコード）。",
    ),
    "unread": ("{path} cannot be read ({reason}).", "{path} を読み取れません（{reason}）。"),
    "unread.todo": (
        "Name the CSV that the SES console gave for this identity.",
        "SES コンソールからダウンロードした、この ID の CSV を指定してください。",
    ),
}
