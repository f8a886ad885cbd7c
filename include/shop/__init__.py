"""The simulated shop: any size, three difficulties, the same bytes for the same seed, with its truth beside it.

It is the exam of the platform, so it knows nothing of it: no code, no threshold and no word list is shared.

    python -m include.shop OUT [--seed 1] [--users 300] [--items 200] [--days 60] [--difficulty middle] [--spark]

OUT holds one file a feed and day, as `sources/shop.yaml` describes them; the last day is always 2019-10-02. Beside:

- `truth.json`: seed, sizes, and how many records of each feed are late, corrected, deleted, doubled, dirt;
- `truth/accounts.jsonl`: of each account what it likes most at the end, what bot it is, thrift, brand, household;
- `truth/texts.jsonl`: of each text whether its words praise (1) or blame (-1), and where what is named stands in it;
- `truth/dirt.jsonl`: each record that is no use, by file and position.

Of the events 10 % arrive late (1 to 5 days), 2 % are corrected by a later version, half of those moved to another day,
1 % are deleted.
"""

from include.shop.make import Truth, generate, is_finished
from include.shop.world import LAST_DAY

__all__ = ["LAST_DAY", "Truth", "generate", "is_finished"]
