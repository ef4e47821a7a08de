"""Words of fleet: of its record."""

from __future__ import annotations

from typing import Final

TEXTS: Final[dict[str, tuple[str, str]]] = {
    "campaign": ("campaign", "キャンペーン"),
    # what it came to
    "came.PLANNED": (
        "Plan only: nothing was written. {count} of {all} identities can be switched",
        "計画のみ。書き込みはしていません。{all} 件中 {count} 件が切替可能です",
    ),
    "came.REFUSED": ("No identity was switched; nothing was written", "切替はしていません。何も書き込んでいません"),
    "came.UNCHANGED": (
        "All {all} identities sign with the selectors asked for already",
        "{all} 件すべてが、指定のセレクタで署名済みです",
    ),
    "came.SWITCHED": (
        "All {count} identities of the plan sign with their next selectors",
        "計画の {count} 件すべてが次のセレクタで署名しています",
    ),
    "came.SWITCHED.part": (
        "All {count} identities that this run was for sign with their next selectors; the plan has more",
        "この実行の対象 {count} 件すべてが次のセレクタで署名しています。計画にはまだ残りがあります",
    ),
    "came.SWITCHED-PENDING": (
        "{switched} of {count} identities are switched, and SES has yet to verify {pending}",
        "{count} 件中 {switched} 件が切替済み、{pending} 件は SES の検証待ちです",
    ),
    "came.STOPPED": (
        "The campaign stopped: {switched} of {count} identities are switched, {failed} failed",
        "キャンペーンを停止しました。{count} 件中、切替済み {switched} 件、失敗 {failed} 件です",
    ),
    "came.FAILED": (
        "{switched} of {count} identities are switched, {failed} failed",
        "{count} 件中、切替済み {switched} 件、失敗 {failed} 件です",
    ),
    # where identities stand, and who has to act
    "group.ready": ("ready", "切替可能"),
    "group.ready.who": ("nobody: the campaign switches them", "対応不要（キャンペーンで切り替えます）"),
    "group.there": ("already there", "切替済み"),
    "group.there.who": ("nobody: they sign with that selector", "対応不要（指定のセレクタで署名中です）"),
    "group.ses": ("waits for SES", "SES の検証待ち"),
    "group.ses.who": (
        "nobody: SES was given the selector and has yet to verify it",
        "対応不要（SES に設定済みで、検証を待っています）",
    ),
    "group.dns": ("waits for the DNS team", "DNS 担当待ち"),
    "group.dns.who": (
        "the DNS team: the key record is to be published at every server",
        "DNS 担当: すべての権威サーバーで鍵レコードを公開する",
    ),
    "group.generator": ("waits for the key pair", "鍵ペア待ち"),
    "group.generator.who": (
        "whoever makes key pairs: the secret and the key object",
        "鍵の生成担当: シークレットと鍵オブジェクトを用意する",
    ),
    "group.wrong": ("wrong", "要確認"),
    "group.wrong.who": (
        "whoever runs the campaign: the checks below say what is wrong",
        "キャンペーンの実行者: 下のチェックを確認する",
    ),
    "group.unread": ("could not be looked at", "確認できず"),
    "group.unread.who": (
        "whoever runs the campaign: sign-in, permissions, network",
        "キャンペーンの実行者: サインイン・権限・ネットワークを確認する",
    ),
    "column.group": ("identities", "状態"),
    "column.count": ("count", "件数"),
    "column.who": ("who has to act", "対応する人"),
    "column.check": ("what stands against them", "満たしていない項目"),
    "column.place": ("account and Region", "アカウントとリージョン"),
    "column.wave": ("wave", "ウェーブ"),
    "column.switched": ("switched", "切替済み"),
    "column.pending": ("SES has yet to verify", "検証待ち"),
    "column.failed": ("failed", "失敗"),
    "column.began": ("first ended", "最初の完了"),
    "column.ended": ("last ended", "最後の完了"),
    "column.rate": ("a second", "毎秒"),
    "column.domain": ("identity", "対象の ID"),
    "column.outcome": ("outcome", "結果"),
    "column.why": ("why", "理由"),
    "column.record": ("record", "記録"),
    "column.what": ("table", "一覧"),
    "column.file": ("file", "ファイル"),
    "against": ("What stands against those that are not ready", "切替可能でない ID の理由"),
    "twice": ("it stands in the table twice", "一覧に重複があります"),
    "earlier": ("an earlier row of its domain is not ready", "同じドメインの前の行が切替可能ではありません"),
    "surveyed": (
        "{rows} identities were looked at, each as its own run would: {reads} full reads of SES, {calls} calls of AWS in all.",
        "{rows} 件を、個別の実行と同じ方法で確認しました（SES の読み取り {reads} 回、AWS の呼び出し計 {calls} 回）。",
    ),
    "continued": (
        "{count} of them were planned by run {of}, which was stopped before it knew all, and are taken over from it. "
        "Each is looked at again before it is written.",
        "うち {count} 件は、途中で停止した実行 {of} の計画を引き継いでいます。書き込みの前に改めて確認します。",
    ),
    "looked": (
        "{known} of {all} identities are looked at; about {left} left",
        "{all} 件中 {known} 件を確認済み。残り約 {left}",
    ),
    "left.unknown": ("an unknown time", "不明"),
    "recalled": (
        "The plan of run {of} is carried out. By now {switched} identities are switched, {failed} failed; {left} were begun by an "
        "interrupted run and are looked at first.",
        "実行 {of} の計画を適用します。現在、切替済み {switched} 件、失敗 {failed} 件。中断した実行が開始した {left} 件を先に確認します。",
    ),
    "recalled.none": (
        "There is no plan that could be carried out ({of}).",
        "適用できる計画がありません（{of}）。",
    ),
    # the plan
    "plan": (
        "{count} identities would be switched. One digest stands for all of their plans, and for the pace:",
        "{count} 件を切り替える計画です。次のダイジェスト 1 つが、全件の計画と進め方を表します。",
    ),
    "plan.none": ("There is no plan.", "計画がありません。"),
    "plan.nothing": (
        "No identity is ready: there is nothing to write.",
        "切替可能な ID がありません。書き込むものはありません。",
    ),
    "plan.root": ("tree hash of all plans", "全計画のツリーハッシュ"),
    "plan.tree": (
        "The tree hash is that of RFC 9162 over the digests of the plans, by account, Region and domain. Each identity's own "
        "record holds the proof that its plan is among them.",
        "ツリーハッシュは RFC 9162 の方式で、アカウント・リージョン・ドメイン順に各計画のダイジェストから計算します。各 ID の記録には、"
        "その計画が含まれることの証明が残ります。",
    ),
    "pace.canary": (
        "canary: first wave of each account and Region",
        "カナリア（各アカウント・リージョンの最初のウェーブ）",
    ),
    "pace.wave": ("identities in each later wave", "以降の各ウェーブの件数"),
    "pace.pause_minutes": ("minutes of pause after each wave", "ウェーブ間の待ち時間（分）"),
    "pace.stop_after": ("failures that are borne", "許容する失敗の件数"),
    "pace.at_once": (
        "runs at once in each account and Region (0: as many as SES's pace needs)",
        "各アカウント・リージョンでの同時実行数（0: SES の処理速度に合わせる）",
    ),
    # the waves
    "plan-only": (
        "Plan only: no run was begun. Apply it with -p mode apply and -r approved.",
        "計画のみです。適用するには -p mode apply と -r approved を指定します。",
    ),
    "canary": ("canary", "カナリア"),
    "counted": (
        "Of {all} identities {switched} are switched, {pending} wait for SES, {failed} failed and {left} were not begun or have "
        "not ended.",
        "{all} 件中、切替済み {switched} 件、SES の検証待ち {pending} 件、失敗 {failed} 件、未開始または未完了 {left} 件です。",
    ),
    "counted.earlier": (
        "{count} of them ended in earlier runs of this campaign.",
        "うち {count} 件は、このキャンペーンの以前の実行で完了しています。",
    ),
    "read-for": (
        "{place}: {batch} calls of GetIdentityDkimAttributes, each for up to 100 identities, were made for the runs; "
        "{refused} were refused as one call too many.",
        "{place}：個別の実行に代わり、GetIdentityDkimAttributes を {batch} 回（1 回につき最大 100 件）呼び出しました（呼び出し過多による拒否 {refused} 回）。",
    ),
    "failures": ("Not switched", "切り替わっていない ID"),
    "lost": ("no record", "記録なし"),
    "more": ("{count} more stand in the table beside the record.", "ほか {count} 件は、記録の隣の一覧にあります。"),
    "file.plan": ("every identity as it was planned", "全 ID の計画"),
    "file.table": ("every identity, for people", "全 ID の一覧（閲覧用）"),
    "file.back": ("the way back for all that were switched", "切り替えた ID の切り戻し用の一覧"),
    "file.none": ("No table was written.", "一覧は作成していません。"),
    # why it ended
    "halted.failures": (
        "{failed} of the identities failed, and the plan bears {most}: no further run was begun.",
        "{failed} 件が失敗し、許容数 {most} を超えたため、以降の実行を開始していません。",
    ),
    "halted.failures.means": (
        "{switched} of {all} identities are switched, each with a record of its own; the others sign as before.",
        "{all} 件中 {switched} 件は切替済みで、それぞれに記録があります。残りの署名は以前のままです。",
    ),
    "halted.failures.todo": (
        "Look at the records of those that failed, and mend what they name. The same command then tries those again that "
        "had written nothing, and goes on; a new plan leaves out what is done.",
        "失敗した ID の記録を確認して原因を解消してください。同じコマンドは、何も書き込んでいないものを再試行して続行します。新しい計画では、完了済みのものは対象外になります。",
    ),
    "halted.asked": ("The campaign was asked to stop.", "停止の指示を受けました。"),
    "halted.asked.means": (
        "What was under way was finished: {switched} of {all} identities are switched, the others sign as before.",
        "実行中のものは完了しました。{all} 件中 {switched} 件が切替済みで、残りの署名は以前のままです。",
    ),
    "halted.asked.todo": (
        "The same command goes on where it stopped.",
        "同じコマンドを実行すると、続きから再開します。",
    ),
    "halted.pending": (
        "SES has yet to verify {pending} identities, and the next wave waits for them.",
        "{pending} 件が SES の検証待ちのため、次のウェーブを開始していません。",
    ),
    "halted.pending.means": (
        "Mail of those may go out unsigned until SES has verified them; {switched} of {all} identities are switched.",
        "検証が終わるまで、該当の ID のメールは署名なしになる可能性があります。{all} 件中 {switched} 件は切替済みです。",
    ),
    "halted.pending.todo": (
        "Run the same command again: it looks at those first, and goes on when SES has verified them.",
        "同じコマンドを再実行してください。該当の ID を先に確認し、検証済みであれば続きを行います。",
    ),
    "halted.earlier": (
        "{left} identities were not begun: an earlier row of their domain is not switched.",
        "{left} 件は、同じドメインの前の行が切り替わっていないため、開始していません。",
    ),
    "halted.earlier.means": (
        "{switched} of {all} identities are switched, each with a record of its own; {failed} failed, and the others sign as before.",
        "{all} 件中 {switched} 件は切替済みで、それぞれに記録があります。失敗は {failed} 件で、残りの署名は以前のままです。",
    ),
    "halted.earlier.todo": (
        "Look at the earlier row of each. Where it failed, mend what its record names and plan anew; where it belongs to "
        "another lane or a later wave, run that first, then the same command again.",
        "各ドメインの前の行を確認してください。失敗している場合は記録に示された原因を解消して plan からやり直し、別の組や後のウェーブに属する場合はそれを先に適用してから、同じコマンドを再実行してください。",
    ),
    "halted.done": (
        "Every identity of the plan was run, and {failed} failed.",
        "計画の全件を実行し、{failed} 件が失敗しました。",
    ),
    "halted.done.means": (
        "{switched} of {all} identities are switched; those that failed are told below, each with its record.",
        "{all} 件中 {switched} 件は切替済みです。失敗した ID とその記録は下にあります。",
    ),
    "halted.done.todo": (
        "Look at the records of those that failed, and mend what they name. The same command then tries those again that "
        "had written nothing; a new plan leaves out what is done.",
        "失敗した ID の記録を確認して原因を解消してください。同じコマンドは、何も書き込んでいないものを再試行します。新しい計画では、完了済みのものは対象外になります。",
    ),
    "anew": (
        "{count} of them need a new plan and its approval all the same: mended, a secret or key object has another version "
        "than the one that was planned.",
        "ただし {count} 件は、修正するとシークレットまたは鍵オブジェクトのバージョンが計画と異なるため、新しい plan と承認が必要です。",
    ),
    "unwritable": ("The file {path} cannot be written ({reason}).", "{path} に書き込めません（{reason}）。"),
    "unwritable.todo": (
        "Make room or give write access there, and run the same command again.",
        "空き容量と書き込み権限を確認し、同じコマンドを再実行してください。",
    ),
    "unfinished.begun": (
        "Runs were begun. What each came to stands in its own record; the same command takes those over and does the rest.",
        "個別の実行を開始しています。それぞれの結果は個別の記録にあり、同じコマンドで引き継いで残りを行います。",
    ),
    "unfinished.untouched": ("No run was begun.", "個別の実行は開始していません。"),
    # how far it is
    "progress.plan": (
        "{known} of {all} identities looked at, about {left} left",
        "{all} 件中 {known} 件を確認済み、残り約 {left}",
    ),
    "progress": (
        "Wave {wave}: {done} of {all} ended ({counts}), {running} under way, {rate} a second, about {left} left",
        "ウェーブ {wave}：{all} 件中 {done} 件が終了（{counts}）、実行中 {running} 件、毎秒 {rate} 件、残り約 {left}",
    ),
    # what comes next
    "next.approve": (
        "Have the plan approved ({count}); one approval covers every identity in it:",
        "計画の承認（{count} 件）を受けてください。1 つの承認が計画内の全 ID に及びます。",
    ),
    "next.apply": ("Carry it out in waves:", "ウェーブに分けて適用します。"),
    "next.sandbox": (
        "This sandbox ended with the run. To rehearse the waves, start one that stands (byodkim sandbox start --scenario fleet) "
        "and give its address with -r endpoint_url.",
        "このサンドボックスは実行とともに終了しました。ウェーブのリハーサルには、byodkim sandbox start --scenario fleet で起動し、"
        "そのアドレスを -r endpoint_url で指定してください。",
    ),
    "next.again": ("Go on:", "続きを行うには:"),
    "next.part": (
        "The rest of the plan follows with a later last_wave or another lane, or all of it with neither:",
        "残りは last_wave や lane を変えて続けます。どちらも指定しなければ残りすべてを行います。",
    ),
    "next.plan": ("When the causes are mended, plan anew:", "原因の解消後に plan を再実行します。"),
    "back": (
        "This plans the way back of all that were switched; each goes back by a run of its own, after an apply.",
        "切り替えた ID すべての切り戻しを計画します。適用すると、それぞれ個別の実行で戻ります。",
    ),
    # answers
    "changed": ("the selector of {count} identities", "{count} 件のセレクタ"),
    "changed.nothing": ("nothing: no identity was written", "変更なし（どの ID にも書き込んでいません）"),
    "safe": (
        "each by its own run, which proved its key and made every check just before its write; its record says so",
        "ID ごとの実行で、書き込みの直前に鍵と必須チェックを確認しています（各記録を参照）",
    ),
    "safe.untouched": ("yes: SES was not touched", "はい（SES には書き込んでいません）"),
    "finished.PLANNED": ("a plan only: nothing was carried out", "計画のみ（実行していません）"),
    "finished.REFUSED": ("no: no identity was switched", "いいえ（切替はしていません）"),
    "finished.UNCHANGED": ("yes: there was nothing to do", "はい（必要な作業はありませんでした）"),
    "finished.SWITCHED": ("yes: SES has verified every selector", "はい（すべて SES の検証まで完了しています）"),
    "finished.SWITCHED.part": (
        "for the lane and waves that it was asked for: SES has verified every selector",
        "指定のレーンとウェーブは完了しています（すべて SES の検証済み）",
    ),
    "finished.SWITCHED-PENDING": (
        "no: SES has not verified every selector yet",
        "いいえ（SES の検証が終わっていない ID があります）",
    ),
    "finished.STOPPED": ("no: some identities were not begun", "いいえ（開始していない ID があります）"),
    "finished.FAILED": ("not for all: some failed", "一部は未完了です（失敗した ID があります）"),
    "finished.none": ("no: the campaign never closed", "いいえ（キャンペーンは完了していません）"),
    "back.table": (
        "with the table that stands beside the record: every identity back to the selector it had",
        "記録の隣の一覧を使い、各 ID を元のセレクタに戻せます",
    ),
    "back.nothing": ("nothing to go back from", "戻す対象はありません"),
    # events
    "event.looked": ("identities were looked at", "ID を確認"),
    "event.surveyed": ("every identity was looked at", "全 ID の確認を完了"),
    "event.recalled": ("the plan was read back", "計画を読み込み"),
    "event.continued": (
        "what a plan run that was stopped had planned was taken over",
        "停止した計画の実行から引き継ぎ",
    ),
    "event.laid": ("the waves were laid out", "ウェーブを決定"),
    "event.resumed": ("earlier runs of the campaign were taken up", "以前の実行を引き継ぎ"),
    "event.read-for": ("what was read for the runs, many at a time", "個別の実行に代わってまとめて読み取り"),
    "event.started": ("an identity's run was begun", "個別の実行を開始"),
    "event.ended": ("an identity's run ended", "個別の実行が終了"),
    "event.halted": ("no further run is begun", "新たな実行の開始を終了"),
    "event.filed": ("a table was written", "一覧を作成"),
}
