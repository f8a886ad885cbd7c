from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.airflow.installation import Installation, installed


@pytest.fixture(scope="session")
def installation() -> Iterator[Installation]:
    with installed() as found:
        yield found
