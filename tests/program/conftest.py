import pytest
from change_events import Recording, Table
from lake_under_test import ROOT, Lake


@pytest.fixture(autouse=True)
def no_process_outlives_its_test():
    yield
    for process in Lake.started:
        if process.poll() is None:
            process.kill()
            process.wait()
    Lake.started.clear()


@pytest.fixture
def lake(tmp_path):
    return Lake(tmp_path / "lake")


@pytest.fixture
def users():
    return Table("users", {"id": "integer", "name": "text"})


@pytest.fixture
def recording():
    return Recording()


@pytest.fixture
def corpus():
    return ROOT / "tests/corpus"
