"""What the tests share and pytest does not collect."""
