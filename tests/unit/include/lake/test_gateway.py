"""Names of the JVM are asked for once, and mean what they mean."""

from __future__ import annotations

from typing import Any

import pytest
from py4j.java_gateway import GatewayClient, GatewayConnection, JavaClass, JavaPackage, JVMView
from py4j.protocol import Py4JError, Py4JNetworkError

from include.lake.gateway import remember_names, say_nothing_of_a_dead_jvm


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names that the JVM is asked for."""
    found: list[str] = []
    for kind in (JVMView, JavaPackage, JavaClass):
        right = kind.ask

        def ask(owner: Any, name: str, right: Any = right) -> Any:
            found.append(name)
            return right(owner, name)

        monkeypatch.setattr(kind, "ask", ask)
    return found


def test_a_name_is_asked_for_once(spark: Any, asked: list[str]):
    def age() -> int:
        return int(spark._jvm.java.time.LocalDate.ofYearDay(2024, 60).getDayOfMonth())

    age()
    asked.clear()
    assert age() == 29
    assert asked == []


def test_what_may_change_is_asked_for_again(spark: Any, asked: list[str]):
    for name in ("separator", "separator", "nothing", "nothing"):
        try:
            found = getattr(spark._jvm.java.io.File, name)
        except Py4JError:
            found = None
        assert found == {"separator": "/", "nothing": None}[name]
    assert asked.count("separator") == asked.count("nothing") == 2


@pytest.mark.usefixtures("spark")
def test_twice_is_once():
    before = JVMView.ask
    remember_names()
    assert JVMView.ask is before


class DeadConnection(GatewayConnection):
    def send_command(self, *_: object) -> str:
        raise Py4JNetworkError("Error while sending or receiving")

    def close(self, reset: bool = False) -> None:
        pass


def test_a_dead_jvm_leaves_no_trace(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture):
    client = GatewayClient()
    monkeypatch.setattr(client, "_get_connection", lambda: DeadConnection(client.gateway_parameters))
    say_nothing_of_a_dead_jvm()
    client.send_command("c")
    assert caplog.records == []
