"""Moves the calendar of every Python that finds this file to the day in `OTHERDAY` (`make otherday`).

Clocks that count from an arbitrary moment (`time.monotonic`, `time.process_time`) stay, and so do those of
other programs, of OpenSSL and of the file system.
"""

from __future__ import annotations

import os
from datetime import datetime, timezone

import time_machine

_day = datetime.fromisoformat(os.environ["OTHERDAY"]).replace(hour=11, tzinfo=timezone.utc)
time_machine.travel(_day, tick=True).start()
