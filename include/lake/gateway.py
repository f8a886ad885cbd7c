"""How Python talks to the JVM: what it asks about names is asked once, and a JVM that dies is told of in one line.

For each column and function it makes, PySpark goes through `jvm.org.apache.spark...`, and py4j asks the JVM what each
name is: a class, a package, a method? The JVM may look through three hundred jars for an answer. A build of a few rows
asked 17,000 times. A name that was a class, a package or a method stays one.
"""

from __future__ import annotations

import logging
from typing import Any

from py4j.java_gateway import JavaClass, JavaMember, JavaPackage, JVMView

_STAYS = (JavaClass, JavaMember, JavaPackage)


def remember_names() -> None:
    """For this process and from now on."""
    for kind in (JVMView, JavaPackage, JavaClass):
        if "ask" not in vars(kind):
            kind.ask = kind.__getattr__
            kind.__getattr__ = _remembering


def _remembering(owner: Any, name: str) -> Any:
    """Python asks for an attribute only where the object has none of that name."""
    found = type(owner).ask(owner, name)
    if isinstance(found, _STAYS):
        vars(owner)[name] = found
    return found


def say_nothing_of_a_dead_jvm() -> None:
    """py4j would log a trace, beside the error that the call ends with."""
    logging.getLogger().addFilter(_is_not_of_py4j)


def _is_not_of_py4j(record: logging.LogRecord) -> bool:
    return record.module != "java_gateway"
