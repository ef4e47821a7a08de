"""Put the notebook under a run's seal, once papermill has saved it."""

from pathlib import Path

from byodkim.errors import RecordError
from byodkim.record.envelope import digest_of
from byodkim.record.seal import SUFFIX, changed_files, read_seal, require_names, write_seal
from byodkim.record.sealing_key import SealingKey
from byodkim.words import _


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
