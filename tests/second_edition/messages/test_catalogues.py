"""Every sentence stands in both languages with the same values, and what the code asks for exists."""

from __future__ import annotations

import argparse
import ast
import functools
import inspect
import re
import string
from collections.abc import Iterator, Sequence
from gettext import GNUTranslations
from pathlib import Path

import pytest
from babel.messages.catalog import Message
from babel.messages.pofile import read_po

from second_edition.evidence.by_message import Proved
from second_edition.messages import LANGUAGES, LOCALE, Language, say
from second_edition.rotation.observation import Identity
from second_edition.rotation.outcome import Outcome
from tests.second_edition.each import each
from tests.second_edition.messages.sentences import ARGPARSE, PACKAGE, asked, catalogues, entries, in_place, inline, trees

CATALOGUE_FILES = sorted(Path(LOCALE).resolve().glob("*/LC_MESSAGES/byodkim.po"))
JAPANESE = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")


def test_argparse_says_what_is_translated_of_it() -> None:
    source = inspect.getsource(argparse)
    assert {text for text in ARGPARSE if repr(text)[1:-1] not in source} == set()


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


@each(("topic", "key"), entries)
def test_a_sentence_stands_in_both_languages_with_the_same_values(topic: str, key: str) -> None:
    pair = catalogues()[topic][key]
    assert len(pair) == len(LANGUAGES) == 2
    english, japanese = pair
    assert english.strip()
    assert japanese.strip()
    assert fields(english) == fields(japanese)
    assert all(name.isidentifier() for name in fields(english))
    assert "docs/" not in english + japanese  # a wheel has no documents
    assert not JAPANESE.search(english) or topic == "request"  # there the sheet's own columns are named


def test_every_key_in_the_code_is_in_its_catalogue() -> None:
    found = list(asked())
    assert len(found) > 300
    assert [one for one in found if one[2] not in catalogues().get(one[1], {})] == []


@each("path", CATALOGUE_FILES, ids=lambda path: path.parts[-3])
def test_a_catalogue_of_a_language_is_complete_compiled_and_nothing_else(path: Path) -> None:
    with path.open("rb") as file:
        catalogue = read_po(file, locale=path.parts[-3])
    messages = [entry for entry in catalogue if entry.id]
    assert [entry.id for entry in messages if not all(tupled(entry.string)) or entry.fuzzy] == []
    english = {pair[0] for pairs in catalogues().values() for pair in pairs.values()}
    known = {text for entry in messages for text in tupled(entry.id)}
    assert english - known - {"{text}"} <= {pair[0] for pair in alike()}
    assert known <= english
    contexts = {f"{topic}.{key}": catalogues()[topic][key][0] for topic, key in entries()}
    assert {entry.context: entry.id for entry in messages if entry.context}.items() <= contexts.items()
    with path.with_suffix(".mo").open("rb") as file:
        compiled = GNUTranslations(file)
    stale = [entry.id for entry in messages if tupled(entry.string)[0] != of_compiled(compiled, entry)]
    assert stale == [], "make messages"


def tupled(text: str | Sequence[str] | None) -> Sequence[str]:
    """A sentence, or the forms of a plural, as several."""
    return (text or "",) if isinstance(text, str | None) else text


def of_compiled(compiled: GNUTranslations, entry: Message) -> str:
    """Return what gettext gives for an entry; of a plural, for one."""
    if entry.pluralizable:
        return compiled.ngettext(str(entry.id[0]), str(entry.id[1]), 1)
    return compiled.pgettext(entry.context, str(entry.id)) if entry.context else compiled.gettext(str(entry.id))


def alike() -> set[tuple[str, ...]]:
    """Sentences that are the same in both languages."""
    return {pair for pairs in catalogues().values() for pair in pairs.values() if pair[0] == pair[1]}


def test_english_and_japanese_are_not_mixed_up() -> None:
    both = {(topic, key) for topic, key in entries() if not JAPANESE.search(catalogues()[topic][key][1])}
    # Words that are the same in both languages: names of protocols, fields, statuses and units.
    alike = {catalogues()[topic][key] for topic, key in both}
    assert [pair for pair in alike if pair[0] != pair[1] and not fields(pair[0]) and pair[1] != "API"] == []
    assert len(both) < len(entries()) / 8


def test_say_fills_in_and_insists_on_every_value() -> None:
    assert say("record", "outcome.none", "en") == "NOT FINISHED"
    assert say("approve", "passphrase", "en", path="{x} %s") == "Passphrase of {x} %s: "
    with pytest.raises(KeyError):
        say("approve", "passphrase", "en")
    with pytest.raises(KeyError):
        say("approve", "no-such-key", "en")
    with pytest.raises(ModuleNotFoundError):
        say("no_such_topic", "x", "en")


def strings(tree: ast.AST) -> Iterator[str]:
    """Every string that a program's text holds, and each f-string as a pattern with stars for its values."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
        elif isinstance(node, ast.JoinedStr):
            yield "".join(part.value if isinstance(part, ast.Constant) else "*" for part in node.values)  # type: ignore[misc]


# Keys made of the members of an enumeration or the fields of a class: those are known exactly.
ENUMERATED = {"outcome.*", "verdict.*", "@verdict.*", "field.*", "waive.*"}


@functools.cache
def short() -> set[str]:
    """Return the short strings of the code, and the keys that templates name."""
    found = {text for tree in trees().values() for text in strings(tree) if len(text) < 60}
    for path in (PACKAGE / "display/templates").glob("*.html"):
        found |= set(re.findall(r'say\("([^"]+)"', path.read_text("utf-8")))
    return found


@functools.cache
def literals() -> set[str]:
    """Return them, and the keys of those that name a topic too."""
    return short() | {text.partition("/")[2] for text in short() if "/" in text}


@functools.cache
def patterns() -> list[re.Pattern[str]]:
    """Return what the keys that are made of an f-string look like."""
    return [
        re.compile("[^*]+".join(map(re.escape, text.split("*"))))
        for text in short()
        if "*" in text and re.search(r"[A-Za-z]", text.replace("*", "")) and text not in ENUMERATED
    ]


@functools.cache
def made() -> dict[str, set[str]]:
    """Return the keys made of something else than a literal: named by who makes them."""
    return {
        "inline": inline(),
        "record": {
            *(f"outcome.{outcome}" for outcome in Outcome),
            *(f"field.{name}" for name in Identity.__struct_fields__),
        },
        "message": {f"verdict.{verdict}" for verdict in Proved},
        "settings": set(catalogues()["settings"]),
        "reasons": set(catalogues()["reasons"]),
        "parameters": {"waive.unknown", "waive.never", "waive.no-reason", "waive.swallowed"},
    }


def calls_of_said(tree: ast.AST) -> Iterator[ast.Call]:
    """Each call ``SomeError.said(topic, key, ...)``."""
    found = (node for node in ast.walk(tree) if isinstance(node, ast.Call))
    return (node for node in found if ast.unparse(node.func).endswith(".said"))


@functools.cache
def errors() -> set[str]:
    """Return the catalogues of errors: of each call ``SomeError.said(topic, key, ...)``."""
    return {ast.unparse(node.args[0]).strip("'") for tree in trees().values() for node in calls_of_said(tree)}


def asked_for(topic: str, key: str) -> bool:
    if topic in ("help", "outcomes") or key in literals() or key in made().get(topic, ()):
        return True
    if key.endswith(".one") and asked_for(topic, key.removesuffix(".one")):  # gettext takes it where the count is 1
        return key.removesuffix(".one") in catalogues()[topic]
    if topic == "key_record" and key.endswith(".todo"):  # a defect's correction goes with the defect
        return asked_for(topic, key.removesuffix(".todo"))
    base, _, part = key.rpartition(".")
    if part in ("means", "todo") and topic in errors() and asked_for(topic, base):  # ``ByodkimError.said`` takes it
        return True
    return any(pattern.fullmatch(key) for pattern in patterns())


def test_no_sentence_is_left_that_nothing_asks_for() -> None:
    assert [entry for entry in entries() if not asked_for(*entry)] == []


def test_a_single_thing_is_no_plural_in_either_language() -> None:
    assert say("verify", "summary", "en", count=1, told="1 verified") == "1 run: 1 verified."
    assert say("verify", "summary", "en", count=2, told="2 verified") == "2 runs: 2 verified."
    assert say("verify", "summary", "ja", count=1, told="-") == "実行 1 件: -。"
    plural = re.compile(r"\{count\} [a-z]{3,}s\b")
    both = {(topic, key) for topic, key in entries() if plural.search(catalogues()[topic][key][0])}
    plain = {entry for entry in both if not entry[1].endswith(".one")}
    assert [entry for entry in plain if f"{entry[1]}.one" not in catalogues()[entry[0]]] == []


#: A full-width colon, half-width brackets around Japanese, a space after 。, and other spellings of certain words.
MIXED = re.compile(
    r"：|。 |\([^()]*[ぁ-んァ-ヶ一-龥][^()]*\)|書込み|頁|雛形|双子|依頼票|申請書|一括切替"
    r"|複製環境|切戻し|セレクター|パラメーター"
    r"|(?:サーバ|フォルダ|ユーザ|ブラウザ|ヘッダ|フッタ)(?!ー)|[ぁ-ん一-龥](?:plan|BYODKIM|SES) "
)


def test_japanese_has_one_spelling_and_one_kind_of_colon() -> None:
    japanese = {key: pair[1] for pairs in catalogues().values() for key, pair in pairs.items()}
    assert {key: text for key, text in japanese.items() if MIXED.search(text)} == {}
    assert MIXED.search("宛先：dns@example.jp")


def test_a_twin_s_counts_are_no_plurals() -> None:
    values = dict.fromkeys(("account", "at", "run", "domain", "selector"), "x")
    told = say("twin", "copied", "en", **values, secrets=1, versions=1, objects=1, servers=1, records=1)
    assert re.search(r"\b1 [a-z]+", told) is None


def calls(tree: ast.AST) -> Iterator[tuple[str, str]]:
    """(topic, key) of each call of ``say`` and ``said`` with literals, and of ``Words`` (record)."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        called, literal = ast.unparse(node.func), [
            argument.value if isinstance(argument, ast.Constant) and isinstance(argument.value, str) else None
            for argument in node.args
        ]  # fmt: skip
        if (called == "say" or called.endswith(".said")) and len(literal) > 1 and literal[0] and literal[1]:
            yield literal[0], literal[1]
            yield from parts(node, literal[0])
        elif called.endswith("words.record") and literal and literal[0]:
            yield "record", literal[0]
        elif called in ("error", "parameters.error") and literal and literal[0]:
            yield "parameters", literal[0]


def parts(node: ast.Call, topic: str) -> Iterator[tuple[str, str]]:
    """(topic, key) of the other sentences that a call of ``said`` names."""
    for argument in node.args[3:5]:
        if isinstance(argument, ast.Constant) and argument.value:
            other, _, key = str(argument.value).rpartition("/")
            yield other or topic, key


def test_every_sentence_that_the_code_asks_for_exists() -> None:
    found = [(path, *call) for path, tree in trees().items() for call in calls(tree)]
    assert len(found) > 150
    assert [(path.name, topic, key) for path, topic, key in found if key not in catalogues()[topic]] == []


def given(call: ast.Call) -> set[str] | None:
    """The names that a call gives values for; ``None`` where it passes a mapping on."""
    names = [keyword.arg for keyword in call.keywords]
    return None if None in names else {name for name in names if name}


def test_every_value_that_a_sentence_names_is_given() -> None:
    lacking = []
    for path, tree in trees().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and (found := list(calls_of(node))) and (names := given(node)) is not None:
                topic, key = found[0]
                lacking += [(path.name, key, name) for name in fields(catalogues()[topic][key][0]) - names]
        for call, text in in_place(tree):
            if (
                "phrase" not in ast.unparse(call.func) and (names := given(call)) is not None
            ):  # a phrase may wait for them
                lacking += [(path.name, text, name) for name in fields(text) - names]
    assert lacking == []


def calls_of(node: ast.Call) -> Iterator[tuple[str, str]]:
    """The one call that this node is, its arguments' calls left out."""
    bare = ast.Call(
        node.func, [argument for argument in node.args if isinstance(argument, ast.Constant | ast.Name)], []
    )
    yield from calls(ast.Module([ast.Expr(bare)], []))


@each("language", LANGUAGES)
def test_a_japanese_sentence_ends_as_one_and_so_do_english_ones(language: Language) -> None:
    """Paragraphs are put together of sentences: one without its end would run into the next."""
    for topic in ("steps", "parameters"):
        for key, pair in catalogues()[topic].items():
            if pair[0].endswith("{form}"):  # the end of the sentence
                continue
            text = re.sub(r"\{(also|hint|help)\}$", "", pair[LANGUAGES.index(language)]).rstrip()
            assert text.endswith(("。", "？") if language == "ja" else (".", "?", ":", '".')), (topic, key)


# What an operator relies on, in English, and every way in which the Japanese says the same: turned round it says none.
UNWRITTEN = "(何も)?書き込(んでいません|んでおらず|みはしていません|みは行っていません|みはありません|みなし)"
MEANT = {
    "SES was not touched": (rf"SES (に|には|にも)({UNWRITTEN})|SES は変更(していません|なし)", 15),
    "(?<!which )[Nn]othing was written": (rf"{UNWRITTEN}|SES のいずれにも書き込んでいません", 15),
    "has changed since the plan was shown, so it was not carried out": (
        r"計画の表示後に.*変わったため、実行しませんでした",
        1,
    ),
    "[Mm]ail is signed as before": ("署名は(変更前と同じ|従来どおり)|変更前と同じく .* で署名", 3),
    "The journal holds no intent": ("ジャーナルに書き込みの意図は残っていません", 1),
}


@each("said", MEANT)
def test_what_was_not_done_is_not_said_to_have_been_done_in_japanese(said: str) -> None:
    meant, least = MEANT[said]
    pairs = [catalogues()[topic][key] for topic, key in entries()]
    japanese = [pair[1] for pair in pairs if re.search(said, pair[0])]
    assert len(japanese) >= least
    assert [text for text in japanese if not re.search(meant, text)] == []
