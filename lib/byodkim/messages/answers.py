"""Words of the answers that a record opens with: who, when, why, what changed, was it safe, is it finished, how back."""

from __future__ import annotations

from typing import Final

TEXTS: Final[dict[str, tuple[str, str]]] = {
    "who": ("who", "誰が"),
    "who.unknown": ("not known: AWS was not asked, or did not say", "不明（AWS に確認できていません）"),
    "who.asked": ("asked for by {name}", "依頼者 {name}"),
    "who.approved": ("approved by {names}", "承認者 {names}"),
    "when": ("when", "いつ"),
    "when.open": ("begun {began}, last heard of {last}, never closed", "開始 {began}、最後の記録 {last}（未完了）"),
    "when.closed": ("{began} to {ended}", "{began} から {ended} まで"),
    "why": ("why", "なぜ"),
    "why.none": ("no reason was given", "理由の記載はありません"),
    "why.ticket": ("ticket {ticket}", "チケット {ticket}"),
    "changed": ("what changed", "何を変えたか"),
    "changed.nothing": ("nothing: this run wrote nothing to SES", "変更なし（この実行では SES に書き込んでいません）"),
    "changed.perhaps": (
        "perhaps the selector, {current} → {next}: the write was begun and its effect is not known from this record",
        "セレクタ（{current} → {next}）を変更した可能性があります（書き込みを開始しましたが、結果はこの記録からは分かりません）",
    ),
    "changed.late": (
        "not known yet: SES still has {current}, and until {until} the write can reach it and set {next}",
        "未確定（SES のセレクタは {current} のままですが、{until} までは書き込みが届いて {next} になる可能性があります）",
    ),
    "changed.field": ("{field} {before} → {after}", "{field} {before} → {after}"),
    "changed.else": ("all else of the identity as before", "その他の設定は変更なし"),
    "changed.again": ("the selector {next} was given to SES again", "セレクタ {next} を SES に再設定"),
    "headline.signing-off": (
        "DKIM signing is off for {domain}: its mail goes out without this signature. ",
        "{domain} の DKIM 署名が無効です。メールはこの署名なしで送信されます。",
    ),
    "headline.signing-was-off": (
        "DKIM signing was off for {domain} before this run: its mail went out without this signature. ",
        "この実行の前、{domain} の DKIM 署名は無効でした。メールはこの署名なしで送信されていました。",
    ),
    "headline.origin-other": (
        "SES does not sign {domain} with your key (signing origin {origin}). ",
        "SES は {domain} にお客様の鍵で署名していません（属性起源 {origin}）。",
    ),
    "outcome.REFUSED-stands": (
        "SES has {selector} for {domain} already (status {status}); this run was refused and wrote nothing",
        "{domain} のセレクタは既に {selector} です（状態 {status}）。この実行は拒否され、何も書き込んでいません",
    ),
    "meaning.unverified-before": (
        "SES verified it at {at}, {duration} after the write, and mail is signed since {signed}; {before}.",
        "SES は {at} に検証を完了し（書き込みから {duration}）、メールは {signed} 以降署名されています。{before}。",
    ),
    "meaning.planned-early": (
        "Every check that blocks has passed or was waived, but TIME-ACTIVATE stands against carrying it out before {until}: "
        "caches may hold what stood there before the record. Until then an apply run is refused, unless it waits "
        "(wait_dns_minutes). Plan digest {digest}, read aloud: {words}.",
        "必須チェックはすべて合格（または免除）ですが、TIME-ACTIVATE により {until} までは実行できません（以前の状態がキャッシュに"
        "残っている可能性があります）。それまでは、待機（wait_dns_minutes）しない限り apply は拒否されます。計画ダイジェスト "
        "{digest}、読み上げ: {words}。",
    ),
    "meaning.stands": (
        "SES shows {selector} as {status}: {mail}.",
        "SES の {selector} の状態は {status} です。{mail}。",
    ),
    "next.apply-from": (
        "To carry it out, not before {until} (TIME-ACTIVATE):",
        "実行するには（{until} 以降。TIME-ACTIVATE）:",
    ),
    "safe": ("was it safe", "安全だったか"),
    "safe.untouched": ("yes: SES was not touched", "はい（SES には書き込んでいません）"),
    "safe.signing-off": (
        "no: SES does not sign this domain's mail with your key",
        "いいえ（SES はこのドメインのメールにお客様の鍵で署名していません）",
    ),
    "safe.proved": (
        "yes: every check that blocks passed before the write, and one key pair stood at all {places} places",
        "はい（書き込み前に必須チェックはすべて合格し、{places} か所すべてで同じ鍵ペアでした）",
    ),
    "safe.waived": (
        "not by all checks: {ids} waived before the write (reasons above)",
        "一部のチェックは免除されています: {ids}（理由は上記）",
    ),
    "safe.broken": (
        "not shown: before the write one key pair was not seen at every place",
        "確認できていません（書き込み前に、すべての場所で同じ鍵ペアであることを確認できていません）",
    ),
    "safe.late": (
        "not known yet: SES still has {current} (status {status}), and until {until} the write can reach it and set {next}",
        "未確定（SES のセレクタは {current}、状態は {status} ですが、{until} までは書き込みが届いて {next} になる可能性があります）",
    ),
    "safe.unsigned": ("mail unsigned for {duration} at most", "署名なしの可能性は最長 {duration}"),
    "safe.unsigned-after": (
        "mail unsigned for {duration} at most since the write of an earlier run",
        "以前の実行による書き込み以降、署名なしの可能性は最長 {duration}",
    ),
    "safe.signed-since": ("mail is signed since {at}", "メールは {at} 以降署名されています"),
    "safe.untouched-as": (
        "this run wrote nothing to SES, which shows {selector} as {status}: {mail}",
        "この実行では SES に書き込んでいません。{selector} の状態は {status} です（{mail}）",
    ),
    "mail.pending": (
        "mail may be going out unsigned until SES has verified it",
        "SES の検証完了までは署名なしの可能性があります",
    ),
    "mail.TEMPORARY_FAILURE": (
        "SES cannot tell at present whether its key record is there, so mail may be going out unsigned, and where that "
        "lasts, SES gives up",
        "SES が鍵レコードを確認できなくなっており、メールは署名なしの可能性があります。続くと検証が打ち切られます",
    ),
    "mail.FAILED": (
        "SES has given up on it, so mail goes out without this signature, and sending may stop",
        "SES が検証を打ち切ったため、メールはこの署名なしで送信され、送信自体が止まることがあります",
    ),
    "before.unverified": (
        "before this run SES did not show the selector in use, {selector}, as verified (status {status}), so mail may have "
        "gone out unsigned before it too, {since}",
        "この実行の前、使用中のセレクタ {selector} は SES で検証済みの状態ではなく（{status}）、実行前のメールも署名なしの可能性があります（{since}）",
    ),
    "before.signing-off": (
        "before this run DKIM signing was off, so mail went out without this signature, {since}",
        "この実行の前、DKIM 署名は無効で、メールはこの署名なしで送信されていました（{since}）",
    ),
    "since.unknown": ("since when is not known from this record", "いつからかは、この記録からは分かりません"),
    "since.written": (
        "since the write of an earlier run at {at}, if not longer",
        "以前の実行が {at} に書き込んだ時点から、またはそれ以前から",
    ),
    "safe.warned": ("warnings: {ids}", "警告: {ids}"),
    "finished": ("is it finished", "完了したか"),
    "finished.PLANNED": ("a plan only: nothing was carried out", "計画のみ（実行していません）"),
    "finished.REFUSED": ("no: the selector was not switched", "いいえ（セレクタは切り替えていません）"),
    "finished.REFUSED-stands": (
        "no: this run was refused and wrote nothing; SES has {selector} already (status {status})",
        "いいえ（この実行は拒否され、何も書き込んでいません。セレクタは既に {selector} で、状態は {status} です）",
    ),
    "finished.UNCHANGED": ("yes: there was nothing to do", "はい（必要な作業はありませんでした）"),
    "finished.SWITCHED": ("yes: SES has verified the selector", "はい（SES の検証まで完了しています）"),
    "finished.SWITCHED-PENDING": (
        "no: SES has not verified the selector yet",
        "いいえ（SES の検証が終わっていません）",
    ),
    "finished.ROLLED-BACK": (
        "yes, by going back: the selector of before is in use again",
        "切り戻しで完了（元のセレクタに戻っています）",
    ),
    "finished.PREPARED": ("yes: the key pair is stored and proved", "はい（鍵ペアの保管と確認まで完了しています）"),
    "finished.RETIRED": ("yes: the selector is out of use", "はい（セレクタの廃止まで完了しています）"),
    "finished.FAILED": ("no: it did not come to its end", "いいえ（最後まで実行できませんでした）"),
    "finished.late": (
        "no: run the same command again, which says what SES has and goes on",
        "いいえ（同じコマンドを再実行すると、SES の状態を確認して続行します）",
    ),
    "finished.STOPPED": ("no: it was stopped before its end", "いいえ（途中で停止しました）"),
    "finished.none": (
        "no: it was stopped; running the same command again says what SES has and goes on",
        "いいえ（途中で停止しました。同じコマンドを再実行すると、SES の状態を確認して続行します）",
    ),
    "finished.overlap": ("{selector} stays published until {until}", "{selector} は {until} まで公開を継続"),
    "finished.by": ("SES looks until {at}", "SES の確認期限は {at}"),
    "back": ("how to go back", "戻し方"),
    "back.nothing": ("there is nothing to go back from", "戻すものはありません"),
    "back.late": (
        "not known yet whether there is anything to go back from: the write can reach SES until {until}",
        "戻すものがあるかは未確定です（{until} までは書き込みが SES に届く可能性があります）",
    ),
    "back.passes": (
        "to {selector}, with the command below; every check of it passed at {at}",
        "下のコマンドで {selector} に戻せます（全チェックに {at} に合格）",
    ),
    "back.refused": (
        "to {selector}, once {ids} is settled (see below): a rollback would be refused as things stood at {at}",
        "{ids} の対処後に {selector} に戻せます（{at} の時点では切り戻しは拒否されます。下記参照）",
    ),
    "back.never-worked": (
        "not to {selector}: it was never seen verified (SES said {status})",
        "{selector} には戻せません（検証済みになった記録がなく、SES の状態は {status}）",
    ),
    "back.unevaluated": (
        "to {selector}: this run did not evaluate it; the plan below does",
        "{selector} への切り戻しは未確認です（下の plan で確認できます）",
    ),
    "back.unknown": (
        "not known from this record: a plan run shows what SES has",
        "この記録からは分かりません（plan で実行すると SES の現状が分かります）",
    ),
}
