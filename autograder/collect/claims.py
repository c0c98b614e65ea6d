"""Whose a file of a download is, read from its path as each platform writes it.

Canvas       lovelaceada_LATE_123_4567_02_momentum-1.ipynb   (name, user, file)
Moodle       Ada Lovelace_12345_assignsubmission_file_/02_momentum.ipynb, or all in one name
Gradescope   submission_4567/..., and submission_metadata.yml says whose it is and since when
Blackboard   02_momentum_ada_attempt_2026-11-20-23-58-01_02_momentum.ipynb, and a .txt
nbgrader     ada+02_momentum+2026-11-20 23:58:01 UTC+x/02_momentum.ipynb, or ada/02_momentum/...
plain        ada/..., ada.zip, 02_momentum_ada.ipynb, Ada Lovelace - 02_momentum.ipynb
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from autograder.collect.downloads import Item
from autograder.files import Refused

_CANVAS = re.compile(
    r"(?P<name>[^\W\d]\w*?|\d+[^\W\d_][^\W_]*?)(?P<late>_LATE)?_(?P<user>\d+)_"
    r"(?:(?P<file>\d+)_(?P<rest>.+)|(?:text|link)\.html)"  # or what was typed into Canvas
)
_CANVAS_ANONYMOUS = re.compile(
    r"(?P<late>LATE_)?(?P<name>anon_\w+?)_(?:(?P<file>\d+)_(?P<rest>.+)|(?:text|link)\.html)"
)
_MOODLE = re.compile(
    r"(?P<name>.+?)(?:_(?P<id>\d+))?_assignsubmission_(?P<plugin>[a-z]+)(?:_(?P<rest>.*))?", re.S
)
_BLACKBOARD = re.compile(
    r"(?P<who>.+?)_attempt_(?P<time>\d{4}(?:-\d\d){5})(?:_(?P<rest>.+)|(?P<about>\.txt))", re.S
)
_ABOUT = re.compile(r"^Name:\s*(?P<name>.*?)\s*\((?P<user>[^()]+)\)\s*$", re.M)
METADATA = "submission_metadata.yml"  # Gradescope's
_COPY = re.compile(r"(?:[-_ ]?\(\d+\)|-\d+| - Copy| copy(?: \d+)?| - Kopie)$", re.I)
_SUFFIX = re.compile(r"(\.ipynb|\.zip|\.txt|\.py|\.json)+$", re.I)


@dataclass(frozen=True)
class Name:
    """What a download says about one person.

    ``label`` is what it calls them; ``ids`` may be a student's id, login or e-mail, the surest
    first; ``lms`` is Canvas' own number.
    """

    label: str
    ids: tuple[str, ...] = ()
    lms: str = ""


@dataclass(frozen=True)
class Claim:
    """One submission in a download: all files with one ``key`` belong to it.

    ``order`` is larger for what was handed in later; ``back`` is what its feedback has to be
    called for the platform to take it.
    """

    platform: str
    key: str
    people: tuple[Name, ...]
    time: datetime | None = None
    late: bool = False
    order: int = 0
    back: str = ""


@dataclass
class Handed:
    """A claim and its files: the name that the student gave each, and the platform's number."""

    claim: Claim
    files: list[tuple[str, int, Item]] = field(default_factory=list)
    junk: list[str] = field(default_factory=list)  # files of an operating system or Jupyter

    def add(self, name: str, item: Item, claim: Claim) -> None:
        self.files.append((name, claim.order, item))
        late, order = self.claim.late or claim.late, max(self.claim.order, claim.order)
        self.claim = replace(self.claim, late=late, order=order)


def read_claims(
    items: Sequence[Item], assignment: str, known: Callable[[str], bool], said: list[str]
) -> list[Handed]:
    """Every submission among the files; ``known`` says whether a text names a student for sure.

    Messages about what is unusual go into ``said``.
    """
    known_folder, top = _of_known(known, assignment), _common_folder(items)
    readers: list[_Reader] = [
        _of_moodle,
        _of_canvas(known, top),
        _of_blackboard(_blackboard_people(items)),
        _of_exchange(assignment),
        known_folder,
    ]
    scopes = _gradescope(items, readers, said)
    readers.insert(0, _of_gradescope(scopes))
    found: dict[tuple[str, str], Handed] = {}
    for item in items:
        if item.name == METADATA and item.path[:-1] in scopes:
            continue
        path = item.meant_path
        if not path:
            continue
        claim, name = _outermost(readers, path) or _plain(path, assignment, top)
        handed = found.setdefault((claim.platform, claim.key), Handed(claim))
        if item.junk:
            handed.junk.append(item.name)
        elif name:  # else Blackboard's own text about the submission
            handed.add(name, item, claim)
    return list(found.values())


_Path = tuple[str, ...]
_Found = tuple[Claim, str] | None
_Reader = Callable[[_Path, int], _Found]  # a path, and which of its parts is to be read


def _outermost(readers: Iterable[_Reader], path: _Path, end: int | None = None) -> _Found:
    """What the first part of a path says that says anything.

    What lies inside may have been called so by a student, who is not to hand in for another.
    """
    for place in range(len(path) if end is None else end):
        for read in readers:
            if found := read(path, place):
                return found
    return None


def _of_moodle(path: _Path, place: int) -> _Found:
    if (found := _MOODLE.fullmatch(path[place])) is None:
        return None
    inner = [found["rest"] or "", *path[place + 1 :]]
    pieces = [piece.strip() for piece in found["name"].split("_") if piece.strip()]
    label = pieces[0] if pieces else found["name"]
    ids = tuple(re.sub(r"(?<=\w)AT(?=\w+\.)", "@", piece) for piece in pieces[1:])
    after_group = label.split("-", 1)[1:]  # "Group A-Ada Lovelace"
    name = Name(label, (*ids, *after_group))
    folder = f"{found['name']}_{found['id'] or ''}"
    back = re.sub(r"_assignsubmission_.*", "_assignsubmission_file_", path[place])
    claim = Claim("Moodle", folder, (name,), back=back)
    return claim, "/".join(filter(None, inner)) or path[place]


def _of_canvas(known: Callable[[str], bool], top: int) -> _Reader:
    def read(path: _Path, place: int) -> _Found:
        part = path[place]
        found = _CANVAS_ANONYMOUS.fullmatch(part) or _CANVAS.fullmatch(part)
        if found is None:
            return None
        user = found.groupdict().get("user") or ""
        if place < min(top, len(path) - 1) and not (known(found["name"]) or known(user)):
            return None  # a folder around all: "hw_2026_11_submissions"
        claim = Claim(
            "Canvas",
            f"{found['name']}_{user}",
            (Name(found["name"], lms=user),),
            late=bool(found["late"]),
            order=int((found["file"] or "0")[:18]),
            back=part,
        )
        return claim, "/".join([found["rest"] or part, *path[place + 1 :]])

    return read


def _of_blackboard(about: Mapping[_Path, Name]) -> _Reader:
    def read(path: _Path, place: int) -> _Found:
        if (found := _BLACKBOARD.fullmatch(path[place])) is None:
            return None
        pieces = found["who"].split("_")
        ends = tuple("_".join(pieces[start:]) for start in range(1, len(pieces)))
        name = about.get((*path[:place], found["who"])) or Name(pieces[-1], ends)
        try:
            time = datetime.strptime(found["time"], "%Y-%m-%d-%H-%M-%S")
        except ValueError:  # some file's own name
            return None
        key = f"{found['who']}_{found['time']}"
        claim = Claim("Blackboard", key, (name,), time=time, back=path[place])
        inner = [found["rest"] or "", *path[place + 1 :]]
        return claim, "/".join(filter(None, inner))

    return read


def _blackboard_people(items: Iterable[Item]) -> dict[_Path, Name]:
    """Who is meant, by folder and name, from the text that Blackboard adds to each attempt."""
    people = {}
    for item in items:
        found = _BLACKBOARD.fullmatch(item.name)
        if found is None or not found["about"]:
            continue
        try:
            text = item.read()[:20_000].decode("utf-8-sig", "replace")
        except Refused:
            continue
        if said := _ABOUT.search(text):
            name = Name(said["name"] or said["user"], (said["user"],))
            people[*item.path[:-1], found["who"]] = name
    return people


def _of_exchange(assignment: str) -> _Reader:
    """nbgrader's inbound folder: student+assignment+time, and maybe +random."""

    def read(path: _Path, place: int) -> _Found:
        pieces = path[place].split("+")
        if place + 1 == len(path) or len(pieces) not in (3, 4) or pieces[1] != assignment:
            return None
        name = Name(pieces[0], (pieces[0],))
        claim = Claim("nbgrader", path[place], (name,), time=_moment(pieces[2]))
        return claim, "/".join(path[place + 1 :])

    return read


def _of_known(known: Callable[[str], bool], assignment: str) -> _Reader:
    """A folder or file that is called like a student of the class."""

    def read(path: _Path, place: int) -> _Found:
        for text in _readings(path[place], assignment, place == len(path) - 1):
            if known(text):
                return _named(text, path, place, assignment)
        return None

    return read


_Scopes = Mapping[_Path, Mapping[str, Any]]


def _gradescope(items: Iterable[Item], readers: Sequence[_Reader], said: list[str]) -> _Scopes:
    """What each ``submission_metadata.yml`` says, by the folder it lies in.

    Those inside what was handed in are a student's, and not read. All values are texts.
    """
    found: dict[_Path, Mapping[str, Any]] = {}
    own = (item for item in items if item.name == METADATA and not item.junk)
    for item in sorted(own, key=lambda one: len(one.path)):
        folder = item.path[:-1]
        inside = any(folder[: len(scope)] == scope for scope in found)
        if inside or _outermost(readers, item.path, len(folder)):
            continue
        import yaml

        loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
        try:
            content = yaml.load(item.read(), loader)
        except (Refused, yaml.YAMLError, ValueError, RecursionError) as error:
            said.append(f"{item} cannot be read: {' '.join(str(error).split())[:200]}")
            continue
        if isinstance(content, dict):
            found[folder] = content
    return found


def _of_gradescope(scopes: _Scopes) -> _Reader:
    def read(path: _Path, place: int) -> _Found:
        content = scopes.get(path[:place])
        if content is None:
            return None
        key = path[place] if path[place] in content else _SUFFIX.sub("", path[place])
        about = content.get(key)
        if not isinstance(about, dict):
            return None
        fields = {str(name).lstrip(":"): value for name, value in about.items()}
        submitters = fields.get("submitters")
        people = [one for one in submitters if isinstance(one, dict)] if submitters else []
        label = tuple(map(_submitter, people)) or (Name(key),)
        claim = Claim("Gradescope", key, label, time=_moment(fields.get("created_at")))
        return claim, "/".join(path[place + 1 :] or path[place:])

    return read


def _submitter(about: Mapping[str, Any]) -> Name:
    fields = {
        str(name).lstrip(":"): value
        for name, value in about.items()
        if isinstance(value, str) and value not in ("~", "null")
    }
    ids = tuple(filter(None, (fields.get("sid"), fields.get("email"))))
    return Name(fields.get("name") or next(iter(ids), ""), ids)


def _plain(path: _Path, assignment: str, top: int) -> tuple[Claim, str]:
    """Of nobody that is known: the outermost folder, below those that all files share."""
    for place, part in enumerate(path[top:-1], top):
        if not _means_assignment(part, assignment):
            return _named(_readings(part, assignment, False)[-1], path, place, assignment)
    return _named(_readings(path[-1], assignment, True)[-1], path, len(path) - 1, assignment)


def _named(text: str, path: _Path, place: int, assignment: str) -> tuple[Claim, str]:
    inner = path[place + 1 :] or path[-1:]
    if len(inner) > 1 and _means_assignment(inner[0], assignment):
        inner = inner[1:]
    key = "/".join(path[: place + 1])
    return Claim("plain", key, (Name(text, (text,)),)), "/".join(inner)


def _readings(part: str, assignment: str, file: bool) -> list[str]:
    """What a path's part may call a student: as it is, without suffixes, without the assignment."""
    bare = _SUFFIX.sub("", part) if file else part
    alone = _COPY.sub("", bare)
    pattern = re.sub(r"[\W_]+", r"[\\W_]+", re.escape(assignment).replace("\\", ""))
    without = re.sub(pattern, "", alone, flags=re.I).strip(" _-+.,()[]")
    return [text for text in dict.fromkeys((part, bare, alone, without)) if text] or [part]


def _means_assignment(part: str, assignment: str) -> bool:
    def letters(text: str) -> str:
        return re.sub(r"[\W_]+", "", _COPY.sub("", text)).casefold()

    generic = {"submissions", "submitted", "submission", "download", "downloads", "notebooks"}
    return letters(part) == letters(assignment) or letters(part) in generic


def _common_folder(items: Iterable[Item]) -> int:
    """How many folders all files share: they say nothing about whose each file is."""
    paths = [item.path for item in items if not item.junk]
    if len(paths) < 2:
        return 0
    folders = [path[:-1] for path in paths]
    shared = 0
    for parts in zip(*folders, strict=False):
        if len(set(parts)) > 1:
            break
        shared += 1
    return shared


def _moment(text: Any) -> datetime | None:
    """A time of the platform, with its zone (UTC where it says none)."""
    if not isinstance(text, str):
        return None
    text = re.sub(r"\.\d+", "", text.strip()).replace(" UTC", "+00:00")
    try:
        moment = datetime.fromisoformat(re.sub(r" (?=Z$|[+-]\d\d)", "", text))
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
