"""What is said of runs that are verified."""

from __future__ import annotations

from typing import Final

TEXTS: Final[dict[str, tuple[str, str]]] = {
    # the words that a run's line begins with
    "word.verified": ("VERIFIED", "VERIFIED"),
    "word.stopped": ("STOPPED", "STOPPED"),
    "word.off": ("OFF", "OFF"),
    "word.cannot-tell": ("UNKNOWN", "UNKNOWN"),
    "word.no-run": ("NO RUN", "NO RUN"),
    "never-closed": ("(never closed)", "（未完了）"),
    "note": ("note: {text}", "備考: {text}"),
    "approved": ("approvals: {count} of {required}", "承認: {required} 件中 {count} 件"),
    "waived": ("waived: {names}", "免除: {names}"),
    "policy": ("          policy: {text}", "          方針: {text}"),
    # the journal
    "journal-missing": (
        "{name} has no journal beside it, so nothing shows what was done",
        "{name} の横にジャーナルがなく、実行内容を確認できない",
    ),
    "journal-broken": ("{why}", "ジャーナルが改変されているか、読み取れない: {why}"),
    "journal-unread": ("its journal cannot be read ({reason})", "ジャーナルを読み取れない（{reason}）"),
    "journal-foreign": (
        "the journal's events are not such as this version writes ({type})",
        "ジャーナルのイベントがこの版の形式ではない（{type}）",
    ),
    "format": (
        "its journal has format {found}, and this version reads format {known}",
        "ジャーナルの形式は {found} で、この版が読めるのは形式 {known}",
    ),
    "misnamed": ("the journal is that of run {run}", "ジャーナルは実行 {run} のもの"),
    "torn": (
        "the journal's last line is torn: the run was stopped in the middle of writing it",
        "ジャーナルの最終行が途切れている（書き込み中に停止した）",
    ),
    "torn-closed": ("something was added below the journal's end", "ジャーナルの末尾に追記がある"),
    "after-the-end": ("the journal has events after its closing one", "ジャーナルの終了イベントの後にイベントがある"),
    "raw": (
        "the journal says otherwise than AWS or DNS answered, in event {events}",
        "ジャーナルの記載が AWS または DNS の応答そのものと異なる（イベント {events}）",
    ),
    "emptied": (
        "its journal holds no whole line, and more of the run than that is there",
        "ジャーナルに完全な行が 1 行もないのに、実行の他のファイルが残っています",
    ),
    "begun-only": (
        "the journal is empty: the run was stopped as it began, before it did anything",
        "ジャーナルが空（開始直後、何もしないうちに停止した）",
    ),
    "unbegun": (
        "it was refused or stopped before it began, and left no journal",
        "開始前に拒否または停止され、ジャーナルはない",
    ),
    # the seal
    "account-open": ("this publication was stopped before it ended", "この公開作業は完了前に中断された"),
    "unsealed": ("the run closed and has no seal", "完了した実行なのに封印がない"),
    "renamed": ("it was sealed under the name {name}", "封印時の名前は {name}"),
    "unstamped": ("it was to be timestamped and is not", "タイムスタンプを取得する設定だったが、存在しない"),
    "stamp-unchecked": (
        "the timestamp {name} was not checked: name the certificates that you trust with --roots",
        "タイムスタンプ {name} は未検証（--roots で信頼する証明書を指定できる）",
    ),
    "copies-untold": (
        "no list of its copies is beside it, so which there are shows in {archive} alone",
        "写しの一覧が横にないため、どの写しがあるかは {archive} でのみ確認できる",
    ),
    # the notebook
    "no-notebook": ("no notebook of this run is beside it", "この実行のノートブックが横にない"),
    "notebook-unread": ("its notebook cannot be read ({reason})", "ノートブックを読み取れない（{reason}）"),
    "notebook-cut": (
        "its notebook is cut off, as where its writer was killed: nothing in it counts",
        "ノートブックが途中で切れている（書き込み中に停止した）。その内容は証拠にならない",
    ),
    "notebook-unfinished": (
        "its notebook was not saved to its end: it shows the run as it stood before it closed",
        "ノートブックが最後まで保存されていない（完了前の時点の表示）",
    ),
    "notebook-unbegun": (
        "the notebook beside it names no run: an execution that was refused wrote over the run's own, or somebody did; "
        "without it the journal is judged alone",
        "横のノートブックに実行の記載がない（開始前に拒否された実行などで上書きされた）。取り除けばジャーナルだけで判定する",
    ),
    "notebook-malformed": ("its notebook is none any more", "ノートブックの形式が壊れている"),
    "notebook-other": ("its notebook names another run ({run})", "ノートブックは別の実行（{run}）のもの"),
    "notebook-spelling": (
        "its notebook is not spelled as nbformat spells it: another program saved it, or somebody altered it",
        "ノートブックの記法が nbformat のものではない（他のプログラムで保存されたか、改変された）",
    ),
    "copy-absent": (
        "its notebook holds no copy of the journal: it was stopped before the run closed, or altered",
        "ノートブックにジャーナルの控えがない（完了前に停止したか、改変された）",
    ),
    "copy-differs": (
        "its notebook's copy of the journal is not the journal",
        "ノートブック内のジャーナルの控えがジャーナルと一致しない",
    ),
    "outputs": (
        "its notebook shows something else than the run did, in cell {cells}",
        "ノートブックの表示が、実行時に表示されたものと異なる（セル {cells}）",
    ),
    "cells": (
        "its notebook's cells are not the template's: cell {cell}",
        "ノートブックのセルが雛形と異なる（セル {cell}）",
    ),
    "code": (
        "its notebook's code is not the code that the run executed",
        "ノートブックのコードが、実行されたコードと異なる",
    ),
    "counts": (
        "its notebook's cells were not executed once and in order: cell {cells}",
        "ノートブックのセルが順に一度ずつ実行されていない（セル {cells}）",
    ),
    "template-unknown": ("its template is none that this version ships", "雛形がこの版に同梱されたものではない"),
    "template-changed": ("it ran with files that no commit holds", "コミットされていないファイルで実行された"),
    "page-seal": (
        "the seal {name} of its page is none by a key that is trusted",
        "ページの封印 {name} は、信頼する鍵によるものではない",
    ),
    "page": ("its page {name} is not as it was sealed", "ページ {name} が、封印時のものと異なる"),
    "page-uncovered": ("its page {name} is not covered by a signature", "ページ {name} には電子署名がない"),
    # messages
    "message-weighed": (
        "what it found of the message {digest} does not follow from what it wrote down of it",
        "メッセージ {digest} の判定が、記録された内容と一致しない",
    ),
    "message-off": (
        "the statement {name} on a message is none by a key that is trusted, or of another run",
        "メッセージの検証結果 {name} は、信頼する鍵によるものでないか、別の実行のもの",
    ),
    "message-later": (
        "a message verified later, at {at} UTC: {verdict} ({digest})",
        "後日検証したメッセージ（{at} UTC）: {verdict}（{digest}）",
    ),
    # approvals
    "approval-off": ("the approval {name} does not count: {why}", "承認 {name} は有効でない（{why}）"),
    "approval.unknown-key": ("none of the approvers you trust signed it", "信頼する承認者の署名ではない"),
    "approval.forged": ("its signature is wrong", "署名が正しくない"),
    "approval.malformed": ("it is no approval", "承認の形式ではない"),
    "approval.other": ("it says another thing than the run wrote down", "実行時の記録と内容が異なる"),
    "approval-expired": (
        "the approval by {name} ({at}) had expired on {expires} when it was used",
        "{name} の承認（{at}）は使用時に期限切れだった（{expires}）",
    ),
    "approval-ahead": (
        "the approval by {name} is dated {at}, ahead of the run that used it",
        "{name} の承認の日時 {at} が、使用した実行より先",
    ),
    "approval-reused": (
        "the approval by {name} ({at}) was used up by run {run} already",
        "{name} の承認（{at}）は実行 {run} で使用済みだった",
    ),
    "fleet-missing": (
        "records that the campaign lists are missing: {names}",
        "キャンペーンの一覧にある記録がない: {names}",
    ),
    "fleet-elsewhere": (
        "records that the campaign lists are not among those verified: {names}",
        "キャンペーンの一覧にある記録の一部は、今回の検証対象に含まれない: {names}",
    ),
    "fleet-altered": (
        "records are not those that the campaign wrote down: {names}",
        "記録がキャンペーンの控えと一致しない: {names}",
    ),
    "fleet-file": (
        "tables beside the record are missing, or not those that the journal names: {names}",
        "記録に添えた一覧がないか、ジャーナルの控えと一致しない: {names}",
    ),
    "member-off": (
        "the plan that was carried out is not the one that campaign {campaign} showed",
        "適用された計画が、キャンペーン {campaign} で示されたものと異なる",
    ),
    "approvals-few": (
        "the plan was carried out with {count} of {required} approvals",
        "必要な承認 {required} 件に対し {count} 件で適用された",
    ),
    "approvers-own": (
        "who {names} are is the run's own word: give --approver or list them in byodkim.toml",
        "{names} の鍵は実行自身の記録による（--approver か byodkim.toml で指定できる）",
    ),
    # what a policy requires
    "policy-approvals": (
        "{count} of the {required} approvals that the policy requires",
        "必要な承認 {required} 件に対し {count} 件しかない",
    ),
    "policy-timestamp": (
        "no timestamp by an authority that the policy trusts",
        "信頼する認証局のタイムスタンプがない",
    ),
    "policy-template": (
        "the notebook {name} is not a known one (code {sha256})",
        "ノートブック {name} は既知のものではない（コード {sha256}）",
    ),
    "policy-code": (
        "the record's code is not that of the notebook that the run names (code {sha256})",
        "記録のコードが、実行時の雛形（コード {sha256}）と異なる",
    ),
    "policy-waiver": ("checks were waived: {names}", "免除が認められていないチェック: {names}"),
    "policy-old": (
        "the identity's newest run is of {at}, more than {days} days ago",
        "この ID の最新の実行は {at} で、{days} 日より前",
    ),
    # the chain of runs
    "twice": ("run {run} is there twice", "実行 {run} が重複している"),
    "previous-missing": ("the run before it, {run}, is missing", "直前の実行 {run} がない"),
    "previous-elsewhere": (
        "the run before it, {run}, was not among what was named",
        "直前の実行 {run} は検証対象に含まれていない",
    ),
    "previous-altered": (
        "the run before it, {run}, is not as it was when this one began",
        "直前の実行 {run} が、この実行の開始時と異なる",
    ),
    "forked": (
        "another run follows the same one, and each should have seen the other: one was added or kept elsewhere",
        "同じ実行に続く実行が他にもある（追加されたか、別の場所に保管されていた）",
    ),
    "overlapping": (
        "another run began at the same time and follows the same one",
        "同時に始まった別の実行が同じ実行に続いている",
    ),
    "landed-late": (
        "SES took the write of {run} ({selector}) after that run had ended",
        "実行 {run} の書き込み（{selector}）は、その実行の終了後に SES に反映された",
    ),
    "changed-between": (
        "SES was changed outside of these runs after {run}: {facts}",
        "実行 {run} の後、これらの実行以外で SES が変更された: {facts}",
    ),
    "open": (
        "it never closed, and no later run took it up: run the same command again, it looks at SES first",
        "完了しておらず、後続の実行もない（同じコマンドを再実行すると、まず SES を確認する）",
    ),
    "taken-up": ("it never closed; run {run} took it up", "完了していないが、実行 {run} が引き継いだ"),
    "head-other": (
        "its head is not the one that was written down, {head} ({where})",
        "控えておいた先端 {head}（{where}）と一致しない",
    ),
    "head-late": (
        "its head was published late: at {at}, and it closed at {closed} ({where})",
        "先端の公開が遅い（公開 {at}、完了 {closed}。{where}）",
    ),
    "head-unnamed": ("no witness has its head", "この実行の先端はどこにも公開されていない"),
    "head-missing": (
        "OFF       {run}  {domain}  is missing: {where} has its head, and it closed at {at}",
        "OFF       {run}  {domain}  実行が存在しない（{where} に先端があり、{at} に完了している）",
    ),
    "unread": ("UNKNOWN   {text}", "UNKNOWN   {text}"),
    "witness.file": ("{where} (heads: {count})", "{where}（先端 {count} 件）"),
    "witness.s3": (
        "{where} (heads: {count}; locked: {held}, the first until {until})",
        "{where}（先端 {count} 件、ロック中 {held} 件、最初の期限 {until}）",
    ),
    "witness.none": ("{where} holds no head.", "{where} に先端がありません。"),
    "witness.line": (
        "{where}: number {number} is no head, so what it said is not known.",
        "{where}: {number} 番目が先端の形式ではないため、内容が分かりません。",
    ),
    "policy-witness": ("no witness has had its head since it closed", "完了時に先端が公開されていない"),
    "head-lost": (
        "OFF       {run}  was written down as the newest run, and is not there",
        "OFF       {run}  控えておいた最新の実行が存在しない",
    ),
    # the end
    "summary": ("{count} runs: {told}.", "実行 {count} 件: {told}。"),
    "summary.verified": ("{count} verified", "検証済み {count} 件"),
    "summary.stopped": ("{count} stopped", "中断 {count} 件"),
    "summary.cannot-tell": ("{count} unknown", "判定不能 {count} 件"),
    "summary.off": ("{count} off", "問題あり {count} 件"),
    "summary.notes": ("notes: {count}", "備考 {count} 件"),
    "sealed-by": (
        "{count} sealed with {keyid} ({words}), {source}.",
        "{count} 件の封印鍵: {keyid}（{words}）、{source}。",
    ),
    "made-from": (
        "{count} made from {name}.ipynb as this version ships it.",
        "{count} 件の雛形: この版に同梱の {name}.ipynb。",
    ),
    "source.given": ("which you named", "指定された鍵"),
    "source.policy": ("which the policy trusts", "方針に記載の鍵"),
    "source.profile": ("which byodkim.toml lists", "byodkim.toml に記載の鍵"),
    "source.own": ("your own key of this machine", "この端末のあなた自身の鍵"),
    "no-keys": (
        "No sealing key is trusted here: name those that you trust with --key FILE, or list them in byodkim.toml as sealing_keys.",
        "信頼する封印鍵がありません。--key FILE で指定するか、byodkim.toml の sealing_keys に記載してください。",
    ),
    "trusted": ("Trusted:", "信頼したもの:"),
    "trusted.profile": ("profile", "プロファイル"),
    "trusted.policy": ("policy", "方針"),
    "trusted.key": ("sealing key", "封印鍵"),
    "trusted.approver": ("approver", "承認者"),
    "trusted.witness": ("witness", "先端の公開先"),
    "trusted.roots": ("timestamp authorities", "タイムスタンプ認証局"),
    "heads": (
        "Newest heads. Runs that are removed from the end show only against these: keep them elsewhere, and give them next time.",
        "最新の先端。末尾の実行が取り除かれても、これがなければ分かりません。別の場所に控え、次回の検証で指定してください。",
    ),
    # what cannot be verified at all
    "nothing.absent": (
        "{path} does not exist, or is no file or folder.",
        "{path} は存在しないか、ファイルでもフォルダでもありません。",
    ),
    "nothing.unread": ("{path} cannot be read ({reason}).", "{path} を読み取れません（{reason}）。"),
    "nothing.empty": ("No run lies in {path}.", "{path} に実行の記録がありません。"),
    "nothing.foreign": (
        "{path} is neither the record, the journal nor the seal of a run.",
        "{path} は実行の記録でもジャーナルでも封印でもありません。",
    ),
    "nothing.todo": (
        "Name an executed notebook, a journal, or a folder that holds them, such as outputs/.",
        "実行済みのノートブック、ジャーナル、またはそれらのあるフォルダ（outputs/ など）を指定してください。",
    ),
    "asked.head": (
        "{given} is not a head: give --head RUN:SHA256, as byodkim verify prints it.",
        "{given} は先端の形式ではありません。byodkim verify が表示した --head RUN:SHA256 を指定してください。",
    ),
    "asked.heads": (
        "The heads in {where} cannot be read ({reason}), so a run that is missing may not show.",
        "{where} の先端を読み取れないため（{reason}）、欠けている実行が分からないことがあります。",
    ),
    "asked.approver": (
        "{given} is not an approver: give --approver NAME=KEY, as byodkim approve prints it.",
        "{given} は承認者の形式ではありません。byodkim approve が表示する --approver NAME=KEY を指定してください。",
    ),
    "asked.profile": ("{path} lists a key that is none: {text}.", "{path} に記載の鍵 {text} は使用できません。"),
    "asked.policy": (
        "{path} is not a policy that can be used: {text}.",
        "{path} は使用できる方針ではありません（{text}）。",
    ),
    "asked.todo": ("Nothing was verified.", "何も検証していません。"),
}
