"""The day that every test lives in, whatever the calendar says; conftest.py gives it to programs too."""

from datetime import date

TODAY = date(2026, 11, 25)
VARIABLE = "STREAM_CORE_TODAY"
