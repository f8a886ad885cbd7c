"""python healthy.py URL [PART...]: exit status 0 if the URL answers and says that its parts are healthy."""

import json
import sys
from urllib.request import ProxyHandler, build_opener


def main(url: str, parts: list[str]) -> int:
    direct = build_opener(ProxyHandler({}))  # Docker may have put a proxy of its host into the environment
    with direct.open(url, timeout=8) as answer:
        body = answer.read()
    said = json.loads(body) if parts else {}
    ill = [part for part in parts if said[part]["status"] != "healthy"]
    return 1 if ill else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
