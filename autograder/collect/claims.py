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
    r"(?P<who>.+)_attempt_(?P<time>\d{4}(?:-\d\d){5})(?:_(?P<rest>.+)|(?P<about>\.txt))", re.S
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
    scopes = _gradescope(items, said)
    top = _common_folder(items)
    of_blackboard = _of_blackboard(_blackboard_people(items))
    of_exchange = _of_exchange(assignment)
    found: dict[tuple[str, str], Handed] = {}
    for item in items:
        if item.name == METADATA and item.path[:-1] in scopes:
            continue
        path = item.meant_path
        if not path:
            continue
        claim, name = (
            _of_gradescope(path, scopes)
            or _of_moodle(path)
            or (None if any(map(known, path[:-1])) else _of_canvas(path))
            or of_blackboard(path)
            or of_exchange(path)
            or _plain(path, assignment, known, top)
        )
        handed = found.setdefault((claim.platform, claim.key), Handed(claim))
        if item.junk:
            handed.junk.append(item.name)
        elif name:  # else Blackboard's own text about the submission
            handed.add(name, item, claim)
    return list(found.values())


_Found = tuple[Claim, str] | None


def _of_moodle(path: tuple[str, ...]) -> _Found:
    for place, part in enumerate(path):
        if found := _MOODLE.fullmatch(part):
            inner = [found["rest"] or "", *path[place + 1 :]]
            pieces = [piece.strip() for piece in found["name"].split("_") if piece.strip()]
            label = pieces[0] if pieces else found["name"]
            ids = tuple(re.sub(r"(?<=\w)AT(?=\w+\.)", "@", piece) for piece in pieces[1:])
            after_group = label.split("-", 1)[1:]  # "Group A-Ada Lovelace"
            name = Name(label, (*ids, *after_group))
            folder = f"{found['name']}_{found['id'] or ''}"
            back = re.sub(r"_assignsubmission_.*", "_assignsubmission_file_", part)
            claim = Claim("Moodle", folder, (name,), back=back)
            return claim, "/".join(filter(None, inner)) or part
    return None


def _of_canvas(path: tuple[str, ...]) -> _Found:
    for place, part in enumerate(path):
        found = _CANVAS_ANONYMOUS.fullmatch(part) or _CANVAS.fullmatch(part)
        if found is None:
            continue
        user = found.groupdict().get("user") or ""
        claim = Claim(
            "Canvas",
            f"{found['name']}_{user}",
            (Name(found["name"], lms=user),),
            late=bool(found["late"]),
            order=int((found["file"] or "0")[:18]),
            back=part,
        )
        return claim, "/".join([found["rest"] or part, *path[place + 1 :]])
    return None


def _of_blackboard(about: Mapping[str, Name]) -> Callable[[tuple[str, ...]], _Found]:
    def read(path: tuple[str, ...]) -> _Found:
        for place, part in enumerate(path):
            if (found := _BLACKBOARD.fullmatch(part)) is None:
                continue
            pieces = found["who"].split("_")
            ends = tuple("_".join(pieces[start:]) for start in range(1, len(pieces)))
            name = about.get(found["who"]) or Name(pieces[-1], ends)
            time = datetime.strptime(found["time"], "%Y-%m-%d-%H-%M-%S")
            key = f"{found['who']}_{found['time']}"
            claim = Claim("Blackboard", key, (name,), time=time, back=part)
            inner = [found["rest"] or "", *path[place + 1 :]]
            return claim, "/".join(filter(None, inner))
        return None

    return read


def _blackboard_people(items: Iterable[Item]) -> dict[str, Name]:
    """Who is meant, from the text that Blackboard adds to each attempt."""
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
            people[found["who"]] = Name(said["name"] or said["user"], (said["user"],))
    return people


def _of_exchange(assignment: str) -> Callable[[tuple[str, ...]], _Found]:
    """nbgrader's inbound folder: student+assignment+time, and maybe +random."""

    def read(path: tuple[str, ...]) -> _Found:
        for place, part in enumerate(path[:-1]):
            pieces = part.split("+")
            if len(pieces) in (3, 4) and pieces[1] == assignment:
                name = Name(pieces[0], (pieces[0],))
                claim = Claim("nbgrader", part, (name,), time=_moment(pieces[2]))
                return claim, "/".join(path[place + 1 :])
        return None

    return read


def _gradescope(items: Iterable[Item], said: list[str]) -> dict[tuple[str, ...], dict[str, Any]]:
    """What each ``submission_metadata.yml`` says, by the folder it lies in."""
    found = {}
    for item in items:
        if item.name == METADATA and not item.junk:
            import yaml

            loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
            try:
                content = yaml.load(item.read(), loader)
            except (Refused, yaml.YAMLError, ValueError, RecursionError) as error:
                said.append(f"{item} cannot be read: {' '.join(str(error).split())[:200]}")
                continue
            if isinstance(content, dict):
                found[item.path[:-1]] = {str(key): about for key, about in content.items()}
    return found


def _of_gradescope(
    path: tuple[str, ...], scopes: Mapping[tuple[str, ...], Mapping[str, Any]]
) -> _Found:
    for folder, content in scopes.items():
        inner = path[len(folder) :]
        if path[: len(folder)] != folder or not inner:
            continue
        key = inner[0] if inner[0] in content else _SUFFIX.sub("", inner[0])
        about = content.get(key)
        if isinstance(about, dict):
            fields = {str(name).lstrip(":"): value for name, value in about.items()}
            people = [one for one in fields.get("submitters") or () if isinstance(one, dict)]
            names = tuple(map(_submitter, people))
            label = names or (Name(key),)
            claim = Claim("Gradescope", key, label, time=_moment(fields.get("created_at")))
            return claim, "/".join(inner[1:] or inner)
    return None


def _submitter(about: Mapping[str, Any]) -> Name:
    fields = {
        str(name).lstrip(":"): str(value) for name, value in about.items() if value is not None
    }
    ids = tuple(filter(None, (fields.get("sid"), fields.get("email"))))
    return Name(fields.get("name") or next(iter(ids), ""), ids)


def _plain(
    path: tuple[str, ...], assignment: str, known: Callable[[str], bool], top: int
) -> tuple[Claim, str]:
    """A folder or file that is called like a student; at whatever level of the download it lies."""
    for place, part in enumerate(path):
        for text in _readings(part, assignment, place == len(path) - 1):
            if known(text):
                return _named(text, path, place, assignment)
    for place, part in enumerate(path[top:-1], top):  # nobody that is known: the outermost folder
        if not _means_assignment(part, assignment):
            return _named(_readings(part, assignment, False)[-1], path, place, assignment)
    return _named(_readings(path[-1], assignment, True)[-1], path, len(path) - 1, assignment)


def _named(text: str, path: tuple[str, ...], place: int, assignment: str) -> tuple[Claim, str]:
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


def _moment(value: Any) -> datetime | None:
    """A time of the platform, with its zone (UTC where it says none)."""
    if isinstance(value, str):
        text = re.sub(r"\.\d+", "", value.strip()).replace(" UTC", "+00:00")
        try:
            value = datetime.fromisoformat(text)
        except ValueError:
            return None
    if not isinstance(value, datetime):
        return None
    return value if value.tzinfo else value.replace(tzinfo=UTC)
