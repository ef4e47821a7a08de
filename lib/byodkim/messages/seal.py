"""What is said of seals and of the keys that make them."""

from __future__ import annotations

from typing import Final

TEXTS: Final[dict[str, tuple[str, str]]] = {
    # a seal that was made
    "sealed": ("The record is sealed.", "記録は封印されています。"),
    "key": ("sealing key", "封印鍵"),
    "keyid": ("SHA-256 of the key", "鍵の SHA-256"),
    "words": ("key, read aloud", "鍵の読み上げ"),
    "file": ("seal", "封印ファイル"),
    # a seal that cannot be made
    "make.means": (
        "The run's outcome stands; its record is not sealed.",
        "実行結果は変わりませんが、記録は封印されていません。",
    ),
    "make.late": (
        "{where} has no electronic signature, and none is made later: it would vouch for whatever the file says by now.",
        "{where} には電子署名がありません。後から署名すると、現在のファイルの内容をそのまま保証してしまうため、署名しません。",
    ),
    "make.late.todo": (
        "Keep the file as it is, compare it with the copy in the notebook and with AWS CloudTrail, and run the same "
        "command again: the new run is signed.",
        "ファイルはそのまま保管し、ノートブック内の写しおよび AWS CloudTrail と照合してください。同じコマンドを再実行すると、新しい実行に署名が付きます。",
    ),
    "make.unwritable": (
        "The seal {where} cannot be written ({reason}).",
        "封印 {where} を書き込めません（{reason}）。",
    ),
    "make.unwritable.todo": (
        "Make room or give write access, then run the same command again: the new run is signed.",
        "空き容量または書き込み権限を確保してください。その後、同じコマンドを再実行すると、新しい実行に署名が付きます。",
    ),
    "make.another": (
        "There is a seal {where} already, and it is not of this journal.",
        "封印 {where} が既にありますが、このジャーナルのものではありません。",
    ),
    "make.another.todo": (
        "Keep it aside, find out where it comes from, and run again.",
        "別の場所に移して出所を確認し、再実行してください。",
    ),
    "make.journal": (
        "The journal {where} cannot be read back as it was written ({reason}).",
        "ジャーナル {where} を書き込んだとおりに読み戻せません（{reason}）。",
    ),
    "make.journal.todo": (
        "Compare it with the copy in the notebook; find out who changed it.",
        "ノートブック内の写しと比べ、誰が変更したかを確認してください。",
    ),
    "make.refused": (
        "The sealing key {where} did not sign ({reason}).",
        "封印鍵 {where} で署名できませんでした（{reason}）。",
    ),
    "make.refused.todo": (
        "See that seal_key names an ECC_NIST_P256 signing key and that kms:Sign and kms:GetPublicKey are allowed on it, then "
        "run the same command again: the new run is signed.",
        "seal_key が ECC_NIST_P256 の署名鍵であり、kms:Sign と kms:GetPublicKey が許可されているか確認してください。その後、同じコマンドを再実行すると、新しい実行に署名が付きます。",
    ),
    "key.unreadable": (
        "The sealing key {where} cannot be read or made ({reason}).",
        "封印鍵 {where} を読み取り、または作成できません（{reason}）。",
    ),
    "key.unreadable.todo": (
        "Give yourself access to the file and its folder, or name another folder with XDG_STATE_HOME, then run the same "
        "command again: the new run is signed.",
        "ファイルとフォルダへのアクセス権を確保するか、XDG_STATE_HOME で別のフォルダを指定してください。その後、同じコマンドを再実行すると、新しい実行に署名が付きます。",
    ),
    "key.open": (
        "Others can read the sealing key {where}, so it proves nothing any more.",
        "封印鍵 {where} が他の利用者に読める状態のため、証明になりません。",
    ),
    "key.open.todo": (
        "Set its mode to 0600 if nobody has read it; else move it away, and the next run makes another.",
        "誰にも読まれていなければモードを 0600 にしてください。読まれた可能性がある場合は別の場所に移すと、次の実行が新しい鍵を作ります。",
    ),
    "key.unusable": (
        "{where} holds no Ed25519 private key that can be used.",
        "{where} に、使用できる Ed25519 の秘密鍵がありません。",
    ),
    "key.unusable.todo": (
        "Move it away: the next run makes another. Run the same command again: the new run is signed.",
        "別の場所に移してください。次の実行が新しい鍵を作ります。同じコマンドを再実行すると、新しい実行に署名が付きます。",
    ),
    "key.repository": (
        "The sealing key {where} would lie in a git repository.",
        "封印鍵 {where} が git リポジトリの中に置かれることになります。",
    ),
    "key.repository.todo": (
        "Name a folder outside with XDG_STATE_HOME, then run the same command again: the new run is signed.",
        "XDG_STATE_HOME でリポジトリの外のフォルダを指定してください。その後、同じコマンドを再実行すると、新しい実行に署名が付きます。",
    ),
    # a timestamp that is not had
    "stamp.means": (
        "The run's outcome stands; the record is not timestamped.",
        "実行結果は変わりませんが、記録にタイムスタンプがありません。",
    ),
    "stamp.unreachable": (
        "The timestamp authority {where} gave no answer ({reason}).",
        "タイムスタンプ局 {where} から応答がありません（{reason}）。",
    ),
    "stamp.unreachable.todo": (
        "Check timestamp_url and the way there; the identity's next run finishes it.",
        "timestamp_url と経路を確認してください。同じ ID の次の実行が取得します。",
    ),
    "stamp.refused": (
        "What the timestamp authority {where} answered does not verify ({reason}).",
        "タイムスタンプ局 {where} の応答を検証できません（{reason}）。",
    ),
    "stamp.refused.todo": (
        "Check that timestamp_roots holds this authority's root certificate; the identity's next run finishes it.",
        "timestamp_roots にこの局のルート証明書があるか確認してください。同じ ID の次の実行が取得します。",
    ),
    "stamp.roots": (
        "The certificates {where} by which timestamps are judged cannot be read ({reason}).",
        "タイムスタンプの検証に使う証明書 {where} を読み取れません（{reason}）。",
    ),
    "stamp.roots.todo": (
        "Name a file with the authority's root certificate in PEM as timestamp_roots.",
        "局のルート証明書（PEM）のファイルを timestamp_roots に指定してください。",
    ),
    "stamp.unwritable": (
        "The timestamp {where} cannot be written ({reason}).",
        "タイムスタンプ {where} を書き込めません（{reason}）。",
    ),
    "stamp.unwritable.todo": (
        "Make room or give write access; the identity's next run finishes it.",
        "空き容量または書き込み権限を確保してください。同じ ID の次の実行が取得します。",
    ),
    "stamped": ("timestamp", "タイムスタンプ"),
    "timestamp.false": (
        "The timestamp {where} is none of this seal by an authority that is trusted ({reason}).",
        "タイムスタンプ {where} は、信頼する局によるこの封印のものではありません（{reason}）。",
    ),
    # a copy that could not be made
    "archive.means": (
        "The run's outcome stands; the archive lacks a copy of its record.",
        "実行結果は変わりませんが、記録の写しがアーカイブにありません。",
    ),
    "archive.refused": (
        "No copy could be made at {where} ({reason}).",
        "{where} に写しを保存できません（{reason}）。",
    ),
    "archive.refused.todo": (
        "See that s3:PutObject, s3:GetObject and, with a retention, s3:PutObjectRetention are allowed there; the identity's "
        "next run finishes it.",
        "s3:PutObject、s3:GetObject、保持期間を使う場合は s3:PutObjectRetention が許可されているか確認してください。同じ ID の次の実行が保存します。",
    ),
    "archive.another": (
        "At {where} lies another file than this one.",
        "{where} に別のファイルがあります。",
    ),
    "archive.another.todo": (
        "Nothing was overwritten. Find out who put it there.",
        "上書きはしていません。誰が保存したものか確認してください。",
    ),
    "archive.unlisted": (
        "A copy was made, but cannot be written down in {where} ({reason}).",
        "写しは保存しましたが、{where} に記録できません（{reason}）。",
    ),
    "archive.unlisted.todo": (
        "Make room or give write access; the identity's next run finishes it.",
        "空き容量または書き込み権限を確保してください。同じ ID の次の実行が補います。",
    ),
    "head.means": (
        "The run's outcome stands; where its head should be published, nothing shows that this run was there.",
        "実行結果は変わりませんが、先端の公開先に、この実行の存在を示すものがありません。",
    ),
    "head.refused": (
        "The run's head could not be published at {where} ({reason}).",
        "実行の先端を {where} に公開できません（{reason}）。",
    ),
    "head.refused.todo": (
        "See that the place takes it (s3:PutObject, or write access). It is not published later: keep the --head line that "
        "byodkim verify prints somewhere else.",
        "公開先に書き込めるか（s3:PutObject、または書き込み権限）を確認してください。後から公開することはありません。byodkim verify が表示する --head の行を別の場所に控えてください。",
    ),
    "head.another": (
        "At {where} lies another head than this run's.",
        "{where} に、この実行とは異なる先端があります。",
    ),
    "head.another.todo": (
        "Nothing was overwritten. Find out who put it there.",
        "上書きはしていません。誰が保存したものか確認してください。",
    ),
    "copy": ("copy", "写し"),
    "not-closed": (
        "{where} is not the sound journal of a run that has closed.",
        "{where} は、終了した実行の正しいジャーナルではありません。",
    ),
    "not-closed.todo": (
        "Run again: the identity's next run says what the one before it left.",
        "再実行してください。同じ ID の次の実行が、前回の実行の状態を示します。",
    ),
    # a public key that is named
    "public.unreadable": (
        "The public key {where} cannot be read ({reason}).",
        "公開鍵 {where} を読み取れません（{reason}）。",
    ),
    "public.unreadable.todo": (
        "Name a file that is there and may be read.",
        "存在し、読み取れるファイルを指定してください。",
    ),
    "public.unusable": (
        "{where} holds no Ed25519 or P-256 public key in PEM.",
        "{where} に Ed25519 または P-256 の公開鍵（PEM）がありません。",
    ),
    "public.unusable.todo": (
        "Name a file that begins with BEGIN PUBLIC KEY.",
        "BEGIN PUBLIC KEY で始まるファイルを指定してください。",
    ),
    "public.text": (
        "{where} is no public key: ed25519: or p256:, then a SubjectPublicKeyInfo in base64.",
        "{where} は公開鍵ではありません。ed25519: または p256: に続けて SubjectPublicKeyInfo を base64 で指定します。",
    ),
    "public.text.todo": (
        "Take the text that the record of a run shows, or the name of a PEM file.",
        "実行の記録に表示される文字列、または PEM ファイルの名前を指定してください。",
    ),
    # a seal that does not hold
    "check.means": (
        "The journal is not proved to be as the run left it.",
        "ジャーナルが実行時のままであることは証明されません。",
    ),
    "check.todo": (
        "Compare journal and seal with a copy from elsewhere.",
        "ジャーナルと封印を、別の場所に保管した写しと比べてください。",
    ),
    "absent": ("There is no seal {where}.", "封印 {where} がありません。"),
    "unreadable": ("The seal {where} cannot be read ({reason}).", "封印 {where} を読み取れません（{reason}）。"),
    "malformed": ("The seal {where} is damaged.", "封印 {where} は壊れています。"),
    "unknown-key": (
        "The seal {where} was made with the key {reason}, which is not among the trusted ones.",
        "封印 {where} の鍵 {reason} は、信頼する鍵に含まれていません。",
    ),
    "forged": (
        "The seal {where} does not verify with the key {reason} that it names.",
        "封印 {where} は、示された鍵 {reason} で検証できません。",
    ),
    "other-run": ("The seal {where} is that of another run.", "封印 {where} は別の実行のものです。"),
    "other-journal": (
        "The journal is not the one that the seal {where} was made of.",
        "ジャーナルは、封印 {where} の対象と一致しません。",
    ),
    "other-statement": (
        "The seal {where} states what the journal does not say.",
        "封印 {where} の内容がジャーナルと一致しません。",
    ),
    "unkept": (
        "The record is signed, but its timestamp, a copy of it or its published head is missing.",
        "記録には電子署名がありますが、タイムスタンプ、写し、公開した先端のいずれかが欠けています。",
    ),
    "unkept.means": ("The run's outcome stands.", "実行結果は変わりません。"),
    "unkept.todo": (
        "Run byodkim archive on this record: it says what is missing and why, and adds it. So does the identity's next run.",
        "この記録に対して byodkim archive を実行すると、不足とその理由が示され、補われます。同じ ID の次の実行でも補われます。",
    ),
}
