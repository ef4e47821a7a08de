"""Words of the gate."""

from __future__ import annotations

from typing import Final

TEXTS: Final[dict[str, tuple[str, str]]] = {
    "found": (
        "A piece of a private key or TSIG secret stands in {where}: it was neither written nor shown.",
        "{where}に秘密鍵または TSIG 鍵の一部が含まれているため、書き込みも表示もしていません。",
    ),
    "means": (
        "Whoever has seen where it came from may sign mail as this domain, or with a TSIG secret change its DNS.",
        "その元の情報を見た人は、このドメインとして署名したり、TSIG 鍵であれば DNS を変更したりできる可能性があります。",
    ),
    "todo": (
        "Treat the key as disclosed: make another pair and rotate to it (or another TSIG key); remove what it was in, and an output notebook that "
        "holds it as a parameter.",
        "その鍵は漏えいしたものとして新しい鍵ペア（TSIG 鍵なら新しい TSIG 鍵）に切り替え、混入元と、パラメータに鍵を含む出力ノートブックを破棄してください。",
    ),
    "unsearched": (
        "The custodian, the child process that searches every text for key material, has ended: nothing more is written or shown.",
        "書き込みと表示の前に鍵の混入を調べる子プロセス（custodian）が終了したため、以後は書き込みも表示もしていません。",
    ),
    "unsearched.means": (
        "If a write was under way, it may have been applied or not.",
        "書き込みの途中だった場合、反映されたかどうかは不明です。",
    ),
    "unsearched.todo": (
        "Run the same command again: it reads back what stands first and does only what is missing.",
        "同じコマンドを再実行してください。まず現状を読み取り、未了の作業だけを行います。",
    ),
    "where.event": ("what was to be written to the journal", "ジャーナルに記録する内容"),
    "where.shown": ("what was to be shown", "表示する内容"),
    "where.cells": ("the notebook's own text or its parameters", "ノートブックのコードまたはパラメータ"),
    "where.error": ("the text of an error", "エラーの文面"),
    "where.file": ("a file for the DNS team", "DNS 担当に渡すファイル"),
    "where.notebook": ("the executed notebook", "実行済みノートブック"),
    "where.page": ("the record's page", "記録の HTML"),
}
