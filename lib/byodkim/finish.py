"""After papermill has saved the notebook: put it under the record's seal, and say how the run
ended.
"""

import contextlib
import json
import os
from pathlib import Path

from byodkim.errors import RecordError
from byodkim.record.envelope import digest_of
from byodkim.record.journal_file import read_journal
from byodkim.record.record import Record, tell
from byodkim.record.seal import SUFFIX, changed_files, read_seal, require_names, write_seal
from byodkim.record.sealing_key import SealingKey, load_sealing_key
from byodkim.show.notebook import bundle, headline
from byodkim.show.section import visible
from byodkim.show.terminal import ending
from byodkim.words import _, joined


def finish_record(folder: Path, name: str) -> tuple[str, int]:
    """Seal the saved notebook, and return the last lines for the terminal with the exit code.

    The code is 0, or 1 where the run was refused, failed, was stopped, waits for SES still, or
    cannot be sealed.

    Raises:
        RecordError: the journal does not hold together, or the notebook cannot be sealed.
    """
    path, notebook = folder / f"{name}.journal.jsonl", folder / f"{name}.ipynb"
    if not path.exists():
        return _not_begun(notebook), 1
    journal = read_journal(path)
    record = tell(journal.events)
    shown = os.path.relpath(notebook)
    if not journal.is_closed:
        return ending(record, shown), 1
    if not (folder / (name + SUFFIX)).exists():
        raise RecordError(
            _("The record could not be signed: the run's last files are missing."),
            todo=_("Make room on the disk. Then run the same command again with another output "
                   "name: it reads SES first."),
        )  # fmt: skip
    _complete(notebook, record)
    try:
        cover(folder, name, notebook.name, load_sealing_key())
    except OSError as error:
        raise RecordError(
            _("The saved notebook could not be signed: {reason}", reason=error.strerror or ""),
            todo=_("`byodkim verify` lists it as not covered. Keep it all the same."),
        ) from None
    return ending(record, shown, journal.sha256), record.exit_code


def cover(folder: Path, name: str, extra_file: str, key: SealingKey) -> None:
    """Make the seal of a run cover one more file of it. Nothing else in it changes.

    Raises:
        RecordError: the seal is of another key, a file that it covers has changed, or the file is
            none of this run's.
    """
    seal = read_seal(folder / (name + SUFFIX))
    if seal.key != key.public:
        raise RecordError(
            _("{name} was signed with another key than yours, so you cannot add to it.", name=name)
        )
    if changed := changed_files(folder, seal):
        raise RecordError(_("{files} changed after {name} was signed.", files=changed, name=name))
    require_names(name, [*seal.digests, extra_file])
    digests = seal.digests | {extra_file: digest_of(folder / extra_file)}
    write_seal(folder / (name + SUFFIX), seal.stated, digests, key)


def _complete(notebook: Path, record: Record) -> None:
    """Put the outcome into the first screen of a notebook that was saved before the run ended.

    Interrupted, papermill saves while the kernel still closes the record.
    """
    mark = {"byodkim": {"run": record.begun.run, "outcome": record.outcome}}
    with contextlib.suppress(OSError, ValueError, LookupError, TypeError):
        content = json.loads(notebook.read_bytes())
        outputs = [each for cell in content["cells"] for each in cell.get("outputs", ())]
        shown = [each for each in outputs if each["output_type"] == "display_data"]
        if not shown or shown[0]["metadata"] == mark:
            return
        shown[0] |= {"data": bundle(headline(record)), "metadata": mark}
        notebook.write_text(json.dumps(content, ensure_ascii=False, indent=1), "utf-8")


def _not_begun(notebook: Path) -> str:
    """Return why a run ended before it opened its journal: the error that its notebook shows."""
    reason = ""
    with contextlib.suppress(OSError, ValueError, LookupError, TypeError):
        for cell in json.loads(notebook.read_bytes())["cells"]:
            for output in cell.get("outputs", ()):
                if output["output_type"] == "error":
                    reason = str(output["evalue"])
    return visible(
        joined(_("The run ended before its record began. Nothing was read or written."), reason)
    )
