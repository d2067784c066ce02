"""Runs the code of docs/analysis.md on an output root: to compare its answers to each question, or to write them there.

usage: check_analysis.py OUTPUT_ROOT VIEWS.sql [--fill]

VIEWS.sql is what `ctcohort query --views` prints. Prints one JSON object: how many questions there are, what is wrong,
and how many rows each answer has. With --fill the answers in the document become those of OUTPUT_ROOT.
"""

import json
import math
import re
import sys
from pathlib import Path

import duckdb
import pandas

DOCUMENT = Path(__file__).parent.parent / "docs" / "analysis.md"
DEMO = "build/demo/out"  # the output root that the document speaks of
BLOCK = re.compile(r"^```(sql|python)\n(.*?)^```$", re.M | re.S)
ANSWER = re.compile(r"^<!-- answer -->\n(?:\n(?:\|.*\n)+)?", re.M)


def sections(text):
    """The document's part before the questions, and the questions by their headings."""
    opening, *rest = re.split(r"^(?=## )", text, flags=re.M)
    return opening, {part.splitlines()[0][3:]: part for part in rest}


def blocks(part):
    """The code of each language in a part of the document: sql, pandas and polars."""
    found = {}
    for language, code in BLOCK.findall(part):
        name = "sql" if language == "sql" else re.match(r"# (\w+)\n", code)[1]
        assert name not in found, f"two blocks of {name} in one part"
        found[name] = code
    return found


def answers(root, views, opening, question):
    """What the three blocks of a question give, as data frames of pandas."""
    database = duckdb.connect()
    database.execute(views)
    code, setup = blocks(question), blocks(opening)
    found = {"sql": database.sql(code["sql"]).df()}
    for library in ("pandas", "polars"):
        names = {}
        assert f'out = "{DEMO}"' in setup[library]
        exec(setup[library].replace(DEMO, root) + code[library], names)  # the document's own code
        frame = names["answer"]
        found[library] = frame if library == "pandas" else frame.to_pandas()
    return found


def cells(frame):
    return [tuple(None if pandas.isna(v) else v for v in row) for row in frame.astype(object).itertuples(index=False)]


def same(a, b):
    if isinstance(a, float) and isinstance(b, float):
        return math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-12)
    return a == b


def faults(found):
    """How the answers differ from that of SQL."""
    want = found["sql"]
    for library in ("pandas", "polars"):
        got = found[library]
        if list(got.columns) != list(want.columns):
            yield f"{library} has the columns {list(got.columns)}, SQL {list(want.columns)}"
            continue
        ours, theirs = cells(want), cells(got)
        if len(ours) != len(theirs) or not all(all(map(same, a, b)) for a, b in zip(ours, theirs, strict=True)):
            yield f"{library} gives {theirs}, SQL {ours}"


def shown(value):
    if value is None:
        return "null"
    if isinstance(value, float):
        return "∞" if math.isinf(value) else f"{value:.3f}"
    return str(value)


def markdown(frame):
    line = lambda row: "| " + " | ".join(row) + " |"  # noqa: E731
    numbers = [pandas.api.types.is_numeric_dtype(t) for t in frame.dtypes]
    rows = [line(map(shown, row)) for row in cells(frame)]
    return "\n".join([line(frame.columns), "|" + "|".join("---:" if n else "---" for n in numbers) + "|", *rows])


def printed(question):
    """The columns of the answer in the document."""
    rows = ANSWER.search(question)[0].splitlines()[2:]
    return [c.strip() for c in rows[0].strip("|").split("|")] if rows else []


def main(root, views, fill):
    text = DOCUMENT.read_text(encoding="utf-8")
    opening, questions = sections(text)
    result = {"questions": len(questions), "wrong": {}, "rows": {}}
    filled = opening
    for title, question in questions.items():
        found = answers(root, Path(views).read_text(encoding="utf-8"), opening, question)
        wrong = list(faults(found))
        result["rows"][title] = len(found["sql"])
        if fill:
            table = markdown(found["sql"])
            filled += ANSWER.sub(lambda _, table=table: f"<!-- answer -->\n\n{table}\n", question)
        elif printed(question) != list(found["sql"].columns):
            wrong.append(f"the answer printed has the columns {printed(question)}: run `make analysis`")
        if wrong:
            result["wrong"][title] = wrong
    if fill:
        DOCUMENT.write_text(filled, encoding="utf-8")
    print(json.dumps(result))
    return 1 if fill and result["wrong"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2], "--fill" in sys.argv[3:]))
