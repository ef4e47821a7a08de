"""Words of the record's page that no other view of a record has."""

from __future__ import annotations

from typing import Final

TEXTS: Final[dict[str, tuple[str, str]]] = {
    "who": ("Run", "実行"),
    "checks.attention": ("Not passed", "合格以外"),
    "checks.passed": ("Passed", "合格"),
    "checks.skipped": ("Not checked", "確認対象外"),
    "way-back": ("How to go back", "切り戻しの方法"),
    "way-back.untouched": (
        "This run wrote nothing to SES, so there is nothing to go back from.",
        "この実行では SES に書き込んでいないため、切り戻すものはありません。",
    ),
    "way-back.unknown": (
        "This record does not say whether the write took effect. A plan run shows what SES has; decide then.",
        "書き込みが反映されたかどうかは、この記録からは分かりません。plan で実行すると SES の現状が分かるので、その後に判断してください。",
    ),
    "next": ("What comes next, and by when", "次の作業と期限"),
    "next.none": ("Nothing is left to do for this run.", "この実行について残っている作業はありません。"),
    "not-reached": ("The run did not come to this step.", "この手順には到達しませんでした。"),
    "contents": ("Contents", "目次"),
    "evidence": ("Evidence", "証跡"),
    "events": ("journal events", "ジャーナルの件数"),
    "head": ("SHA-256 of the last line", "最終行の SHA-256"),
    "file": ("journal file", "ジャーナルファイル"),
    "notebook": ("notebook", "ノートブック"),
    "evidence.warning": ("CAUTION", "注意"),
    "evidence.agree": (
        "The journal {file} lies beside the notebook. Its chain of hashes holds, and the notebook's copy equals it.",
        "ジャーナル {file} はノートブックと同じフォルダーにあります。ハッシュの連鎖は正しく、ノートブック内の写しとも一致します。",
    ),
    "evidence.file-only": (
        "The journal {file} lies beside the notebook and its chain of hashes holds. The notebook holds no copy: the run was "
        "stopped before it could add one.",
        "ジャーナル {file} はノートブックと同じフォルダーにあり、ハッシュの連鎖は正しい状態です。ノートブック内に写しはありません"
        "（写しを残す前に停止したため）。",
    ),
    "evidence.journal-only": (
        "The journal {file} holds together, but the notebook of this run does not lie beside it.",
        "ジャーナル {file} のハッシュの連鎖は正しい状態ですが、この実行のノートブックは同じフォルダーにありません。",
    ),
    "evidence.torn": (
        "The journal {file} lies beside the notebook and its chain of hashes holds up to its last line, which is cut off: the run was "
        "stopped as it wrote line {line}. The notebook holds no copy.",
        "ジャーナル {file} はノートブックと同じフォルダーにあり、ハッシュの連鎖は途中まで正しい状態です。{line} 行目を書き込み中に"
        "停止したため、その行は途切れています。ノートブック内に写しはありません。",
    ),
    "evidence.copy-only": (
        "No journal file lies beside the notebook, so the record is told from the copy in the notebook. The copy's chain of hashes "
        "holds, but there is no file to compare it with.",
        "ジャーナルファイルがノートブックと同じフォルダーにないため、ノートブック内の写しから表示しています。写しのハッシュの連鎖は"
        "正しい状態ですが、ファイルとの照合はできません。",
    ),
    "evidence.differ": (
        "The journal {file} and the notebook's copy of it differ from line {line} on: one of them was altered after the run. This "
        "page is told from the file, whose chain of hashes holds. Compare with an archived copy before you rely on either.",
        "ジャーナル {file} とノートブック内の写しが {line} 行目から一致しません。実行後にどちらかが変更されています。この頁は、ハッシュの"
        "連鎖が正しいファイルから表示しています。判断に使う前に、保管済みの控えと照合してください。",
    ),
    "evidence.copy-broken": (
        "The notebook's copy of the journal does not hold together: the notebook was altered after the run. This page is told from "
        "the journal {file}, whose chain of hashes holds.",
        "ノートブック内のジャーナルの写しは、ハッシュの連鎖が正しくありません。実行後にノートブックが変更されています。この頁は、連鎖が"
        "正しいジャーナル {file} から表示しています。",
    ),
    "evidence.broken": (
        "{error} The file was altered after the run. This page is told from the notebook's copy, whose chain of hashes holds. Compare "
        "with an archived copy before you rely on it.",
        "{error} 実行後にファイルが変更されています。この頁は、ハッシュの連鎖が正しいノートブック内の写しから表示しています。判断に"
        "使う前に、保管済みの控えと照合してください。",
    ),
    "evidence.all-broken": (
        "{error} No copy in the notebook holds together either, so nothing is told from them.",
        "{error} ノートブック内にも正しい写しがないため、内容は表示していません。",
    ),
    "evidence.copy-broken-alone": (
        "The notebook's copy of the journal does not hold together, and no journal file lies beside it: nothing is told from it.",
        "ノートブック内のジャーナルの写しはハッシュの連鎖が正しくなく、ジャーナルファイルもないため、内容は表示していません。",
    ),
    "evidence.none": (
        "There is no journal: neither a file beside the notebook nor a copy in it.",
        "ジャーナルはありません（ファイルも、ノートブック内の写しもありません）。",
    ),
    "evidence.lost": (
        "This run left a journal, but it does not lie beside the notebook, and the notebook holds no copy of it.",
        "この実行はジャーナルを残していますが、ノートブックと同じフォルダーになく、ノートブック内にも写しがありません。",
    ),
    "broken": ("NO EVIDENCE", "証跡なし"),
    "broken.sentence": (
        "The journal of this run is missing or was altered, so this record proves nothing",
        "この実行のジャーナルは欠落または変更されており、この記録では何も証明できません",
    ),
    "broken.todo": (
        "Look for the journal or an archived copy of it, and look at the identity itself with a plan run.",
        "ジャーナルまたは保管済みの控えを探し、plan での実行により現状を確認してください。",
    ),
    "never-begun": (
        "The run did not begin; SES was not touched",
        "実行は開始されませんでした。SES には書き込んでいません",
    ),
    "never-known": (
        "No journal was found. Nothing is written before there is one, so if the run left none, SES was not touched; a plan run "
        "shows what SES has.",
        "ジャーナルが見つかりません。ジャーナルより先に書き込むことはないため、残していなければ SES には書き込んでいません。plan で"
        "実行すると SES の現状が分かります。",
    ),
    "given": ("Parameters given", "指定されたパラメータ"),
    # sections
    "section.checks": ("Checks", "チェック"),
    "section.comparison": ("Before and after", "変更前後の比較"),
    "section.timeline": ("Timeline", "経過"),
    "section.state": ("State found", "実行時の状態"),
    "section.proof": ("One key", "鍵の同一性"),
    "section.left": ("What is left", "廃止の確認"),
    "section.plan": ("Plan", "計画"),
    "section.write": ("Write and verification", "書き込みと検証"),
    "section.hand": ("For the DNS team", "DNS 担当への引き渡し"),
    "section.files": ("Tables beside the record", "記録に添えた一覧"),
    "section.notebook": ("The notebook as executed", "実行したノートブック"),
    "section.code": ("code", "コード"),
}
