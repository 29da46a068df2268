"""Signals: Ctrl+C, Ctrl+Z, SIGTERM and SIGHUP, and restoring the terminal before a stop."""
