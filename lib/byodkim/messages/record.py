"""Words of the record."""

from __future__ import annotations

from typing import Final

from byodkim.messages import events, rewriting

TEXTS: Final[dict[str, tuple[str, str]]] = {
    # headline
    "unfinished": (
        "This run has not ended. In an archived record this means that it was stopped from outside: its journal says how far "
        "it came, and running the same command again says what SES has.",
        "この実行は終了していません。保存済みの記録でこの表示が残っている場合は、外部から停止されています。どこまで進んだかは"
        "ジャーナルに残っており、同じコマンドを再実行すると SES の状態が分かります。",
    ),
    "unfinished.untouched": (
        "The journal holds no intent to write: SES was not touched.",
        "ジャーナルに書き込みの意図は残っていません。SES には書き込んでいません。",
    ),
    "unfinished.begun": (
        "A write to SES was begun: it has either the current or the next selector. Run the same command again.",
        "SES への書き込みを開始した後です。セレクタは現行か次のどちらかです。同じコマンドを再実行してください。",
    ),
    "outcome.none": ("NOT FINISHED", "未完了"),
    "outcome.PLANNED": (
        "Plan only: nothing was written. {domain} would be switched to {selector}",
        "計画のみ。書き込みはしていません。{domain} を {selector} に切り替える計画です",
    ),
    "outcome.REFUSED": (
        "{domain} was not switched to {selector}; SES was not touched",
        "{domain} は {selector} に切り替えていません。SES には書き込んでいません",
    ),
    "outcome.UNCHANGED": (
        "{domain} already signs with {selector}, and SES has verified it",
        "{domain} は既に {selector} で署名しており、SES の検証も済んでいます",
    ),
    "outcome.SWITCHED": ("{domain} signs with {selector}", "{domain} は {selector} で署名しています"),
    "outcome.SWITCHED-PENDING": (
        "{domain} is set to {selector}; SES has not verified it yet",
        "{domain} に {selector} を設定しました。SES の検証はまだ終わっていません",
    ),
    "outcome.ROLLED-BACK": ("{domain} was set back to {current}", "{domain} を {current} に戻しました"),
    "outcome.FAILED": (
        "The switch of {domain} to {selector} did not come to its end",
        "{domain} の {selector} への切替は完了しませんでした",
    ),
    "sandbox": (
        "A rehearsal in the sandbox ({target}): no real mail is concerned.",
        "サンドボックス（{target}）でのリハーサルです。実際のメールには影響しません。",
    ),
    "meaning.switched": (
        "SES verified it at {at}, {duration} after the write. Mail may have gone out unsigned for up to {duration}.",
        "SES は {at} に検証を完了しました（書き込みから {duration}）。この間、最長 {duration} は署名なしで送信された可能性があります。",
    ),
    "meaning.completed": (
        "An earlier run wrote it; SES was seen to have verified it at {at}, {duration} after that write. Mail may have gone "
        "out unsigned for up to {duration} since that write.",
        "書き込みは以前の実行によるものです。{at} に SES の検証完了を確認しました（書き込みから {duration}）。この書き込み以降、最長 "
        "{duration} は署名なしで送信された可能性があります。",
    ),
    "meaning.pending": (
        "SES says {status}: it is looking for the key record. Until it finds it, mail of this domain may go out unsigned.",
        "SES の状態は {status} です（鍵レコードを確認中）。確認が終わるまで、このドメインのメールは署名なしになる可能性があります。",
    ),
    "meaning.stale": (
        "SES still says {status}, as before the write. Until it has verified the selector, mail of this domain may go out unsigned.",
        "SES の状態は書き込み前と同じ {status} のままです。検証が終わるまで、このドメインのメールは署名なしになる可能性があります。",
    ),
    "meaning.planned": (
        "Every check that blocks has passed or was waived. Plan digest {digest}, read aloud: {words}.",
        "必須チェックはすべて合格（または免除）です。計画ダイジェスト {digest}、読み上げ: {words}。",
    ),
    "meaning.planned-nothing": (
        "There is nothing to write: SES has the selector already (status {status}). An apply run waits for its verification.",
        "書き込む内容はありません。セレクタは設定済みです（状態 {status}）。apply で実行すると検証完了まで待ちます。",
    ),
    "waived": ("WAIVED {id}, {claim}. Reason: {reason}", "免除 {id}「{claim}」 理由: {reason}"),
    "way-back": ("Way back", "切り戻し"),
    "way-back.passes": (
        "At {at} every check of this rollback passed. It is a switch like this one and makes all its checks again.",
        "この切り戻しの全チェックに {at} の時点で合格しています。切り戻しも同じ手順で、すべてのチェックを再度行います。",
    ),
    "way-back.refused": (
        "A rollback to {selector} would be refused as things stood at {at}. Do this first:",
        "{at} の時点では、{selector} への切り戻しは拒否されます。先に次の対処をしてください。",
    ),
    "way-back.first": ("{id}, {claim}: {todo}", "{id}「{claim}」 {todo}"),
    "way-back.then": ("Then run:", "対処後に実行:"),
    "way-back.never-worked": (
        "There is no selector to roll back to: {selector} was never seen verified (SES said {status}).",
        "戻す先のセレクタがありません。{selector} は検証済みになった記録がありません（SES の状態は {status}）。",
    ),
    "way-back.unevaluated": (
        "This run did not evaluate a rollback to {selector}. This plan makes all its checks and writes nothing:",
        "{selector} への切り戻しは、この実行では確認していません。次の plan で全チェックを確認できます（書き込みなし）。",
    ),
    "way-back.unknown": (
        "The selector that was left is not known from this record: look at the identity's previous record.",
        "切替前のセレクタはこの記録からは分かりません。この ID の前回の記録を確認してください。",
    ),
    "way-back.approval": (
        "A rollback needs approvals too: {count}. Make this plan run now and have it approved while there is time; its record names the command that carries it out.",
        "切り戻しにも {count} 件の承認が必要です。この plan の実行と承認を、余裕のあるうちに済ませてください。適用のコマンドは plan の記録に示します。",
    ),
    "next": ("Next", "次の作業"),
    "next.overlap": (
        "Keep the key record of {selector} published until {until}: mail signed with it is still on its way. Leave the key "
        "record of the selector now in use as it is.",
        "{selector} の鍵レコードは {until} まで公開したままにしてください（署名済みのメールが配送中のため）。"
        "新しく使い始めた鍵レコードも変更しないでください。",
    ),
    "next.deadline": (
        "SES stops looking at {at}. See that the key record is published before, then complete the record with:",
        "SES の確認は {at} で打ち切られます。それまでに鍵レコードを公開し、次のコマンドで記録を完了してください。",
    ),
    "next.deadline-unknown": ("72 hours after the write", "書き込みから 72 時間後"),
    "next.apply": ("To carry it out:", "実行するには:"),
    "next.approve": (
        "It needs approvals: {count}. Each approver runs this, with their own key:",
        "承認が {count} 件必要です。承認者はそれぞれ自分の鍵で次のコマンドを実行してください。",
    ),
    "next.request": (
        "Hand {file} to the DNS team: a TXT record at {name}.",
        "{file} を DNS 担当へ渡してください（{name} の TXT レコード）。",
    ),
    # who and where
    "run": ("run", "実行 ID"),
    "procedure": ("procedure", "手順"),
    "previous-run": ("previous run", "前回の実行"),
    "never-closed": ("never closed", "未完了"),
    "started": ("started", "開始"),
    "ended": ("ended", "終了"),
    "domain": ("identity", "ID（ドメイン）"),
    "mode": ("mode", "モード"),
    "mode.plan": ("plan (reads only)", "plan（読み取りのみ）"),
    "mode.apply": ("apply", "apply（書き込みあり）"),
    "ticket": ("ticket", "チケット"),
    "reason": ("reason", "理由"),
    "requested-by": ("requested by", "依頼者"),
    "operator": ("operator", "実行者"),
    "approved": ("approved", "承認"),
    "approved.by": ("{name} (plan {digest}…, {at})", "{name}（計画 {digest}…、{at}）"),
    "account": ("account", "アカウント"),
    "region": ("Region", "リージョン"),
    "endpoint": ("SES endpoint", "SES エンドポイント"),
    "code": ("code", "コード"),
    "dirty": ("with local changes", "未コミットの変更あり"),
    "clean": ("clean", "変更なし"),
    "parameters": ("Parameters", "パラメータ"),
    "parameter": ("parameter", "パラメータ"),
    "value": ("value", "値"),
    "source": ("source", "出所"),
    "source.parameter": ("given to papermill", "実行時の指定"),
    "source.cell": ("edited in the cell", "セルで編集"),
    "source.profile": ("byodkim.toml", "byodkim.toml"),
    "source.sandbox": ("the sandbox", "サンドボックス"),
    "source.default": ("default", "既定値"),
    # state
    "identity": ("SES identity", "SES の ID"),
    "identity-absent": ("SES knows no identity {domain} here.", "ここには {domain} という ID がありません。"),
    "key-store": ("Secret and key object", "シークレットと鍵オブジェクト"),
    "matrix": ("Key record {name} at every authoritative server", "全権威サーバーの鍵レコード {name}"),
    "unread": ("Could not be read", "読み取れなかったもの"),
    "what": ("what", "対象"),
    "operation": ("operation", "操作"),
    "error": ("error", "エラー"),
    "message": ("message", "内容"),
    "stored.secret": ("secret, stage", "シークレットとステージ"),
    "stored.version": ("secret version", "シークレットのバージョン"),
    "stored.created": ("version created", "バージョン作成日時"),
    "stored.object": ("key object", "鍵オブジェクト"),
    "stored.object-version": ("object version", "オブジェクトのバージョン"),
    "stored.modified": ("object modified", "オブジェクト更新日時"),
    "stored.form": ("form", "形式"),
    "stored.bits": ("RSA bits", "RSA ビット長"),
    "stored.sha256": ("SHA-256 of the public key", "公開鍵の SHA-256"),
    "matrix.server": ("server", "サーバー"),
    "matrix.address": ("address", "アドレス"),
    "matrix.rcode": ("rcode", "rcode"),
    "matrix.strings": ("strings", "文字列長"),
    "matrix.ttl": ("TTL", "TTL"),
    "matrix.serial": ("serial", "シリアル"),
    "matrix.ms": ("ms", "ms"),
    "matrix.verdict": ("verdict", "判定"),
    "dns.delegation": ("Delegation of {zone}", "{zone} の委任"),
    "dns.found-by": ("found by", "確認方法"),
    "dns.found-by.walk": ("a walk from the root", "ルートからの探索"),
    "dns.found-by.resolver": (
        "a resolver, as no root server can be asked from here",
        "リゾルバ（ルートサーバーに届かないため）",
    ),
    "dns.parent": ("named by the zone above", "親ゾーンの NS"),
    "dns.child": ("named by {server}", "{server} の NS"),
    "dns.blocked": (
        "Port 53 is blocked on this network: no authoritative server can be asked, though a resolver answers.",
        "このネットワークでは 53 番ポートが遮断されています。リゾルバは応答しますが、権威サーバーには確認できません。",
    ),
    "dns.encrypted": (
        "Key record by encrypted resolvers (evidence: {counts})",
        "暗号化 DNS で得た鍵レコード（証拠として使用: {counts}）",
    ),
    "dns.counts.true": ("yes", "する"),
    "dns.counts.false": ("no", "しない"),
    "dns.followed": (
        "Where the CNAME leads: {name} at its own authoritative servers",
        "CNAME の参照先 {name}（その権威サーバー）",
    ),
    "dns.resolved": (
        "Recursive resolvers, asked last: shown, and no proof",
        "リゾルバの応答（参考。証拠としては数えません）",
    ),
    "dns.unvalidated": (
        "Resolvers that answered SERVFAIL, asked again without DNSSEC validation",
        "SERVFAIL を返したリゾルバへの再問い合わせ（DNSSEC 検証なし）",
    ),
    "dns.picture": (
        "Picture: the key records at every address, as in the tables below; first the next one, then the current one. A tick: "
        "the key. A cross: something else. A question mark: could not be asked.",
        "図: 各アドレスの鍵レコード（左が次、右が現行。詳細は下の表）。チェック印は一致、× は不一致、? は確認不可。",
    ),
    "dns.legend": (
        "In the picture above: the first mark is of the next key record, the second of the current one. ✔ the key, ✘ "
        "something else, ? could not be asked.",
        "上の図は左が次、右が現行の鍵レコードです。✔ 一致、✘ 不一致、? 確認不可。",
    ),
    "dns.serving": ("serve the key", "鍵あり"),
    "dns.others": ("the others", "その他"),
    "dns.expected-by": ("enough, expected by", "完了見込み"),
    "dns.by-unknown": ("when it is published", "公開され次第"),
    "dns.waiting": (
        "Waiting for DNS, {minutes} min at most. Only authoritative servers are asked.",
        "DNS への反映を待っています（最長 {minutes} 分）。権威サーバーだけに確認します。",
    ),
    "dns.wait-done": ("DNS serves the key record; the wait is over.", "DNS への反映を確認し、待機を終えました。"),
    "dns.wait-short": (
        "Waiting {minutes} min cannot be enough, so the run stops waiting. It takes at least {needed} min: as long as caches "
        "may hold the earlier answer, and a margin of 5 min (-p wait_dns_minutes {needed}).",
        "{minutes} 分の待機では足りないため、待機を打ち切りました。以前の応答がキャッシュに残る時間と余裕 5 分を合わせ、少なくとも "
        "{needed} 分必要です（-p wait_dns_minutes {needed}）。",
    ),
    "dns.wait-over": (
        "The wait of {minutes} min is over; DNS is not ready. The checks say what is missing.",
        "{minutes} 分が経過しましたが、DNS の準備が整っていません。不足はチェックに示します。",
    ),
    # proof
    "proof.holds": (
        "One key pair stands at every place: the same SHA-256 of the SubjectPublicKeyInfo.",
        "すべての場所で同じ鍵ペアです（公開鍵 SubjectPublicKeyInfo の SHA-256 が一致）。",
    ),
    "proof.breaks": ("The chain is broken at the links marked ≠.", "≠ の箇所で鍵が一致していません。"),
    "link": ("link", "場所"),
    "where": ("where", "所在"),
    "place.s3": ("private key in S3", "S3 の秘密鍵"),
    "place.secret": ("secret", "シークレット"),
    "place.dns": ("DNS", "DNS"),
    "place.message": ("signed message", "署名済みメッセージ"),
    "place.request": ("DNS request", "DNS 設定依頼"),
    # checks
    "checks.id": ("check", "チェック"),
    "checks.verdict": ("verdict", "結果"),
    "checks.level": ("level", "区分"),
    "checks.claim": ("claim", "確認内容"),
    "checks.expected": ("expected", "期待値"),
    "checks.observed": ("observed", "実際"),
    "checks.remedy": ("what to do", "対処"),
    "level.blocks": ("blocks", "必須"),
    "level.warns": ("warns", "警告"),
    # plan and write
    "plan.change": (
        "{identity} would sign with {next} instead of {current}.",
        "{identity} の署名を {current} から {next} に切り替えます。",
    ),
    "plan.nothing": ("Nothing is to be written.", "書き込む内容はありません。"),
    "plan.call": ("call", "API"),
    "plan.key": ("SHA-256 of its public key", "公開鍵の SHA-256"),
    "plan.what": ("what", "内容"),
    "plan.digest": ("plan digest", "計画ダイジェスト"),
    "plan.words": ("read aloud (its first 8 bytes)", "読み上げ（先頭 8 バイト）"),
    "plan.relies": ("It relies on", "前提"),
    "apply.plan-only": ("Plan only: nothing was written.", "計画のみのため、書き込みはしていません。"),
    "apply.nothing": ("There was nothing to write.", "書き込む内容がありませんでした。"),
    "apply.intent": ("intent written down", "書き込み意図の記録"),
    "apply.answered": ("answered", "応答"),
    "apply.answer": ("answer", "応答内容"),
    "apply.request-id": ("AWS request id", "AWS リクエスト ID"),
    "apply.read-back": ("read back", "再確認"),
    "apply.applied": ("it was applied", "反映されていました"),
    "apply.not-known": ("not applied, or not known", "反映されていないか、不明です"),
    # verification
    "verify.SUCCESS": (
        "SES has found the key record of {selector}: {status}.",
        "SES が {selector} の鍵レコードを確認しました（{status}）。",
    ),
    "verify.FAILED": (
        "SES has given up on {selector}: {status}. It takes another write to make it look again.",
        "SES は {selector} の検証を打ち切りました（{status}）。再度確認させるには再設定が必要です。",
    ),
    "verify.waiting": ("SES shows {selector} as {status}.", "SES の {selector} の状態は {status} です。"),
    "time": ("time", "時刻"),
    # comparison
    "field": ("field", "項目"),
    "before": ("before", "変更前"),
    "after": ("after", "変更後"),
    "expected": ("expected", "期待値"),
    "changed": ("changed", "変更"),
    "yes": ("yes", "あり"),
    "no": ("no", "なし"),
    "run-sheet": ("The run sheet's table", "手順書の比較表"),
    "sheet.item": ("item", "項目"),
    "sheet.selectors": ("selector", "セレクタ"),
    "sheet.status": ("DKIM Status", "DKIM Status"),
    "sheet.signing_enabled": ("signing enabled", "署名有効化"),
    "sheet.signing_origin": ("signing origin", "属性起源"),
    "field.identity_type": ("identity type", "ID の種類"),
    "field.selectors": ("selector", "セレクタ"),
    "field.status": ("DKIM status", "DKIM ステータス"),
    "field.signing_enabled": ("signing enabled", "署名有効化"),
    "field.signing_origin": ("signing origin", "属性起源"),
    "field.verified_for_sending": ("verified for sending", "送信可否"),
    "field.verification_status": ("verification status", "検証ステータス"),
    "field.signing_hosted_zone": ("signing hosted zone", "署名ホストゾーン"),
    "field.next_signing_key_length": ("next signing key length", "次の署名鍵長"),
    "field.current_signing_key_length": ("current signing key length", "現在の署名鍵長"),
    "field.last_key_generation": ("last key generation", "最終鍵生成日時"),
    "field.last_checked": ("SES last checked", "SES の最終確認"),
    "field.last_success": ("SES last success", "SES の最終成功"),
    "field.error_type": ("SES error type", "SES のエラー種別"),
    # handing over
    "hand.published": (
        "Nothing is to be asked of the DNS team: every authoritative server serves this record. Keep it published.",
        "DNS 担当への依頼はありません。すべての権威サーバーで公開済みです。公開を継続してください。",
    ),
    "hand.request": ("Hand these files to the DNS team:", "次のファイルを DNS 担当へ渡してください。"),
    "hand.none": (
        "No DNS request was written: the key pair was not proved to be one.",
        "鍵ペアの一致を確認できないため、DNS 設定依頼は作成していません。",
    ),
    "hand.name": ("name", "名前"),
    "hand.type": ("type", "タイプ"),
    "hand.ttl": ("TTL", "TTL"),
    "hand.value": ("value", "値"),
    "hand.file": ("file", "ファイル"),
    # timeline
    **events.TEXTS,
    **rewriting.TEXTS,
}
