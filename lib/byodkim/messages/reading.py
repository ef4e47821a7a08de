"""Words for an identity that was read together with others."""

from __future__ import annotations

from typing import Final

TEXTS: Final[dict[str, tuple[str, str]]] = {
    "batch": (
        "Selector, DKIM status and signing were read for the campaign at {at}, by {by} (identities in the call: "
        "{count}; request id {request_id}).",
        "セレクタ・DKIM ステータス・署名有効化は、キャンペーンのまとめ読み {by}（{at}、対象 {count} 件、リクエスト ID {request_id}）"
        "で取得した値です。",
    ),
    "carried": (
        "That call tells nothing else: all else is as GetEmailIdentity showed it at {full_at}.",
        "それ以外の項目はこの呼び出しでは得られないため、{full_at} 時点の GetEmailIdentity の値を引き継いでいます。",
    ),
    "untold": (
        "Not known, since the selector or its status has changed since: {fields}.",
        "その後セレクタまたはステータスが変わったため、次の項目は不明です: {fields}。",
    ),
    "full": (
        "Read for the campaign at {at}, by {by} (request id {request_id}).",
        "キャンペーンのリーダーが {by}（{at}、リクエスト ID {request_id}）により取得した値です。",
    ),
}
