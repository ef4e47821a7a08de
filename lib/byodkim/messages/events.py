"""The journal's events and the AWS calls, as a record's tables name them."""

from __future__ import annotations

from typing import Final

TEXTS: Final[dict[str, tuple[str, str]]] = {
    "event.begin": ("run begun", "実行開始"),
    "event.caller": ("operator and account known", "実行者とアカウントを確認"),
    "event.observed": ("SES, key store and DNS observed", "SES・鍵・DNS を確認"),
    "event.polled": ("authoritative servers polled: changed", "権威サーバーの応答に変化"),
    "event.polling-ended": ("wait for DNS ended", "DNS の待機終了"),
    "event.checked": ("checks made", "チェック実施"),
    "event.planned": ("plan made", "計画作成"),
    "event.lock": ("lock of the identity", "ID のロック"),
    "event.approvals": ("approvals read and verified", "承認を確認"),
    "event.ready": ("what the record needs tried", "記録に必要なものを確認"),
    "event.intent": ("intent to write, on disk", "書き込み意図をディスクに記録"),
    "event.answer": ("answer of the write, on disk", "書き込みの応答をディスクに記録"),
    "event.rollback": ("intent to write the selector that was left, on disk", "元のセレクタに戻す意図をディスクに記録"),
    "event.rolled": ("answer of that write, on disk", "その応答をディスクに記録"),
    "event.resolved": ("write found applied when read back", "再確認で反映を確認"),
    "event.unread": ("a reading failed and was tried again", "読み取り失敗（再試行）"),
    "event.waited": ("waiting ended", "待機終了"),
    "event.handed": ("DNS request", "DNS 設定依頼"),
    "event.kept": ("record of an earlier run completed", "以前の実行の記録を補完"),
    "event.closed": ("run closed", "実行終了"),
    "calls": ("AWS calls", "AWS API 呼び出し"),
    "calls.time": ("time", "時刻"),
    "calls.service": ("service", "サービス"),
    "calls.operation": ("operation", "操作"),
    "calls.status": ("HTTP", "HTTP"),
    "calls.ms": ("ms", "ms"),
    "calls.retries": ("retries", "再試行"),
    "calls.request-id": ("request id", "リクエスト ID"),
}
