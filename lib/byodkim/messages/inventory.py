"""Words of ``byodkim inventory``."""

from __future__ import annotations

from typing import Final

TEXTS: Final[dict[str, tuple[str, str]]] = {
    "listing": ("Listing identities: {count} so far.", "ID の一覧を取得しています（現在 {count} 件）。"),
    "progress": ("{rows} of {all} identities; {left}", "{all} 件中 {rows} 件完了。{left}"),
    "left": ("about {time} left.", "残り約 {time}。"),
    "left.unknown": ("how long the rest takes is not known yet.", "残り時間は計測中です。"),
    "seconds": ("{count} s", "{count} 秒"),
    "minutes": ("{count} min", "{count} 分"),
    "resumed": (
        "Going on with the inventory that was begun at {at}: {rows} identities are known already ({path}).",
        "{at} に開始した棚卸しの続きから再開します。{rows} 件は取得済みです（{path}）。",
    ),
    "taken": (
        "Identities of {place} that were looked at: {rows}; email addresses besides, which sign as their domains do: "
        "{addresses}. All of it is in {path}.",
        "{place} の ID {rows} 件を確認しました。ほかにメールアドレスの ID が {addresses} 件あり、署名はドメインに従います。"
        "全件を {path} に保存しました。",
    ),
    "stopped": (
        "What is known so far is kept in {path}; the same command goes on from there within a day. Nothing was changed "
        "in AWS or DNS.",
        "取得済みの内容は {path} に保存してあります。1 日以内に同じコマンドを実行すると続きから再開します。AWS と DNS は変更していません。",
    ),
    "unwritable": (
        "The inventory cannot be kept at {path} ({reason}).",
        "棚卸しの結果を {path} に保存できません（{reason}）。",
    ),
    "unwritable.means": ("Nothing was changed in AWS or DNS.", "AWS と DNS は変更していません。"),
    "unwritable.todo": (
        "Make room or give yourself access, or name another folder with --archive (another file with --csv).",
        "空き容量またはアクセス権を確保するか、--archive で別のフォルダ（--csv の場合は別のファイル）を指定してください。",
    ),
    "groups": ("By DKIM status, key record and due date", "DKIM ステータス・鍵レコード・期日別"),
    "selectors": ("By selector, the most frequent first", "セレクタ別（件数の多い順）"),
    "wanting": ("{count} want attention; the first {shown}", "要確認 {count} 件（先頭 {shown} 件）"),
    "column.identity": ("identity", "ID（ドメイン）"),
    "column.selector": ("selector", "セレクタ"),
    "column.status": ("DKIM status", "DKIM ステータス"),
    "column.record": ("key record", "鍵レコード"),
    "column.rotate-by": ("rotate by", "更新期限"),
    "column.due": ("due", "期日の状態"),
    "column.count": ("identities", "件数"),
    "record.unasked": ("not asked: no selector of its own", "対象外（固有のセレクタなし）"),
    "record.differ": ("servers differ", "サーバー間で不一致"),
    "record.unfound": ("name servers not found", "ネームサーバー不明"),
}
