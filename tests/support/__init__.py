"""Helpers that the tests share; pytest does not collect them."""
