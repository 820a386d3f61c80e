"""Regenerate the golden files from the current output of the program."""

import os
import sys

import pytest

if __name__ == "__main__":
    os.environ["GOLDEN"] = "write"
    sys.exit(pytest.main(["-q", "-n2", "tests/contract/test_golden.py"]))
