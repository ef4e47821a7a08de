"""Commands about records: verify, approve, request, record, index, key.

None of them writes to AWS or DNS.
"""

import base64
import sys
from pathlib import Path
from typing import Final

import click
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_public_key,
)

from byodkim import settings as table
from byodkim.errors import InputError
from byodkim.record.journal import SUFFIX
from byodkim.record.journal_file import read_journal
from byodkim.record.record import Record, tell
from byodkim.record.sealing_key import key_path, load_sealing_key, public_key
from byodkim.words import _, speak

A_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
A_FILE = click.Path(path_type=Path)


@click.command()
@click.argument("folder", type=A_FOLDER, default="outputs")
@click.option("--head", default="", help="SHA-256 of the newest record, as the ticket has it.")
@click.option("--key", "keys", multiple=True, type=A_FILE, help="Trusted public key (PEM file).")
@click.option("--profile", default="default", help="Section of byodkim.toml with trusted keys.")
def verify(folder: Path, head: str, keys: tuple[Path, ...], profile: str) -> None:
    """Verify every record of a folder, offline. Exit code 0: VERIFIED; 1: something is wrong."""
    from byodkim.record.verify import trusted_keys, verify_folder
    from byodkim.show.terminal import report_text

    settings = table.of_profile(profile)
    trusted = {_public(path): path.name for path in keys} or trusted_keys(
        settings.table("sealing_keys")
    )
    report = verify_folder(
        folder,
        trusted,
        head=head,
        approvals_required=settings.number("approvals"),
        approvers=settings.table("approvers"),
    )
    click.echo(report_text(report, trusted))
    sys.exit(0 if report.verified else 1)


@click.command()
@click.argument("record", type=A_FILE)
@click.option("--profile", default="default", help="Section of byodkim.toml that lists approvers.")
def approve(record: Path, profile: str) -> None:
    """Sign the plan of RECORD with your own key. Read the record before."""
    from byodkim.record.approval import approve as sign

    settings, key = table.of_profile(profile), load_sealing_key()
    told = record_of(record)
    if told.plan is None or told.outcome != "PLANNED":
        raise InputError(
            _("The record {record} has no plan that can be approved.", record=_name(record)),
            todo=_("Approve a plan run that ended with PLANNED."),
        )
    names = {public: name for name, public in settings.table("approvers").items()}
    if key.public not in names:
        raise InputError(
            _("Your public key is not among the approvers in byodkim.toml."),
            todo=_("Have it added to approvers: {line}",
                   line=f'approvers = {{ NAME = "{key.public}" }}'),
        )  # fmt: skip
    path = sign(record.parent, _name(record), told.plan.digest, names[key.public], key)
    about = told.begun.domain or told.begun.parameters.get("table", _name(record))
    said = _("Approved plan {digest} for {about}: {file}",
             digest=told.plan.digest[:16], about=about, file=str(path))  # fmt: skip
    click.echo(str(said))


@click.command()
@click.argument("record", type=A_FILE)
def request(record: Path) -> None:
    """Print the DNS request of RECORD: the file, a zone line, and a paragraph for the DNS team."""
    from byodkim.checks.dns import verdicts
    from byodkim.dns.letter import forwardable, removal_paragraph, zone_text

    told = record_of(record)
    wanted, seen = told.request, told.observation
    if wanted is None or seen is None:
        raise InputError(
            _("{record} holds no DNS request: its key pair was not proved.", record=_name(record)),
            todo=_("Do what the record says first."),
        )
    zone = getattr(seen.zone, "name", "")
    side = seen.requested
    results = verdicts(side, side.key_sha256)
    paragraph = forwardable(told.begun.domain, side.selector, wanted.value, wanted.ttl, results)
    if wanted.action == "remove":
        paragraph = [removal_paragraph(wanted.name, wanted.value)]
    click.echo(str(record.parent / wanted.file))
    click.echo("\n" + "\n".join(map(str, paragraph)))
    click.echo("\n" + zone_text(wanted.name, wanted.value, wanted.ttl, zone))


@click.command("record")
@click.argument("record", type=A_FILE)
@click.option("--language", type=click.Choice(["en", "ja"]), help="Language of the page.")
def show_record(record: Path, language: str | None) -> None:
    """Print RECORD, told from its journal, as an HTML page. The signed page stays as it is."""
    from byodkim.show.page import page

    if language is not None:
        speak("ja" if language == "ja" else "en")
    click.echo(page(record_of(record)))


@click.command()
@click.argument("folder", type=A_FOLDER, default="outputs")
@click.option("--profile", default="default", help="Section of byodkim.toml with trusted keys.")
def index(folder: Path, profile: str) -> None:
    """Write index.html: one table of all records in FOLDER, with links to their pages."""
    from byodkim.record.coverage import seal_index
    from byodkim.record.verify import trusted_keys, verify_folder
    from byodkim.show.index import index_page, index_rows

    settings = table.of_profile(profile)
    trusted = trusted_keys(settings.table("sealing_keys"))
    report = verify_folder(folder, trusted, approvers=settings.table("approvers"))
    rows = index_rows(folder, report)
    page = index_page(rows, settings.zone)
    (folder / "index.html").write_text(page, "utf-8")
    seal_index(folder, report.head, load_sealing_key())
    click.echo(str(folder / "index.html"))


@click.command()
@click.option("--pem", is_flag=True, help="In PEM, for OpenSSL and --key.")
def key(pem: bool) -> None:
    """Print the public key with which you sign records and approvals; it is made on first use."""
    own, form = load_sealing_key(), PublicFormat.SubjectPublicKeyInfo
    as_pem = public_key(own.public).public_bytes(Encoding.PEM, form).decode().rstrip()
    click.echo(as_pem if pem else own.public)
    click.echo(str(_("The private half is in {path}.", path=str(key_path()))), err=True)


def _name(record: Path) -> str:
    """Return the name of a record's files, given any of them."""
    name = record.name
    for suffix in (SUFFIX, ".ipynb", ".html", ".csv", ".zone", ".txt", ".seal.json"):
        name = name.removesuffix(suffix)
    return name


def record_of(record: Path) -> Record:
    """Return a record, told from its journal, given any of its files.

    Raises:
        InputError: there is none.
        RecordError: its journal does not hold together.
    """
    journal = record.parent / f"{_name(record)}{SUFFIX}"
    if not journal.exists():
        raise InputError(
            _("There is no record {name}.", name=str(record)),
            todo=_("Name an existing one, for example outputs/CHG-1042.ipynb."),
        )
    return tell(read_journal(journal).events)


def _public(path: Path) -> str:
    """Return the public key in a PEM file, in base64.

    Raises:
        InputError: it holds none.
    """
    try:
        loaded = load_pem_public_key(path.read_bytes())
        if isinstance(loaded, Ed25519PublicKey):
            return base64.b64encode(loaded.public_bytes_raw()).decode()
    except (OSError, ValueError):
        pass
    raise InputError(
        _("{file} holds no public key of a signer.", file=str(path)),
        todo=_("`byodkim key --pem` prints one."),
    )


COMMANDS: Final = (verify, approve, request, show_record, index, key)
