"""argparse's parser with our exit code, and what to type instead of a command that is not there."""

from __future__ import annotations

import argparse
import re
from collections.abc import Collection, Mapping
from difflib import get_close_matches
from typing import NoReturn

from autograder.cli.exit_codes import FAULT

_UNKNOWN = re.compile(
    r"argument (?:COMMAND|ACTION): invalid choice: '(.*?)'.* \(choose from (.*)\)"
)


class Parser(argparse.ArgumentParser):
    """argparse's, with our exit code and a message.

    ``known`` are its commands; ``elsewhere`` says whose a command is that it has not.
    """

    known: Collection[str] = ()
    elsewhere: Mapping[str, str] = {}

    def error(self, message: str) -> NoReturn:
        """Print what is wrong and what to type, and end."""
        if unknown := _UNKNOWN.match(message):
            message = self._meant(unknown[1], re.findall(r"[\w-]+", unknown[2]))
        elif too_many := re.fullmatch(r"unrecognized arguments: (.*\.ipynb)", message):
            message = f"one notebook at a time, and there is also {too_many[1]}. For all that are "
            message += f"in a folder: {self.prog} progress FOLDER"
        program = self.prog.split()[0]
        self.exit(FAULT, f"{program}: {message}\nRun '{self.prog} --help' for usage.\n")

    def _meant(self, word: str, commands: Collection[str]) -> str:
        if program := self.elsewhere.get(word):
            return f"'{word}' is a command of {program}. Type: {program} {word}"
        if close := get_close_matches(word, commands, 1):
            return f"there is no command '{word}'. Did you mean: {self.prog} {close[0]}"
        return f"there is no command '{word}'; there are: {', '.join(commands)}"
