"""Words of ``byodkim approve``."""

from __future__ import annotations

from typing import Final

TEXTS: Final[dict[str, tuple[str, str]]] = {
    "unsigned": ("Nothing was signed.", "署名はしていません。"),
    "unsound": (
        "The evidence of {path} contradicts itself, so its plan cannot be approved. {how}",
        "{path} の証跡に矛盾があるため、計画を承認できません。{how}",
    ),
    "unsound.todo": (
        "Compare the record with an archived copy, or ask for another plan run.",
        "保管済みの控えと照合するか、plan の再実行を依頼してください。",
    ),
    "no-journal": ("{path} holds no account of a run.", "{path} に実行の記録がありません。"),
    "no-journal.todo": (
        "Keep the journal beside the record, or ask for another plan run.",
        "ジャーナルを記録と同じ場所に置くか、plan の再実行を依頼してください。",
    ),
    "procedure": (
        "{path} is a plan of {procedure}, which needs no approval: it changes nothing that mail is signed with.",
        "{path} は {procedure} の計画です。署名に使うものを変更しないため、承認は不要です。",
    ),
    "procedure.todo": ("Approve the plan of rotate.", "rotate の計画を承認してください。"),
    "unplanned": (
        "The run of {path} is {outcome}: only a plan run that came to its end (PLANNED) can be approved.",
        "{path} の実行結果は {outcome} です。承認できるのは最後まで終わった plan の実行（PLANNED）だけです。",
    ),
    "unplanned.todo": (
        "Mend what the record names, and ask for another plan run.",
        "記録に示された原因を解消し、plan の再実行を依頼してください。",
    ),
    "nothing": (
        "The plan of {path} writes nothing, so there is nothing to approve.",
        "{path} の計画には書き込みがないため、承認は不要です。",
    ),
    "nothing.todo": ("An apply run needs no approval here.", "apply は承認なしで実行できます。"),
    "name": (
        "{name} can't be an approver's name: 1 to 40 lower-case letters, digits and inner hyphens.",
        "{name} は承認者名に使えません。英小文字・数字・途中のハイフンで 1〜40 文字です。",
    ),
    "name.todo": (
        "Name the approver with --name, as byodkim.toml does.",
        "byodkim.toml にある名前を --name で指定してください。",
    ),
    "exists": (
        "{path} exists already: {name} has approved this plan.",
        "{path} は既にあります。{name} は承認済みです。",
    ),
    "exists.todo": (
        "One approval of each person is enough: apply with -r approved and the run's id.",
        "承認は 1 人につき 1 回です。-r approved に実行 ID を指定して適用してください。",
    ),
    "exists-other": (
        "{path} exists already, and your key did not sign it: {name} has approved this plan with another key, or the file "
        "is damaged.",
        "{path} は既にありますが、署名したのはこの鍵ではありません。{name} が別の鍵で承認済みか、ファイルが壊れています。",
    ),
    "exists-other.todo": (
        "Approve under your own name with --name. If {name} is yours, find out who holds that other key.",
        "--name で自分の名前を指定してください。{name} が自分の名前なら、別の鍵の持ち主を確認してください。",
    ),
    "unwritable": ("{path} cannot be written ({reason}).", "{path} に書き込めません（{reason}）。"),
    "unwritable.todo": ("Mend that, and approve again.", "原因を解消してから、もう一度承認してください。"),
    "declined": ("Not approved. Nothing was signed.", "承認していません。署名もしていません。"),
    "ask": (
        "Approve this plan as {name}? The words are: {words}. Type yes: ",
        "{name} としてこの計画を承認しますか。読み上げ: {words}。承認する場合は yes と入力: ",
    ),
    "made": (
        "A key was made for {name}: {path}. Only this line is for others; it goes into byodkim.toml, after review:",
        "{name} の鍵を作成しました: {path}。公開してよいのは次の行だけです。確認を経て byodkim.toml に加えてください。",
    ),
    "approved": (
        "{name} has approved plan {digest} ({words}): {path}",
        "{name} が計画 {digest}（{words}）を承認しました: {path}",
    ),
    "apply": (
        "It is applied with: -r approved {run} -p mode apply\n"
        "The approval counts for {days} days from now, and serves one run that writes.",
        "適用するには: -r approved {run} -p mode apply\n承認の有効期間は {days} 日で、書き込めるのは 1 回です。",
    ),
    "passphrase": ("Passphrase of {path}: ", "{path} のパスフレーズ: "),
    "passphrase.choose": (
        "Passphrase for the new key {path} (empty: none): ",
        "新しい鍵 {path} のパスフレーズ（空欄: なし）: ",
    ),
    "passphrase.again": ("Once more: ", "もう一度: "),
    "passphrase.differ": ("The two passphrases differ.", "2 回の入力が一致しません。"),
    "passphrase.differ.todo": ("Start again.", "最初からやり直してください。"),
    "key.unwritable": (
        "The approver's key {path} cannot be written ({reason}).",
        "承認者の鍵 {path} を書き込めません（{reason}）。",
    ),
    "key.unwritable.todo": ("Name another file with --key.", "--key で別のファイルを指定してください。"),
    "key.unreadable": (
        "The approver's key {path} cannot be read ({reason}).",
        "承認者の鍵 {path} を読み取れません（{reason}）。",
    ),
    "key.unreadable.todo": ("Name your key with --key.", "--key で自分の鍵を指定してください。"),
    "key.open": (
        "Others than its owner can read or write the approver's key {path}.",
        "承認者の鍵 {path} を所有者以外が読み書きできます。",
    ),
    "key.open.todo": (
        "If anybody may have copied it, make another key; else take the permissions away with chmod 600.",
        "複製されたおそれがある場合は鍵を作り直してください。なければ chmod 600 で権限を外します。",
    ),
    "key.unusable": ("{path} holds no Ed25519 private key.", "{path} は Ed25519 の秘密鍵ではありません。"),
    "key.unusable.todo": ("Name your key with --key.", "--key で自分の鍵を指定してください。"),
    "key.passphrase": ("That is not the passphrase of {path}.", "{path} のパスフレーズが違います。"),
    "key.passphrase.todo": ("Try again.", "もう一度実行してください。"),
}
