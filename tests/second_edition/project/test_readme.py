"""What READMEs and documents say of parameters, keys, checks and outcomes is what the code does, in both languages."""

from __future__ import annotations

import posixpath
import re
import shlex
import tomllib
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from urllib.parse import unquote

from second_edition.contributions import procedures
from second_edition.explore import Explorer
from second_edition.intent import parameters
from second_edition.intent.profile import load
from second_edition.launch.command_line import COMMANDS, _parser
from second_edition.messages import Language, say, translated
from second_edition.rotation import checks
from second_edition.rotation.checks import CHECKS, checks_of
from second_edition.rotation.checks.message import AFTER
from second_edition.rotation.findings import Registry
from second_edition.rotation.outcome import Outcome
from second_edition.settings import KEYS as KEYS_OF_PROFILES
from second_edition.settings import Profile, fields_of
from tests.second_edition.each import each
from tests.second_edition.project.readme import LANGUAGES, blocks, commands, only, pages, table, text_of
from tests.second_edition.project.tracked import ROOT, tracked_files
from tests.second_edition.rotation.remedies import own

# The first column of each table of checks, and the checks that it lists.
CHECKS_OF = {
    "rotate": ({"en": "check", "ja": "チェック"}, CHECKS.checks),
    "message": ({"en": "after the switch", "ja": "切替後のチェック"}, AFTER.checks),
    "prepare": ({"en": "check of prepare", "ja": "prepare のチェック"}, own("prepare")),
    "publish": ({"en": "check of publish", "ja": "publish のチェック"}, own("publish")),
    "retire": ({"en": "check of retire", "ja": "retire のチェック"}, own("retire")),
    "fleet": ({"en": "check of fleet", "ja": "fleet のチェック"}, own("fleet")),
}
OUTCOMES = {"en": "outcome", "ja": "結果"}
CALLS = {"en": "call", "ja": "呼び出し"}
LEVELS = {"en": {"blocks": "blocks", "warns": "warns"}, "ja": {"blocks": "必須", "warns": "警告"}}
WAIVABLE = {"en": {True: "yes", False: "no"}, "ja": {True: "可", False: "不可"}}

in_both = each("language", LANGUAGES)


@in_both
@each("procedure", CHECKS_OF)
def test_a_table_of_checks_is_what_is_made(language: Language, procedure: str) -> None:
    columns, checks = CHECKS_OF[procedure]
    rows = table(text_of(ROOT, language), columns[language])
    claims = [[name, translated(check.claim, language)] for name, check in checks.items()]
    does = [[LEVELS[language][one.level], WAIVABLE[language][one.waivable]] for one in checks.values()]
    wanted = [[name, *what, claim] for (name, claim), what in zip(claims, does, strict=True)]
    # None of those after the switch can be waived.
    assert [row[:2] for row in rows] == claims if procedure == "message" else rows == wanted


def test_every_check_that_the_package_registers_stands_in_a_table() -> None:
    modules = [import_module(f"{checks.__name__}.{one.name}") for one in iter_modules(checks.__path__)]
    registries = [found for module in modules for found in vars(module).values() if isinstance(found, Registry)]
    registries += map(checks_of, procedures())
    registered = {name for registry in registries for name in registry.checks}
    assert registered == {name for _, listed in CHECKS_OF.values() for name in listed}


@in_both
@each("procedure", ["prepare", "retire"])
def test_the_checks_that_a_procedure_shares_with_rotate_are_listed(language: Language, procedure: str) -> None:
    columns, checks = CHECKS_OF[procedure]
    text = text_of(ROOT, language)
    line = next(one for one in text[text.index(f"| {columns[language]} |") :].splitlines() if "`PLAN-LOCK`" in one)
    assert set(re.findall("`([A-Z]+-[A-Z]+)`", line)) - set(checks) == set(checks_of(procedure).checks) - set(checks)


@in_both
def test_the_table_of_outcomes_has_each_once(language: Language) -> None:
    *rows, never_closed = table(text_of(ROOT, language), OUTCOMES[language])
    assert [row[0] for row in rows] == [outcome.value for outcome in Outcome]
    unfinished = say("record", "unfinished", language)
    quoted = re.search('["「](.+?)["」]', never_closed[0])
    assert quoted is not None
    assert unfinished.startswith(quoted[1])


@in_both
def test_the_tree_names_every_part(language: Language) -> None:
    words = [line.split() for line in only(text_of(ROOT, language), "tree").text.splitlines()]
    named = {line[0].rstrip("/") for line in words}
    library = {
        path.name
        for path in (ROOT / "lib/second_edition").iterdir()
        if (path.is_dir() and not path.is_symlink()) or path.suffix == ".py"
    }
    assert named - {"notebooks", "lib/second_edition", "lib/second_edition/ses_sandbox", "deploy", "outputs", "tests"} == library - {
        "__init__.py",
        "__pycache__",
    }


@in_both
def test_links_lead_somewhere(language: Language) -> None:
    known = {str(path.relative_to(ROOT)) for path in tracked_files()}
    for name, text in pages(ROOT, language).items():
        targets = [one for one in re.findall(r"\]\(([^)]+)\)", text) if "://" not in one]
        reached = {
            posixpath.normpath(posixpath.join(posixpath.dirname(name), unquote(one.partition("#")[0])))
            for one in targets
        }
        assert reached <= known, name
        if name in LANGUAGES.values():
            assert LANGUAGES["ja" if language == "en" else "en"] in reached


@in_both
def test_every_document_is_listed_in_both_languages_under_the_same_name(language: Language) -> None:
    folder = f"docs/{language}/"
    kept = {name for path in tracked_files() if (name := str(path.relative_to(ROOT))).startswith(folder)}
    listed = [name for name in pages(ROOT, language) if name not in LANGUAGES.values()]
    assert set(listed) == kept
    assert [name.removeprefix(folder) for name in listed] == [
        name.removeprefix("docs/en/") for name in pages(ROOT, "en") if name not in LANGUAGES.values()
    ]


@in_both
def test_every_papermill_command_has_parameters_that_are_taken(language: Language) -> None:
    seen = 0
    for command in commands(text_of(ROOT, language)):
        program, *words = shlex.split(command, comments=True)
        if program != "papermill" or "--help-notebook" in words or "notebooks/review.ipynb" in words:
            continue
        if "notebooks/explore.ipynb" in words:
            given_here = [words[place + 1] for place, word in enumerate(words) if word in ("-p", "-r")]
            assert set(given_here) <= set(fields_of("explore"))
            continue
        notebook, record, *options = words
        assert (ROOT / notebook).is_file()
        assert re.fullmatch(r"outputs/[\w.-]+\.ipynb", record)
        given: dict[str, object] = {}
        while options:
            option = options.pop(0)
            if option == "-f":
                given.setdefault("selector", options.pop(0))
                continue
            assert option in ("-p", "-r"), option
            name, value = options.pop(0), options.pop(0)
            given[name] = int(value) if option == "-p" and value.isdecimal() else value
        procedure = Path(notebook).stem
        taken = parameters.parse(given, procedure)
        known = {check.id: check.waivable for check in checks_of(procedure).checks.values()}
        parameters.waivers(taken.waive, known, "en")
        seen += 1
    assert seen >= 12


@in_both
def test_the_table_of_views_has_each_once(language: Language) -> None:
    rows = [row[0] for row in table(text_of(ROOT, language), CALLS[language])]
    public = {name for name in vars(Explorer) if not name.startswith("_")} - {"close"}
    named = [found[1] for row in rows if (found := re.fullmatch(r"world\.(\w+)\((.*)\)", row))]
    assert (len(named), set(named)) == (len(rows), public)


@in_both
def test_every_command_of_byodkim_is_one(language: Language) -> None:
    lines = [shlex.split(line, comments=True) for line in commands(text_of(ROOT, language))]
    words = [line[1 : [*line, "|"].index("|")] for line in lines if line[0] == "byodkim" and line[1] != "--help"]
    assert {line[0] for line in words} == {"record", "request", *COMMANDS}
    for line in words:
        assert callable(_parser(line[0]).parse_args(line).run)


def same_in_both(command: str) -> str:
    """A command line without its comment, without the reader's language and what is written in it."""
    plain = (
        command.split("  #")[0].rstrip().removesuffix(" --language ja").replace('language = "ja"', 'language = "en"')
    )
    return re.sub(r'(reason "|waive "[A-Z-]+: )[^"]+', r"\1", plain)


def test_both_readmes_show_and_run_the_same_commands() -> None:
    english, japanese = text_of(ROOT, "en"), text_of(ROOT, "ja")
    assert [same_in_both(line) for line in commands(japanese)] == [same_in_both(line) for line in commands(english)]
    marks = [[block.marks for block in blocks(text)] for text in (japanese, english)]
    assert marks[0] == marks[1]
    assert only(japanese, "shown") == only(english, "shown")


def test_the_pictures_of_a_record_are_small_and_have_words_for_those_who_do_not_see_them() -> None:
    page = re.sub(r"<[^>]+>", "", (ROOT / "docs/example/example.html").read_text("utf-8"))
    for language in LANGUAGES:
        text = (ROOT / LANGUAGES[language]).read_text("utf-8")
        ((words, picture, linked),) = re.findall(r"\[!\[([^]]+)\]\(([^)]+)\)\]\(([^)]+)\)", text)
        content = (ROOT / picture).read_bytes()
        assert content.startswith(b"\x89PNG\r\n")
        assert 20_000 < len(content) < 200_000
        assert linked == "docs/example/example.html"
        assert "SWITCHED" in words
        assert all(word in page and word in words for word in ("example.jp", "mail-20261124-1"))
        assert language == "ja" or re.search(r"example\.jp signs with mail-20261124-1", page)


def example() -> str:
    return (ROOT / "byodkim.example.toml").read_text("utf-8")


def test_the_example_profile_loads_and_names_every_key(tmp_path: Path) -> None:
    (tmp_path / "byodkim.toml").write_text(example())
    sections = tomllib.loads(example())
    accounts = {name: load(name, tmp_path, "en").account for name in sections}
    assert accounts == {"default": "123456789012", "staging": "123456789012"}
    # What is commented out is what holds without it.
    defaults = tomllib.loads("\n".join(re.findall(r"^# (\w+ = .+)$", example(), re.MULTILINE)))
    assert defaults == {name: getattr(Profile(), name) for name in defaults}
    assert defaults.keys() | sections["default"].keys() == set(KEYS_OF_PROFILES)
    assert defaults.keys().isdisjoint(sections["default"])
