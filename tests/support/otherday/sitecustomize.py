"""Moves the calendar of every Python that finds this file to the day in `OTHERDAY` (`make otherday`).

A day is its 11:00 UTC; `2027-03-28T00:59:50` is that moment in UTC.

Clocks that count from an arbitrary moment (`time.monotonic`, `time.process_time`) stay, and so do those of
other programs, of OpenSSL and of the file system.
"""

from __future__ import annotations

import os
from datetime import datetime, timezone

import time_machine

_day = os.environ["OTHERDAY"]
_moment = datetime.fromisoformat(_day if "T" in _day else f"{_day}T11:00")
time_machine.travel(_moment.replace(tzinfo=timezone.utc), tick=True).start()
