#!/usr/bin/env python3
"""Holds files, functions, room READMEs and file names to the house's measures.

Header <= 150 lines, C++ source <= 400, function <= 60; Python <= 400 and 60;
shell <= 300 and 60; every room below src/ has a README of at most 30 lines; no
file is called after a heap (utils, helpers, common, misc, manager).

usage: check_sizes.py [ROOT]
"""

import ast
import re
import sys
from pathlib import Path

FILE_LINES_MAX = {".h": 150, ".cc": 400, ".py": 400, ".sh": 300}
FUNCTION_LINES_MAX = 60
README_LINES_MAX = 30
# File -> lines it may have. This list may only shrink; an entry that is no longer
# needed is a fault too.
EXCEPTIONS: dict[str, int] = {}

FOLDERS = ["src", "tests", "bench", "fuzz", "script", "deploy", ".ci"]
SKIPPED_FOLDERS = {"__pycache__", "build", ".git", "node_modules"}
HEAP_NAMES = {"util", "utils", "helper", "helpers", "common", "misc", "manager", "managers"}

CPP_TOKEN = re.compile(
    r'R"(?P<delimiter>[^()\s\\]{0,16})\(.*?\)(?P=delimiter)"'  # raw string
    r'|"(?:\\.|[^"\\\n])*"'
    r"|(?<![0-9A-Fa-f])'(?:\\.|[^'\\\n])+'"
    r"|//[^\n]*|/\*.*?\*/"
    r"|^[ \t]*#(?:[^\n\\]|\\.)*",  # preprocessor line, with its continuations
    re.DOTALL | re.MULTILINE,
)
TEMPLATE_HEAD = re.compile(r"template\s*<(?:[^<>]|<[^<>]*>)*>")
SCOPE_WORD = re.compile(r"\b(namespace|class|struct|union|enum|extern)\b")
SHELL_FUNCTION = re.compile(r"^(?:function\s+)?([A-Za-z_][\w-]*)\s*\(\)\s*[{(]")


def blank(match):
    """Keeps the lines of what is blanked, so that numbers stay true."""
    return re.sub(r"[^\n]", " ", match.group(0))


def brace_kind(statement):
    """What an opening brace after STATEMENT, outside of functions, begins."""
    plain = TEMPLATE_HEAD.sub("", statement)
    if SCOPE_WORD.search(plain.split("(")[0]):
        return "scope"
    outside = re.sub(r"operator[^\s\w(]+", "", plain)
    while outside != (outside := re.sub(r"\([^()]*\)", "", outside)):
        pass
    # An open parenthesis or an assignment means a value, however long.
    return "value" if "(" in outside or "=" in outside or "(" not in plain else "function"


def cpp_functions(text):
    """Yields (name, first line, line count) of every function body of a C++ file."""
    code = CPP_TOKEN.sub(blank, text)
    depth, kind, statement, start_line, line = 0, "", "", 1, 1
    for position, character in enumerate(code):
        line += character == "\n"
        if depth:
            depth += {"{": 1, "}": -1}.get(character, 0)
            if depth == 0:
                rest = code[position + 1 : position + 200].lstrip()[:1]
                if kind == "value" or (rest and rest in ",{"):  # A member's initialiser.
                    statement += "_"
                    continue
                yield function_name(statement), start_line, line - start_line + 1
                statement = ""
        elif character == "{":
            kind = brace_kind(statement)
            depth = 0 if kind == "scope" else 1
            statement = "" if kind == "scope" else statement
        elif character in "};":
            statement = ""
        else:
            if not statement.strip() and not character.isspace():
                start_line = line
            statement += character


def function_name(statement):
    match = re.search(r"([\w:~]+|operator\W+)\s*\(", TEMPLATE_HEAD.sub("", statement))
    return match.group(1) if match else "function"


def python_functions(text):
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node.name, node.lineno, node.end_lineno - node.lineno + 1


def shell_functions(text):
    name, start = None, 0
    for number, line in enumerate(text.splitlines(), 1):
        match = SHELL_FUNCTION.match(line)
        if match and not line.rstrip().endswith(("}", ")")):
            name, start = match.group(1), number
        elif name and line[:1] in ("}", ")"):
            yield name, start, number - start + 1
            name = None


def kind_of(path):
    """The suffix that names a file's rules; a script without one is known by its first line."""
    if path.suffix:
        return path.suffix if path.suffix in FILE_LINES_MAX else None
    with path.open("rb") as file:
        first = file.readline(80)
    if not first.startswith(b"#!"):
        return None
    return ".py" if b"python" in first else ".sh"


def source_files(root):
    for folder in FOLDERS:
        for path in sorted((root / folder).rglob("*")):
            parts = set(path.relative_to(root).parts)
            if path.is_file() and not path.is_symlink() and not parts & SKIPPED_FOLDERS:
                yield path


class Checker:
    def __init__(self, root, exceptions):
        self.root = root
        self.exceptions = dict(exceptions)
        self.faults = []

    def run(self):
        files = list(source_files(self.root))
        for path in files:
            self.check_name(path)
            kind = kind_of(path)
            if kind is not None:
                self.check_size(path, kind)
        for name in self.exceptions:
            self.faults.append(f"{name}: needs its exception no longer, or not at this size")
        self.check_readmes(files)
        return len(files)

    def check_name(self, path):
        relative = path.relative_to(self.root)
        for part in relative.parts:
            heaps = HEAP_NAMES & set(re.split(r"[_.\-]", part.lower()))
            if heaps:
                self.faults.append(f"{relative}: {heaps.pop()} is no subject; name the noun inside")
        if path.suffix in {".h", ".cc"} and not re.fullmatch(r"[a-z0-9_]+\.(h|cc)", path.name):
            self.faults.append(f"{relative}: C++ files are named in snake_case")

    def check_size(self, path, kind):
        name = str(path.relative_to(self.root))
        text = path.read_text(errors="replace")
        count = len(text.splitlines())
        limit = FILE_LINES_MAX[kind]
        if count > limit:
            allowed = self.exceptions.pop(name, limit)
            if count > allowed:
                self.faults.append(f"{name}: {count} lines, at most {allowed}")
        functions = {".h": cpp_functions, ".cc": cpp_functions, ".py": python_functions}
        for function, line, lines in functions.get(kind, shell_functions)(text):
            if lines > FUNCTION_LINES_MAX:
                self.faults.append(
                    f"{name}:{line}: {function} has {lines} lines, at most {FUNCTION_LINES_MAX}"
                )

    def check_readmes(self, files):
        src = self.root / "src"
        rooms = {path.parent for path in files if path.name == "CMakeLists.txt"} - {src}
        for room in sorted(room for room in rooms if src in room.parents):
            readme = room / "README.md"
            name = readme.relative_to(self.root)
            if not readme.is_file():
                self.faults.append(f"{name}: missing; why the room exists, what it promises")
            elif (count := len(readme.read_text().splitlines())) > README_LINES_MAX:
                self.faults.append(f"{name}: {count} lines, at most {README_LINES_MAX}")


def main():
    default = Path(__file__).resolve().parent.parent
    root = Path(sys.argv[1]) if len(sys.argv) > 1 else default
    checker = Checker(root, EXCEPTIONS)
    count = checker.run()
    for line in checker.faults:
        print(line)
    print(f"sizes: {count} files, {len(checker.faults)} faults")
    return 1 if checker.faults else 0


if __name__ == "__main__":
    sys.exit(main())
