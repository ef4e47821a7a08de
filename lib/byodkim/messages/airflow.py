"""Words of campaigns on Apache Airflow."""

from __future__ import annotations

from typing import Final

TEXTS: Final[dict[str, tuple[str, str]]] = {
    "table.line": (
        "Line {line} of the table names a profile and a Region (profile {profile}, Region {region}) that no section of "
        "byodkim.toml joins. Nothing was started.",
        "一覧表の {line} 行目のプロファイルとリージョンの組（プロファイル {profile}、リージョン {region}）が byodkim.toml にありません。何も開始していません。",
    ),
    "table.line.todo": (
        "Correct that line, or add the section: each account and Region there gets its tasks.",
        "その行を修正するか、セクションを追加してください。アカウントとリージョンの組ごとにタスクができます。",
    ),
    "table.domain": (
        "Line {line} of the table has {domain}, which is in another account or Region too: those go one after another, "
        "and Airflow's accounts and Regions go side by side. Nothing was started.",
        "一覧表の {line} 行目の {domain} は、別のアカウントまたはリージョンの行にもあります。同じドメインは 1 つずつ切り替える必要がありますが、Airflow ではアカウントとリージョンが並行して進みます。何も開始していません。",
    ),
    "table.domain.todo": (
        "Leave that line to a DAG run of its own after this one, or use byodkim fleet.",
        "その行は、この DAG 実行の完了後に別の DAG 実行で行うか、byodkim fleet を使用してください。",
    ),
    "no-rows": (
        "The table has no identity of this account and Region.",
        "一覧表に、このアカウントとリージョンの ID がありません。",
    ),
    "no-toml": ("{file} is no TOML: {problem}.", "{file} は TOML として読めません: {problem}。"),
    "no-lane": (
        "No section of {file} names an account and a Region.",
        "{file} に、アカウントとリージョンを指定したセクションがありません。",
    ),
    "no-lane.todo": (
        "Set account and region there: each such pair gets its tasks and a pool.",
        "account と region を設定してください。この組ごとにタスクとプールができます。",
    ),
    "pool": (
        "One task of byodkim at a time in {account}, {region}",
        "アカウント {account}・リージョン {region} で同時に動く byodkim のタスクは 1 つ",
    ),
    "dag": (
        "Rotates the BYODKIM selectors of a table of identities: plans, a person's go-ahead, waves.",
        "一覧表の ID の BYODKIM セレクタを切り替えます（計画、担当者の承諾、ウェーブ）。",
    ),
    "approve": ("Switch the identities that are ready?", "準備のできた ID を切り替えますか。"),
    "wrong-input": (
        "byodkim refused its input; the lines above say why. Nothing was started.",
        "byodkim が入力を受け付けませんでした。理由は上の行のとおりです。何も開始していません。",
    ),
    "again": (
        "The run was stopped before its end (exit code {code}); {record} has what it did. The next attempt goes on from there.",
        "実行が途中で終了しました（終了コード {code}）。実施内容は {record} のとおりです。次の試行が続きを行います。",
    ),
    "no-plan": (
        "No identity of this account and Region could be looked at ({outcome}); the plan's record says why.",
        "このアカウントとリージョンの ID を 1 件も確認できませんでした（{outcome}）。理由は計画の記録を参照してください。",
    ),
    "final": (
        "The campaign ended {outcome}; {record} says what happened and what to do. Clear the tasks of these waves to go on.",
        "キャンペーンは {outcome} で終わりました。経緯と対処は {record} を参照してください。続けるには、このレーンのウェーブのタスクをクリアします。",
    ),
    "stopped": (
        "Not begun: more identities have failed than may. SES was not touched.",
        "開始しませんでした。失敗した ID が許容数を超えています。SES は変更していません。",
    ),
    "no-go-ahead": (
        "Nobody has said that this campaign may go on. SES was not touched.",
        "この一括切替は承諾されていません。SES は変更していません。",
    ),
    "go-ahead": (
        "go-ahead given in Airflow by {who} at {at}, DAG run {run} (Airflow's word, not signed)",
        "Airflow 上で {who} が {at} に承諾、DAG 実行 {run}（Airflow の記録による。署名なし）",
    ),
    "nameless": ("somebody whom Airflow does not name", "氏名不明の利用者（Airflow に記録なし）"),
    "not-archived": (
        "The run's outcome stands, but its records were not copied as the profile asks. Copy them: "
        "byodkim archive {records}",
        "実行結果は有効ですが、記録をプロファイルの指定どおりに複製できませんでした。次のコマンドで複製してください: byodkim archive {records}",
    ),
    "not-all": (
        "A task of this campaign has failed; the list above shows how each account and Region stands.",
        "失敗したタスクがあります。アカウントとリージョンごとの状況は上の一覧のとおりです。",
    ),
}
