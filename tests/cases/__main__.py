"""Play all cases and print the table: ``python -m tests.cases [--write | WORD ...]``.

``--write`` puts it into the documentation, too. With words, only the cases that have one
in their name or topic are played; then what is wrong is told, and where more or other
cells ran than the oracle names.
"""

from __future__ import annotations

import sys
from pathlib import Path

from tests.cases.notation import Case, read
from tests.cases.playing import Plays, Result
from tests.cases.table import report

PAGE = Path(__file__).parents[2] / "docs/equivalence.md"
BEGIN, END = "<!-- printed by python -m tests.cases -->\n\n", "\n<!-- end -->"


def main(words: list[str]) -> int:
    """Print the table; return 1 if a case is not as its page says."""
    wanted = [word.lower() for word in words if word != "--write"]
    played = list(Plays(case for case in read() if is_meant(case, wanted)))
    sys.stdout.write(report(played))
    if words == ["--write"]:
        write(report(played))
    elif words:
        sys.stdout.writelines(line for result in played for line in told(result))
    return int(any(bool(r.wrong) != bool(r.case.gap) for r in played))


def is_meant(case: Case, words: list[str]) -> bool:
    """Tell whether a case has one of some words in its name or topic."""
    text = f"{case.topic} {case.name}".lower()
    return not words or any(word in text for word in words)


def told(result: Result) -> list[str]:
    """Return lines about a case that did not go as it should."""
    case, lines = result.case, list(result.wrong)
    if sorted(result.ran) != sorted(case.runs):
        oracle = " ".join(sorted(case.runs))
        lines.append(f"ran: {' '.join(result.ran)}; oracle: {oracle}")
    return [f"\n{case.name}\n", *(f"    {line}\n" for line in lines)] if lines else []


def write(text: str) -> None:
    """Put a report into the documentation."""
    page = PAGE.read_text("utf-8")
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    PAGE.write_text(f"{before}{BEGIN}{text}{END}{after}", "utf-8")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
