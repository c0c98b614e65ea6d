"""The files of a download: a zip or a folder, and zips inside it. Nothing is unpacked to the disk.

A student can put anything into a zip. Names are only ever taken apart, never used as a path; what
is read is bounded in size, number and depth; links and other special entries are refused in words.
"""

from __future__ import annotations

import io
import mmap
import os
import re
import stat
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import lru_cache, partial
from pathlib import Path

from autograder.errors import AutograderError
from autograder.files import MAX_BYTES, Refused, read_regular

MAX_ENTRIES = 200_000  # of a download
MAX_INNER_ENTRIES = 5_000  # of a zip inside it
MAX_INNER_BYTES = 64 * 2**20
MAX_NESTING = 3
MAX_ZIPPED = 256 * 2**20  # bytes of all zips in one file of a download
MAX_NAME = 1_000  # characters of a path in a zip
MAX_REFUSED = 5  # messages about what one file of a download holds
_CENTRAL = re.compile(rb"PK\x01\x02")  # begins each entry of a zip's directory
_ENCRYPTED, _UTF8 = 0x1, 0x800  # flag bits of an entry

# What operating systems and Jupyter leave behind; nobody hands it in.
_JUNK = {
    *("__macosx", ".ds_store", ".localized", ".spotlight-v100", ".trashes"),
    *("desktop.ini", "thumbs.db", "$recycle.bin"),
    *(".ipynb_checkpoints", "__pycache__", ".git", ".idea", ".vscode"),
}


@dataclass(frozen=True)
class Item:
    """One file: its path in the download, taken apart, and how to read it.

    ``read`` raises Refused where that cannot be done.
    """

    path: tuple[str, ...]
    read: Callable[[], bytes] = field(repr=False)

    @property
    def name(self) -> str:
        return self.path[-1]

    @property
    def junk(self) -> bool:
        """Whether an operating system or Jupyter left it behind."""
        return self.name.startswith("._") or any(map(_is_junk, self.path))

    @property
    def meant_path(self) -> tuple[str, ...]:
        """Where in the download somebody put it; () for what only a machine put there.

        macOS mirrors a zip's folders in ``__MACOSX``, and Jupyter its notebooks in checkpoints.
        """
        if not self.junk:
            return self.path
        place = next(
            i for i, part in enumerate(self.path) if _is_junk(part) or i + 1 == len(self.path)
        )
        return (*self.path[:place], self.name) if place else ()

    @property
    def is_zip(self) -> bool:
        return self.name.lower().endswith(".zip")

    def __str__(self) -> str:
        return "/".join(self.path)


def _is_junk(part: str) -> bool:
    return part.lower() in _JUNK


class Download:
    """A zip or a folder that an instructor downloaded; use as a context manager.

    ``refused`` are messages about entries that were not taken. Raises AutograderError when it
    cannot be read at all.
    """

    def __init__(self, path: Path) -> None:
        self.path, self.refused = path, list[str]()
        self._open = ExitStack()
        try:
            outer = sorted(self._items(), key=lambda item: _natural(item.path))
            self.items = _with_inner(outer, self.refused)
        except BaseException:
            self._open.close()
            raise

    def __enter__(self) -> Download:
        return self

    def __exit__(self, *exc: object) -> None:
        self._open.close()

    def _items(self) -> Iterator[Item]:
        if self.path.is_dir():
            yield from self._of_folder()
            return
        if not self.path.is_file():
            raise AutograderError(f"There is no file or folder {self.path}.")
        if self.path.suffix.lower() == ".ipynb":
            yield Item((self.path.name,), lambda: read_regular(self.path))
            return
        file = self._open.enter_context(self.path.open("rb"))
        try:
            _count_entries(file, MAX_ENTRIES)
            archive = self._open.enter_context(zipfile.ZipFile(file))
            for path, info in _sound_entries(archive, (), self.refused):
                yield Item(path, partial(_read_entry, archive, info))
        except (Refused, zipfile.BadZipFile, ValueError, OSError) as error:
            raise AutograderError(
                f"{self.path} is no zip that can be read: {error}. "
                "Give the zip as it was downloaded, or the folder it was unpacked to."
            ) from error

    def _of_folder(self) -> Iterator[Item]:
        count = 0
        for folder, folders, names in os.walk(self.path):
            inside = Path(folder).relative_to(self.path).parts
            folders.sort()
            for name in list(folders):
                if os.path.islink(os.path.join(folder, name)):
                    folders.remove(name)
                    self.refused.append(f"{'/'.join((*inside, name))} is a symbolic link.")
            for name in sorted(names):
                count += 1
                if count > MAX_ENTRIES:
                    raise AutograderError(
                        f"{self.path} holds more than {MAX_ENTRIES} files; give a folder that "
                        "holds only what was handed in."
                    )
                path = Path(folder, name)
                read = partial(read_regular, path, _limit(name))
                yield Item(tuple(map(_composed, (*inside, name))), read)


def _with_inner(items: Iterable[Item], refused: list[str]) -> list[Item]:
    """The items with what lies in zips in the place of the zips; one that cannot be read stays."""
    found: list[Item] = []
    for item in items:
        told: list[str] = []
        try:
            found += (
                _inner_items(item, told, _Unpacked()) if item.is_zip and not item.junk else [item]
            )
        except Refused as reason:
            told.append(f"{item} {reason}.")
            found.append(item)
        refused += told[:MAX_REFUSED]
        if len(told) > MAX_REFUSED:
            refused.append(f"{item}: {len(told) - MAX_REFUSED} more entries were not taken.")
        if len(found) > MAX_ENTRIES:
            raise AutograderError(f"The zips in the download hold more than {MAX_ENTRIES} files.")
    return found


@dataclass
class _Unpacked:
    """How much all zips in one file of a download hold."""

    size: int = 0

    def add(self, archive: zipfile.ZipFile) -> None:
        assert archive.fp is not None
        self.size += archive.fp.seek(0, os.SEEK_END)
        if self.size > MAX_ZIPPED:
            raise Refused(f"holds more than {MAX_ZIPPED // 2**20} MB of zips")


def _inner_items(item: Item, refused: list[str], unpacked: _Unpacked, depth: int = 1) -> list[Item]:
    """What lies in a zip of a download, as if the zip were a folder; Refused if it is none."""
    archive, above = _archive(item), (*item.path[:-1], Path(item.name).stem)
    unpacked.add(archive)
    entries = [
        Item(path, partial(_read_inner, item, info))
        for path, info in _sound_entries(archive, above, refused)
    ]
    inner: list[Item] = []
    for one in sorted(entries, key=lambda one: _natural(one.path)):
        if not one.is_zip or one.junk:
            inner.append(one)
        elif depth >= MAX_NESTING:
            refused.append(f"{one} is a zip in a zip in a zip; it was not opened.")
        else:
            try:
                inner += _inner_items(one, refused, unpacked, depth + 1)
            except Refused as reason:
                unpacked.size += MAX_INNER_BYTES  # so much may have been unpacked for nothing
                if unpacked.size > MAX_ZIPPED:
                    raise
                refused.append(f"{one} {reason}.")
                inner.append(one)
    return inner


def _read_inner(outer: Item, info: zipfile.ZipInfo) -> bytes:
    return _read_entry(_archive(outer), info)


@lru_cache(8)  # a student's files are read one after another; a class's zips are not all kept
def _archive(item: Item) -> zipfile.ZipFile:
    data = item.read()
    try:
        _count(data, MAX_INNER_ENTRIES)
        return zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        raise Refused(f"is no zip that can be read: {error}") from error


def _sound_entries(
    archive: zipfile.ZipFile, above: tuple[str, ...], refused: list[str]
) -> Iterator[tuple[tuple[str, ...], zipfile.ZipInfo]]:
    """The path and the entry of each file; a message into ``refused`` for what is none."""
    for info in archive.infolist():
        if len(info.orig_filename) > MAX_NAME:
            begin = "/".join((*above, info.orig_filename[:100]))
            refused.append(f"{begin}... has a name of more than {MAX_NAME} characters.")
            continue
        name = _name(info)
        if name.endswith(("/", "\\")):
            continue
        parts = re.split(r"[/\\]+", name)
        if ".." in parts or not parts[0] or parts[0][1:2] == ":" or "\0" in name:
            why = "has a path that leads out of the zip"
        elif stat.S_ISLNK(info.external_attr >> 16):
            why = "is a symbolic link"
        elif info.flag_bits & _ENCRYPTED:
            why = "is encrypted; ask for it without a password"
        else:
            yield (*above, *(part for part in parts if part != ".")), info
            continue
        refused.append(f"{'/'.join((*above, name))} {why}.")


def _limit(name: str) -> int:
    return MAX_INNER_BYTES if name.lower().endswith(".zip") else MAX_BYTES


def _read_entry(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    limit = _limit(info.filename)
    try:
        with archive.open(info) as file:
            data = file.read(limit + 1)  # the size in the directory may lie
    except (
        zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError,
        zlib.error,
    ) as error:  # fmt: skip
        raise Refused(f"cannot be unpacked: {error}") from error
    if len(data) > limit:
        raise Refused(f"has more than {limit // 2**20} MB")
    return data


def _name(info: zipfile.ZipInfo) -> str:
    """The entry's name; zips that do not say how it is encoded hold UTF-8, or a code page."""
    name = info.orig_filename.split("\0")[0] if "\0" not in info.filename else info.filename
    if not info.flag_bits & _UTF8:
        raw = name.encode("cp437", "replace")
        for encoding in ("utf-8", "cp437", "cp1252"):
            try:
                name = raw.decode(encoding)
            except UnicodeDecodeError:
                continue
            if not any(map(_wrongly_decoded, name)):
                break
    return _composed(name)


def _wrongly_decoded(letter: str) -> bool:
    """Signs of the wrong code page: frames, mathematics and Greek where Latin letters are meant."""
    if letter.isascii():
        return False
    return (
        unicodedata.category(letter) in ("So", "Sm", "Sc", "Po", "No")
        or unicodedata.normalize("NFKC", letter) != letter
        or unicodedata.name(letter, "").startswith("GREEK")
    )


def _composed(name: str) -> str:
    """Letters and their accents as one, as macOS does not write them."""
    return unicodedata.normalize("NFC", name)


def _count_entries(file: io.BufferedReader, limit: int) -> None:
    if os.fstat(file.fileno()).st_size:
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            _count(data, limit)


def _count(data: bytes | mmap.mmap, limit: int) -> None:
    """Refused when a zip has more entries than that: each costs memory once it is opened."""
    for number, _ in enumerate(_CENTRAL.finditer(data)):
        if number >= limit:
            raise Refused(f"is a zip of more than {limit} entries")


def _natural(path: tuple[str, ...]) -> list[list[tuple[str, int]]]:
    """A key that puts ``a-2`` before ``a-10``."""
    return [
        [
            (text.casefold(), int(digits or 0))
            for text, digits in re.findall(r"(\D*)(\d{0,18})", part)
        ]
        for part in path
    ]
