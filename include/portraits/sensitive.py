"""Guesses about a person that no portrait may hold, whatever they cite.

Two lists for each category. ALWAYS is dropped wherever it stands, also in an interest (`diabetes cookbooks` tells of a
person as much as `has diabetes`). OF_A_PERSON has words that things have too (`healthy snack bars`, `black shoes`,
`Chinese cooking`, `Men's Health`): dropped where somebody is said to be that, or where nothing else is said.

In doubt a claim is dropped: `depression glass` is. What is not seen: other languages, paraphrases (`sees the
doctor often`), and what an interest lets one guess without naming it.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from include.portraits.stems import stem, words
from include.portraits.support import AGAINST, FOR, FRAME

ALWAYS = {
    "health": r"""disease\w* illness\w* sickness cancer\w* tumou?rs? diabet\w+ depress(?:ion|ive) anxiety asthma\w*
        allerg(?:y|ies|ic) autis\w+ adhd disab(?:led|ilit\w+) obes\w+ overweight hiv arthritis migraines? insomnia\w*
        chemo\w* medications? alcoholi[cs]m? dementia alzheimer\w* infertil\w* menopaus\w+ wheelchairs? psychiatr\w+
        therap(?:y|ist|ists) diagnos\w+ epilep\w+ bipolar schizophren\w+ suicid\w+ hearing\saids?
        insulin\w* abortions? clinics? rehab hospices? dialysis planned\sparenthood alcoholics\sanonymous
        al(?:-|\s)?anon
        suffer(?:s|ed|ing)?\sfrom eating\sdisorders? blood\s(?:pressure|sugar) mental(?:ly)?\s(?:health|ill)
        chronic(?:ally)?\s(?:pain|ill)
        (?:good|bad|poor|ill|failing|frail)\shealth""",
    "religion": r"""catholic\w* protestant\w* muslims? moslems? islam\w* jew(?:s|ish)? judaism hindu\w* buddhis\w+
        sikhs? atheis\w+ agnostic\w* mormons? religio\w+ church\w* mosques? synagogues? bibles? biblical qurans? korans?
        pray(?:s|er|ers|ing)? christianity evangelical\w* devout\w*""",
    "orientation": r"""gays? lesbians? bisexual\w* homosexual\w* heterosexual\w* queer lgbt\w* asexual\w*
        sexual(?:ity|\sorientation|\spreferences?)""",
    "ethnicity": r"""ethnic\w* racial\w* caucasians? hispanics? latin(?:o|a|os|as|x) african\samericans?
        asian\samericans? native\samericans? arabs? immigrants? migrants? refugees? romani gyps(?:y|ies)
        (?:of|has)\s\w+\s(?:descent|origin|ancestry|heritage)""",
    "politics": r"""republicans? democrats? socialis\w+ communis\w+ marxis\w+ fascis\w+ right(?:-|\s)wing\w*
        left(?:-|\s)wing\w* leftists? rightists? tory tories politic(?:s|al|ally|ian|ians)
        votes?(?:\sfor)? voters? voted feminis\w+ nationalis\w+ anarchis\w+ libertarian\w*
        trade\sunions? unioni[sz]ed""",
    "age": r"""(?:is|am|turn(?:s|ed|ing)?)\s[1-9]\d(?=$|[.,;:!?)]|\sand\b) aged\s\w+ \d+(?:-|\s)years?(?:-|\s)old
        in\s(?:his|her|their|the)\s(?:early\s|mid\s|late\s)?(?:\d0s|teens|twenties|(?:thir|for|fif|six|seven|eigh|nine)ties)
        teen(?:s|age|aged|ager|agers)?
        middle(?:-|\s)aged elderly pensioners? retire(?:d|es|e|ement) retirees? millennials? boomers?
        gen(?:eration)?\s[xyz] adolescen\w+ born\sin\s\w+ of\s(?:old|young|advanced)\sage years\sof\sage""",
    "gender": r"""he she him her hers his himself herself transgender\w* nonbinary non(?:-|\s)binary genders?""",
    "family": r"""pregnan\w+ married divorc\w+ widow\w* unmarried fianc\w+ breastfeed\w* expecting\sa\s(?:baby|child)
        (?:his|her|their)\s(?:wife|husband|spouse|son|sons|daughter|daughters|child|children|kids|grand\w+)
        marital maternity paternity trying\sto\sconceive""",
    "contact": r"""\S+@\S+\.\w+ https?:\S+ www\.\S+
        \w+\s(?:street|avenue|road)\s\d+ \d+\s\w+\s(?:street|avenue|road) \+?\d[\d\s().-]{7,}\d""",
}
OF_A_PERSON = {
    "health": r"health healthy unhealthy ill sick addicted patient blind deaf fat pain unwell injured sober",
    "religion": r"christians? believers? faith faithful spiritual god",
    "orientation": r"straight trans",
    "ethnicity": r"""black white asian african european american chinese indian japanese korean mexican german french
        italian russian turkish foreign""",
    "politics": r"conservatives? liberals? progressive labour activists? radical",
    "age": r"old older young younger seniors? adults? age",
    "gender": r"""m[ae]n wom[ae]n males? females? boys? girls? lad(?:y|ies) gentlem[ae]n guys? m[uo]ms? dads? mothers?
        fathers? wi(?:fe|ves) husbands? housewi(?:fe|ves) grandmothers? grandfathers? sisters? brothers?""",
    "family": r"single engaged parents? childless expecting baby kids child(?:ren)? families family",
}
_PERSON = r"(?:users?|customers?|person|people|reviewers?|readers?|buyers?|writers?|authors?|someone|they|who|i)"
_BEFORE = ("ex", "half", "non", "part", "post", "pre", "semi")  # with or without a hyphen: it is no other thing
_MAYBE_BEFORE = rf"(?:(?:{'|'.join(_BEFORE)})-?)?"
_BEING = rf"(?:(?:^|\b{_PERSON}\s)(?:\w+\s){{0,2}}(?:is|are|was|were|be|been|am)|\bbeing|\bas|\bidentif(?:y|ies)\sas)\s"
_SOMETHING = (
    r"(?:an?\s|the\s|in\s|very\s|quite\s|rather\s)*(?:(?!of\b|in\b|with\b|for\b|about\b|by\b|to\b|on\b)\w+\s)?"
    rf"{_MAYBE_BEFORE}"
)


def sensitive(claim: str) -> str | None:
    """The category of a claim that says such a thing of the user; None where it says none."""
    plain = " ".join(unicodedata.normalize("NFKC", claim).casefold().replace("’", "'").split())
    for category, pattern in _patterns().items():
        if pattern.search(plain):
            return category
    said = [word for word in words(claim) if word not in _BEFORE and stem(word) not in FRAME | FOR | AGAINST]
    found = [next((c for c, pattern in _words_of_a_person().items() if pattern.fullmatch(word)), None) for word in said]
    return found[0] if found and all(found) else None


@cache
def _patterns() -> dict[str, re.Pattern[str]]:
    """What a claim is dropped for wherever in it that stands."""
    found = {}
    for category, listed in ALWAYS.items():
        anywhere = rf"(?<![\w']){_MAYBE_BEFORE}(?:{_either(listed)})(?![\w'])"
        of_a_person = OF_A_PERSON.get(category)
        # No noun after it: "is black" and "as a mother of two", but neither "is a black shoe" nor "as women's shoes".
        being = rf"|{_BEING}{_SOMETHING}(?:{_either(of_a_person)})(?=$|[.,;:!?)]|\s{_NO_NOUN})" if of_a_person else ""
        found[category] = re.compile(anywhere + being)
    return found


@cache
def _words_of_a_person() -> dict[str, re.Pattern[str]]:
    return {category: re.compile(_either(listed)) for category, listed in OF_A_PERSON.items()}


_NO_NOUN = (
    r"(?:and|or|but|of|in|with|who|that|which|person|user|customer|man|woman|guy|lady|male|female|adult|parent|mother"
    r"|father|student|worker|professional|gamer|reader|buyer|voter)\b"
)


def _either(listed: str) -> str:
    return "|".join(listed.split())
