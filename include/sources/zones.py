"""Names of time zones."""

from zoneinfo import available_timezones


def is_zone(name: str) -> bool:
    """True for a zone of the time zone database, such as UTC or Europe/Berlin, that Java knows by the same name."""
    return name in available_timezones() and (name == "UTC" or "/" in name) and not name.startswith("posix")
