"""Imports go one way, without circles, and only the custodian's process reaches AWS and a key."""

import ast
import re
import sys
import tomllib
from graphlib import TopologicalSorter
from importlib.metadata import packages_distributions

import pytest

from tests.bench.kernel import modules_loaded
from tests.bench.project import Project
from tests.project.imports import graph, reached
from tests.project.tracked import ROOT, modules

MODULES = modules()
IMPORTS = graph(MODULES)

#: From the bottom. A module imports from lower layers, and from its own package. An entry stands
#: for a module, or for a package with all in it that has no entry of its own.
LAYERS = (
    {"words"},
    {"errors"},
    {"checks.facts", "launch"},
    {"settings_table"},
    {"checks.world", "settings", "policy", "sandbox"},
    {"custody.settings"},  # what kernel and custodian send each other
    {"dkim"},
    {"checks"},
    {"record", "dns", "custody"},
    {"aws"},
    {"custody.custodian"},
    {"show"},
    {"engine"},
    {"procedures"},
    {"steps", "explore", "review", "finish", "kernel_process"},
    {"hook"},
    {"cli"},
)
#: As a script, ``start`` becomes the custodian. As a module, in the kernel, it names the command.
BECOMES = ("byodkim.custody.start", "byodkim.custody.custodian")
#: What only the custodian's process may import.
PRIVATE = (
    "byodkim.aws",
    "byodkim.custody.custodian",
    "byodkim.custody.private_key",
    "byodkim.custody.leak_guard",
    "byodkim.dns.update",
)


def entry_of(module: str) -> str:
    """Return the layers' entry for a module: the longest that fits."""
    name = module.removeprefix("byodkim.")
    entries = {entry for layer in LAYERS for entry in layer}
    fitting = [each for each in entries if name == each or name.startswith(f"{each}.")]
    assert fitting, f"{module} has no layer: add it to LAYERS"
    return max(fitting, key=len)


def layer_of(entry: str) -> int:
    return next(number for number, layer in enumerate(LAYERS) if entry in layer)


def is_private(module: str) -> bool:
    return any(module == each or module.startswith(f"{each}.") for each in PRIVATE)


@pytest.mark.parametrize("module", [name for name in MODULES if name != "byodkim"])
def test_imports_go_one_way(module):
    own = entry_of(module)
    wrong = [
        imported
        for imported in sorted(IMPORTS[module])
        if entry_of(imported) != own
        and layer_of(entry_of(imported)) >= layer_of(own)
        and (module, imported) != BECOMES
    ]
    assert wrong == []


def test_the_wheel_asks_for_all_that_is_imported():
    """Without the tests' own requirements, which this environment has too."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    asked = project["dependencies"] + project["optional-dependencies"]["sandbox"]
    declared = {re.split(r"[\[<>=]", each)[0].replace("_", "-") for each in asked}
    distributions, missing = packages_distributions(), set[str]()
    for path in MODULES.values():
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import | ast.ImportFrom):
                name = node.module if isinstance(node, ast.ImportFrom) else node.names[0].name
                top = str(name).partition(".")[0]
                owners = {each.lower().replace("_", "-") for each in distributions.get(top, [])}
                if top not in {"byodkim", *sys.stdlib_module_names} and not owners & declared:
                    missing.add(top)
    assert missing == set()


def test_there_are_no_circles():
    """Imports for types and in functions count."""
    assert len(list(TopologicalSorter(IMPORTS).static_order())) == len(MODULES)


def test_only_the_custodian_imports_aws_and_private_keys():
    importers = {
        (module, imported)
        for module, names in IMPORTS.items()
        for imported in names
        if is_private(imported) and not is_private(module)
    }
    assert importers == {BECOMES}


def test_the_custodian_needs_little():
    """An auditor of the process that holds the key reads these packages, and nothing else."""
    needed = {entry_of(module) for module in reached(IMPORTS, "byodkim.custody.custodian")}
    types = {
        "words",
        "errors",
        "checks.facts",
        "custody.settings",
    }
    assert needed - types == {"custody", "custody.custodian", "aws", "dkim", "dns"}


def test_packages_import_nothing():
    """To import a module imports its packages first, which the graph leaves out."""
    packages = [name for name, path in MODULES.items() if path.name == "__init__.py"]
    assert {name for name in packages if IMPORTS[name]} == set()


def test_the_kernel_loads_nothing_private(tmp_path):
    loaded = modules_loaded(Project(tmp_path / "project"))
    assert {"byodkim.steps", "byodkim.engine.write_ahead", "byodkim.sandbox.world"} <= {*loaded}
    assert {name for name in loaded if is_private(name)} == set()
    assert {"boto3", "botocore"} & {*loaded} == set()
