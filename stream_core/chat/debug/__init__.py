"""The log of `--debug`: its file, the format of its lines, and the notes about each request."""
