"""Writes the permissions tables and the template's policies anew: ``python -m tests.access``."""

from tests.access.generated import files

for path, text in files().items():
    path.write_text(text, "utf-8")
