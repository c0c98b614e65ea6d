"""Who of the class list is meant by what a download calls a student.

A wrong match gives one student another's score, so what fits several students, or fits only by
guessing, is left open and said. ``aliases.csv`` in the course (columns ``name,student``) decides
such cases; several rows of one name are a group, whose submission counts for each member.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from autograder.collect.claims import Claim, Name
from autograder.course.person import Person
from autograder.course.tables import read_table
from autograder.errors import AutograderError

ALIASES = "aliases.csv"

# Letters that Unicode does not take apart, and how they are written where a keyboard lacks them.
_LETTERS = str.maketrans(
    {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"}
)
_GERMAN = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa"})


# What stands in the names of files and folders beside a student's.
_BESIDE = re.compile(
    r"\d+|(?:hw|ps|ex|v|assignment|exercise|homework|problemset|sheet|aufgabe|blatt)\d*|[ap]m"
    r"|copy|of|kopie|von|final|new|main|master|solutions?|submissions?|attachments?|s|notebook"
    r"|ipynb|abgabe|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|sept|oct|nov|dec)"
    r"|january|february|march|april|june|july|august|september|october|november|december"
).fullmatch


@dataclass(frozen=True)
class Match:
    """The students meant; none where ``why`` says what is the matter.

    ``note`` says what to look at although somebody was found.
    """

    students: tuple[str, ...] = ()
    why: str = ""
    note: str = ""


class Roster:
    """The students of a course, found by any of their names and numbers."""

    def __init__(
        self,
        people: Iterable[Person],
        aliases: Mapping[str, tuple[str, ...]],
        assignment: str = "",
    ) -> None:
        self._people = {person.id: person for person in people}
        self._aliases = {_key(name): students for name, students in aliases.items()}
        self._lms: dict[str, set[str]] = {}
        self._ids: dict[str, set[str]] = {}
        self._names: dict[str, set[str]] = {}
        self._parts: dict[str, set[str]] = {}
        self._words: dict[str, set[str]] = {}
        self._beside = set(_tokens(assignment, german=False))
        for person in self._people.values():
            self._enter(person)

    def __len__(self) -> int:
        return len(self._people)

    def _enter(self, person: Person) -> None:
        def add(index: dict[str, set[str]], key: str) -> None:
            if key:
                index.setdefault(key, set()).add(person.id)

        add(self._lms, person.lms_user_id)
        for text in (person.id, person.email, person.email.split("@")[0]):
            add(self._ids, _key(text))
        for form in _full_forms(person):
            add(self._names, form)
        for form in _partial_forms(person):
            add(self._parts, form)
        for word in _words_of(person) | _words_of_id(person):
            add(self._words, word)

    def knows(self, text: str) -> bool:
        """Whether a text names a student for sure, or a group of ``aliases.csv``."""
        if len(text) > 200:
            return False
        return _key(text) in self._aliases or len(self._surely(text)) == 1

    def _surely(self, text: str) -> set[str]:
        return (
            self._ids.get(_key(text), set())
            or self._lms.get(text, set())
            or self._named(text, self._names)
            or self._among_others(text)
        )

    def _among_others(self, text: str) -> set[str]:
        """Whose whole name, or id, stands there, with nothing beside it that could be a name.

        ``Lovelace, Ada(ada)``, ``1234-56 - Ada Lovelace - Nov 20, 2026 1158 PM``.
        """
        words = {word for german in (False, True) for word in _tokens(text, german)}
        found = set()
        for student in set().union(*(self._words.get(word, set()) for word in words)):
            person = self._people[student]
            name, own = _words_of(person), _words_of_id(person)
            rest = words - name - own - self._beside
            whole = any(own_name <= words for own_name in _whole_names(person))
            surely = own <= words and any(map(str.isdigit, "".join(own)))  # "ada" may be any Ada
            if (whole or surely) and not any(not _BESIDE(word) for word in rest):
                found.add(student)
        return found

    @staticmethod
    def _named(text: str, index: Mapping[str, set[str]]) -> set[str]:
        return set().union(*(index.get(form, set()) for form in _forms(text)))

    def match(self, claim: Claim) -> Match:
        """Whom a submission counts for: the members of a group, or one student."""
        if alias := self._alias(claim):
            unknown = [student for student in alias if student not in self._people]
            if unknown:
                return Match(why=f"{ALIASES} names {', '.join(unknown)}, who is no student here")
            return Match(alias)
        matches = [self._one(name) for name in claim.people]
        students = tuple(dict.fromkeys(s for match in matches for s in match.students))
        why = "; ".join(dict.fromkeys(match.why for match in matches if match.why))
        note = "; ".join(dict.fromkeys(match.note for match in matches if match.note))
        if students and why:  # of a group, some are known
            return Match(students, note="; ".join(filter(None, [note, why])))
        return Match(students, why or ("" if students else "the download names nobody"), note)

    def _alias(self, claim: Claim) -> tuple[str, ...]:
        texts = [claim.key, *(text for name in claim.people for text in (name.label, *name.ids))]
        return next((found for text in texts if (found := self._aliases.get(_key(text)))), ())

    def _one(self, name: Name) -> Match:
        if name.lms and (found := self._lms.get(name.lms)):
            return self._by_number(name, found)
        for text in name.ids:
            if found := self._ids.get(_key(text)) or self._lms.get(text):
                return self._unique(name, found)
        texts = (name.label, *name.ids)
        for text in texts:
            if found := self._surely(text):
                return self._unique(name, found)
        for text in texts:
            if found := self._named(text, self._parts):
                match = self._unique(name, found)
                note = f"taken for {self._called(match.students)}: part of the name is the same"
                return Match(match.students, match.why, note if match.students else "")
        return Match(why=f"nobody in the class list is called so{self._perhaps(name.label)}")

    def _by_number(self, name: Name, found: set[str]) -> Match:
        """By Canvas' own number; a group's file has its name and the number of one member."""
        student = min(found)
        if len(found) > 1:
            return Match(why=f"{', '.join(sorted(found))} have the same lms_user_id {name.lms}")
        person = self._people[student]
        forms = _full_forms(person) | _partial_forms(person)
        if not forms or forms & _forms(name.label) or name.label.startswith("anon_"):
            return Match((student,))
        return Match(
            (student,),
            note=f"has the number of {self._called((student,))}: if it is a group, give its "
            f"members in {ALIASES}",
        )

    def _unique(self, name: Name, found: set[str]) -> Match:
        """The one who is found, unless Canvas knows that one by another number."""
        fits = sorted(
            student
            for student in found
            if not (name.lms and self._people[student].lms_user_id)
            or self._people[student].lms_user_id == name.lms
        )
        if len(fits) == 1:
            return Match((fits[0],))
        if not fits:
            numbers = ", ".join(f"{s} ({self._people[s].lms_user_id})" for s in sorted(found))
            return Match(why=f"called like {numbers}, but Canvas' number {name.lms} is another")
        return Match(why=f"may be any of {', '.join(fits)}")

    def _called(self, students: Iterable[str]) -> str:
        return ", ".join(students)

    def _perhaps(self, label: str) -> str:
        """A hint whom a misspelt name may mean; never a match."""
        near = [
            name
            for form in _forms(label)
            for name in difflib.get_close_matches(form, self._names, 2, 0.75)
        ]
        students = sorted(set().union(*(self._names[name] for name in near)))[:3]
        return f" (perhaps {' or '.join(students)}?)" if students else ""


def read_aliases(path: Path) -> dict[str, tuple[str, ...]]:
    """The students by the name that a download has for them; AutograderError with the line."""
    found: dict[str, tuple[str, ...]] = {}
    for number, (name, student) in read_table(path, ("name", "student")):
        if not name or not student:
            raise AutograderError(
                f"{path}, line {number}: expected are the columns name,student: what the "
                "download calls somebody, and the student's id in the gradebook."
            )
        found[name] = (*found.get(name, ()), student)
    return found


def _key(text: str) -> str:
    return unicodedata.normalize("NFC", text).strip().casefold()


def _tokens(text: str, german: bool) -> list[str]:
    """The words of a name in plain letters: no accents, no apostrophes, hyphens as spaces."""
    text = unicodedata.normalize("NFC", text).casefold()
    text = text.translate(_GERMAN) if german else text
    text = unicodedata.normalize("NFD", text.translate(_LETTERS))
    text = "".join(letter for letter in text if not unicodedata.combining(letter))
    return re.findall(r"[^\W_]+", re.sub(r"['’`´ʼ‘.]", "", text))


def _forms(text: str) -> set[str]:
    """What a text may stand for as a whole name: in one word, and as a set of words."""
    return {form for german in (False, True) for form in _of_tokens(_tokens(text, german))}


def _of_tokens(tokens: list[str]) -> Iterator[str]:
    if tokens:
        yield "".join(tokens)
    if len(tokens) > 1:
        yield " ".join(sorted(tokens))


def _full_forms(person: Person) -> set[str]:
    """The whole name, last name first or first name first."""
    found: set[str] = set()
    for german in (False, True):
        first, last = _tokens(person.first_name, german), _tokens(person.last_name, german)
        for order in (last + first, first + last):
            found.update(_of_tokens(order))
    return found


def _whole_names(person: Person) -> list[set[str]]:
    """The words of a name of two or more, in each spelling."""
    full = f"{person.first_name} {person.last_name}"
    found = [set(_tokens(full, german)) for german in (False, True)]
    return [words for words in found if len(words) > 1]


def _words_of(person: Person) -> set[str]:
    return set().union(*_whole_names(person))


def _words_of_id(person: Person) -> set[str]:
    return set(_tokens(person.id, german=False)) or {person.id}


def _partial_forms(person: Person) -> set[str]:
    """A last name, or all of them, with the first given name or all; each part from the list."""
    found: set[str] = set()
    for german in (False, True):
        first, last = _tokens(person.first_name, german), _tokens(person.last_name, german)
        for given in (first, first[:1], *([name] for name in first[1:])):
            for family in (last, last[:1], last[-1:]):
                if given and family:
                    found.update(_of_tokens([*family, *given]))
                    found.update(_of_tokens([*given, *family]))
    return found
