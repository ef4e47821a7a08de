"""An auditor's list names every module that a plan run of rotate loads: none is missing, and none is there in vain."""

from __future__ import annotations

from tests.second_edition.project.loaded import PAGES, pages


def test_the_list_of_modules_is_what_a_plan_run_loads() -> None:
    shown = {language: path.read_text("utf-8") for language, path in PAGES.items()}
    assert shown == pages(), "make audit"
