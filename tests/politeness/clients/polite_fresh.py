"""How long an answer is fresh, as RFC 9111 4.2 has it; for the polite model client."""

import re
from datetime import UTC, datetime

DIRECTIVE = re.compile(r'([^\s,=]+)(?:=("(?:[^"\\]|\\.)*"|[^\s,]*))?\s*(?:,|$)')
DAYS = "(?:mon|tue|wed|thu|fri|sat|sun)"
FORMS = (  # RFC 9110 5.6.7; letters of any case, as RFC 9111 4.2 asks of caches
    (re.compile(DAYS + r", \d\d [a-z]{3} \d{4} \d\d:\d\d:\d\d gmt"), "%a, %d %b %Y %H:%M:%S gmt"),
    (re.compile(r"[a-z]{6,9}, \d\d-[a-z]{3}-\d\d \d\d:\d\d:\d\d gmt"), "%A, %d-%b-%y %H:%M:%S gmt"),
    (re.compile(DAYS + r" [a-z]{3} [ \d]\d \d\d:\d\d:\d\d \d{4}"), "%a %b %d %H:%M:%S %Y"),
)


def seconds_fresh(fields, now):
    """`fields` maps a lower-case name to its values in order."""
    control = directives(fields.get("cache-control", []))
    if "no-cache" in control or "no-store" in control or varies_by_all(fields):
        return 0
    age = whole(fields.get("age", ["0"])[0].partition(",")[0]) or 0
    if "max-age" in control:
        return max(0, (whole(control["max-age"]) or 0) - age)
    if "expires" not in fields or len(fields["expires"]) > 1:
        return 0
    sent = date(fields.get("date", [""])[0])
    lifetime = date(fields["expires"][0], 0) - (now if sent is None else sent)
    return max(0, lifetime - max(age, 0 if sent is None else now - sent))


def directives(values):
    """The first of each name counts; what stands in quotes is no directive."""
    found = {}
    for match in DIRECTIVE.finditer(", ".join(values)):
        found.setdefault(match.group(1).lower(), (match.group(2) or "").strip('"'))
    return found


def varies_by_all(fields):
    return "*" in [name.strip() for value in fields.get("vary", []) for name in value.split(",")]


def whole(text):
    return int(text) if re.fullmatch(r"\d+", text.strip()) else None


def date(text, otherwise=None):
    low = text.strip().lower()
    for form, pattern in FORMS:
        if form.fullmatch(low):
            try:
                moment = datetime.strptime(low, pattern).replace(tzinfo=UTC)
            except ValueError:
                return otherwise
            far = pattern.startswith("%A") and moment.year < datetime.now(UTC).year - 50
            moment = moment.replace(year=moment.year + 100) if far else moment
            return moment.timestamp()
    return otherwise
