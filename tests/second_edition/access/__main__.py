"""Writes the permissions tables and the template's policies anew: ``python -m tests.second_edition.access``."""

from tests.second_edition.access.generated import files

for path, text in files().items():
    path.write_text(text, "utf-8")
