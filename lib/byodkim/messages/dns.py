"""Words of the record about DNS: delegation, resolvers, the wait, the picture."""

from __future__ import annotations

from typing import Final

TEXTS: Final[dict[str, tuple[str, str]]] = {
    "delegation": ("Delegation of {zone}", "{zone} の委任"),
    "found-by": ("found by", "確認方法"),
    "found-by.walk": ("a walk from the root", "ルートからの探索"),
    "found-by.resolver": (
        "a resolver, as no root server can be asked from here",
        "リゾルバ（ルートサーバーに届かないため）",
    ),
    "parent": ("named by the zone above", "親ゾーンの NS"),
    "child": ("named by {server}", "{server} の NS"),
    "blocked": (
        "Port 53 is blocked on this network: no authoritative server can be asked, though a resolver answers.",
        "このネットワークでは 53 番ポートが遮断されています。リゾルバは応答しますが、権威サーバーには確認できません。",
    ),
    "encrypted": (
        "Key record by encrypted resolvers (evidence: {counts})",
        "暗号化 DNS で得た鍵レコード（証拠として使用: {counts}）",
    ),
    "counts.true": ("yes", "する"),
    "counts.false": ("no", "しない"),
    "followed": (
        "Where the CNAME leads: {name} at its own authoritative servers",
        "CNAME の参照先 {name}（その権威サーバー）",
    ),
    "resolved": (
        "Recursive resolvers, asked last: shown, and no proof",
        "リゾルバの応答（参考。証拠としては数えません）",
    ),
    "picture": (
        "Picture: the key records at every address, as in the tables below; first the next one, then the current one. A tick: "
        "the key. A cross: something else. A question mark: could not be asked.",
        "図: 各アドレスの鍵レコード（左が次、右が現行。詳細は下の表）。チェック印は一致、× は不一致、? は確認不可。",
    ),
    "legend": (
        "In the picture above: the first mark is of the next key record, the second of the current one. ✔ the key, ✘ "
        "something else, ? could not be asked.",
        "上の図は左が次、右が現行の鍵レコードです。✔ 一致、✘ 不一致、? 確認不可。",
    ),
    "serving": ("serve the key", "鍵あり"),
    "others": ("the others", "その他"),
    "expected-by": ("enough, expected by", "完了見込み"),
    "by-unknown": ("when it is published", "公開され次第"),
    "waiting": (
        "Waiting for DNS, {minutes} minutes at most. Only authoritative servers are asked.",
        "DNS への反映を待っています（最長 {minutes} 分）。権威サーバーだけに確認します。",
    ),
    "wait-done": ("DNS serves the key record; the wait is over.", "DNS への反映を確認し、待機を終えました。"),
    "wait-over": (
        "The {minutes} minutes are over; DNS is not ready. The checks say what is missing.",
        "{minutes} 分が経過しましたが、DNS の準備が整っていません。不足はチェックに示します。",
    ),
}
