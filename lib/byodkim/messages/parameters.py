"""Paragraphs for a wrong parameter or profile. Each is followed by ``untouched``."""

from __future__ import annotations

from typing import Final

TEXTS: Final[dict[str, tuple[str, str]]] = {
    "untouched": (
        "Nothing was read or written; SES signs as before.",
        "何も読み書きしていません。SES の署名は変わりません。",
    ),
    "unknown": (
        "There is no parameter named {name}.{hint} Known are: {known}.",
        "{name} というパラメータはありません。{hint}使えるのは次のとおりです: {known}。",
    ),
    "near": (" Did you mean {near}?", "{near} の誤りではありませんか。"),
    "number": (
        "The parameter {name} came as the number {value}, not as text: papermill's -p turns what looks like a number into "
        "one. Give it with -r {name} ... instead, which keeps it as text.",
        "パラメータ {name} が文字列ではなく数値 {value} として渡されました。papermill の -p は数字に見える値を数値に変換します。"
        "文字列のまま渡すには -r {name} … を使ってください。",
    ),
    "truth": (
        "The parameter {name} came as the truth value {value}, not as text: papermill's -p turns true, false and their "
        "spellings into one. Give it with -r {name} ... instead, which keeps it as text.",
        "パラメータ {name} が文字列ではなく真偽値 {value} として渡されました。papermill の -p は true や false を真偽値に変換します。"
        "文字列のまま渡すには -r {name} … を使ってください。",
    ),
    "text": (
        "The parameter {name} must be text. Give it with -r {name} ..., or in quotes in a parameters file.",
        "パラメータ {name} は文字列で指定してください。-r {name} … を使うか、パラメータファイルでは引用符で囲みます。",
    ),
    "count": (
        "The parameter {name} must be a whole number from {least} to {most}.",
        "パラメータ {name} は {least} から {most} までの整数で指定してください。",
    ),
    "canary": (
        'The parameter canary must be a number of identities such as 5, or a share of them such as 1%, and not "{value}".',
        "パラメータ canary は 5 のような件数か、1% のような割合で指定してください（指定値: {value}）。",
    ),
    "lane": (
        "The parameter lane must be an account and a Region, such as 123456789012/ap-northeast-1.",
        "パラメータ lane は 123456789012/ap-northeast-1 のように、アカウントとリージョンで指定してください。",
    ),
    "fleet-sandbox": (
        "A sandbox of the run's own ends with it, and a campaign is carried out by many runs. Start one that stands (byodkim "
        "sandbox start --scenario fleet) and give its address with -r endpoint_url.",
        "実行ごとのサンドボックスは実行とともに終了するため、キャンペーンは適用できません。byodkim sandbox start --scenario fleet で"
        "起動し、そのアドレスを -r endpoint_url で指定してください。",
    ),
    "identities": (
        "The parameter identities names no table: give the path of a CSV file with the columns domain and selector, or of an "
        "inventory.",
        "パラメータ identities が指定されていません。domain 列と selector 列のある CSV ファイル、または inventory のファイルのパスを指定してください。",
    ),
    "identities.unread": (
        "The table of identities {path} cannot be read ({reason}).",
        "ID の一覧 {path} を読めません（{reason}）。",
    ),
    "identities.columns": (
        "The table of identities {path} has a column that is not known: {column}. Known are: {known}; domain must be there.",
        "ID の一覧 {path} に不明な列 {column} があります。使えるのは次のとおりで、domain は必須です: {known}。",
    ),
    "identities.row": (
        "{why} It stands in line {line} of the table of identities {path}.",
        "{why}（ID の一覧 {path} の {line} 行目）。",
    ),
    "identities.cells": (
        "Line {line} of the table of identities {path} does not have {count} cells, as its head has.",
        "ID の一覧 {path} の {line} 行目の列数が、見出しの {count} 列と異なります。",
    ),
    "identities.twice": (
        "The table of identities {path} has {domain} twice in the same account and Region, in lines {first} and {line}.",
        "ID の一覧 {path} で、同じアカウントとリージョンの {domain} が重複しています（{first} 行目と {line} 行目）。",
    ),
    "identities.none": (
        "The table of identities {path} has no row.",
        "ID の一覧 {path} に行がありません。",
    ),
    "choice": ("The parameter {name} must be one of: {choices}.", "パラメータ {name} は次のいずれかです: {choices}。"),
    "target": (
        "The parameter target must be aws, sandbox, or sandbox:<scenario>, e.g. sandbox:dns-absent.",
        "パラメータ target は aws、sandbox、sandbox:<シナリオ名>（例: sandbox:dns-absent）のいずれかです。",
    ),
    "endpoint_url": (
        "The parameter endpoint_url must be an address such as http://127.0.0.1:4599, without a path.",
        "パラメータ endpoint_url は http://127.0.0.1:4599 のような、パスを含まないアドレスで指定してください。",
    ),
    "wait_minutes": (
        "The parameter wait_minutes must be a whole number from 0 (do not wait) to 4320 (72 hours).",
        "パラメータ wait_minutes は 0（待たない）から 4320（72 時間）までの整数で指定してください。",
    ),
    "wait_dns_minutes": (
        "The parameter wait_dns_minutes must be a whole number from 0 (do not wait) to 20160 (two weeks).",
        "パラメータ wait_dns_minutes は 0（待たない）から 20160（2 週間）までの整数で指定してください。",
    ),
    "waive": (
        'The parameter waive must be text such as "DNS-PUBLISHED: agreed with the DNS team, CHG-1042".',
        "パラメータ waive は「DNS-PUBLISHED: DNS 担当と合意済み CHG-1042」のような文字列で指定してください。",
    ),
    "profile.same-key": (
        "In [{name}] of {file}, same_key_in must name other sections. Each of them, and this one, needs an account and a "
        "Region that no other one has.",
        "{file} の [{name}] の same_key_in には、ほかのセクションの名前を指定します。"
        "各セクションとこのセクションには、互いに異なる account と region の組が必要です。",
    ),
    "waive.unknown": (
        'There is no check named "{entry}" to waive (the form is "ID: reason"). Known are: {known}.',
        "免除の対象となるチェック「{entry}」はありません（書式は「ID: 理由」）。該当候補: {known}。",
    ),
    "waive.never": (
        "The check {entry} can't be waived: without it, mail would be signed wrongly or in the wrong place.",
        "チェック {entry} は免除できません。誤った署名や、誤った対象への変更につながるためです。",
    ),
    "waive.swallowed": (
        'The reason for waiving {entry} holds what looks like another waiver: "{other}". Write IDs in capitals, each with ": " '
        'after it, and "; " before the next one; or leave the colon out.',
        "{entry} の免除理由に、別の免除と見える「{other}」が含まれています。ID は大文字で書き、後に「: 」、次の ID の前に「; 」を入れてください（免除でなければコロンを除いてください）。",
    ),
    "waive.no-reason": (
        'The waiver of {entry} gives no reason. Write it as "{entry}: why".',
        "{entry} の免除に理由がありません。「{entry}: 理由」の形で書いてください。",
    ),
    "missing": (
        "The parameter {name} is not set, and the profile does not set it either. Give it with -r {name} ..., or write it "
        "into byodkim.toml.",
        "パラメータ {name} が指定されておらず、プロファイルにもありません。-r {name} … で渡すか、byodkim.toml に書いてください。",
    ),
    "selector": (
        "The selector {value} is not one that SES takes: 1 to 63 letters, digits and inner hyphens, e.g. mail-20261124-1.",
        "セレクタ {value} は SES で使えません。英数字と途中のハイフンで 1〜63 文字です（例: mail-20261124-1）。",
    ),
    "selector-empty": (
        "No selector was given. Say which one to switch to: -p selector mail-20261124-1.",
        "セレクタが指定されていません。切替先を -p selector mail-20261124-1 のように指定してください。",
    ),
    "domain": (
        "{value} is not a domain name such as example.jp.",
        "{value} は example.jp のようなドメイン名ではありません。",
    ),
    "too-long": (
        "The parameter {name} is longer than {most} characters.",
        "パラメータ {name} が {most} 文字を超えています。",
    ),
    "private-key": (
        "The parameter {name} holds what looks like a private key. Parameters are stored in plain text in the record: treat "
        "that key as disclosed, make a new pair, and destroy the output notebook.",
        "パラメータ {name} に秘密鍵と思われる値が入っています。パラメータは平文で記録に残ります。その鍵は漏えいしたものとして"
        "作り直し、出力ノートブックを破棄してください。",
    ),
    "mode-saved": (
        'mode = "apply" is saved in {name} and was not passed in. A mode counts only when it is '
        'passed in (-p mode apply), or set in JupyterLab: set it back to "plan" in that notebook.',
        '{name} に mode = "apply" が保存されていますが、パラメータとして渡されていません。有効なのは、渡した mode（-p mode apply）か JupyterLab で設定した mode だけです。このノートブックの値を "plan" に戻してください。',
    ),
    "template-altered": (
        "The notebook ({name}) is not the {procedure}.ipynb of this version of byodkim: its code cell {number} differs. "
        "Such a notebook can explore and plan, not apply. Apply from notebooks/{procedure}.ipynb, in which only the values of "
        "parameters may be changed.",
        "ノートブック（{name}）のコードセル {number} が、このバージョンの {procedure}.ipynb と異なります。このようなノートブックで"
        "できるのは確認と計画までで、適用はできません。notebooks/{procedure}.ipynb から適用してください。変更できるのはパラメータの値だけです。",
    ),
    "template-unknown": (
        "papermill was given a notebook that is no file of this machine (standard input, or an address), so its code cannot be "
        "compared with {procedure}.ipynb. Such a notebook can explore and plan, not apply. Apply from notebooks/{procedure}.ipynb.",
        "papermill に渡されたノートブックがこの端末のファイルではない（標準入力など）ため、{procedure}.ipynb と比較できません。"
        "このようなノートブックでできるのは確認と計画までで、適用はできません。notebooks/{procedure}.ipynb から適用してください。",
    ),
    "foreign-cell": (
        "The cell that was executed as number {number} is none of {procedure}.ipynb, so this notebook can explore and plan, not "
        "apply. Restart the kernel, and run the cells of notebooks/{procedure}.ipynb alone.",
        "{number} 番目に実行したセルは {procedure}.ipynb のものではありません。このノートブックでできるのは確認と計画までで、適用はできません。"
        "カーネルを再起動し、notebooks/{procedure}.ipynb のセルだけを実行してください。",
    ),
    "rerun": (
        "This is the output of an earlier run ({path}), not the template: running it again would reuse that run's "
        "parameters in silence. Run notebooks/{procedure}.ipynb.",
        "これはテンプレートではなく過去の実行の出力（{path}）です。再実行すると当時のパラメータがそのまま使われます。"
        "notebooks/{procedure}.ipynb を実行してください。",
    ),
    "sandbox-endpoint": (
        "The sandbox target goes to this machine only, and {value} is another host.",
        "sandbox は、この端末上のアドレスだけを対象とします。{value} は別のホストです。",
    ),
    "standing-scenario": (
        "The standing sandbox is in the scenario {standing}, not {value}. Set it with byodkim sandbox reset --scenario "
        "{value}, or give target sandbox.",
        "起動中のサンドボックスのシナリオは {value} ではなく {standing} です。byodkim sandbox reset --scenario {value} で"
        "切り替えるか、target に sandbox を指定してください。",
    ),
    "scenario": (
        "The sandbox knows no scenario {value}. Known are: {known}.",
        "サンドボックスに {value} というシナリオはありません。使えるのは次のとおりです: {known}。",
    ),
    "timezone": (
        "The profile's timezone {value} is not known here; write it as in Asia/Tokyo.",
        "プロファイルの timezone {value} は使えません。Asia/Tokyo のように書いてください。",
    ),
    "profile.no-file": (
        "The profile {name} was asked for, but there is no {file} in this folder or above it.",
        "プロファイル {name} が指定されましたが、このフォルダーにも上位にも {file} がありません。",
    ),
    "profile.not-toml": ("{file} is not valid TOML: {problem}.", "{file} が TOML として読めません: {problem}。"),
    "profile.no-section": (
        "{file} has no section [{name}]. It has: {known}.",
        "{file} にセクション [{name}] がありません。あるのは次のとおりです: {known}。",
    ),
    "profile.unknown": (
        "{file} has a key in [{name}] that is not known: {key}. Perhaps: {known}.",
        "{file} の [{name}] に不明なキー {key} があります。候補: {known}。",
    ),
    "profile.wrong": (
        "The key {key} in [{name}] of {file} has a value of the wrong form.",
        "{file} の [{name}] にあるキー {key} の値の形式が誤っています。",
    ),
    "profile.sealing-keys": (
        "{why} It stands under sealing_keys in [{name}] of {file}.",
        "{why}{file} の [{name}] にある sealing_keys の値です。",
    ),
    "profile.timestamp": (
        "The profile names only one of timestamp_url and timestamp_roots: a timestamp is worth what the certificates say that "
        "it is judged by.",
        "プロファイルに timestamp_url と timestamp_roots の一方しかありません。タイムスタンプの検証には証明書が必要です。",
    ),
    "profile.publisher": (
        "The section [{name}] of {file} has the publisher {publisher}, and no {key}, by which it publishes.",
        "{file} の [{name}] で publisher が {publisher} になっていますが、公開に必要な {key} がありません。",
    ),
    "profile.update-server": (
        "The key update_server in [{name}] of {file} names more than one server: an update goes to the zone's primary alone.",
        "{file} の [{name}] の update_server に複数のサーバがあります。更新先はゾーンのプライマリ 1 台だけです。",
    ),
    "profile.retention": (
        "The profile has archive_retention_days, and no archive_s3 whose copies it could hold.",
        "プロファイルに archive_retention_days がありますが、対象となる archive_s3 がありません。",
    ),
}
