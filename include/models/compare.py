"""Comparison of what might read sentiment: kinds of features with kinds of learners, all with the same budget.

On the past (the training and validation parts of `train`): the same five folds, as many settings of each learner, and
as many seconds of a core for each candidate; a setting that does not fit into them is cut, and said, but for the first
one. The setting with the best mean ROC-AUC is learned anew from the whole past and measured on the test part.
Probabilities are scaled (Platt 1999) on what the folds said, for all alike; a support vector machine has none of its
own. Whichever was best in the folds is the best: the others are held against it in pairs, by the bootstrap, on the
folds and on the test part.

Only linear ones can be registered (`sentiment`): they are read without code of their own, in a hundredth of the time
that embedding takes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from importlib.util import find_spec
from time import process_time
from typing import TYPE_CHECKING, Any

import numpy as np

from include.models import behaviour
from include.models.evaluate import METRICS, Interval, difference, interval, roc_auc
from include.models.features import Features, learn_words, matrix
from include.models.sentiment import Labelled, Split, platt, probabilities, split
from include.models.train import encoder_of
from include.models.training_set import read_training_set
from include.query import Lake
from include.settings import Settings
from include.sources.load import load_sources
from include.text.encoder import find_encoder
from include.text.language import ENGLISH

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Vectors = NDArray[np.float32]
    Tuner = Callable[[Labelled], Callable[[Sequence[str]], Floats]]  # learns from texts, says logits of others
    Turn = Callable[[Sequence[str], Vectors], Any]  # texts with their vectors to [n, features]

FOLDS = 5
CAP = 20.0  # seconds of a core for each candidate to learn in the folds, features apart: those are the same for all
_SEED = 20_190_101
_OWN: dict[str, Features] = {"bag of words": "counts", "TF-IDF": "tfidf", "vectors": "vectors",
                             "vectors, TF-IDF": "both"}  # fmt: skip
KINDS = ("bag of words", "TF-IDF", "Word2Vec", "vectors", "vectors, TF-IDF", "vectors, TF-IDF, Word2Vec")
_WIDTH = 100  # of word vectors
_LEAST = 1e-3  # probability: what is surer counts as that sure, trees say 0 and 1


@dataclass(frozen=True)
class Reading:
    """What reads a text: its logit before scaling, its probability after."""

    logit: Callable[[Sequence[str], Vectors], Floats]
    slope: float = 1.0
    shift: float = 0.0

    def probability(self, texts: Sequence[str], vectors: Vectors) -> Floats:
        """That the author is pleased, [n]."""
        return probabilities(self.logit(texts, vectors), self.slope, self.shift)


@dataclass(frozen=True)
class Compared:
    """A candidate. `tried` settings of all fitted into its seconds, `setting` was the best. `folds` is its mean ROC-AUC
    there. `figures` are of the test part, precision, recall and F1 of the displeased; `on_test` and `on_folds` its
    ROC-AUC minus that of the best. Seconds: to learn from the whole past, features included; to read a thousand texts
    that have their vectors."""

    features: str
    learner: str
    setting: str
    tried: int
    settings: int
    folds: float
    figures: Mapping[str, Interval]
    fit_seconds: float
    predict_seconds: float
    behaviour: Mapping[str, float]
    on_test: Interval | None = None
    on_folds: Interval | None = None


@dataclass(frozen=True)
class Scored:
    """A candidate with its probabilities of the past, each said by a model that had not seen the text, and of the test
    part."""

    row: Compared
    past: Floats | None
    test: Floats


@dataclass(frozen=True)
class Comparison:
    """All candidates, best first; and what was compared. `left_out` says what could not be, and why."""

    rows: list[Compared]
    texts: Mapping[str, int]
    displeased: Mapping[str, int]
    test_from: str
    cap: float
    left_out: list[str] = field(default_factory=list)


def learners() -> dict[str, dict[str, Callable[[], Any]]]:
    """Each with four settings, by what they say."""
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.linear_model import LogisticRegression
    from sklearn.neural_network import MLPClassifier
    from sklearn.svm import LinearSVC
    from sklearn.tree import DecisionTreeClassifier

    def four(make: Callable[..., Any], name: str, values: Sequence[Any], **fixed: Any) -> dict[str, Callable[[], Any]]:
        return {f"{name} {value}": partial(make, **{name: value}, **fixed, random_state=_SEED) for value in values}

    return {
        "logistic regression": four(LogisticRegression, "C", (0.1, 1.0, 10.0, 1000.0), max_iter=2000),
        "linear SVM": four(LinearSVC, "C", (0.01, 0.1, 1.0, 10.0), max_iter=5000),
        "random forest": four(RandomForestClassifier, "min_samples_leaf", (1, 2, 5, 10), n_estimators=100),
        "decision tree": four(DecisionTreeClassifier, "max_depth", (3, 6, 12, 24), min_samples_leaf=5),
        "small network": four(MLPClassifier, "alpha", (1e-4, 1e-2, 0.1, 1.0), hidden_layer_sizes=(32,), max_iter=100),
    }


def compare_lake(
    settings: Settings, through: date, say: Callable[[str], None], cap: float = CAP, fine_tune: bool = False
) -> Comparison:
    """Of the English texts that `train` would learn from. TooFew if there are not enough."""
    data = read_training_set(Lake(settings), load_sources(settings.source_folders), through)
    parts = split(data.rows)
    parts.require_both(through)
    tuner = _tuner(settings) if fine_tune else None
    return compare(parts, say, encoder_of(settings, data.space), cap, tuner)


def _tuner(settings: Settings) -> Tuner:
    from include.models.fine_tune import fine_tune

    return partial(fine_tune, find_encoder(settings.encoder).folder)


def compare(
    parts: Split, say: Callable[[str], None], encode: behaviour.Encode | None = None, cap: float = CAP,
    fine_tune: Tuner | None = None,
) -> Comparison:  # fmt: skip
    """All candidates. `encode` makes the vectors of the cases of `behaviour`, which are not asked without it."""
    past, test = parts.train.rows_and(parts.validation), parts.test
    asked = behaviour.texts([ENGLISH])
    cases = dict(zip(asked, encode(asked), strict=True)) if encode else None
    found = [_majority(past, test)]
    left_out = [] if find_spec("gensim") else ["Word2Vec: the package gensim is not installed"]
    kinds = [kind for kind in KINDS if "Word2Vec" not in kind or not left_out]
    for kind in kinds:
        turned = _Turned(kind, past, test)
        for learner, settings in learners().items():
            found.append(_candidate(turned, kind, learner, settings, cap, cases))
            row = found[-1].row
            say(f"{kind}, {learner}: {row.folds:.3f} in the folds, {row.figures['roc_auc'].value:.3f} after")
    if fine_tune:
        found.append(_fine_tuned(parts, fine_tune, cases))
        say(f"fine-tuned encoder: {found[-1].row.figures['roc_auc'].value:.3f}")
    sizes = {name: len(rows.texts) for name, rows in (("past", past), ("test", test))}
    displeased = {name: int((~rows.positive).sum()) for name, rows in (("past", past), ("test", test))}
    return Comparison(_ranked(found, past, test), sizes, displeased, str(test.days[0]), cap, left_out)


def folds(positive: NDArray[np.bool_]) -> list[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    """Rows to learn from and rows to be asked about: each row is asked about once, and texts of one time together."""
    from sklearn.model_selection import StratifiedKFold

    return list(StratifiedKFold(FOLDS).split(np.zeros(len(positive)), positive))


class _Turned:
    """The past and the test part as one kind of features: for each fold, and at last as a whole."""

    def __init__(self, kind: str, past: Labelled, test: Labelled) -> None:
        self.past, self.test = past, test
        self.folds = []
        for known, asked in folds(past.positive):
            some, others = past.rows(known), past.rows(asked)
            turn = turner(kind, some)
            self.folds.append((turn(some.texts, some.vectors), known, turn(others.texts, others.vectors), asked))
        started = process_time()
        self.turn = turner(kind, past)
        self.whole = self.turn(past.texts, past.vectors)
        self.seconds = process_time() - started


def turner(kind: str, rows: Labelled) -> Turn:
    """Features as they are learned from these texts."""
    if kind in _OWN:
        words = learn_words(_OWN[kind], rows.texts, rows.authors)
        return lambda texts, vectors: matrix(_OWN[kind], *words, texts, vectors)
    mean = _word2vec(rows.texts)
    if kind == "Word2Vec":
        return lambda texts, _: mean(texts)
    both = turner("vectors, TF-IDF", rows)

    def all_three(texts: Sequence[str], vectors: Vectors) -> Any:
        from scipy.sparse import csr_matrix, hstack

        return hstack([both(texts, vectors), csr_matrix(mean(texts))]).tocsr()

    return all_three


def _word2vec(texts: Sequence[str]) -> Callable[[Sequence[str]], Floats]:
    """The mean of the vectors of a text's words (skip-gram, Mikolov et al. 2013), learned from these texts alone."""
    from gensim.models import Word2Vec
    from sklearn.feature_extraction.text import CountVectorizer

    words = CountVectorizer(strip_accents="unicode").build_analyzer()
    known = Word2Vec([words(text) for text in texts], vector_size=_WIDTH, sg=1, min_count=2, epochs=20, workers=1,
                     seed=_SEED).wv  # fmt: skip

    def mean(others: Sequence[str]) -> Floats:
        found = np.zeros((len(others), _WIDTH))
        for row, text in enumerate(others):
            if there := [known[word] for word in words(text) if word in known]:
                found[row] = np.mean(there, axis=0)
        return found

    return mean


def _candidate(
    turned: _Turned, kind: str, learner: str, settings: Mapping[str, Callable[[], Any]], cap: float,
    cases: Mapping[str, Vectors] | None,
) -> Scored:  # fmt: skip
    positive = turned.past.positive
    tried: dict[str, tuple[float, Floats]] = {}  # the mean ROC-AUC of the folds, and what they said
    started = process_time()
    for setting, make in settings.items():
        said = np.full(len(positive), np.nan)
        for known_features, known, asked_features, asked in turned.folds:
            if tried and process_time() - started > cap:
                break
            said[asked] = _logit(make().fit(known_features, positive[known]), asked_features)
        else:
            tried[setting] = (float(np.mean([roc_auc(positive[r], said[r]) for *_, r in turned.folds])), said)
    setting = max(tried, key=lambda s: tried[s][0])
    mean, said = tried[setting]
    scale = platt(said, positive)
    began = process_time()
    model = settings[setting]().fit(turned.whole, positive)
    seconds = turned.seconds + process_time() - began
    reading = Reading(lambda texts, vectors: _logit(model, turned.turn(texts, vectors)), *scale)
    row, scores = _measured(kind, learner, reading, turned.test, cases, setting=setting, tried=len(tried),
                            settings=len(settings), folds=mean, fit_seconds=round(seconds, 2))  # fmt: skip
    return Scored(row, probabilities(said, *scale), scores)


def _logit(model: Any, features: Any) -> Floats:
    """What a model of scikit-learn says, as something that Platt scaling fits a line to."""
    if hasattr(model, "decision_function"):
        return np.asarray(model.decision_function(features), dtype=np.float64)
    p = np.clip(model.predict_proba(features)[:, 1], _LEAST, 1 - _LEAST)
    return np.asarray(np.log(p / (1 - p)), dtype=np.float64)


def _fine_tuned(
    parts: Split, fine_tune: Tuner,
    cases: Mapping[str, Vectors] | None,
) -> Scored:  # fmt: skip
    """One setting, and the validation part in place of folds: it takes minutes."""
    seen, past = parts.validation, parts.train.rows_and(parts.validation)
    said = fine_tune(parts.train)(seen.texts)
    started = process_time()
    logit = fine_tune(past)
    seconds = process_time() - started
    reading = Reading(lambda texts, _: logit(texts), *platt(said, seen.positive))
    row, scores = _measured("fine-tuned encoder", "its upper layers", reading, parts.test, cases, setting="one",
                            tried=1, settings=1, folds=float("nan"), fit_seconds=round(seconds, 2))  # fmt: skip
    return Scored(row, None, scores)


def _majority(past: Labelled, test: Labelled) -> Scored:
    share = past.positive.mean()
    reading = Reading(lambda texts, _: np.full(len(texts), np.log(share / (1 - share))))
    row, scores = _measured("none", "majority", reading, test, None, setting="", tried=1, settings=1, folds=0.5,
                            fit_seconds=0.0)  # fmt: skip
    return Scored(row, reading.probability(past.texts, past.vectors), scores)


def _measured(
    kind: str, learner: str, reading: Reading, test: Labelled, cases: Mapping[str, Vectors] | None, **how: Any
) -> tuple[Compared, Floats]:
    started = process_time()
    scores = reading.probability(test.texts, test.vectors)
    seconds = (process_time() - started) / len(test.texts) * 1000
    figures = {name: interval(metric, test.positive, scores) for name, metric in {**METRICS, **_of_labels()}.items()}
    rates = behaviour.pass_rates({ENGLISH: reading}, cases) if cases else {}
    return Compared(kind, learner, figures=figures, predict_seconds=round(seconds, 4), behaviour=rates, **how), scores


def _of_labels() -> dict[str, Callable[[NDArray[np.bool_], Floats], float]]:
    """Of what is said with more than even odds. Nobody called displeased: their precision is 0."""

    def counts(positive: NDArray[np.bool_], p: Floats) -> tuple[int, int, int]:
        called = p < 0.5
        return int((called & ~positive).sum()), int(called.sum()), int((~positive).sum())

    def share(part: float, whole: float) -> float:
        return part / whole if whole else 0.0

    def f1(positive: NDArray[np.bool_], p: Floats) -> float:
        right, called, so = counts(positive, p)
        return share(2 * right, called + so)

    return {
        "accuracy": lambda positive, p: float(((p >= 0.5) == positive).mean()),
        "precision": lambda positive, p: share(counts(positive, p)[0], counts(positive, p)[1]),
        "recall": lambda positive, p: share(counts(positive, p)[0], counts(positive, p)[2]),
        "f1": f1,
    }


def _ranked(found: Sequence[Scored], past: Labelled, test: Labelled) -> list[Compared]:
    """Best in the folds first; what was not asked there, and the majority, at the end."""
    order = sorted(found, key=lambda s: (not np.isnan(s.row.folds), s.row.folds), reverse=True)
    best = order[0]
    assert best.past is not None  # noqa: S101  # it has a figure of the folds
    return [
        replace(
            s.row,
            on_test=difference(roc_auc, test.positive, s.test, best.test) if s is not best else None,
            on_folds=difference(roc_auc, past.positive, s.past, best.past)
            if s is not best and s.past is not None
            else None,
        )
        for s in order
    ]
