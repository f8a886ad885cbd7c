from __future__ import annotations

from pathlib import Path

import pytest

from include.errors import BadInput
from include.privacy import read_key, require_lake_key


@pytest.mark.parametrize("content", [bytes(range(128, 192)), b"", b"ab" * 31, b"xy" * 32])
def test_a_key_file_that_holds_no_key_is_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "key"
    file.write_bytes(content)
    file.chmod(0o600)
    with pytest.raises(BadInput, match="must hold 64 hexadecimal digits"):
        read_key(file)


def test_a_lake_that_cannot_be_a_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(BadInput, match=r"lake: cannot make the folder .*: Not a directory; set PORTRAIT_LAKE"):
        require_lake_key(tmp_path / "file" / "lake", b"k" * 32, create=True)
