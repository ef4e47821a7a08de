"""Words of proof by a message: claims of the checks after the switch, what the record tells, and what goes wrong."""

from __future__ import annotations

from typing import Final

TEXTS: Final[dict[str, tuple[str, str]]] = {
    # the checks: ``ID`` is the claim, ``ID.todo`` the remedy, ``ID.<case>`` a remedy of its own
    "MESSAGE-ARRIVED": ("The message that is to prove the switch was received", "切替を確認するメッセージを受信した"),
    "MESSAGE-ARRIVED.todo": (
        "Look for it: SES's receipt rule, the inbox's prefix and its permissions. Run the same command again, which sends "
        "another, or have one verified that was received elsewhere: byodkim message RECORD.ipynb received.eml.",
        "SES の受信ルール、受信箱のプレフィックス、権限を確認してください。同じコマンドを再実行すると再送します。別の場所で受信した"
        "メッセージは byodkim message 記録.ipynb received.eml で検証できます。",
    ),
    "MESSAGE-ARRIVED.earlier": (
        "A message from before the write proves nothing of the switch. Send one now, and verify that one.",
        "書き込みより前のメッセージでは切替を確認できません。新しく送信したメッセージで確認してください。",
    ),
    "MESSAGE-ARRIVED.undated": (
        "It may be from before the write, and so proves nothing. Verify one that has a Date, as it was received.",
        "書き込みより前のものかもしれないため、確認になりません。Date のある、受信したままのメッセージで確認してください。",
    ),
    "MESSAGE-SIGNED": (
        "It is signed for the domain with the next selector, and with no other",
        "ドメインの署名があり、セレクタは次のものだけである",
    ),
    "MESSAGE-SIGNED.todo": (
        "The selector is neither the next one nor the one that was left: find out who signs there, such as a gateway or "
        "another account.",
        "次でも直前でもないセレクタです。中継サーバーや別アカウントなど、署名している箇所を調べてください。",
    ),
    "MESSAGE-SIGNED.left": (
        "SES still signs with the selector that was left. Keep both key records published, and send another message in a "
        "few minutes.",
        "SES はまだ切替前のセレクタで署名しています。両方の鍵レコードを公開したまま、数分後に再度確認してください。",
    ),
    "MESSAGE-SIGNED.unsigned": (
        "Mail goes out without the domain's signature. See whether signing is enabled for the address it is sent from: an "
        "address or a subdomain that is verified on its own has settings of its own.",
        "ドメインの署名なしで送信されています。送信元アドレスの署名設定を確認してください。個別に検証したアドレスやサブドメインには"
        "独自の設定があります。",
    ),
    "MESSAGE-SIGNED.domain": (
        "The message is signed for another domain. Take one that was sent from the signing domain, through this identity.",
        "別のドメインの署名です。署名ドメインから、この ID を使って送信したメッセージで確認してください。",
    ),
    "MESSAGE-VERIFIES": (
        "The signature verifies with the key record of every authoritative server",
        "すべての権威サーバーの鍵レコードで署名を検証できる",
    ),
    "MESSAGE-VERIFIES.todo": (
        "Receivers reject such a signature. Where the message may have been changed on its way (a gateway, a mailing list, a "
        "mail program's copy), take the very bytes that arrived; else SES signs with another key than the published one.",
        "受信側でも検証に失敗します。経路上（中継、メーリングリスト、メールソフトでの保存）で変わった可能性があれば、受信したままの"
        "データで確認してください。そうでなければ、SES の鍵が公開した鍵と異なります。",
    ),
    "MESSAGE-VERIFIES.unasked": (
        "Have it verified again from where every authoritative server can be asked: byodkim message RECORD.ipynb received.eml.",
        "すべての権威サーバーに問い合わせられる環境で、再度検証してください（byodkim message 記録.ipynb received.eml）。",
    ),
    "MESSAGE-VERIFIES.several": (
        "Receivers accept the message for its valid signature. Verify another message that was sent once and not relayed.",
        "有効な署名があるため受信側は受け入れます。一度だけ送信し、転送されていない別のメッセージで確認してください。",
    ),
    "MESSAGE-VERIFIES.unread": (
        "This says nothing of SES. Verify another message, with a plain header (no blank before a colon).",
        "SES の問題とは限りません。ヘッダーが標準的な（コロンの前に空白がない）別のメッセージで確認してください。",
    ),
    "MESSAGE-VERIFIES.partial-body": (
        "Text may have been appended after signing. SES sets no l=: find out who signed, and verify another message.",
        "署名後に本文が追加された可能性があります。SES は l= を付けません。署名元を調べ、別のメッセージで確認してください。",
    ),
    "MESSAGE-VERIFIES.from-not-signed": (
        "Receivers reject a signature whose h= lacks From (RFC 6376 section 6.1.1), and From may be forged. SES signs From: "
        "find out who signed.",
        "h= に From がない署名は受信側が拒否します（RFC 6376 6.1.1 節）。From が偽装された可能性もあります。SES は From に署名します。"
        "署名元を調べてください。",
    ),
    "MESSAGE-VERIFIES.identity-below": (
        "The key record holds t=s, so i= must name the signing domain itself. Remove s from t=, or correct the signer's i=.",
        "鍵レコードに t=s があるため、i= は署名ドメインと同じでなければなりません。t= から s を除くか、署名側の i= を直してください。",
    ),
    "MESSAGE-FROM.unread": (
        "This says nothing of SES. See the DMARC result in Authentication-Results, or verify a message from a plain address.",
        "SES の問題とは限りません。Authentication-Results の DMARC の結果を確認するか、標準的なアドレスのメッセージで確認してください。",
    ),
    "MESSAGE-FROM": (
        "The domain in From is aligned with the signature's",
        "From のドメインが署名ドメインと整合している（DMARC）",
    ),
    "MESSAGE-FROM.todo": (
        "DMARC does not count this signature for such a sender. Send from the signing domain, or sign for the sender's.",
        "この差出人では DMARC がこの署名を採用しません。署名ドメインから送信するか、差出人のドメインで署名してください。",
    ),
    "MESSAGE-FROM.beside": (
        "Look at the DMARC result in the message's Authentication-Results, or take a message from the signing domain itself.",
        "メッセージの Authentication-Results で DMARC の結果を確認するか、署名ドメイン自体から送信したもので確認してください。",
    ),
    # what the record tells
    "title": ("Proof by a message", "メッセージによる確認"),
    "waiting": (
        "Messages sent: {sent}; received: {came}. They are waited for, {seconds} s at most.",
        "送信 {sent} 通、受信 {came} 通。到着を待っています（最長 {seconds} 秒）。",
    ),
    "rolled-back": (
        "The run went back, so that no message is held against the switch.",
        "元のセレクタに戻したため、メッセージによる確認は行っていません。",
    ),
    "verdict.proved": (
        "A real message proves it: signed with s={selector} for d={domain}, it verifies with the key record of all {servers} "
        "servers. SHA-256 of the message: {sha256}.",
        "実際のメッセージで確認しました。s={selector}、d={domain} の署名を、全 {servers} サーバーの鍵レコードで検証できました。"
        "メッセージの SHA-256: {sha256}。",
    ),
    "verdict.failed": (
        "A real message speaks against it: mail is not signed with s={selector} for d={domain} as it should be.",
        "実際のメッセージは s={selector}、d={domain} で正しく署名されていません。",
    ),
    "verdict.open": (
        "No message proves that mail is signed with s={selector} for d={domain}: see below what is lacking.",
        "s={selector}、d={domain} で署名されていることを、メッセージでは確認できていません（不足は下記）。",
    ),
    "verdict.pending": (
        "Until SES has verified the selector, this is how mail goes out: the message was not signed with s={selector} for "
        "d={domain}.",
        "SES の検証完了までの送信状況です。メッセージに s={selector}、d={domain} の署名はありません。",
    ),
    "signatures": ("Its signatures", "メッセージの署名"),
    "verified": ("with the authoritative servers' key records", "権威サーバーの鍵レコードによる検証"),
    "signature.verifies": ("verifies at {count} of {total}", "{total} 台中 {count} 台で検証成功"),
    "signature.amazon": (
        "SES's own signature, on all its mail: it proves nothing here",
        "SES 自身の署名（全メールに付く）。ここでは証拠になりません",
    ),
    "signature.other": ("not looked at: another domain or selector", "確認対象外（別のドメインまたはセレクタ）"),
    "signature.none": ("no signature of the domain", "ドメインの署名なし"),
    "signature.unproved": ("not proved", "未確認"),
    "key": ("One key", "鍵の一致"),
    "place": ("message that was sent", "送信されたメッセージ"),
    "sent": ("Messages", "メッセージ一覧"),
    "sent.at": ("taken by SES", "SES の受付"),
    "sent.when": ("when", "時期"),
    "sent.signed": ("signed", "署名"),
    "sent.received": ("received", "受信"),
    "sent.sha256": ("SHA-256 of the message", "メッセージの SHA-256"),
    "sent.lacking": ("not received", "未着"),
    "when.before": ("before the write", "書き込み前"),
    "when.after": ("after the write", "書き込み後"),
    "when.proof": ("the proof", "最終確認"),
    "kind.next": ("with the next selector", "次のセレクタ"),
    "kind.left": ("with the selector that was left", "切替前のセレクタ"),
    "kind.unsigned": ("unsigned", "署名なし"),
    "kind.broken": ("a signature that does not verify", "検証できない署名"),
    "kind.unknown": ("a signature that could not be verified or refuted", "検証結果が不明の署名"),
    "measured.unknown": (
        "{count} with a signature that could not be verified or refuted, from {first} to {last}.",
        "検証結果が不明の署名 {count} 通（{first}〜{last}）。",
    ),
    "measured": (
        "Measured with {count} messages from {first} to {last}:",
        "{first} から {last} までに送信した {count} 通の実測：",
    ),
    "measured.none": ("none was unsigned.", "署名なしはありませんでした。"),
    "measured.unsigned": (
        "{count} unsigned, from {first} to {last}, so that mail was unsigned for at least {least} and at most {most}.",
        "署名なし {count} 通（{first}〜{last}）。署名なしの時間は {least} 以上 {most} 以下です。",
    ),
    "measured.unsigned-open": (
        "{count} unsigned, from {first} to {last}: for at least {least}; no signed message on both sides bounds it.",
        "署名なし {count} 通（{first}〜{last}）。{least} 以上ですが、前後の署名付きメッセージがそろわず、上限は不明です。",
    ),
    "measured.left": (
        "{count} signed with the selector that was left, from {first} to {last}.",
        "切替前のセレクタの署名 {count} 通（{first}〜{last}）。",
    ),
    "measured.broken": (
        "{count} with a signature that does not verify, from {first} to {last}.",
        "検証できない署名 {count} 通（{first}〜{last}）。",
    ),
    "measured.next": ("Signed with the next selector from {at} on.", "{at} から次のセレクタで署名。"),
    "measured.lost": ("Not received: {count}.", "未着 {count} 通。"),
    "event.sent": ("message given to SES", "メッセージを SES に送信"),
    "event.received": ("message received", "メッセージを受信"),
    "event.weighed": ("message verified", "メッセージを検証"),
    # where it speaks against SES
    "headline": (
        "SES says {status} for {selector}, and a real message of {domain} is not signed as it should be",
        "SES は {selector} を {status} としていますが、{domain} の実際のメッセージは正しく署名されていません",
    ),
    "finished.failed": (
        "no: a real message is not signed as it should be",
        "いいえ（実際のメッセージが正しく署名されていません）",
    ),
    "finished.open": ("no message proves it yet", "メッセージでの確認は未了"),
    "safe": (
        "no: whatever passed before the write, a real message is not signed as it should be ({kind})",
        "いいえ（書き込み前のチェックにかかわらず、実際のメッセージの署名が異なります: {kind}）",
    ),
    "failed": (
        "SES says {status} for {selector}, and a real message shows otherwise. {id} failed: {claim}. Expected: {expected}. "
        "Seen: {seen}.",
        "SES の状態は {selector} が {status} ですが、実際のメッセージは異なります。{id}「{claim}」を満たしていません。"
        "期待値: {expected}。実際: {seen}。",
    ),
    "failed.means": (
        "Mail of this domain may be going out unsigned or with a signature that receivers reject, now.",
        "このドメインのメールが、署名なし、または受信側で拒否される署名で送信されている可能性があります。",
    ),
    "failed.todo": (
        "Go back to {left} with the command under Way back unless this is explained at once.",
        "すぐに原因が分からない場合は、「切り戻し」のコマンドで {left} に戻してください。",
    ),
    "failed.todo-unknown": (
        "Go back to the selector before this one, which the identity's previous record names, unless this is explained at once.",
        "すぐに原因が分からない場合は、この ID の前回の記録にある、切替前のセレクタに戻してください。",
    ),
    "missing": (
        "SES says {status} for {selector}, and no message proves it. {id} is open: {claim}. Expected: {expected}. Seen: {seen}.",
        "SES の状態は {selector} が {status} ですが、メッセージでは確認できていません。{id}「{claim}」が未確認です。"
        "期待値: {expected}。実際: {seen}。",
    ),
    "missing.means": (
        "The outcome is what SES says; how mail is really signed was not seen.",
        "結果は SES の状態によります。実際の署名は確認できていません。",
    ),
    # refused before the write
    "refused.too-early": (
        "The message {file} was received before this switch: SES does not sign with {selector} yet.",
        "メッセージ {file} はこの切替より前に受信したものです。SES はまだ {selector} で署名していません。",
    ),
    "refused.too-early.todo": (
        "Run without -p message; then send a message, and verify it: byodkim message RECORD.ipynb received.eml.",
        "-p message なしで実行し、その後に送信・受信したメッセージを byodkim message 記録.ipynb received.eml で検証してください。",
    ),
    "refused.inbox": (
        "The inbox {place} cannot be read ({operation}: {code}), so the switch could not be proved by a message.",
        "受信箱 {place} を読み取れない（{operation}: {code}）ため、切替をメッセージで確認できません。",
    ),
    "refused.inbox.todo": (
        "Give the role s3:ListBucket on the bucket and s3:GetObject below the prefix, and check inbox in the profile; or run "
        "with -p message none.",
        "ロールにバケットの s3:ListBucket とプレフィックス以下の s3:GetObject を与え、プロファイルの inbox を確認してください。"
        "メッセージなしで実行するには -p message none を指定します。",
    ),
    "refused.unsent": (
        "The message before the switch could not be sent from {sender} ({operation}: {code}).",
        "切替前のメッセージを {sender} から送信できません（{operation}: {code}）。",
    ),
    "refused.unsent.todo": (
        "Give the role ses:SendEmail on the identity, and check proof_from and proof_to; or run with -p message none.",
        "ロールに ID への ses:SendEmail を与え、proof_from と proof_to を確認してください。メッセージなしで実行するには "
        "-p message none を指定します。",
    ),
    # wrong parameters and profiles
    "wrong.half": (
        "The profile names only some of proof_from, proof_to and inbox: a message is sent from one, to the other, and found "
        "in the third.",
        "プロファイルの proof_from、proof_to、inbox がそろっていません（送信元、宛先、受信箱の 3 つが必要です）。",
    ),
    "wrong.half.todo": ("Name all three, or none.", "3 つとも書くか、すべて外してください。"),
    "wrong.address": (
        "{name} in the profile is not an address such as proof@example.jp.",
        "プロファイルの {name} は proof@example.jp のようなアドレスではありません。",
    ),
    "wrong.address.todo": ("Write the bare address, without a name.", "表示名を付けず、アドレスだけを書いてください。"),
    "wrong.other-domain": (
        "proof_from in the profile is no address of {domain}: what is sent from it proves nothing of this domain's key.",
        "プロファイルの proof_from は {domain} のアドレスではないため、このドメインの鍵の確認になりません。",
    ),
    "wrong.other-domain.todo": (
        "Take an address of the signing domain, or below it.",
        "署名ドメイン、またはその下位ドメインのアドレスを指定してください。",
    ),
    "wrong.no-mailbox": (
        "A message was to be sent, and the profile names no mailbox.",
        "メッセージの送信が指定されましたが、プロファイルに送受信先がありません。",
    ),
    "wrong.no-mailbox.todo": (
        "Write proof_from, proof_to and inbox into the profile, or give -p message the file of a received one.",
        "プロファイルに proof_from、proof_to、inbox を書くか、-p message に受信済みメッセージのファイルを指定してください。",
    ),
    "wrong.unread": (
        "The message {path} cannot be read ({reason}).",
        "メッセージ {path} を読み取れません（{reason}）。",
    ),
    "wrong.unread.todo": (
        "Name the file of a message as it was received (.eml).",
        "受信したままのメッセージのファイル（.eml）を指定してください。",
    ),
    "wrong.too-large": ("The message {path} is larger than 40 MB.", "メッセージ {path} が 40 MB を超えています。"),
    "wrong.too-large.todo": ("Take a smaller one.", "小さいメッセージを使ってください。"),
    "wrong.no-message": (
        "{path} is no message as it was received: it does not open with a header that has From.",
        "{path} は受信したままのメッセージではありません（From を含むヘッダーで始まっていません）。",
    ),
    "wrong.no-message.todo": (
        "Save the original with its full header: in most mail programs as .eml, or under “show source”.",
        "ヘッダーを含む原文を保存してください（多くのメールソフトでは .eml、または「ソースを表示」）。",
    ),
    # byodkim message
    "kept": ("Kept, and signed: {path}", "署名して保存しました: {path}"),
    "unsound": (
        "The evidence of {path} contradicts itself, so no message is held against it. {how}",
        "{path} の証跡に矛盾があるため、メッセージとの照合は行いません。{how}",
    ),
    "untold": (
        "{path} does not say what SES showed: the run was stopped or refused before it looked.",
        "{path} に SES の状態がありません（確認前に停止または拒否された実行です）。",
    ),
    "untold.todo": (
        "Name the record of the run that switched, such as outputs/CHG-1042.ipynb.",
        "切替を行った実行の記録（例: outputs/CHG-1042.ipynb）を指定してください。",
    ),
}
