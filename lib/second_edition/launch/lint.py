"""``byodkim lint``: every defect of request sheets, and the corrected one."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Final

from second_edition.display.blocks import visible
from second_edition.dns.reading.encoding import is_text
from second_edition.dns.request_lint import Expected, lint
from second_edition.dns.request_sheet import write_exclusively
from second_edition.errors import AccessError, ParameterError, paragraph
from second_edition.launch.request import add_options, read_expected, read_file
from second_edition.messages import LANGUAGES, Language, ambient, say

#: How the names of corrected sheets end, with their form; "" for the one that the sheet came in.
FORMS: Final = {".csv": "csv", ".zone": "zone", ".txt": "", "": ""}
SOUND: Final = 0
DEFECTS: Final = 1


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments, and set what runs it."""
    parser.add_argument(
        "files", nargs="+", type=Path, metavar="FILE", help="CSV, zone text, JSON, YAML, Terraform, or a ticket's text"
    )
    parser.add_argument("--record", type=Path, metavar="RECORD.ipynb", help="the run whose key record is asked for")
    add_options(parser)
    parser.add_argument("-o", "--output", type=Path, metavar="FILE", help="write the corrected sheet here")
    parser.add_argument("--language", choices=LANGUAGES, help="(the record's, else the profile's)")


def run(arguments: argparse.Namespace) -> int:
    """Print every defect of the sheets, write the corrected one if that is wanted, and return 0 if there is no defect.

    Raises:
        ParameterError: an option is wrong.
        AccessError: a file cannot be read or is no text, or the corrected sheet cannot be written.
        RecordError: the record proves no key pair.
    """
    known, record = read_expected(arguments.record, arguments)
    language: Language = arguments.language or (record.begin.language if record else ambient())
    several = len(arguments.files) > 1
    if arguments.output and several:
        raise ParameterError.said("request", "several", language, "unwritten")
    form, ends = _form(arguments.output, language) if arguments.output else "", []
    for path in arguments.files:
        if several:
            print(visible(f"{path}:"))
        ends.append(_lint(path, arguments.output, form, known, language))
    return max(ends)


def _lint(path: Path, output: Path | None, form: str, known: Expected, language: Language) -> int:
    """Print every defect of one sheet, and write the corrected one to ``output`` in its form."""
    data = read_file(path, language)
    if not is_text(data):
        raise AccessError.said("request", "workbook", language, "unwritten", path=path)
    report = lint(data, known)
    said = [
        say("request", "line", language, line=finding.line, text=text) if finding.line else text
        for finding in report.findings
        for text in [paragraph(finding.explain(language), finding.correction(language))]
    ] or [say("request", "sound", language)]
    for key, names in (("unjudged", report.unjudged), ("others", report.others)):
        said += [say("request", key, language, names=", ".join(names))] * bool(names)
    if public_key := report.request.public_key if report.request else report.public_key:
        said.append(say("request", "key", language, sha256=public_key.sha256))
        said += [say("request", "own-key", language)] * report.own_key
    corrected = report.corrected(form) if output else None
    if output and corrected is not None:
        write_exclusively(output, corrected, language)
        whole = form != "zone" and report.kept()
        said.append(say("request", "written" if whole else "written.alone", language, path=output))
    elif output:
        todo = ".anew" if known.selector and known.domain and known.public_key else ".todo"
        said += [say("request", f"uncorrected{part}", language) for part in ("", todo)]
    print(visible("\n".join(said)))
    return DEFECTS if report.findings or (output and corrected is None) else SOUND


def _form(output: Path, language: Language) -> str:
    """Return the form of a corrected sheet by its name.

    Raises:
        ParameterError: no such form is written.
    """
    try:
        return FORMS[output.suffix.lower()]
    except KeyError:
        raise ParameterError.said("request", "form", language, "unwritten", path=output) from None
