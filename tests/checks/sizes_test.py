"""Each bad tree must be refused by check_sizes.py, with its reason."""

import check_sizes
import pytest


def function_of(lines):
    return "int f() {\n" + "  g();\n" * (lines - 2) + "}\n"


GOOD = {
    "src/base/CMakeLists.txt": "add_room(base)\n",
    "src/base/README.md": "# base\n" * 30,
    "src/base/result.h": "\n" * 150,
    "src/base/result.cc": "\n" * 340 + function_of(60),
    "script/run": "#!/usr/bin/env bash\n" + "true\n" * 299,
    "script/check_it.py": "def f():\n" + "    g()\n" * 59,
}

BAD = {
    "header": ({"src/base/a.h": "\n" * 151}, "151 lines, at most 150"),
    "source": ({"src/base/a.cc": "\n" * 401}, "401 lines, at most 400"),
    "test source": ({"src/base/a_test.cc": "\n" * 401}, "401 lines, at most 400"),
    "function": ({"src/base/a.cc": function_of(61)}, "f has 61 lines, at most 60"),
    "member function": (
        {"src/base/a.cc": "namespace n {\nclass A {\n A() : a_{1} {\n" + "\n" * 60 + "}\n};\n}\n"},
        "A has 62 lines",
    ),
    "template function": (
        {"src/base/a.cc": "template <class T>\nT f(T t) {\n" + "\n" * 60 + "}\n"},
        "f has 63 lines",
    ),
    "test function": (
        {"src/base/a_test.cc": 'TEST(A, B) {\n  f("}", R"(})", \'}\');\n' + "\n" * 60 + "}\n"},
        "TEST has 63 lines",
    ),
    "python file": ({"script/a.py": "\n" * 401}, "401 lines, at most 400"),
    "python function": (
        {"script/a.py": "def f():\n" + "    g()\n" * 60},
        "f has 61 lines, at most 60",
    ),
    "shell script": (
        {"script/a": "#!/bin/bash\n" + "true\n" * 300},
        "301 lines, at most 300",
    ),
    "shell function": (
        {"script/a": "#!/bin/bash\nf() {\n" + "  true\n" * 60 + "}\n"},
        "f has 62 lines, at most 60",
    ),
    "no readme": ({"src/model/CMakeLists.txt": "add_room(model)\n"}, "README.md: missing"),
    "long readme": ({"src/base/README.md": "\n" * 31}, "31 lines, at most 30"),
    "heap of a file": ({"src/base/string_utils.h": ""}, "utils is no subject"),
    "heap of a folder": ({"src/common/a.h": ""}, "common is no subject"),
    "heap of a script": ({"script/helpers.py": ""}, "helpers is no subject"),
    "camel case": ({"src/base/RunId.h": ""}, "snake_case"),
}


def faults_of(root, exceptions=()):
    checker = check_sizes.Checker(root, dict(exceptions))
    checker.run()
    return checker.faults


def test_accepts_a_good_tree(tree):
    assert faults_of(tree(GOOD)) == []


def test_a_long_table_is_no_function(tree):
    table = "constexpr auto kTable = std::to_array<Row>({\n" + "    {.a = f(1)},\n" * 80 + "});\n"
    assert faults_of(tree(GOOD | {"src/base/table.cc": table})) == []


@pytest.mark.parametrize("name", BAD)
def test_refuses(tree, name):
    files, reason = BAD[name]
    faults = faults_of(tree(GOOD | files))
    assert len(faults) == 1 and reason in faults[0], faults


def test_an_exception_raises_one_files_limit(tree):
    root = tree(GOOD | {"src/base/a.h": "\n" * 160})
    assert faults_of(root, {"src/base/a.h": 160}) == []
    assert faults_of(root, {"src/base/a.h": 155}) != []


def test_an_exception_that_is_not_needed_is_a_fault(tree):
    assert "needs its exception no longer" in faults_of(tree(GOOD), {"src/base/result.h": 200})[0]


def test_the_list_of_exceptions_is_empty():
    assert check_sizes.EXCEPTIONS == {}
