"""Every test that docs/guarantees.md names is there."""

import re
from pathlib import Path

import pytest

REPO = Path(__file__).resolve().parents[2]
NAMED = re.findall(r"`([\w/]+_test\.(?:py|cc)): (\w+)`", (REPO / "docs/guarantees.md").read_text())


def test_the_page_names_tests():
    assert len(NAMED) > 10


@pytest.mark.parametrize(("path", "name"), NAMED, ids=[name for _, name in NAMED])
def test_a_named_test_is_there(path, name):
    text = (REPO / path).read_text()
    is_there = f"def {name}(" in text if path.endswith(".py") else re.search(rf"TEST\w*\(\w+, {name}\)", text)
    assert is_there
