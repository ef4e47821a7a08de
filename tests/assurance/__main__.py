"""Prints the assurance table: ``python -m tests.assurance > ASSURANCE.md``."""

from tests.assurance.document import document

print(document(), end="")
