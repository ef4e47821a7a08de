"""The DAG file and the container file ask for nothing that is not there."""

import ast
import re
import sys
from pathlib import Path

from byodkim.settings_table import FLEET, ROWS, RUN

ROOT = Path(__file__).parents[2]
DAG_FILE = ROOT / "deploy" / "airflow" / "byodkim_fleet.py"
CONTAINER = ROOT / "deploy" / "Containerfile"


def test_the_dag_file_imports_airflow_only():
    imported = set()
    for node in ast.walk(ast.parse(DAG_FILE.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            imported |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            imported.add(str(node.module).partition(".")[0])
    assert imported - sys.stdlib_module_names == {"airflow"}


def test_parameters_that_are_passed_on_exist():
    text = DAG_FILE.read_text("utf-8")
    named = re.findall(r'"-r", "(\w+)"', text)
    (passed_on,) = re.findall(r"PASSED_ON: Final = \((.*)\)", text)
    named += re.findall(r'"(\w+)"', passed_on)
    assert set(named) >= {"table", "mode", "wave", "reason", "ticket"}
    known = {name for name, row in ROWS.items() if {RUN, FLEET} & {*row.where}}
    assert set(named) - known == set()


def test_the_container_installs_by_hashes():
    text = CONTAINER.read_text("utf-8").replace("\\\n", " ")
    for names in re.findall(r"^COPY (?!--from)(.+) \S+$", text, re.MULTILINE):
        assert [name for name in names.split() if not (ROOT / name).exists()] == []
    installs = re.findall(r"pip install ([^&\n]+)", text)
    assert len(installs) == 4
    for options in installs:
        assert "--require-hashes" in options or "--editable ." in options, options
        assert "--no-deps" in options
