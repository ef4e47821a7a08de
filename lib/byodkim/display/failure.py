"""What is said of a run that came to its end without the selector being in use."""

from __future__ import annotations

from byodkim.evidence.record import Record
from byodkim.messages import Language, say


def failure(record: Record, language: Language) -> tuple[str, str, str]:
    """Return what happened, what it means for mail, and what to do next."""
    begin, after = record.begin, record.after
    values = {"domain": begin["domain"], "selector": begin["selector"], "seen": "-"}
    key, means, todo = "not-in-use", "read.means" if record.last("read") else "written.means", "again"
    if after is not None:
        values |= {"seen": " ".join(after.selectors), "status": after.status, "origin": after.signing_origin or "-"}
        values["signing"] = str(after.signing_enabled).lower()
        if after.selector in ("", begin["selector"]) and not after.signs:
            key = "origin-other" if after.signing_enabled else "signing-off"
        elif record.given_up and (after.selector == begin["selector"] or not after.selectors):
            key = "given-up"
    if key != "not-in-use":
        means, todo = f"{key}.means", f"{key}.todo"
    what, means, todo = (say("steps", name, language, **values) for name in (key, means, todo))
    return what, means, todo
