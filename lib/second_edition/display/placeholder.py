"""Render what stands in the headline's place until the run ends. Imports little: the first cell waits for it."""

from __future__ import annotations

from second_edition.messages import LANGUAGES, say


def placeholder() -> dict[str, str]:
    """Return the words, in both languages by MIME type, that the run has not ended."""
    sentences = [say("record", "unfinished", language) for language in LANGUAGES]
    html = "".join(f"<p><b>… {sentence}</b></p>" for sentence in sentences)
    text = "\n\n".join(f"… {sentence}" for sentence in sentences)
    return {"text/html": html, "text/plain": text}
