"""The words of the table of figures in Japanese: labels, and what stands beside numbers."""

from __future__ import annotations

from typing import Final

LABELS: Final = {
    "(a) the run sheet's six AWS CLI commands": "(a) 手順書の AWS CLI コマンド 6 回",
    "(b) plain papermill, checks and verification included": "(b) papermill による実行（チェックと検証を含む）",
    "of which the steps, first to last cell": "うち手順（最初のセルから最後のセルまで）",
    "the steps, with 80 ms on each AWS call and 30 ms on each DNS query": (
        "AWS 各呼び出しに 80 ms、DNS 各問い合わせに 30 ms を加えた手順"
    ),
    "their longest chain of dependent calls": "依存する呼び出しの最長の連なり",
    "what that latency adds to the steps, and to the chain": "その遅延による増加（手順と最長の連なり）",
    "(a) once more, in turn with these": "(a) 以下と交互に測定",
    "(c) byodkim rotate": "(c) byodkim rotate",
    "processor time of all its processes": "うち全プロセスの CPU 時間",
    "its private memory while it waits for SES": "うち SES を待つ間の専有メモリ",
    "a campaign's writes where SES allows 1 a second, sustained": (
        "キャンペーンの書き込み（毎秒 1 回の枠に対する割合、持続時）"
    ),
    "the same, from the first run's begin to the last one's end": "同上（最初の実行の開始から最後の実行の終了まで）",
    "calls of SES an identity beside its write, planning included": (
        "1 件あたりの書き込み以外の SES の呼び出し（計画を含む）"
    ),
    "processor time an identity, planning included": "1 件あたりの CPU 時間（計画を含む）",
    "planning": "計画",
    "inventory of an account and Region, against a sandbox that allows one call a second": (
        "アカウントとリージョンの棚卸し（毎秒 1 回に制限するサンドボックス）"
    ),
    "calls of SES in it": "うち SES の呼び出し",
    "most memory of the inventory": "棚卸しの最大メモリ",
    "key records asked for and judged, of one nsd": "鍵レコードの照会と判定（nsd 1 台）",
    "byodkim verify, runs that have nothing in common": "byodkim verify（共通点のない実行）",
    "processor time a run in it, all cores": "うち実行 1 件あたりの CPU 時間（全コア）",
    "sha256sum over all files; verify / this": "全ファイルの sha256sum（verify／これ）",
    "openssl over all seals; verify / this": "全電子署名の openssl（verify／これ）",
    "byodkim site": "byodkim site",
    "processor time a run in byodkim site, all cores": "byodkim site の実行 1 件あたりの CPU 時間（全コア）",
    "most memory of byodkim site": "byodkim site の最大メモリ",
    "the site's size": "サイトの大きさ",
    "index page opened in Chromium, and searched by keyboard": "一覧のページを Chromium で開く、キーボードで検索する",
    "page of identities opened, and searched by keyboard": "ID 一覧のページを開く、キーボードで検索する",
    "byodkim verify of all of these runs": "これら全実行の byodkim verify",
    "processor time a run in it, beside that of a tenth of the runs": (
        "うち実行 1 件あたりの CPU 時間（全件、10 分の 1 の件数）"
    ),
    "most memory in it, beside that for a tenth of the runs": "その最大メモリ（全件、10 分の 1 の件数）",
    "files of a run: journal, seal and notebook": "実行 1 件のファイル（ジャーナル、電子署名、ノートブック）",
}

#: What stands in values and ratios, in the order in which it is replaced.
WORDS: Final = (
    (r" ?\(aim (.+?) for ([\d,]+)\)", r"（目標は \2 件で \1）"),
    (r" ?\(aim (.+?)\)", r"（目標 \1）"),
    (r"([\d.]+) x the floor of ([\d.]+ s)", r"下限 \2 の \1 倍"),
    (r"; p90 ([\d.]+) x the median", r"、90 パーセンタイルは中央値の \1 倍"),
    (r"([\d.]+) x that chain", r"その連なりの \1 倍"),
    (r"([\d.]+) x the archive", r"保存先の \1 倍"),
    (r"([\d.]+) x the first time's processor time", r"初回の CPU 時間の \1 倍"),
    (r"([\d.]+) x the aim of (\d+ s)", r"目標 \2 の \1 倍"),
    (r"([\d,]+) identities", r"\1 件"),
    (r"([\d.]+) of it", r"枠の \1"),
    (r"([\d,]+) calls refused", r"拒否 \1 回"),
    (r"command ([\d.]+); custodian ([\d.]+)", r"コマンド \1、custodian \2"),
    (r"([\d.]+ s) of processor time each", r"各 CPU \1"),
    (r"([\d,]+) calls, (\d+) refused", r"呼び出し \1 回（拒否 \2 回）"),
    (r"([\d,]+) runs; ([\d.]+ ms) of processor a run", r"実行 \1 件（各 CPU \2）"),
    (r"([\d,]+) runs, ", r"実行 \1 件、"),
    (r"([\d.]+) calls$", r"\1 回"),
    (r"([\d,.]+) a second", r"毎秒 \1 件"),
    (r" ?\(processor time of both\)", "（いずれも CPU 時間）"),
    (r" ?\(1: linear\)", r"（1 なら線形）"),
)
