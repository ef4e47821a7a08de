"""What steps say when they cannot go on."""

from __future__ import annotations

from typing import Final

TEXTS: Final[dict[str, tuple[str, str]]] = {
    "untouched": ("SES was not touched.", "SES には何も書き込んでいません。"),
    "untouched.store": (
        "Nothing was written: neither to S3, nor to the secret, nor to SES.",
        "S3、シークレット、SES のいずれにも書き込んでいません。",
    ),
    "untouched.retire": (
        "Nothing was written: neither to DNS, nor to the key store, nor to SES.",
        "DNS、鍵の保管先、SES のいずれにも書き込んでいません。",
    ),
    "written.fleet": (
        "Runs of identities were begun: what each came to, and what SES has, stands in its own record.",
        "ID ごとの実行を開始した後です。それぞれの結果と SES の状態は、個別の記録にあります。",
    ),
    "written.retire": (
        "A write was begun, to DNS or to the key store; SES was not touched, and signs with another selector.",
        "DNS または鍵の保管先への書き込みを開始した後です。SES には書き込んでおらず、別のセレクタで署名しています。",
    ),
    "written.store": (
        "A write to the key store was begun; SES was not touched, and nothing uses what was stored.",
        "鍵の保管を開始した後です。SES には書き込んでおらず、保管したものはまだ使われていません。",
    ),
    "again": (
        "Run the same command again: it looks first and does only what is missing.",
        "同じコマンドを再実行してください。現状を確認し、足りない作業だけを行います。",
    ),
    "order": (
        "The steps go in order: next is {stage}, and {called} was called. Run the cells from the top.",
        "手順は順番に実行します。次は {stage} ですが、{called} が呼ばれました。先頭のセルから実行してください。",
    ),
    "ended": (
        "The run {run} has ended. Run the cells from the top for another one.",
        "実行 {run} は終了しています。新しく実行するには先頭のセルから実行してください。",
    ),
    "refused": (
        "{id} failed: {claim}. Expected: {expected}. Seen: {seen}.{also}",
        "{id}「{claim}」を満たしていません。期待値: {expected}。実際: {seen}。{also}",
    ),
    "refused.also.FAIL": (" Also failed: {names}.", "ほかに不合格のチェック: {names}。"),
    "refused.also.UNKNOWN": (" Could not be checked either: {names}.", "ほかに確認できなかったチェック: {names}。"),
    "identity-gone": ("SES knows no identity {domain} any more.", "SES に ID {domain} が存在しなくなりました。"),
    "identity-gone.todo": (
        "Find out who deleted it: mail from this domain cannot be sent. Create and verify it again, then run a plan.",
        "このドメインからは送信できません。削除した人を確認し、ID を作成・検証し直してから plan で実行してください。",
    ),
    "lock-lost": (
        "The identity's lock was taken from this run before it wrote anything.",
        "書き込みの前に、この実行が持っていたロックが失われました。",
    ),
    "foreign-cell": (
        "The cell that was executed as number {number} is none of {procedure}.ipynb, so nothing is applied.",
        "{number} 番目に実行したセルは {procedure}.ipynb のものではないため、適用しません。",
    ),
    "foreign-cell.todo": (
        "Explore in a plan run. To apply, restart the kernel and run the cells of notebooks/{procedure}.ipynb alone.",
        "確認は plan の実行で行ってください。適用する場合は、カーネルを再起動し、notebooks/{procedure}.ipynb のセルだけを実行します。",
    ),
    "no-room": (
        "The folder of the record, {folder}, does not take a file of {room} KB ({reason}).",
        "記録のフォルダ {folder} に {room} KB のファイルを書き込めません（{reason}）。",
    ),
    "landing": (
        "The write of run {run} had no clear answer and may still land until {until}.",
        "実行 {run} の書き込みは応答が不明で、{until} までは反映される可能性があります。",
    ),
    "landing.means": (
        "This run wrote nothing. Until then SES may change from the selector that it shows to the one of that write.",
        "この実行では書き込んでいません。それまでは、SES のセレクタがその書き込みのものに変わる可能性があります。",
    ),
    "landing.todo": ("Run the same command again after {until}.", "{until} 以降に同じコマンドを再実行してください。"),
    "drift": (
        "The world has changed since the plan was shown, so it was not carried out: {facts}.",
        "計画の表示後に状態が変わったため、実行しませんでした: {facts}。",
    ),
    "drift.todo": ("Run again and look at the plan anew.", "再実行し、計画を確認し直してください。"),
    "write.not-applied": (
        "SES did not take the write ({code}): read back, it still has {current}.",
        "SES への書き込みは反映されませんでした（{code}）。再確認の結果、{current} のままです。",
    ),
    "write.not-applied.means": ("Mail is signed as before.", "メールの署名は変更前と同じです。"),
    "write.not-applied-yet": (
        "SES has not taken the write within {seconds} s: it had no clear answer ({code}), and read back, SES still has {current}.",
        "SES への書き込みは {seconds} 秒以内に反映されませんでした。応答は不明（{code}）で、再確認の結果、{current} のままです。",
    ),
    "write.not-applied-yet.means": (
        "That is not final: until {until} the request can still reach SES and set {next}, so keep the key records of both published.",
        "ただし確定ではありません。{until} までは要求が遅れて SES に届き、{next} が設定される可能性があるため、両方の鍵レコードを公開したままにしてください。",
    ),
    "write.not-told": (
        "The write to SES had no clear answer ({code}), and within {seconds} s SES has not verified {next}: its status is {status}, as it may have been before.",
        "SES への書き込みの結果が不明（{code}）で、{seconds} 秒以内に {next} は検証されませんでした（{status}。書き込み前と区別できません）。",
    ),
    "write.not-told.means": (
        "SES has either the key that it had or the one asked for. Until it has verified one, mail may go out unsigned.",
        "SES の鍵は以前のものか、指定のもののどちらかです。検証が終わるまで、メールは署名なしになる可能性があります。",
    ),
    "write.not-told.todo": (
        "Run the same command again: it reads SES first, and writes the key again if SES has not verified it by then.",
        "同じコマンドを再実行してください。まず SES を読み取り、まだ検証されていなければ鍵を再設定します。",
    ),
    "write.refused": (
        "The write to SES was refused ({code}), and SES could not be read back.",
        "SES への書き込みは拒否され（{code}）、状態の再確認もできませんでした。",
    ),
    "write.refused.means": (
        "A refused write changes nothing: mail is signed as before, with {current}.",
        "拒否された書き込みは何も変えません。メールは変更前と同じく {current} で署名されます。",
    ),
    "write.not-known": (
        "The write to SES had no clear answer ({code}), and SES could not be read back.",
        "SES への書き込みの結果が不明（{code}）で、状態も再確認できませんでした。",
    ),
    "write.not-known.means": (
        "SES has either {current} or {next}; keep the key records of both published.",
        "SES のセレクタは {current} か {next} のどちらかです。両方の鍵レコードを公開したままにしてください。",
    ),
    "write.todo": (
        "Run the same command again: it reads SES first, says which selector it has, and goes on from there.",
        "同じコマンドを再実行してください。まず SES を読み取り、どちらのセレクタかを示して続きを行います。",
    ),
    "write.denied.todo": (
        "Have ses:PutEmailIdentityDkimSigningAttributes allowed on this identity for the role in use, then run the "
        "same command again. Until then it is refused in the same way.",
        "使用中のロールに、この ID への ses:PutEmailIdentityDkimSigningAttributes を許可してから、同じコマンドを"
        "再実行してください。許可されるまでは同じように拒否されます。",
    ),
    "not-in-use": (
        "SES shows {seen} where {selector} was expected.",
        "SES のセレクタは {seen} で、想定した {selector} ではありません。",
    ),
    "signing-off": (
        "DKIM signing is off for {domain}. SES has {selector} (status {status}), and signs no mail with it.",
        "{domain} の DKIM 署名が無効です。SES のセレクタは {selector}（ステータス {status}）ですが、メールには署名していません。",
    ),
    "signing-off.means": (
        "Mail of this domain goes out without its DKIM signature.",
        "このドメインのメールは DKIM 署名なしで送信されます。",
    ),
    "signing-off.todo": (
        "Find out who turned it off, turn it on (aws sesv2 put-email-identity-dkim-attributes --email-identity {domain} "
        "--signing-enabled), then run the same command again.",
        "無効にした人と理由を確認し、有効に戻してから（aws sesv2 put-email-identity-dkim-attributes --email-identity {domain} --signing-enabled）、同じコマンドを再実行してください。",
    ),
    "origin-other": (
        "SES does not sign {domain} with your key: its signing origin is {origin}, not EXTERNAL.",
        "SES は {domain} にお客様の鍵で署名していません。署名の属性起源は EXTERNAL ではなく {origin} です。",
    ),
    "origin-other.means": (
        "Mail of this domain does not carry a signature with {selector}.",
        "このドメインのメールに {selector} の署名は付きません。",
    ),
    "origin-other.todo": (
        "Find out who changed the signing origin, and whether they meant to, before anything is written again.",
        "再設定の前に、署名の属性起源を変更した人と意図を確認してください。",
    ),
    "given-up": (
        "SES has given up on {selector}: its status is FAILED. SES does that when it has not found the key record for 72 hours.",
        "SES が {selector} の検証を打ち切りました（FAILED）。72 時間、鍵レコードを確認できない場合の状態です。",
    ),
    "given-up.means": (
        "Mail of this domain goes out unsigned, and sending may stop where DKIM is the domain's only verification.",
        "このドメインのメールは署名なしで送信されます。DKIM が唯一の検証手段の場合、送信自体が止まることがあります。",
    ),
    "given-up.todo": (
        "See that the key record is published, then run the same command again: it writes the selector once more.",
        "鍵レコードの公開を確認し、同じコマンドを再実行してください（セレクタを再設定します）。",
    ),
    "written.means": (
        "The write to SES was begun: it has either the current or the next selector.",
        "SES への書き込みを開始した後です。セレクタは現行か次のどちらかです。",
    ),
    "unread": (
        "SES could not be read ({code}); it was tried for {minutes} min.",
        "SES を読み取れませんでした（{code}）。{minutes} 分間試行しました。",
    ),
    "unread.written": (
        "SES took the write and has {selector}; whether it has verified it is not known. Keep the key records of both selectors published.",
        "SES は書き込みを受け付け、セレクタは {selector} ですが、検証済みかどうかは不明です。両方の鍵レコードを公開したままにしてください。",
    ),
    "unread.todo": (
        "See that the credentials have not expired and that AWS can be reached, then run the same command again: it reads SES first and goes on from there.",
        "認証情報の有効期限と AWS への接続を確認してから、同じコマンドを再実行してください。まず SES を読み取り、続きを行います。",
    ),
    "ran-out": (
        "SES has not verified {selector} within {minutes} min; its status is {status}.",
        "{minutes} 分以内に SES が {selector} を検証しませんでした（現在の状態: {status}）。",
    ),
    "ran-out.means": (
        "Until it does, mail of this domain may go out unsigned.",
        "検証されるまで、このドメインのメールは署名なしで送信される可能性があります。",
    ),
    "ran-out.todo": (
        "See that the key record is published, then run the same command again: it writes nothing twice and completes "
        "the record; or go back as the record says.",
        "鍵レコードの公開を確認し、同じコマンドを再実行してください（二重に書き込むことはありません）。"
        "または記録の「切り戻し」に従ってください。",
    ),
    "ran-out.stale.todo": (
        "FAILED is the status of before the write. See that the key record is published, then run the same command again: "
        "if SES still shows FAILED, it writes the selector once more; or go back as the record says.",
        "FAILED は書き込み前からの状態です。鍵レコードの公開を確認し、同じコマンドを再実行してください（FAILED のままであれば、"
        "セレクタを再設定します）。または記録の「切り戻し」に従ってください。",
    ),
    "interrupted": (
        "The run was interrupted, by hand or with the program that ran it.",
        "手動で、または実行元のプログラムとともに中断されました。",
    ),
    "unforeseen": (
        "Something happened that this procedure does not foresee ({type}).",
        "想定外のエラーが発生しました（{type}）。",
    ),
}
