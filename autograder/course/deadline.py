"""Until when an assignment may be handed in, by everybody and by those with more time, in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


@dataclass(frozen=True)
class Deadline:
    """The date for all (None: there is none) and the ``extensions`` by student, in UTC.

    ``zone`` is the one that dates are written in.
    """

    due: datetime | None = None
    extensions: Mapping[str, datetime] = field(default_factory=dict)
    zone: str = "UTC"

    def until(self, student: str) -> datetime | None:
        """The date that holds for a student."""
        return None if self.due is None else self.extensions.get(student, self.due)

    def extended(self, student: str) -> bool:
        """Whether another date than that of all holds for the student."""
        return self.until(student) != self.due

    def late(self, student: str, handed_in: datetime | None) -> timedelta | None:
        """By how much it came late; None when it did not, or when there is no date or time."""
        until = self.until(student)
        if until is None or handed_in is None or handed_in <= until:
            return None
        return handed_in - until

    def written(self, moment: datetime, form: str = "%a %d %b %Y, %H:%M %Z") -> str:
        """A moment (UTC, without a zone) in the course's zone."""
        try:
            zone = ZoneInfo(self.zone)
        except (ZoneInfoNotFoundError, ValueError, OSError):  # nbgrader takes abbreviations too
            zone = ZoneInfo("UTC")
        return moment.replace(tzinfo=UTC).astimezone(zone).strftime(form)


def in_words(span: timedelta) -> str:
    """``2 days 3 h``, ``3 h 5 min`` or ``less than a minute``: the two largest units."""
    days, rest = span.days, span.seconds
    hours, minutes = rest // 3600, rest % 3600 // 60
    if days:
        return f"{days} day{'s' if days > 1 else ''}" + (f" {hours} h" if hours else "")
    if hours:
        return f"{hours} h" + (f" {minutes} min" if minutes else "")
    return f"{minutes} min" if minutes else "less than a minute"
