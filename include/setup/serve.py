"""`make airflow`: Airflow with its pages on this machine, until Ctrl-C."""

from __future__ import annotations

import signal
import sys
import time

from include.errors import BadInput, PortraitError
from include.setup.airflow import Airflow


def main(port: str) -> int:
    """Exit status: 0 after Ctrl-C."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # a stop from outside cleans up as well
    signal.signal(signal.SIGHUP, signal.default_int_handler)
    try:
        print("Airflow starts ...", flush=True)
        with Airflow(port=_number(port)) as airflow:
            _serve(airflow)
    except KeyboardInterrupt:
        print("\nAirflow stopped")
    except PortraitError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    return 0


def _serve(airflow: Airflow) -> None:
    print(f"Airflow is at {airflow.url}, user admin, password {airflow.password()}; Ctrl-C stops it", flush=True)
    while True:
        airflow.watch()
        time.sleep(1)


def _number(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        raise BadInput(f"PORT={text!r} is not a port; choose a number like 8090")
    return int(text)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
