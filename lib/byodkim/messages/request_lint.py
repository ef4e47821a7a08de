"""What can be wrong with a request sheet, and what to do about it; defects of the key record itself stand in ``key_record``."""

from __future__ import annotations

from typing import Final

_CORRECTED = (
    "Use the corrected sheet.",
    "修正済みのシートを使用してください。",
)
_NAME = (
    "Write the name as {selector}._domainkey.{domain}",
    "名前を {selector}._domainkey.{domain} としてください。",
)
_TTL = (
    "Write {wanted}, as a number of seconds.",
    "秒数の数字だけで {wanted} と記入してください。",
)
_ONE_PIECE = (
    "Enter the value in one piece, as one line.",
    "値を改行や空白で区切らず、1 行で入力してください。",
)

TEXTS: Final[dict[str, tuple[str, str]]] = {
    # The file
    "encoding": (
        "The sheet is not in UTF-8 but in {encoding}.",
        "シートの文字コードが UTF-8 ではなく {encoding} です。",
    ),
    "encoding.todo": (
        "Save it as CSV UTF-8; other encodings lose or change characters on the way.",
        "「CSV UTF-8」形式で保存してください。他の文字コードでは途中で文字が変化するおそれがあります。",
    ),
    "no-row": (
        "No key record is asked for: no name with _domainkey and no value with a p tag was found.",
        "鍵レコードの依頼が見つかりません。_domainkey を含む名前も、p タグを含む値もありません。",
    ),
    "no-row.todo": (
        "Make the sheet anew with byodkim request.",
        "byodkim request でシートを作り直してください。",
    ),
    "deletes": ("The sheet deletes {name}.", "{name} を削除する指定があります。"),
    "deletes.todo": (
        "Take the deletion out: mail that is signed with a deleted record no longer verifies.",
        "削除の指定を外してください。削除すると、その鍵で署名したメールを検証できなくなります。",
    ),
    "commented-out": (
        "The record is commented out, so nothing is published.",
        "レコードがコメントになっているため、公開されません。",
    ),
    "commented-out.todo": ("Take the comment signs out.", "コメント記号を外してください。"),
    "count-zero": (
        "count is 0, or for_each is empty, so Terraform makes no record, and removes one that it made.",
        "count が 0、または for_each が空のため、Terraform はレコードを作成せず、作成済みのものは削除します。",
    ),
    "count-zero.todo": ("Take count or for_each out.", "count または for_each を外してください。"),
    "weight-zero": (
        "The weight is 0, so Route 53 does not answer with this record where another one has a weight.",
        "Weight が 0 です。重みのある他のレコードがあると、Route 53 はこのレコードを返しません。",
    ),
    "weight-zero.todo": (
        "Take Weight and SetIdentifier out: a key record stands alone.",
        "Weight と SetIdentifier を外し、単一のレコードにしてください。",
    ),
    "two-rows": (
        "The sheet asks for two records at {name}; with two, what receivers do is undefined.",
        "{name} のレコードが 2 件依頼されています。2 件あると受信側の動作は保証されません。",
    ),
    "two-rows.todo": ("Leave one row for the name.", "1 つの名前につき 1 行だけにしてください。"),
    "twice": (
        "{name} stands twice in one object; programs take the last one and ignore the other.",
        "1 つのオブジェクトに {name} が 2 回あります。多くのプログラムは最後の値だけを使います。",
    ),
    "twice.todo": ("Leave the one that is meant.", "正しい方だけを残してください。"),
    "stated-bits": (
        "The sheet states a key of {stated} bits; the key in it has {real}.",
        "シートには {stated} ビットの鍵と書かれていますが、実際の鍵は {real} ビットです。",
    ),
    "stated-bits.todo": (
        "Find out which is meant before anything is published: this may be another key.",
        "別の鍵の可能性があります。公開する前に、どちらが正しいかを確認してください。",
    ),
    # The name
    "no-name": ("No name stands with the value.", "値に対応する名前がありません。"),
    "no-name.todo": (
        "Write the name as <selector>._domainkey.<domain>",
        "名前を <セレクタ>._domainkey.<ドメイン> の形で記入してください。",
    ),
    "name-form": (
        "The name is not of the form <selector>._domainkey.<domain>.",
        "名前が <セレクタ>._domainkey.<ドメイン> の形になっていません。",
    ),
    "name-form.todo": (
        "Write the name as <selector>._domainkey.<domain>",
        "名前を <セレクタ>._domainkey.<ドメイン> の形で記入してください。",
    ),
    "name-full-width": ("The name holds full-width characters.", "名前に全角文字が含まれています。"),
    "name-full-width.todo": _NAME,
    "name-space": ("The name holds white space.", "名前に空白または改行が含まれています。"),
    "name-space.todo": _NAME,
    "underscore-dropped": (
        "The underscore of _domainkey is missing in {name}.",
        "{name} の _domainkey にアンダースコア（_）がありません。",
    ),
    "underscore-dropped.todo": _NAME,
    "doubled-suffix": (
        "The domain stands twice at the end of {name}.",
        "{name} の末尾にドメインが 2 回付いています。",
    ),
    "doubled-suffix.todo": _NAME,
    "no-closing-dot": (
        "In the zone text, {name} has no closing dot: the name server would put the zone's name after it once more.",
        "ゾーン形式の {name} の末尾にドット（.）がありません。ゾーン名がもう一度付け足されてしまいます。",
    ),
    "no-closing-dot.todo": (
        "Write the name as {selector}._domainkey.{domain}. with a dot at its end.",
        "名前を、末尾にドットを付けた {selector}._domainkey.{domain}. としてください。",
    ),
    "other-selector": (
        "{name} is of another selector than {selector}.",
        "{name} は {selector} とは別のセレクタです。",
    ),
    "other-selector.todo": _NAME,
    "other-domain": (
        "{name} is of another domain than {domain}.",
        "{name} は {domain} とは別のドメインです。",
    ),
    "other-domain.todo": _NAME,
    # Type and TTL
    "wrong-type": ("The type is {kind}, not TXT.", "タイプが TXT ではなく {kind} です。"),
    "wrong-type.todo": ("Write TXT.", "TXT と記入してください。"),
    "ttl-form": ("The TTL {ttl} is no number of seconds.", "TTL「{ttl}」が秒数の数字ではありません。"),
    "ttl-form.todo": _TTL,
    "ttl-other": (
        "The TTL is {ttl}, where {wanted} seconds were asked for.",
        "TTL が {ttl} です。依頼は {wanted} 秒です。",
    ),
    "ttl-other.todo": _TTL,
    "ttl-range": (
        "The TTL {ttl} is not between a minute and a day.",
        "TTL「{ttl}」が 1 分～1 日の範囲にありません。",
    ),
    "ttl-range.todo": _TTL,
    # The value
    "no-value": ("The row has no value.", "値が記入されていません。"),
    "no-value.todo": _CORRECTED,
    "no-version": (
        "The value does not begin with v=DKIM1, which RFC 6376 recommends.",
        "値が v=DKIM1 で始まっていません（RFC 6376 で推奨）。",
    ),
    "no-version.todo": ("Begin the value with v=DKIM1;", "値の先頭を v=DKIM1; にしてください。"),
    "space-within": (
        "White space stands within the key; some DNS consoles cut the value there.",
        "公開鍵の途中に空白があります。そこで値を切り捨てる DNS 管理画面があります。",
    ),
    "space-within.todo": _ONE_PIECE,
    "line-break": ("The value is broken over lines.", "値の途中に改行があります。"),
    "line-break.todo": _ONE_PIECE,
    "long-string": (
        "A character-string is {real} bytes long; DNS takes {most} at most.",
        "1 つの文字列が {real} バイトあります。DNS の上限は {most} バイトです。",
    ),
    "long-string.todo": (
        "Cut it into quoted strings of at most 255 bytes within the one record.",
        "1 件のレコードの中で、255 バイト以内の引用符付き文字列に分割してください。",
    ),
    "unquoted": (
        "In the zone text, the value stands without quotation marks: the name server would end it at its first semicolon.",
        "ゾーン形式の値が引用符で囲まれていません。最初のセミコロン以降がコメントとして捨てられます。",
    ),
    "unquoted.todo": ("Put quotation marks around each character-string.", "各文字列を引用符で囲んでください。"),
    "unquoted-string": (
        "The value stands without quotation marks, which this format needs.",
        "値が引用符で囲まれていません。この形式では引用符が必要です。",
    ),
    "unquoted-string.todo": (
        "Put quotation marks around each character-string.",
        "各文字列を引用符で囲んでください。",
    ),
    "lower-case-key": (
        "The key has no upper-case letter: it was changed to lower case on the way, and cannot be restored.",
        "公開鍵に大文字がありません。途中で小文字に変換されており、元に戻せません。",
    ),
    "lower-case-key.todo": (
        "Copy the value from the DNS request again, whole, and not by way of a word processor or a mail.",
        "DNS 設定依頼書の値を、ワープロやメール本文を経由せずに、もう一度全体をコピーしてください。",
    ),
    "two-keys": (
        "The value holds two different p tags. Which key is meant is not known, so nothing is corrected.",
        "値に異なる p タグが 2 つあります。どちらの鍵か判断できないため、修正は行いません。",
    ),
    "two-keys.todo": (
        "Find out why there are two keys, and make the sheet anew with byodkim request.",
        "鍵が 2 つある理由を確認し、byodkim request でシートを作り直してください。",
    ),
    "testing": (
        "The value holds t=y (testing): receivers may ignore that a signature fails, and some treat signed mail as unsigned.",
        "値に t=y（テスト中）があります。受信側は検証の失敗を無視することがあり、署名済みのメールを署名なしとして扱うこともあります。",
    ),
    "testing.todo": ("Take t=y out unless it is wanted.", "意図したものでなければ、t=y を削除してください。"),
    "no-subdomains": (
        "The value holds t=s: receivers refuse signatures that name a subdomain in i=. SES names none, so its mail verifies.",
        "値に t=s があります。受信側は、i= にサブドメインを指定した署名を拒否します。SES の署名には影響しません。",
    ),
    "no-subdomains.todo": ("Take t=s out unless it is wanted.", "意図したものでなければ、t=s を削除してください。"),
    "other-key": (
        "The key is another one (SHA-256 {found}) than the one that is asked for (SHA-256 {wanted}).",
        "公開鍵（SHA-256 {found}）が、依頼すべき鍵（SHA-256 {wanted}）と異なります。",
    ),
    "other-key.todo": _CORRECTED,
    # What the command says
    "line": ("line {line}: {text}", "{line} 行目: {text}"),
    "sound": ("No defect found.", "不備は見つかりませんでした。"),
    "key": ("SHA-256 of the key: {sha256}", "公開鍵の SHA-256: {sha256}"),
    "own-key": (
        "The key is the sheet's own: compare its SHA-256 with that in the record of the run before it is published.",
        "鍵はシートに書かれていたものです。公開する前に、実行記録の SHA-256 と一致することを確認してください。",
    ),
    "reply": ("Message: {path}", "連絡文: {path}"),
    "written": ("Corrected sheet: {path}", "修正済みシート: {path}"),
    "uncorrected": (
        "No corrected sheet was written: the true key or name is not known, or the sheet contradicts itself.",
        "正しい鍵または名前が分からない、またはシートの記載が矛盾しているため、修正済みシートは作成していません。",
    ),
    "uncorrected.anew": (
        "Make the sheet anew with byodkim request.",
        "byodkim request でシートを作り直してください。",
    ),
    "uncorrected.todo": (
        "Name the record of the run with --record, or give --domain, --selector and --public-key.",
        "--record で実行記録を指定するか、--domain、--selector、--public-key を指定してください。",
    ),
    "unread": ("{path} cannot be read ({reason}).", "{path} を読み取れません（{reason}）。"),
    "unread.todo": ("Name the sheet, ticket or zone text to read.", "読み取るシートまたはテキストを指定してください。"),
    # The record that is meant, as options name it
    "half": (
        "Which key record is meant is not clear: --domain, --selector and --public-key go together, or the record of a run says all three.",
        "対象の鍵レコードが特定できません。--domain、--selector、--public-key をすべて指定するか、実行記録を指定してください。",
    ),
    "both": (
        "The record of a run and --domain, --selector or --public-key were both given.",
        "実行記録と、--domain、--selector、--public-key の両方が指定されています。",
    ),
    "rehearsal": (
        "{path} is the record of a rehearsal in a sandbox ({endpoint}). Public DNS does not know its zone.",
        "{path} はサンドボックス（{endpoint}）でのリハーサルの記録です。公開 DNS にこのゾーンはありません。",
    ),
    "rehearsal.todo": (
        "Name the sandbox's name servers: --nameservers {nameservers}",
        "サンドボックスのネームサーバーを指定してください: --nameservers {nameservers}",
    ),
    "rehearsal.gone.todo": (
        "This sandbox ended with its run. Rehearse with a standing one (byodkim sandbox), and name its servers with --nameservers.",
        "このサンドボックスは実行とともに終了しています。byodkim sandbox で起動し、--nameservers でそのサーバーを指定してください。",
    ),
    "both.todo": ("Give one of the two.", "どちらか一方を指定してください。"),
    "half.todo": (
        "Give all three, or the record.",
        "3 つすべて、または実行記録を指定してください。",
    ),
    "public-key": (
        "{path} holds no public key that can be used: {why}",
        "{path} から使用できる公開鍵を読み取れません。{why}",
    ),
    "public-key.todo": (
        "Give a file with the PEM of the public key, its base64, or the value of the key record.",
        "公開鍵の PEM、base64、または鍵レコードの値を含むファイルを指定してください。",
    ),
}
