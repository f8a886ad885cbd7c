"""python -m include.shop OUT: make the simulated shop."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from include.errors import PortraitError
from include.shop.difficulty import DIFFICULTIES
from include.shop.make import generate


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status; what cannot be done is said in one line."""
    parser = argparse.ArgumentParser(prog="python -m include.shop", description="Make the simulated shop.")
    parser.add_argument("out", type=Path, help="folder to write to")
    for name, default in (("seed", 1), ("users", 300), ("items", 200), ("days", 60)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--difficulty", choices=DIFFICULTIES, default="middle")
    parser.add_argument("--spark", action="store_true", help="on all cores: 10,000 users and more")
    args = parser.parse_args(arguments)
    spark = None
    try:
        if args.spark:
            from include.lake.session import session

            spark = session("portrait.shop")
        truth = generate(args.out, args.seed, args.users, args.items, args.days, args.difficulty, spark)
    except PortraitError as error:
        print(f"shop: {error}", file=sys.stderr)
        return error.exit_code
    total = sum(feed["landed"] for feed in truth.feeds.values())
    print(f"shop: {total:,} records from {truth.first} to {truth.last}, seed {truth.seed}, {truth.level}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
