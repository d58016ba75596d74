"""What is stored of a person, as an archive to be handed over."""

from __future__ import annotations

import json
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

from dialer.errors import InputError
from dialer.operations.person import Person


def export_person(person: Person, folder: Path, output: Path) -> None:
    """Write `person.json` and the recordings, which lie below `folder`, into a new zip archive. Only its owner may
    read it. Raises `InputError` when it cannot be written, or is there already."""
    try:
        with output.open("xb") as file:
            output.chmod(0o600)
            with ZipFile(file, "w", ZIP_DEFLATED) as archive:
                archive.writestr("person.json", json.dumps(person.as_dict(), indent=2, ensure_ascii=False))
                for name in person.recordings:
                    archive.write(folder / name, f"recordings/{name}")
    except FileExistsError as error:
        raise InputError(f"--output: {output} is there already; give another name") from error
    except OSError as error:
        output.unlink(missing_ok=True)
        raise InputError(
            f"--output: {error.filename or output} cannot be read or written: {error.strerror}"
        ) from error
