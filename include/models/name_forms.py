"""From the items of a source to the names by which texts may speak of them.

Kinds of things are the words that titles of one category end with after different words ("desk lamp" of "Alder Classic
desk lamp, black" and "Brisk Pro desk lamp, white"). Where kinds end most titles, titles describe, and what is before
says little; else titles are names of works, which may have a kind behind ("Time Magazine") or an article before.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from include.models import names as of_names
from include.models.names import AMID, BESIDE, CAPITAL, FREE, KIND_WORDS, Name, Names, What
from include.text.clean import clean_text
from include.text.spelling import Spelling, is_han, plain, words

LONGEST, _LETTERS = 12, 100  # words and letters of a name: nobody writes more of a title
_OF_BRAND = 6
_KIND_TITLES, _KIND_BEFORE = 3, 2  # titles that end with a kind, and different words before it, at least
_MOST, _HALF, _TWENTIETH = 0.8, 0.5, 0.05  # share of a kind's titles in one category; of titles with any kind; with one
_SEEN, _SEEN_OFTEN, _USUAL = 3, 5, 0.1  # times a name was read; share of small letters of what is always a name
_REST = 3  # words of a title that may be left out, beside as many as are said
_SHORT = 4  # letters of a word that may be any
_HEAD = re.compile(r"[,;|(\[{]|:\s|\s[-–—/]\s")
_AROUND = re.compile(r"(?:by |[Bb]rand: ?)(?P<said>.+)|[Vv]isit the (?P<shown>.+) [Ss]tore")  # what pages write
_MARKUP = re.compile(r"[<>{}=]|https?:|www\.")
_NO_BRAND = frozenset({
    "amazon com", "brand", "generic", "misc", "miscellaneous",
    "n a", "na", "nan", "no brand", "no name", "none", "noname",
    "not applicable", "not available", "null", "other", "others", "unbranded", "unknown", "various", "various artists",
})  # fmt: skip
_LEGAL = frozenset({
    "ab", "ag", "aps", "as", "bv", "co", "company", "corp", "corporation", "gmbh", "inc", "incorporated", "kg", "kk",
    "limited", "llc", "llp", "lp", "ltd", "nv", "oy", "plc", "pty", "sa", "sarl", "sas", "spa", "srl",
})  # fmt: skip
# Words that sentences are made of, whatever they are about.
_STOP = frozenset({
    "a", "about", "after", "again", "all", "also", "am", "an", "and", "any", "are", "as", "at", "be", "because", "been",
    "before", "but", "by", "can", "could", "did", "do", "does", "down", "each", "even", "ever", "every", "few", "for",
    "from", "get", "go", "good", "got", "had", "has", "have", "he", "her", "here", "him", "his", "how", "i", "if", "in",
    "into", "is", "it", "its", "just", "like", "many", "may", "me", "more", "most", "much", "must", "my", "never", "no",
    "not", "now", "of", "off", "on", "one", "only", "or", "other", "our", "out", "over", "own", "same", "she", "should",
    "so", "some", "still", "such", "than", "that", "the", "their", "them", "then", "there", "these", "they", "this",
    "those", "to", "too", "two", "under", "until", "up", "us", "very", "was", "we", "well", "were", "what", "when",
    "where", "which", "while", "who", "why", "will", "with", "would", "yes", "you", "your",
})  # fmt: skip
_ARTICLES = ("the ", "a ", "an ")


class Item(NamedTuple):
    """An item as its source writes it."""

    source: str
    item_id: str
    title: str | None
    brand: str | None
    category: str | None = None  # the last one


@dataclass
class _Form:
    """One way to call items of a source: what it is of, most often in which words, of which items."""

    what: What
    rank: int  # of two forms with the same letters the higher one counts
    names: Counter[tuple[str, str]] = field(default_factory=Counter)  # words as compared, and as written
    items: set[str] = field(default_factory=set)


def names_of(items: Iterable[Item]) -> list[Name]:
    """The names of items, each with what it needs left at FREE, in any order of the items the same."""
    by_source: defaultdict[str, list[Item]] = defaultdict(list)
    for item in items:
        by_source[item.source].append(item)
    return sorted(name for source, of_source in by_source.items() for name in _of_source(source, of_source))


def _of_source(source: str, items: Sequence[Item]) -> list[Name]:
    brands = {item.item_id: brand for item in items if (brand := brand_of(item.brand))}
    titles = {item.item_id: title for item in items if (title := clean_text(item.title))}
    heads = {item_id: head for item_id, title in titles.items() if plain(head := head_of(title))}
    categories = {item.item_id: item.category for item in items}
    kinds, are_described = kinds_of((_without_brand(plain(h), brands.get(i)), categories[i]) for i, h in heads.items())
    forms: dict[str, _Form] = {}

    def add(what: What, rank: int, written: str, item_id: str) -> None:
        compared = plain(written)
        letters = compared.replace(" ", "")
        if not _is_name(compared):
            return
        form = forms.get(letters)
        if form is None or rank > form.rank:
            form = forms[letters] = _Form(what, rank)
        if rank == form.rank:
            form.names[compared, written] += 1
            form.items.add(item_id)

    for item_id, brand in brands.items():
        for written in {brand, _without_legal(brand)}:
            if len(plain(written).split(" ")) <= _OF_BRAND:
                add("brand", 2, written, item_id)
    for item_id, title in titles.items():
        add("title", 3, title, item_id)
    for item_id, head in heads.items():
        for written in {head} if are_described else {head, *_shorter(head, kinds)}:
            add("title", 1, written, item_id)
    for kind in kinds:
        add("kind", 4, kind, "")
    return [_name(source, form, titles) for form in forms.values()]


def brand_of(written: str | None) -> str | None:
    """A brand without what pages write around it; None where it is markup or says that there is none."""
    cleaned = clean_text(clean_text(written))  # escaped twice in some sources
    if cleaned is None or _MARKUP.search(cleaned):
        return None
    around = _AROUND.fullmatch(cleaned)
    brand = (around["said"] or around["shown"]) if around else cleaned
    return brand if plain(brand) and plain(brand) not in _NO_BRAND else None


def head_of(title: str) -> str:
    """A title up to its first comma, bracket, or mark between spaces; whole where nothing is before."""
    found = _HEAD.search(title)
    return (title[: found.start()].strip() if found else "") or title


def kinds_of(heads: Iterable[tuple[str, str | None]]) -> tuple[set[str], bool]:
    """Kinds of things in heads of titles (as compared, without brands) with the categories of their items, and whether
    the titles describe. Among many titles any word ends some; those of a kind are in one category of several."""
    distinct = sorted({(head, category or "") for head, category in heads if head})
    before, among = defaultdict[str, set[str]](set), defaultdict[str, Counter[str]](Counter)
    for head, category in distinct:
        said = head.split(" ")
        for n, kind in enumerate(_ends(said), start=1):
            if said[-n] not in _STOP and not said[-n].isdigit() and not said[-1].isdigit():
                before[kind].add(said[-n - 1])
                among[kind][category] += 1
    often = {kind for kind, of in among.items() if of.total() >= _KIND_TITLES and len(before[kind]) >= _KIND_BEFORE}
    filled = Counter(category for _, category in distinct)
    small = {category for category, n in filled.items() if category and n <= _HALF * len(distinct)}
    apart = {
        kind for kind in often if any(of in small and n >= _MOST * among[kind].total() for of, n in among[kind].items())
    }
    ended = sum(any(kind in apart for kind in _ends(head.split(" "))) for head, _ in distinct)
    if distinct and ended >= _HALF * len(distinct):
        return apart, True
    return {kind for kind in often if among[kind].total() >= _TWENTIETH * len(distinct)}, False


def _ends(said: Sequence[str]) -> list[str]:
    """The last words, the last two and so on, but not all."""
    return [" ".join(said[-n:]) for n in range(1, min(KIND_WORDS, len(said) - 1) + 1)]


def _without_brand(head: str, brand: str | None) -> str:
    return head.removeprefix(plain(brand)).strip() if brand else head


def _without_legal(brand: str) -> str:
    """A brand without the form of its company: "Acme Tools Co., Inc." is "Acme Tools"."""
    spans, said = words(brand)
    n = len(said)
    while n > 1 and said[n - 1] in _LEGAL:
        n -= 1
    return brand if n == len(said) else brand[: spans[n - 1][1]]


def _shorter(head: str, kinds: Set[str]) -> Iterable[str]:
    """A name of a work without the kind behind it, and without its article."""
    spans, said = words(head)
    for n, kind in enumerate(_ends(said), start=1):
        if kind in kinds:
            yield head[: spans[-n - 1][1]]
    if len(said) > 1 and head.lower().startswith(_ARTICLES):
        yield head[spans[1][0] :]


def _is_name(compared: str) -> bool:
    letters = compared.replace(" ", "")
    return 1 < len(letters) <= _LETTERS and any(c.isalpha() for c in letters) and compared.count(" ") < LONGEST


def _name(source: str, form: _Form, titles: Mapping[str, str]) -> Name:
    """What most items write; of several the first. An item's own title where it is of one alone."""
    (compared, written), _ = min(form.names.items(), key=lambda found: (-found[1], found[0]))
    item_id = next(iter(form.items)) if form.what == "title" and len(form.items) == 1 else None
    if item_id and not _is_most_of(compared, plain(titles[item_id])):
        item_id = None
    return Name(source, compared, form.what, titles[item_id] if item_id else written, item_id, FREE)


def _is_most_of(compared: str, title: str) -> bool:
    """Whether a name says what a title says: "Life Magazine (1938) The Maginot Line ..." is one issue of many."""
    said = compared.count(" ") + 1
    return title.count(" ") + 1 - said <= max(_REST, said)


@dataclass(frozen=True)
class Read:
    """How often a name was read in texts of its source: in small letters, and with a capital amid a sentence."""

    small: int = 0
    capital: int = 0

    @property
    def times(self) -> int:
        return self.small + self.capital

    @property
    def share(self) -> float:
        return self.small / self.times


def reading(names: Sequence[Name], texts: Mapping[str, Sequence[str]]) -> dict[tuple[str, str], Read]:
    """By source and words of a name, of the `texts` of each source. Texts whose capitals say nothing tell nothing."""
    small, capital = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    for source, of_source in texts.items():
        own = Names(tuple(name for name in names if name.source == source and name.what != "kind"))
        for text in of_source if own.names else ():
            seen = words(text)
            if of_names.is_shouted(seen, text):
                continue
            for hit in own.hits(seen, text):
                if hit.slips or hit.is_spaced or not of_names.is_amid_a_sentence(hit.first, seen, text):
                    continue
                key = source, hit.name.words
                (capital if text[seen.spans[hit.first][0]].isupper() else small)[key] += 1
    return {key: Read(small[key], capital[key]) for key in small.keys() | capital.keys()}


def weighed(names: Sequence[Name], texts: Mapping[str, Sequence[str]], ordinary: Set[str]) -> tuple[Name, ...]:
    """The names with what they need, by the `texts` of their own source. `ordinary` are words of the language."""
    read = reading(names, texts)
    kinds = {(name.source, name.words) for name in names if name.what == "kind"}
    return tuple(
        replace(name, needs=needed(name, read.get((name.source, name.words), Read()), ordinary, kinds))
        for name in names
    )


def needed(name: Name, read: Read, ordinary: Set[str], kinds: Set[tuple[str, str]]) -> int:
    """What it takes for a name to be meant. A kind of thing at its end makes it no rarer."""
    said = name.words.split(" ")
    said = next((said[:-n] for n in range(1, len(said)) if (name.source, " ".join(said[-n:])) in kinds), said)
    if name.what == "kind" or is_han(said[0]):
        return FREE
    if all(word in _STOP for word in said):
        return BESIDE
    if len(said) > 1:
        is_free = not all(word in ordinary or len(word) < _SHORT for word in said) or len(said) >= _SHORT
        often = read.times >= _SEEN and read.share <= _HALF
        return FREE if is_free or often else CAPITAL
    word = said[0]
    if word.lower() == word.upper():  # of a script without capitals
        return FREE if len(word) > _SHORT else BESIDE
    is_ordinary = word in ordinary or len(word) <= _SHORT
    if read.times >= _SEEN_OFTEN:
        return CAPITAL if read.share <= (_USUAL if is_ordinary else _HALF) else AMID
    return AMID if is_ordinary else FREE


def others_of(names: Iterable[Name], source: str, ordinary: Iterable[str]) -> list[str]:
    """Those of `ordinary` words, as compared, that would be taken for a slip in a word of a name of the source."""
    known = frozenset(word for name in names if name.source == source for word in name.words.split(" "))
    spelling = Spelling(known)
    return sorted(word for word in ordinary if spelling.meant(word))
