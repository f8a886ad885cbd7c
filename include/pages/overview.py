"""A page of each source: what became of its records, when people were there, what they like, pay and say.

Counts only. Charts of what people do leave out what fewer than five users share.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from include.pages import charts
from include.pages.charts import Chart
from include.pages.page import Section, facts, page, write
from include.query import Lake
from include.settings import Settings
from include.show.accounts import OUTCOMES, Account, accounts
from include.show.suspects import broken_limits
from include.sources.load import load_sources
from include.sources.model import Source

LEAST_USERS, _MOST_BARS, _MOST_POINTS, _MOST_KINDS = 5, 15, 120, 5
_PROFILES = "select count(*) as users, max(known_at) as known_at from gold.user_profiles where source = ?"
_DAYS = "select min(day) as first, max(day) as last from meta.profile_days where source = ?"
_SPAN = "select min(day) as first, max(day) as last from gold.behaviour_daily where source = ? and is_dated"
_ACTIVITY = """
select date_trunc(?, day)::date as day, kind, sum(n)::bigint as n from gold.behaviour_daily
where source = ? and is_dated group by 1, kind having count(distinct user_key) >= ?
"""
_LAST_SEEN = """
select loyalty_last_seen_on as day, count(*) as n from gold.user_profiles
where source = ? and loyalty_last_seen_on is not null group by day
"""
_BRANDS = """
select brand as name, sum(n)::bigint as n from (
    select user_key, brand, sum(n) as n from gold.behaviour_items_daily where source = ? and brand is not null
    group by user_key, brand having sum(n) > 0
) group by brand
having count(distinct user_key) >= ? order by n desc, name limit ?
"""
_RATINGS = """
select rating::double as rating, count(*) as n from (
    select source, user_key, rating, known_to from silver.events
    union all select source, user_key, rating, known_to from silver.texts
) where source = ? and rating is not null and known_to is null group by rating
having count(distinct user_key) >= ? order by rating
"""
_PRICES = """
select coalesce(currency, 'unknown') as currency, floor(log10(unit_price::double) * 3)::int as third, count(*) as n
from silver.events where source = ? and unit_price > 0 and known_to is null group by currency, third
having count(distinct user_key) >= ?
order by currency, third
"""
_PLEASED = """
select least(floor(sentiment_pleased::double * 10), 9)::int as tenth, count(*) as n
from gold.user_profiles where source = ? and sentiment_pleased is not null group by tenth
having count(distinct user_key) >= ? order by tenth
"""
_SAID = "select unnest({column}).value as name, count(*) as n from gold.user_profiles"
_TRAITS_OF_TEXTS = {
    column: (_SAID.format(column=column), title)
    for column, title in {
        "content_written_languages": "Languages that users write in",
        "entity_organisations": "Brands and organisations that users name",
        "entity_products": "Products that users name",
        "preference_praised": "What users praise",
        "preference_blamed": "What users blame",
    }.items()
}
_INTERESTS = """
select interest as name, count(distinct user_key) as n from gold.user_interests
where source = ? group by name having n >= ? order by n desc, name limit ?
"""
_LIKED = {  # the first of each user's list
    "interest_categories": "select interest_categories[1].value as name, count(*) as n from gold.user_profiles",
    "interest_tags": "select interest_tags[1].value as name, count(*) as n from gold.user_profiles",
}
_OF_LIST = " where source = ? group by name having name is not null and n >= ? order by n desc, name limit ?"
_AGES = ((0, "that day"), (7, "1 to 7"), (30, "8 to 30"), (90, "31 to 90"), (365, "91 to 365"), (10**6, "longer ago"))


def write_overviews(settings: Settings) -> Path:
    """A page a source that has landed, and the page that lists them; the address of that."""
    lake, folder = Lake(settings), settings.pages / "sources"
    described = load_sources(settings.source_folders)
    by_source: dict[str, list[Account]] = defaultdict(list)
    for account in accounts(lake):
        by_source[account.source].append(account)
    for name, mine in by_source.items():
        write(folder / f"source-{name}.html", overview(lake, name, mine, described.get(name)))
    rows = [(n, sum(a.landed for a in mine), _of(lake, _PROFILES, n)[0]["users"]) for n, mine in by_source.items()]
    counted = Section("Sources", charts.table(("source", "records landed", "profiles"), rows))
    links = [("../index.html", "All pages"), *((f"source-{name}.html", name) for name in by_source)]
    listing = page("Sources", "What has landed, and how many profiles came of it.", [counted], links)
    write(folder / "index.html", listing)
    return folder / "index.html"


def overview(lake: Lake, name: str, mine: Sequence[Account], described: Source | None) -> str:
    """The page of one source."""
    parts = (
        ("What became of the records", _outcomes(mine)),
        ("When", _when(lake, name)),
        ("What they like", _likes(lake, name)),
        ("What they pay and say", _pay_and_say(lake, name)),
        ("What their texts are about", _texts(lake, name)),
        ("Suspects", _suspects(lake, name)),
    )
    sections = [Section("At a glance", _facts(lake, name, described))]
    for title, drawn in parts:
        shown = "".join(
            piece.html() if isinstance(piece, Chart) else f'<div class="wide">{piece}</div>' for piece in drawn
        )
        sections.append(Section(title, f'<div class="charts">{shown}</div>' if shown else "<p>Nothing of it yet.</p>"))
    about = described.about if described else "This source is not described any more."
    return page(f"Source {name}", about, sections, [("index.html", "All sources")])


def _facts(lake: Lake, name: str, described: Source | None) -> str:
    profiles, days = _of(lake, _PROFILES, name)[0], _of(lake, _DAYS, name)[0]
    told: list[tuple[str, object]] = [
        ("Profiles", f"{profiles['users']:,}"),
        ("Built as of", f"{days['first']} to {days['last']}" if days["last"] else "no day yet"),
        ("Newest arrival in a profile", profiles["known_at"] or "none"),
    ]
    if described:
        ends = described.history.last or "open"
        told += [("History", f"{described.history.first} to {ends}"), ("Licence", described.licence)]
    return facts(told)


def _outcomes(mine: Sequence[Account]) -> Iterator[Chart | str]:
    rows = [(a.feed, a.landed, *(getattr(a, outcome) for outcome in OUTCOMES)) for a in mine]
    yield charts.table(("feed", "landed", *OUTCOMES), rows)
    reasons = sum((a.reasons for a in mine), Counter[str]())
    if reasons:
        yield charts.bars("Why records were rejected", "reason", reasons.most_common(_MOST_BARS), "records")


def _when(lake: Lake, name: str) -> Iterator[Chart | str]:
    span, built = _of(lake, _SPAN, name)[0], _of(lake, _DAYS, name)[0]["last"]
    step = _step(span["first"], span["last"]) if span["last"] else "day"
    if activity := _of(lake, _ACTIVITY, step, name, LEAST_USERS):
        points = _by_kind([(r["day"], r["kind"], r["n"]) for r in activity])
        yield charts.over_time(f"What people did, by {step}", points, "times")
    if built and (last_seen := _of(lake, _LAST_SEEN, name)):
        counted = Counter[str]()
        for row in last_seen:
            counted[next(words for most, words in _AGES if (built - row["day"]).days <= most)] += row["n"]
        rows = [(words, counted[words]) for _, words in _AGES if counted[words] >= LEAST_USERS]
        yield charts.columns(f"Days since users were last there, on {built}", "days", rows, "users")


def _likes(lake: Lake, name: str) -> Iterator[Chart | str]:
    titles = {"interest_categories": "What users like most: category", "interest_tags": "What users like most: tag"}
    there = set(lake.dataset("gold.user_profiles").schema.names)
    for column, query in _LIKED.items():
        if column in there and (rows := _of(lake, query + _OF_LIST, name, LEAST_USERS, _MOST_BARS)):
            yield charts.bars(titles[column], "name", [(r["name"], r["n"]) for r in rows], "users")
    if rows := _of(lake, _BRANDS, name, LEAST_USERS, _MOST_BARS):
        yield charts.bars("Brands", "brand", [(r["name"], r["n"]) for r in rows], "times acted on")


def _pay_and_say(lake: Lake, name: str) -> Iterator[Chart | str]:
    prices: dict[str, list[tuple[str, float]]] = defaultdict(list)
    for row in _of(lake, _PRICES, name, LEAST_USERS):
        low, high = (10 ** ((row["third"] + n) / 3) for n in (0, 1))
        prices[row["currency"]].append((f"{_price(low)} to {_price(high)}", row["n"]))
    for currency, counted in prices.items():
        yield charts.columns(f"Prices, in {currency}", "price", counted, "events")
    if rows := _of(lake, _RATINGS, name, LEAST_USERS):
        yield charts.columns("Ratings", "rating", [(f"{r['rating']:g}", r["n"]) for r in rows], "ratings")
    if "sentiment_pleased" in lake.dataset("gold.user_profiles").schema.names and (
        rows := _of(lake, _PLEASED, name, LEAST_USERS)
    ):
        tenths = [(f"{r['tenth'] / 10:.1f}", r["n"]) for r in rows]
        yield charts.columns("How pleased users' texts are, from", "probability", tenths, "users")


def _texts(lake: Lake, name: str) -> Iterator[Chart | str]:
    there = set(lake.dataset("gold.user_profiles").schema.names)
    for column, (query, title) in _TRAITS_OF_TEXTS.items():
        if column in there and (rows := _of(lake, query + _OF_LIST, name, LEAST_USERS, _MOST_BARS)):
            yield charts.bars(title, "name", [(r["name"], r["n"]) for r in rows], "users")
    if rows := _of(lake, _INTERESTS, name, LEAST_USERS, _MOST_BARS):
        yield charts.bars(
            "Interests, by what users did and wrote", "interest", [(r["name"], r["n"]) for r in rows], "users"
        )


def _suspects(lake: Lake, name: str) -> Iterator[Chart | str]:
    if broken := broken_limits(lake, name):
        yield charts.bars("Days of users beyond a limit, left out of profiles", "limit", broken, "days")


def _step(first: date, last: date) -> str:
    """Day, week, month or year, whichever gives few enough points."""
    steps = {"day": 1, "week": 7, "month": 30}
    return next((name for name, days in steps.items() if (last - first).days <= days * _MOST_POINTS), "year")


def _by_kind(rows: Sequence[tuple[date, str, int]]) -> list[tuple[date, str, float]]:
    """The kinds that are rare go together; a kind has a point at all times, be it 0."""
    often = Counter[str]()
    for _, kind, n in rows:
        often[kind] += n
    kept = [kind for kind, _ in often.most_common(_MOST_KINDS)]
    counted = Counter[tuple[str, date]]()
    for day, kind, n in rows:
        counted[kind if kind in kept else "others", day] += n
    kinds = [*kept, *(["others"] if len(often) > len(kept) else [])]
    return [(day, kind, counted[kind, day]) for kind in kinds for day in sorted({d for _, d in counted})]


def _price(value: float) -> str:
    return f"{value:,.0f}" if value >= 99.5 else f"{value:.3g}"


def _of(lake: Lake, query: str, *parameters: Any) -> list[dict[str, Any]]:
    return lake.rows(query, parameters)
