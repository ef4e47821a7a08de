"""All sentences: where the code asks for them, and both languages' texts. What takes long is made once it is used."""

from __future__ import annotations

import ast
import functools
import inspect
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import second_edition
import second_edition.ses_sandbox
from second_edition.contributions import procedures
from second_edition.launch import command_line, twin
from second_edition.messages import LANGUAGES, Plural, catalogue, sentence, translated
from second_edition.rotation.outcome import Outcome
from second_edition.sandbox import command as sandbox_command
from second_edition.settings import FIELDS, KEYS
from second_edition.ses_sandbox import __main__ as standing
from second_edition.ses_sandbox.errors import TAKEN
from second_edition.ses_sandbox.knobs import Knobs
from second_edition.ses_sandbox.scenarios import ALL, DESCRIBED
from tests.second_edition.rotation.remedies import REGISTRIES

PACKAGE = Path(second_edition.__file__).parent


def in_place(tree: ast.AST) -> Iterator[tuple[ast.Call, str]]:
    """Each call of ``phrase`` or of a reader's ``words`` with a sentence, and that sentence."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and node.args and re.search(r"\b(phrase|words|speak)$", ast.unparse(node.func)):
            first = node.args[0]
            for one in (first.body, first.orelse) if isinstance(first, ast.IfExp) else (first,):
                if isinstance(one, ast.Constant) and isinstance(one.value, str) and one.value:
                    yield node, one.value


def keys(topic: str) -> Iterator[tuple[str, str, int]]:
    """Each key of a catalogue as tests name it, as the code does, and a count; a plural's two forms are two keys."""
    for key, text in catalogue(topic).items():
        yield key, key, 2
        if isinstance(text, Plural):
            yield f"{key}.one", key, 1


TOPICS = sorted([*procedures(), *(one.stem for one in (PACKAGE / "messages").glob("*.py") if one.stem != "__init__")])


def refusals() -> Iterator[str]:
    """Each sentence that a sandbox refuses with, but for what no command brings about: that is made in place."""
    yield TAKEN
    for path in Path(second_edition.ses_sandbox.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "SandboxError":
                yield from (
                    one.value for one in node.args if isinstance(one, ast.Constant) and isinstance(one.value, str)
                )


#: What argparse itself says of a command: a test shows where another version of it says something else.
ARGPARSE = {
    *("usage: ", "positional arguments", "options", "the following arguments are required: %s"),
    *("unrecognized arguments: %s", "argument %(argument_name)s: %(message)s", "%(prog)s: error: %(message)s\n"),
    *("invalid choice: %(value)r (choose from %(choices)s)", "invalid %(type)s value: %(value)r"),
    *("expected one argument", "expected at least one argument", "expected %s argument", "expected %s arguments"),
    *("ignored explicit argument %r", "not allowed with argument %s"),
    "ambiguous option: %(option)s could match %(matches)s",
}
#: What stands in the help of any command, and what a standing sandbox says.
HELP = ARGPARSE | {
    *("parameters (-p NAME VALUE):", "%r is not a time such as 72h, 13d, 30m or 90s", "defaults"),
    *("%s is not a port (0 to 65535)", "%(value)s is not a whole number from %(least)d to %(most)d"),
    *(
        standing.GREETING,
        standing.READY,
        standing.STOPS,
        sandbox_command.CHANGES,
        twin.READY,
        twin.CHANGES,
        twin.PRINTED,
    ),
    *(scenario.claim for scenario in (*ALL.values(), DESCRIBED)),
    (inspect.getdoc(Knobs) or "").partition("Attributes:\n")[2],
}


def helps() -> set[str]:
    """Return the sentences of every command's help, as they come to be translated."""
    found = HELP | set(refusals())

    def note(english: str, *_: str) -> str:
        found.add(english)
        return english

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(command_line, "translated", note)
        for name in command_line.COMMANDS:
            command_line._parser(name)
    return found


@functools.cache
def trees() -> dict[Path, ast.Module]:
    """Return the library's modules, but for those of sentences."""
    paths = (
        path
        for path in PACKAGE.rglob("*.py")
        if path.parent.name != "messages" and not path.match("procedures/*/words.py")
    )
    return {path: ast.parse(path.read_text("utf-8")) for path in paths}


@functools.cache
def inline() -> set[str]:
    """Return every English sentence that stands where it is used: ``words("...")``, ``phrase("...")``."""
    checks = [check for registry in REGISTRIES for check in registry.checks.values()]
    found = {check.claim for check in checks} | {check.remedy.text for check in checks}
    return found | {text for tree in trees().values() for _, text in in_place(tree)}


@functools.cache
def catalogues() -> dict[str, dict[str, tuple[str, ...]]]:
    """Return both languages' sentences, by topic and key."""
    found: dict[str, dict[str, tuple[str, ...]]] = {
        topic: {name: tuple(sentence(topic, key, one, count) for one in LANGUAGES) for name, key, count in keys(topic)}
        for topic in TOPICS
    }
    found["settings"] = {
        f"{row.name}{number or ''}": (row.english, row.help("ja"))
        for number, rows in enumerate((FIELDS, KEYS))
        for row in rows.values()
    }
    ended = {one.value for one in Outcome}
    found["outcomes"] = {one: (one, translated(one, "ja", f"outcomes.{one}")) for one in sorted(ended)}
    found["help"] = {f"help{n}": (one, translated(one, "ja", "help")) for n, one in enumerate(sorted(helps()))}
    found["inline"] = {text: (text, translated(text, "ja")) for text in sorted(inline())}
    return found


@functools.cache
def entries() -> list[tuple[str, str]]:
    """Return the topic and key of each sentence."""
    return [(topic, key) for topic in catalogues() for key in catalogues()[topic]]


def _helpers(tree: ast.Module) -> Iterator[tuple[str, str, int]]:
    """Each function that passes an argument on to ``say`` as a key: its name, the catalogue, the argument's place."""
    for one in (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)):
        names = [argument.arg for argument in (*one.args.posonlyargs, *one.args.args)]
        for call in (node for node in ast.walk(one) if isinstance(node, ast.Call) and ast.unparse(node.func) == "say"):
            topic, key = [*call.args, None, None][:2]
            if isinstance(topic, ast.Constant) and isinstance(key, ast.Name) and key.id in names:
                yield one.name, str(topic.value), names.index(key.id)


SPOKEN = {"words.record": ("record", 0), "site.say": ("site", 0), "exploration.say": ("explore", 0)}


def asked() -> Iterator[tuple[str, str, str]]:
    """Each key that stands as it is where the code asks for a sentence: where, the catalogue, and the key."""
    for path, tree in trees().items():
        helpers = {name: (topic, place) for name, topic, place in _helpers(tree)} | SPOKEN
        for node in (one for one in ast.walk(tree) if isinstance(one, ast.Call) and one.args):
            name, first = ast.unparse(node.func), node.args[0]
            topic, place = helpers.get(name, ("", 0))
            if (name == "say" or name.endswith(".said")) and isinstance(first, ast.Constant):
                topic, place = str(first.value), 1
            key = node.args[place] if topic and place < len(node.args) else None
            for said in (key.body, key.orelse) if isinstance(key, ast.IfExp) else (key,):
                if isinstance(said, ast.Constant):
                    yield f"{path.name}:{node.lineno}", topic, str(said.value)
