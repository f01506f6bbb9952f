"""Dates and times that are written as text, as seconds since 1 January 1970, and back."""

import datetime
import math
import re
from collections.abc import Iterable

DAY_S = 86_400
_EPOCH = datetime.date(1970, 1, 1).toordinal()
FIRST_S = (1 - _EPOCH) * DAY_S
END_S = (datetime.date.max.toordinal() + 1 - _EPOCH) * DAY_S
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_LAST_SHORT_YEAR = 68
"""Of two digits, 00 to 68 are years from 2000 on, and 69 to 99 before, as POSIX has it."""

_NAME = rf"(?P<name>{'|'.join(_MONTHS)})[a-z]*\.?"
_DAY = (
    r"(?P<year>\d{4})(?P<s>[-/.])(?P<month>\d\d?)(?P=s)(?P<day>\d\d?)",
    r"(?P<year>\d{4})(?P<month>\d\d)(?P<day>\d\d)",
    r"(?P<year>\d{4})(-(?P<month>\d\d))?",
    # Points stand between day, month and year everywhere; the other marks also between month, day and year.
    r"(?P<day>\d\d?)\.(?P<month>\d\d?)\.(?P<year>\d{4}|\d\d)",
    r"(?P<one>\d\d?)(?P<s>[-/])(?P<two>\d\d?)(?P=s)(?P<year>\d{4}|\d\d)",
    rf"(?P<day>\d\d?)\.?[- ]{_NAME}[- ](?P<year>\d{{4}}|\d\d)",
    rf"{_NAME} (?P<day>\d\d?),? (?P<year>\d{{4}})",
)
_TIME = (
    r"(?:[T ] ?(?P<hour>\d\d?):(?P<minute>\d\d)(?::(?P<second>\d\d(?:[.,]\d+)?))? ?(?P<half>[AP]M)?"
    r" ?(?P<zone>Z|UTC|GMT|[-+]\d\d(?::?\d\d)?)?)?"
)
_FORMS = tuple(re.compile(f"{day}{_TIME}", re.IGNORECASE) for day in _DAY)


def seconds_of(text: str, day_first: bool = False) -> float:
    """Seconds since 1 January 1970, 0:00 of a date or a time; NaN where the text is none.

    day_first : whether 1/2/2020 is 1 February. A time zone is applied; without one, nothing is.
    Understood are 2020-01-31, 20200131, 2020-01, 2020, 31.01.2020, 1/31/20, 31 Jan 2020, Jan 31, 2020, with a
    time as 13:05, 13:05:59.5 or 1:05 PM.
    """
    for form in _FORMS:
        found = form.fullmatch(text)
        if found is not None:
            return _seconds(found.groupdict(), day_first)
    return math.nan


def day_first_of(texts: Iterable[str]) -> bool | None:
    """Whether dates such as 13/2/2020 prove that the day, or the month, comes first; None if nothing does.

    Where some prove each, the majority decides.
    """
    days = months = 0
    for text in texts:
        found = _FORMS[4].fullmatch(text)
        if found is not None:
            one, two = int(found["one"]), int(found["two"])
            days += one > 12 >= two
            months += two > 12 >= one
    return None if days == months else days > months


def has_two_orders(texts: Iterable[str]) -> bool:
    """Whether a text is a date of the form 1/2/2020."""
    return any(_FORMS[4].fullmatch(text) is not None for text in texts)


def date_text(seconds: float) -> str:
    """As ISO 8601 writes it, without a time where it is midnight: 2020-01-31, 2020-01-31 13:05:59."""
    day, rest = divmod(seconds, DAY_S)
    date = datetime.date.fromordinal(int(day) + _EPOCH).isoformat()
    if not rest:
        return date
    # Not by datetime, whose rounding of fractions could reach the next day.
    minutes, second = divmod(rest, 60)
    hour, minute = divmod(int(minutes), 60)
    fraction = f"{second:09.6f}".rstrip("0").rstrip(".")
    return f"{date} {hour:02}:{minute:02}:{fraction}"


def _seconds(part: dict[str, str | None], day_first: bool) -> float:
    year = int(part["year"] or 0)
    if len(part["year"] or "") == 2:
        year += 2000 if year <= _LAST_SHORT_YEAR else 1900
    month, day = part.get("month") or "1", part.get("day") or "1"
    if part.get("name"):
        month = str(1 + _MONTHS.index(str(part["name"]).lower()))
    elif part.get("one"):
        one, two = str(part["one"]), str(part["two"])
        day, month = (one, two) if day_first else (two, one)
    hour, minute, second = int(part["hour"] or 0), int(part["minute"] or 0), float(_point(part["second"]))
    if part["half"]:
        if not 1 <= hour <= 12:
            return math.nan
        hour = hour % 12 + 12 * (str(part["half"]).upper() == "PM")
    if hour > 23 or minute > 59 or second >= 60:
        return math.nan
    try:
        days = datetime.date(year, int(month), int(day)).toordinal() - _EPOCH
    except ValueError:
        return math.nan
    seconds = days * DAY_S + hour * 3600 + minute * 60 + second - _offset_s(part["zone"])
    # A zone may lead out of the years 1 to 9999.
    return seconds if FIRST_S <= seconds < END_S else math.nan


def _point(text: str | None) -> str:
    return (text or "0").replace(",", ".")


def _offset_s(zone: str | None) -> int:
    """Seconds that a zone is ahead of UTC."""
    if not zone or zone[0] not in "+-":
        return 0
    hours, minutes = int(zone[1:3]), int(zone[3:].lstrip(":") or 0)
    return (hours * 3600 + minutes * 60) * (-1 if zone[0] == "-" else 1)
