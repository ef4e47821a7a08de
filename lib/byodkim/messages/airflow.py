"""Words of campaigns on Apache Airflow."""

from __future__ import annotations

from typing import Final

TEXTS: Final[dict[str, tuple[str, str]]] = {
    "nothing-done": (
        "Nothing was read or written in AWS or DNS.",
        "AWS と DNS に対しては、読み取りも変更も行っていません。",
    ),
    "table.header": (
        "The table's columns are not those of a campaign ({known}); domain and selector must be there.",
        "一覧表の列が一括切替の形式（{known}）と異なります。domain と selector は必須です。",
    ),
    "table.header.todo": ("Correct its first line.", "1 行目を修正してください。"),
    "table.line": (
        "Line {line} of the table cannot be used ({what}).",
        "一覧表の {line} 行目は使用できません（{what}）。",
    ),
    "table.line.todo": ("Correct that line.", "その行を修正してください。"),
    "table.twice": ("The table has {domain} more than once.", "一覧表に {domain} が複数回あります。"),
    "table.twice.todo": (
        "Leave one line: an identity is switched to one selector.",
        "1 行だけにしてください。1 つの ID の切替先は 1 つのセレクタです。",
    ),
    "table.empty": (
        "The table has no identity of this account and Region (profiles: {profiles}).",
        "一覧表に、このアカウントとリージョンの ID がありません（プロファイル: {profiles}）。",
    ),
    "table.empty.todo": (
        "Name the profile of each identity in the column profile.",
        "各 ID のプロファイルを profile 列に記入してください。",
    ),
    "no-toml": ("{file} is no TOML: {problem}.", "{file} は TOML として読めません: {problem}。"),
    "no-place": (
        "No section of {file} names an account and a Region.",
        "{file} に、アカウントとリージョンを指定したセクションがありません。",
    ),
    "no-place.todo": (
        "Set account and region there: each such pair gets a DAG and a pool.",
        "account と region を設定してください。この組ごとに DAG とプールができます。",
    ),
    "pool": (
        "Runs of byodkim that may call SES at once in {account}, {region}",
        "アカウント {account}・リージョン {region} の SES を同時に呼び出せる byodkim の実行数",
    ),
    "dag": (
        "Rotates the BYODKIM selectors of a table of identities in {account}, {region}: plans, a person's go-ahead, waves.",
        "アカウント {account}・リージョン {region} の ID 一覧について BYODKIM セレクタを切り替えます（計画、担当者の承諾、段階的な適用）。",
    ),
    "approve": (
        "Switch the identities that are ready in {account}, {region}?",
        "アカウント {account}・リージョン {region} の準備ができた ID を切り替えますか。",
    ),
    "unknown": ("not known (killed, or not begun)", "不明（強制終了、または未開始）"),
    "wanting": ("To be looked at, with the record of each:", "確認が必要な ID とその記録:"),
    "came-to": ("{domain}: {outcome}, record {record}", "{domain}: {outcome}、記録 {record}"),
    "exists": (
        "{record} is there already, and no record is overwritten. Nothing was started.",
        "{record} は既にあります。記録は上書きしません。何も開始していません。",
    ),
    "final": (
        "{domain} came to {outcome}, which the same command would only come to again. Its record says what to do: {record}.",
        "{domain} の結果は {outcome} です。再実行しても同じ結果になります。対処は記録を参照してください: {record}。",
    ),
    "again": (
        "{domain} came to {outcome} ({error}). The same command, to another record, looks at what stands and does what is "
        "missing: {record}.",
        "{domain} の結果は {outcome} です（{error}）。同じコマンドを別の記録名で再実行すると、現状を確認して残りだけを行います: {record}。",
    ),
    "no-go-ahead": (
        "Nobody has said that this campaign may go on. SES was not touched.",
        "この一括切替は承諾されていません。SES は変更していません。",
    ),
    "stopped": (
        "Not begun: {count} runs of this campaign have failed, and {most} may. SES was not touched for this identity.",
        "開始しませんでした。失敗した実行が {count} 件あり、許容数 {most} 件を超えています。この ID について SES は変更していません。",
    ),
    "go-ahead": (
        "go-ahead given in Airflow by {who} at {at}, DAG run {run} (Airflow's word, not signed)",
        "Airflow 上で {who} が {at} に承諾、DAG 実行 {run}（Airflow の記録による。署名なし）",
    ),
    "not-archived": (
        "The run's outcome stands, but its record was not copied as the profile asks: {record}.",
        "実行結果は有効ですが、記録をプロファイルの指定どおりに複製できませんでした: {record}。",
    ),
    "not-all": (
        "{count} of {all} identities have not come to what was asked for; the list above names them.",
        "{all} 件中 {count} 件が目的の状態になっていません。該当する ID は上の一覧のとおりです。",
    ),
}
