import pytest

from lake_process import Lake
from live_stack import Stack, Stream


@pytest.fixture(scope="session")
def stack():
    """The stack that runs already, or one that is started for these tests and stopped again."""
    stack = Stack()
    is_ours = not stack.is_running()
    if is_ours:
        stack("up")
    yield stack
    if is_ours:
        stack("down")


@pytest.fixture
def stream(stack, tmp_path):
    stream = Stream(stack, tmp_path)
    yield stream
    stream.delete()


@pytest.fixture
def lake_of(tmp_path):
    """Makes lakes; whatever cdclake still runs on them at the end of the test is killed."""
    lakes = []

    def make(stream, **settings):
        folder = tmp_path / f"lake{len(lakes)}"
        folder.mkdir()
        lakes.append(Lake(folder, {
            "KAFKA_BOOTSTRAP": stream.places["KAFKA_BOOTSTRAP"],
            "TOPICS": stream.topics,
            "KAFKA_GROUP_ID": stream.name,
            **settings,
        }))
        return lakes[-1]

    yield make
    for lake in lakes:
        for running in lake.started:
            running.kill()
