"""Words of prepare: of its record, and of its checks."""

from __future__ import annotations

from typing import Final

TEXTS: Final[dict[str, tuple[str, str]]] = {
    # what the run came to
    "came.PLANNED": (
        "Plan only: nothing was written. {selector} would be prepared for {domain}",
        "計画のみ。書き込みはしていません。{domain} の {selector} を準備する計画です",
    ),
    "came.REFUSED": (
        "{selector} was not prepared for {domain}; nothing was written",
        "{domain} の {selector} は準備していません。何も書き込んでいません",
    ),
    "came.PREPARED": (
        "{selector} of {domain} has its key pair; its key record can be requested",
        "{domain} の {selector} の鍵ペアを準備しました。鍵レコードを依頼できます",
    ),
    "came.UNCHANGED": (
        "{selector} of {domain} stood prepared already; its key record can be requested",
        "{domain} の {selector} は既に準備済みです。鍵レコードを依頼できます",
    ),
    "came.FAILED": (
        "The preparation of {selector} for {domain} did not come to its end",
        "{domain} の {selector} の準備は完了しませんでした",
    ),
    "meaning.planned": (
        "Every check that blocks has passed or was waived. Writes: {count}. Plan digest {digest}, read aloud: {words}.",
        "必須チェックはすべて合格（または免除）です。書き込み: {count} 件。計画ダイジェスト {digest}、読み上げ: {words}。",
    ),
    "meaning.prepared": (
        "Read back from S3 and from the secret, the pair is one: SHA-256 {sha256}. SES was not touched, and no mail is "
        "signed with it until rotate is run.",
        "S3 とシークレットから読み直し、1 組の鍵ペアであることを確認しました（SHA-256 {sha256}）。SES には書き込んでおらず、"
        "rotate を実行するまでこの鍵では署名しません。",
    ),
    "meaning.unchanged": (
        "Nothing had to be written. Read from S3 and from the secret, the pair is one: SHA-256 {sha256}. SES was not touched.",
        "書き込みは不要でした。S3 とシークレットの鍵は 1 組です（SHA-256 {sha256}）。SES には書き込んでいません。",
    ),
    "unfinished.untouched": (
        "The journal holds no intent to write: nothing was stored, and SES was not touched.",
        "ジャーナルに書き込みの意図は残っていません。鍵は保管しておらず、SES にも書き込んでいません。",
    ),
    "unfinished.begun": (
        "A write to the key store was begun; SES was not touched, and nothing uses what was stored. Run the same command "
        "again: it looks at what stands, and does what is missing. It makes no second key pair where one stands.",
        "鍵の保管を開始した後です。SES には書き込んでおらず、保管したものはまだ使われていません。同じコマンドを再実行すると、"
        "現状を確認して足りない作業だけを行います。鍵が既にある場合、新しい鍵ペアは作りません。",
    ),
    # next
    "next.again": (
        "Run it again: it looks at what stands, and does what is missing.",
        "再実行してください。現状を確認し、足りない作業だけを行います。",
    ),
    "next.rotate": (
        "When the key record is published, look whether it can be switched to:",
        "鍵レコードの公開後、切り替えられるかを確認してください。",
    ),
    # state
    "selector": ("selector to prepare", "準備するセレクタ"),
    "known": ("selectors of this form", "この形式のセレクタ"),
    "place": ("private key", "秘密鍵の置き場"),
    "kms": ("encrypted with", "暗号化"),
    "kms.bucket": ("the bucket's own setting", "バケットの既定の設定"),
    "secret": ("secret", "シークレット"),
    "named.given": ("The selector {selector} was given.", "セレクタ {selector} は指定されたものです。"),
    "named.standing": (
        "{selector} is the first selector in the key store that comes after the one in use (pattern {pattern}): it is taken.",
        "{selector} は、使用中の次にあたる、保管済みの最初のセレクタです（形式 {pattern}）。これを使います。",
    ),
    "named.new": (
        "{selector} is new: by the pattern {pattern} it comes after every selector that is known.",
        "{selector} は新しい名前です。形式 {pattern} で、既知のすべてのセレクタより後になります。",
    ),
    "named.unknown": (
        "SES does not say which selector it signs with, so that the next one by {pattern} is not known.",
        "SES が使用中のセレクタを返さないため、形式 {pattern} での次の名前を決められません。",
    ),
    # plan and writes
    "plan.writes": (
        "These writes would be made in this order, each once, and none replaces what stands.",
        "次の書き込みをこの順に 1 回ずつ行います。既にあるものは置き換えません。",
    ),
    "plan.nothing": (
        "There is nothing to write: the key pair stands in S3 and in the secret.",
        "書き込む内容はありません。鍵ペアは S3 とシークレットに既にあります。",
    ),
    "plan-only": (
        "Plan only: nothing was written. Run with mode=apply to write.",
        "計画のみのため、書き込んでいません。書き込むには mode=apply で実行してください。",
    ),
    "write.STORE": (
        "the private key of {selector}, RSA of 2048 bits, made in the custodian; only where nothing is (If-None-Match)",
        "{selector} の秘密鍵（RSA 2048 ビット、custodian 内で生成）。何もない場合だけ保管（If-None-Match）",
    ),
    "write.ENTER": (
        "a version with the entry of {selector}, every other entry kept; pending: nothing is in force yet",
        "{selector} の項目を加えたバージョン（ほかの項目は保持）。AWSPENDING で、まだ有効にならない",
    ),
    "write.PROMOTE": (
        "that version comes into force, if the present one is still the same",
        "現在のバージョンが同じままなら、そのバージョンを有効にする",
    ),
    "write.RELEASE": ("AWSPENDING is taken off it again", "AWSPENDING を外す"),
    "write.taken": (
        "Another key was stored at {target} meanwhile ({found}); nothing was replaced ({code}).",
        "その間に {target} に別の鍵が保管されました（{found}）。何も置き換えていません（{code}）。",
    ),
    "write.not-applied": (
        "{operation} at {target} was not applied ({code}); found there: {found}.",
        "{target} への {operation} は反映されませんでした（{code}）。確認した内容: {found}。",
    ),
    "write.not-known": (
        "{operation} at {target} had no clear answer ({code}), and could not be read back ({found}).",
        "{target} への {operation} の結果が不明（{code}）で、再確認もできませんでした（{found}）。",
    ),
    "means.STORE": (
        "The secret does not name {selector}, and SES was not touched: mail is signed as before.",
        "シークレットに {selector} はなく、SES にも書き込んでいません。署名は従来どおりです。",
    ),
    "means.ENTER": (
        "The private key of {selector} is stored, and the secret does not name it yet. Nothing uses it; SES was not touched.",
        "{selector} の秘密鍵は保管済みですが、シークレットにはまだありません。使われておらず、SES にも書き込んでいません。",
    ),
    "means.PROMOTE": (
        "The private key of {selector} is stored, and its entry waits in the secret as AWSPENDING: rotate refuses until it "
        "is in force. SES was not touched.",
        "{selector} の秘密鍵は保管済みで、項目は AWSPENDING のままです。有効になるまで rotate は実行できません。"
        "SES には書き込んでいません。",
    ),
    "means.RELEASE": (
        "The key pair of {selector} stands in S3 and in the secret; only the label AWSPENDING is left over. SES was not touched.",
        "{selector} の鍵ペアは S3 とシークレットにあります。AWSPENDING ラベルだけが残っています。SES には書き込んでいません。",
    ),
    # proof and request
    "proof.none": (
        "No key pair stands yet, so there is none to prove.",
        "鍵ペアがまだないため、確認するものはありません。",
    ),
    "unproved": (
        "The key pair could not be shown to be one.",
        "鍵ペアが 1 組であることを確認できませんでした。",
    ),
    "unproved.means": (
        "SES was not touched, and no request was written.",
        "SES には書き込んでおらず、依頼書も作成していません。",
    ),
    "unproved.todo": (
        "Run the same command again and look at the checks.",
        "同じコマンドを再実行し、チェックを確認してください。",
    ),
    "hand.none": (
        "There is no request yet: it holds the public key of a pair that stands and was proved.",
        "依頼書はまだありません。保管して確認した鍵ペアの公開鍵から作成します。",
    ),
    # timeline
    "event.named": ("selector named", "セレクタを決定"),
    "event.storing": ("intent to write to the key store, on disk", "鍵の保管の意図をディスクに記録"),
    "event.stored": ("answer of that write, on disk", "その応答をディスクに記録"),
    "event.settled": ("what was written, read back", "書き込んだ内容を再確認"),
    # answers
    "changed.nothing": ("nothing was written", "書き込みなし"),
    "changed.ses": ("SES and DNS were not touched", "SES と DNS は変更なし"),
    "changed.STORE": ("private key of {selector} stored at {target}", "{selector} の秘密鍵を {target} に保管"),
    "changed.ENTER": (
        "entry of {selector} written to the secret {target}",
        "シークレット {target} に {selector} の項目を追加",
    ),
    "changed.PROMOTE": ("that version of {target} is in force", "{target} のそのバージョンを有効化"),
    "changed.RELEASE": ("AWSPENDING taken off", "AWSPENDING を解除"),
    "changed.perhaps": ("perhaps {operation} at {target}", "{target} への {operation} が反映された可能性あり"),
    "safe.untouched": ("yes: nothing was written", "はい。書き込みはありません"),
    "safe.proved": (
        "yes: nothing that stood was replaced, and what was written was read back and is one key pair",
        "はい。既存のものは置き換えず、書き込んだ内容を読み直して 1 組の鍵ペアであることを確認しました",
    ),
    "safe.unproved": (
        "nothing that stood was replaced; that what was written is one key pair is not proved",
        "既存のものは置き換えていません。書き込んだ内容が 1 組の鍵ペアであることは未確認です",
    ),
    "safe.warned": ("warned of: {ids}", "警告: {ids}"),
    "finished.PLANNED": ("no: it was only planned", "いいえ。計画のみです"),
    "finished.REFUSED": ("no: it was refused before anything was written", "いいえ。書き込む前に中止しました"),
    "finished.PREPARED": (
        "the key pair is; its key record is to be published, then rotate is to be run",
        "鍵ペアの準備は完了。次は鍵レコードの公開、その後 rotate の実行です",
    ),
    "finished.UNCHANGED": (
        "the key pair stood already; its key record is to be published, then rotate is to be run",
        "鍵ペアは準備済み。次は鍵レコードの公開、その後 rotate の実行です",
    ),
    "finished.FAILED": ("no: run it again", "いいえ。再実行してください"),
    "finished.none": ("no: it was stopped; run it again", "いいえ。途中で停止しました。再実行してください"),
    "back.nothing": ("there is nothing to go back from", "切り戻すものはありません"),
    "back.wrote": (
        "there is nothing to go back from: nothing uses the new key, and what stood before stands",
        "切り戻しは不要です。新しい鍵はまだ使われておらず、以前の内容もそのままです",
    ),
}

#: Claims and remedies, for the catalogue ``checks``.
CHECKS: Final[dict[str, tuple[str, str]]] = {
    "PLAN-SELECTOR": (
        "The selector to prepare is known, and SES does not sign with it",
        "準備するセレクタが決まり、SES がまだ使っていない",
    ),
    "PLAN-SELECTOR.todo": (
        "Read the identity again, or name the selector to prepare with -r selector.",
        "ID を確認し直すか、-r selector で準備するセレクタを指定してください。",
    ),
    "PLAN-SELECTOR.unknown": (
        "Name the selector to prepare with -r selector: SES does not say which one is in use, so that none follows from it.",
        "-r selector で準備するセレクタを指定してください。SES が使用中のセレクタを返さないため、次の名前を決められません。",
    ),
    "PLAN-SELECTOR.in-use": (
        "Name another selector, or none: then the one that comes after it is prepared.",
        "別のセレクタを指定するか、指定せずに実行してください（次の名前を準備します）。",
    ),
    "SECRET-PENDING": (
        "Nobody else is changing the secret: AWSPENDING is no other version, or this key's own",
        "シークレットをほかの処理が更新していない（AWSPENDING がないか、この鍵のもの）",
    ),
    "SECRET-PENDING.todo": (
        "Wait until what makes keys has finished. If it was given up, take the label off (aws secretsmanager "
        "update-secret-version-stage --version-stage AWSPENDING --remove-from-version-id ...), then run again.",
        "鍵の生成処理の完了を待ってください。中止されたものならラベルを外し（aws secretsmanager "
        "update-secret-version-stage --version-stage AWSPENDING --remove-from-version-id ...）、再実行してください。",
    ),
    "SECRET-ENTRY": (
        "The secret has the selector's entry for the key that stands in S3, or takes a new one",
        "シークレットにあるこのセレクタの項目が S3 の鍵と対になっている（項目がなければ追加できる）",
    ),
    "SECRET-ENTRY.todo": (
        "The entry is never replaced. Find out who wrote it, and prepare another selector.",
        "項目は置き換えません。作成者を確認し、別のセレクタを準備してください。",
    ),
    "SECRET-ENTRY.keyless": (
        "The secret names a key that is not there: find it (an earlier version of the bucket's object), or prepare another "
        "selector.",
        "シークレットの示す鍵がありません。バケットの以前のバージョンを確認するか、別のセレクタを準備してください。",
    ),
    "SECRET-ENTRY.field": (
        "prepare copies an entry's fields, and may not copy what belongs to the old key. It renews fields that hold that "
        "key's selector, record name, value, path, public key (PEM or base64) or SHA-256, and by name created_at, "
        "expires_at (ISO 8601 or seconds) and key_size. Write the fields so. Take one out only if nothing reads it; else "
        "let the generator add the selector. Nothing was written.",
        "prepare は項目の欄を引き継ぎますが、以前の鍵に固有の値は引き継げません。新しい鍵の値にできるのは、その鍵のセレクタ・"
        "レコード名・値・パス・公開鍵（PEM / base64）・SHA-256 を持つ欄と、created_at、expires_at（ISO 8601 または秒）、"
        "key_size です。欄をこの形に直してください。削除できるのは、どこからも読まれていない欄だけです。直せない場合は、"
        "生成処理でこのセレクタを追加してください。書き込みは行っていません。",
    ),
    "SECRET-ENTRY.unfit": (
        "Correct the secret, or let the generator add the selector. Nothing was written.",
        "シークレットを直すか、生成処理でこのセレクタを追加してください。書き込みは行っていません。",
    ),
    "STORE-PLACE": (
        "No key object stands for the selector, or one",
        "このセレクタの鍵オブジェクトがないか、1 つだけある",
    ),
    "STORE-PLACE.todo": (
        "Let this operator read the bucket (s3:GetObject, s3:ListBucket, kms:Decrypt), then run again.",
        "バケットの読み取り権限（s3:GetObject、s3:ListBucket、kms:Decrypt）を付与し、再実行してください。",
    ),
    "KEY-STORED": (
        "A key that stands already is an RSA private key that SES takes",
        "既に保管されている鍵が、SES で使える RSA 秘密鍵である",
    ),
    "KEY-STORED.todo": (
        "That object is never replaced. Prepare another selector, or have whoever stored it mend it.",
        "そのオブジェクトは置き換えません。別のセレクタを準備するか、保管した担当者に修正を依頼してください。",
    ),
    "KEY-UNUSED": (
        "The selector went with no other key before",
        "このセレクタを別の鍵で使ったことがない",
    ),
    "KEY-UNUSED.todo": (
        "Prepare another selector: receivers may still have the other key in their caches.",
        "別のセレクタを準備してください。受信側のキャッシュに別の鍵が残っている可能性があります。",
    ),
    "DNS-UNUSED": (
        "Nothing else stands at the key record's name",
        "鍵レコードの名前に、ほかのものが設定されていない",
    ),
    "DNS-UNUSED.todo": (
        "Prepare another selector, or ask the DNS team what that record is and have it removed.",
        "別のセレクタを準備するか、そのレコードの内容を DNS 担当に確認し、削除を依頼してください。",
    ),
}

PHRASES: Final[dict[str, tuple[str, str]]] = {
    "selector-to-prepare": ("a selector that is not in use", "使用中でないセレクタ"),
    "selector-in-use": ("SES signs with {selector}", "SES は {selector} で署名中"),
    "named.given": ("{selector}, as given", "{selector}（指定）"),
    "named.standing": (
        "{selector}, in the key store already (pattern {pattern})",
        "{selector}（保管済み、形式 {pattern}）",
    ),
    "named.new": ("{selector}, a new name (pattern {pattern})", "{selector}（新しい名前、形式 {pattern}）"),
    "pending-ours": (
        "AWSPENDING {version}, left by a run of prepare",
        "AWSPENDING {version}（prepare の実行が残したもの）",
    ),
    "entry-of-that-key": ("no entry, or that of the key in S3", "項目なし、または S3 の鍵の項目"),
    "selector-spelled": ("spelled {selector} in the secret", "シークレットでの表記は {selector} です"),
    "key-spelled": (
        "the same selector and key, spelled {selector} ({run})",
        "同じセレクタと鍵で、表記だけが違います: {selector}（{run}）",
    ),
    "entry-addable": ("a secret that takes an entry for the new key", "新しい鍵の項目を追加できるシークレット"),
    "entry-none": ("no entry", "項目なし"),
    "entry-unaddable.field": (
        "not known for a new key: {field}",
        "新しい鍵での値が分からない欄: {field}",
    ),
    "entry-unaddable.bucket": (
        "s3_bucket in the secret is {field}, and the new key is at {place}",
        "シークレットの s3_bucket は {field} で、新しい鍵の場所は {place} です",
    ),
    "entry-unaddable.shape": (
        "the secret has no place for one more entry of this domain",
        "シークレットにこのドメインの項目を追加できる場所がありません",
    ),
    "entry-unaddable.too-large": (
        "the secret would be larger than 65,536 bytes",
        "シークレットが 65,536 バイトを超えます",
    ),
    "entry-unaddable.changed": ("the secret has changed meanwhile", "確認中にシークレットが変わりました"),
    "at-most-one-key-object": ("at most one key object", "鍵オブジェクトが 1 つ以下"),
    "place-free": ("nothing at {place}", "{place} には何もない"),
    "key-to-be-made": ("none: one of 2048 bits is to be made", "なし（2048 ビットの鍵を生成）"),
    "name-free": ("nothing, or this key", "何もないか、この鍵のレコード"),
}
