"""Writes the evidence's pages, and prints the claims: ``python -m tests.second_edition.assurance > ASSURANCE.md``."""

from tests.second_edition.assurance.document import documents
from tests.second_edition.assurance.proofs import ROOT

pages = documents()
for path, text in pages.items():
    if path.startswith("docs/"):
        (ROOT / path).parent.mkdir(exist_ok=True)
        (ROOT / path).write_text(text, "utf-8")
print(pages["ASSURANCE.md"], end="")
