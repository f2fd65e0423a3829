"""For every test in Python."""

import os


def pytest_terminal_summary(terminalreporter):
    """A test that leaves itself out passes in silence under ctest: script/test names it at its end."""
    path = os.environ.get("CDCLAKE_LEFT_OUT")
    if not path:
        return
    with open(path, "a") as file:
        for report in terminalreporter.stats.get("skipped", []):
            reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
            file.write(f"{report.nodeid}: {reason}\n")
