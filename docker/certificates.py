"""python certificates.py BUNDLE FOLDER: put the certificates that are in the bundle alone into FOLDER, one a file."""

import re
import sys
from pathlib import Path

_CERTIFICATE = re.compile(r"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)


def main(bundle: Path, folder: Path) -> None:
    single = {file.read_text().strip() for file in bundle.parent.glob("*.pem")}
    extra = [text for text in _CERTIFICATE.findall(bundle.read_text()) if text.strip() not in single]
    folder.mkdir(parents=True, exist_ok=True)
    for number, text in enumerate(extra):
        (folder / f"network-{number}.crt").write_text(text + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
