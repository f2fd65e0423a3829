"""Each bad tree must be refused by check_layers.py, with its reason."""

import check_layers
import pytest


def room(name, *words):
    return f"add_room({name} SOURCES x.cc {' '.join(words)})\n"


GOOD = {
    "base/CMakeLists.txt": room("base", "USES_PUBLICLY cdclake::expected"),
    "base/result.h": "#include <tl/expected.hpp>\n#include <string>\n",
    "model/CMakeLists.txt": room("model", "USES base"),
    "model/record.h": '#include "base/result.h"\n',
    "formats/parquet/CMakeLists.txt": room(
        "parquet", "USES model lake USES_PRIVATELY cdclake::arrow"
    ),
    "formats/parquet/reader.h": '#include <arrow/type_fwd.h>\n#include "platform/lake/fs.h"\n',
    "formats/parquet/reader.cc": "#include <arrow/api.h>\n#include <sys/stat.h>\n",
    "platform/lake/CMakeLists.txt": room("lake", "USES model"),
    "platform/lake/fs.h": '#include "model/record.h"\n',
    "platform/metadata/CMakeLists.txt": room("metadata", "USES model"),
    "platform/metadata/store.h": '#include "model/record.h"\n',
    "platform/logging/CMakeLists.txt": room("logging", "USES words sinks"),
    "platform/logging/log.h": '#include "platform/logging/words/word.h"\n',
    "platform/logging/log.cc": '#include "platform/logging/sinks/sink.h"\n',
    "platform/logging/words/CMakeLists.txt": room("words", "USES model"),
    "platform/logging/words/word.h": '#include "model/record.h"\n',
    "platform/logging/sinks/CMakeLists.txt": room("sinks", "USES words"),
    "platform/logging/sinks/sink.h": '#include "platform/logging/words/word.h"\n',
    "stages/bronze/CMakeLists.txt": room("bronze", "USES model lake", "TESTS_USE testing"),
    "stages/bronze/writer.h": '#include "platform/logging/words/word.h"\n',
    "stages/bronze/writer_test.cc": '#include "testing/fake.h"\n#include <gtest/gtest.h>\n',
    "stages/source/CMakeLists.txt": room("source", "USES model USES_PRIVATELY cdclake::rdkafka"),
    "stages/source/kafka.h": '#include "model/record.h"\n',
    "app/cli/CMakeLists.txt": room("cli", "USES pipeline"),
    "app/cli/run.cc": '#include "app/pipeline/run.h"\n',
    "app/pipeline/CMakeLists.txt": room("pipeline", "USES bronze"),
    "app/pipeline/run.h": '#include "stages/bronze/writer.h"\n',
    "testing/CMakeLists.txt": room("testing", "USES lake"),
    "testing/fake.h": '#include <gmock/gmock.h>\n#include "platform/lake/fs.h"\n',
    "testing/lake_faults/CMakeLists.txt": room("lake_faults", "USES lake testing"),
    "testing/lake_faults/fault.h": '#include <gtest/gtest.h>\n#include "testing/fake.h"\n',
}

BAD = {
    "up": ({"base/a.cc": '#include "model/record.h"\n'}, "base looks up to model"),
    "up from platform": (
        {"platform/lake/a.cc": '#include "stages/bronze/writer.h"\n'},
        "platform/lake looks up to stages/bronze",
    ),
    "up in a test": (
        {"model/a_test.cc": '#include "platform/lake/fs.h"\n'},
        "model looks up to platform/lake",
    ),
    "same floor, not named": (
        {"platform/lake/a.cc": '#include "platform/metadata/store.h"\n'},
        "not named in platform/lake's USES",
    ),
    "stage sees stage": (
        {"stages/bronze/a.cc": '#include "stages/source/kafka.h"\n'},
        "stages meet only in the lake",
    ),
    "stage names stage": (
        {"stages/bronze/CMakeLists.txt": room("bronze", "USES lake source")},
        "stages meet only in the lake",
    ),
    "pipeline sees cli": (
        {
            "app/cli/options.h": "\n",
            "app/pipeline/a.cc": '#include "app/cli/options.h"\n',
            "app/pipeline/CMakeLists.txt": room("pipeline", "USES cli"),
        },
        "app/pipeline does not see app/cli",
    ),
    "testing in the program": (
        {"stages/bronze/a.cc": '#include "testing/fake.h"\n'},
        "testing/ is for tests only",
    ),
    "testing's rooms in the program": (
        {"stages/bronze/a.cc": '#include "testing/lake_faults/fault.h"\n'},
        "testing/ is for tests only",
    ),
    "testing sees a stage": (
        {"testing/a.h": '#include "stages/bronze/writer.h"\n'},
        "testing/ does not see stages/bronze",
    ),
    "inner room from outside": (
        {"stages/bronze/a.cc": '#include "platform/logging/sinks/sink.h"\n'},
        "platform/logging/sinks is behind platform/logging, whose headers do not show it",
    ),
    "inner room named from outside": (
        {"platform/lake/CMakeLists.txt": room("lake", "USES sinks")},
        "platform/logging/sinks is behind platform/logging",
    ),
    "inner rooms, not named": (
        {"platform/logging/words/a.cc": '#include "platform/logging/sinks/sink.h"\n'},
        "not named in platform/logging/words's USES",
    ),
    "a cycle through the room around": (
        {
            "platform/logging/words/CMakeLists.txt": room("words", "USES logging"),
            "platform/logging/words/a.cc": '#include "platform/logging/log.h"\n',
        },
        "a cycle of rooms: platform/logging/words -> platform/logging -> platform/logging/words",
    ),
    "cycle": (
        {
            "platform/lake/CMakeLists.txt": room("lake", "USES metadata"),
            "platform/lake/a.cc": '#include "platform/metadata/store.h"\n',
            "platform/metadata/CMakeLists.txt": room("metadata", "USES lake"),
            "platform/metadata/a.cc": '#include "platform/lake/fs.h"\n',
        },
        "a cycle of rooms: platform/lake -> platform/metadata -> platform/lake",
    ),
    "library away from home": (
        {"platform/lake/a.cc": "#include <sqlite3.h>\n"},
        "SQLite lives in platform/metadata/sqlite",
    ),
    "target away from home": (
        {"platform/lake/CMakeLists.txt": room("lake", "USES_PRIVATELY cdclake::sqlite")},
        "SQLite lives in platform/metadata/sqlite",
    ),
    "library in a header": (
        {"stages/source/a.h": "#include <librdkafka/rdkafka.h>\n"},
        "must stay out of our headers",
    ),
    "arrow in a header": (
        {"formats/parquet/a.h": "#include <arrow/result.h>\n"},
        "must stay out of our headers",
    ),
    "target in headers": (
        {"formats/parquet/CMakeLists.txt": room("parquet", "USES lake USES_PUBLICLY cdclake::arrow")},
        "must stay out of our headers",
    ),
    "expected elsewhere": (
        {"base/a.h": "#include <tl/expected.hpp>\n"},
        "must stay out of our headers",
    ),
    "gtest in the program": (
        {"model/a.cc": "#include <gtest/gtest.h>\n"},
        "GoogleTest lives in testing",
    ),
    "library without a home": (
        {"model/a.cc": "#include <boost/any.hpp>\n"},
        "has no home",
    ),
    "system-like library": ({"model/a.cc": "#include <snappy.h>\n"}, "has no home"),
    "relative include": ({"model/a.cc": '#include "record.h"\n'}, "is not a path below src/"),
    "unknown floor": ({"extras/a/x.h": "\n"}, "stands in no room of a known floor"),
    "outside of rooms": ({"formats/x.h": "\n"}, "stands in no room of a known floor"),
    "no add_room": ({"platform/config/x.h": "\n"}, "has no add_room"),
    "other name": (
        {"platform/lake/CMakeLists.txt": room("pond", "USES model")},
        "the room is called lake, after its folder",
    ),
    "unknown room": (
        {"platform/lake/CMakeLists.txt": room("lake", "USES modell")},
        "no room is called modell",
    ),
}


def faults_of(root):
    checker = check_layers.Checker(root)
    checker.run()
    return checker.faults


def test_accepts_a_good_tree(tree):
    assert faults_of(tree(GOOD)) == []


@pytest.mark.parametrize("name", BAD)
def test_refuses(tree, name):
    files, reason = BAD[name]
    faults = faults_of(tree(GOOD | files))
    assert any(reason in fault for fault in faults), faults
    assert all(any(path in fault for path in files) for fault in faults if reason in fault)


def units(count):
    return {f"platform/lake/unit{i}.h": "\n" for i in range(count)}


def test_accepts_twelve_units_and_their_tests(tree):
    beside = {"platform/lake/a_test.cc": "\n", "platform/lake/a_workbench.h": "\n"}
    assert faults_of(tree(GOOD | units(11) | beside)) == []  # Beside fs.h.


def test_refuses_a_thirteenth_unit(tree):
    faults = faults_of(tree(GOOD | units(12)))
    assert faults == ["platform/lake: 13 units, at most 12: it wants to be two rooms"]


def test_names_the_line(tree):
    faults = faults_of(tree(GOOD | {"base/a.cc": '// one\n#include "model/record.h"\n'}))
    assert faults == ["base/a.cc:2: base looks up to model"]
