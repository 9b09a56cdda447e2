"""Cells for random notebooks: a few names of each kind, so that cells meet.

Nothing in here does what docs/guarantees.md lists as an exception or as not seen.
"""

from __future__ import annotations

from functools import lru_cache

from hypothesis import strategies as st

__all__ = ["BASE", "SETUPS", "TOPICS", "sources"]

BASE = (
    "import random, copy, functools, pathlib\nimport numpy as np\nimport pandas as pd"
)

SETUPS = (
    "x = 1; y = 2",
    "xs = [1, 2]; ys = [3]",
    "d = {'k': [1], 'n': 0}",
    "class C:\n    k = 1\n    def __init__(self): self.v = [0]\n"
    "    def add(self, v): self.v.append(v)",
    "o = C(); p = C()",
    "def f(v=1): return v",
    "def g(v): v.append(0)",
    "df = pd.DataFrame({'u': [1, 2, 3], 'w': [4, 5, 6]}); s = df['u']",
    "a = np.arange(4); b = np.zeros((2, 2))",
    "for path in ('u.txt', 'v.txt'): n = pathlib.Path(path).write_text('1\\n')",
)
"""Cells that define each name that others use."""

NUMBER = st.sampled_from(("x", "y"))
LIST = st.sampled_from(("xs", "ys"))
OBJECT = st.sampled_from(("o", "p"))
FUNCTION = st.sampled_from(("f", "g"))
ARRAY = st.sampled_from(("a", "b"))
TABLE = st.sampled_from(("df", "s"))
PATH = st.sampled_from(("u.txt", "u.txt", "v.txt"))
LITERAL = st.integers(0, 3).map(str)
# To seed a generator that is in that very state already is not seen.
SEED = st.integers(0, 2**31).map(str)
ANY = st.sampled_from(
    ("x", "y", "xs", "ys", "d", "o", "p", "df", "s", "a", "b", "z", "d['k']", "o.v")
)

KINDS = {
    "N": NUMBER,
    "L": LIST,
    "O": OBJECT,
    "F": FUNCTION,
    "A": ARRAY,
    "T": TABLE,
    "I": LITERAL,
    "V": ANY,
    "P": PATH,
    "S": SEED,
}
"""What a letter after a $ stands for; each gets its own draw."""

BINDINGS = (
    "$N = $I",
    "$N = $N + $I",
    "$N += $I",
    "$N = len($L)",
    "$L = [$I]",
    "$L = [$N, $I]",
    "$L = $L",
    "$L = list($L)",
    "$L = $L + [$N]",
    "$L += [$N]",
    "$L = [i + $N for i in $L]",
    "$L = d['k']",
    "$L = $O.v",
    "d = {'k': $L, 'n': $N}",
    "d = {'k': [$I], 'n': $N}",
    "d = dict(d)",
    "d = copy.deepcopy(d)",
    "$O = C()",
    "$O = $O",
    "$O = copy.copy($O)",
    "z = $V",
    "z = ($V, $V)",
    "z = [$V]",
    "z = {'a': $V, 'b': $V}",
    "$L, $L = $L, [$I]",
    "if $N: $N = $I",
    "if $N > 1: $L = [$I]",
    "for i in range($I): $N = i",
    "for i in $L: $N = $N + $I",
    "del $V",
    "exec('$L = [$I]')",
    "globals()['$L'] = [$I]",
    "with open(__import__('os').devnull) as h: $N = len(h.read())",
    "$N = (z := $I) + 1",
    "match $N:\n    case 1: $N = 2\n    case w: y = w",
    "try:\n    $N = 1 // $N\nexcept ZeroDivisionError:\n    $N = 7",
    "from math import pi as z",
)
CHANGES = (
    "$L.append($I)",
    "$L.append($N)",
    "$L[0] = $I",
    "del $L[0]",
    "$L.sort(reverse=True)",
    "$L.extend($L)",
    "d['n'] = $N",
    "d['k'].append($I)",
    "d['k'] = $L",
    "d.update(m=$I)",
    "d.pop('n', None)",
    "d.setdefault('m', []).append($I)",
    "$O.v.append($I)",
    "$O.v = $L",
    "$O.n = $N",
    "$O.add($I)",
    "$O.d = d",
    "$O.d['k'].append($I)",
    "z[0].append($I)",
    "z['a'].append($I)",
    "for i in (xs, ys): i.append($I)",
    "[i.append($I) for i in ($L,)]",
    "list(map(lambda i: i.append($N), [$L]))",
    "$F($L)",
    "g($O.v)",
    "g(d['k'])",
    "setattr($O, 'n', $N)",
    "getattr($L, 'append')($I)",
    "C.add($O, $I)",
    "random.shuffle($L)",
)
TABLES = (
    "df['w'] = $N",
    "df['n'] = df['u'] * $N",
    "df.loc[0, 'u'] = $I",
    "df = df[df.u > $N]",
    "df = df.assign(n=$N)",
    "df.drop(columns='w', inplace=True)",
    "df = pd.DataFrame({'u': [$N, $I], 'w': $L[:1] * 2})",
    "s = df['u']",
    "s = s + $N",
    "s.iloc[0] = $I",
    "df['v'] = s",
    "df.index = df.index + $I",
    "df.columns = [str(c) for c in df.columns]",
    "$A[0] = $N",
    "$A += $I",
    "$A = $A * $N",
    "$A = $A[1:]",
    "$A.fill($I)",
    "a = b[0]",
    "b = a.reshape(2, -1)",
    "$A.sort()",
    "np.add($A, $I, out=$A)",
    "a = df['u'].to_numpy().copy()",
)
CODE = (
    "def $F(v=None): return $N",
    "def $F(v=$I): return v",
    "def $F(v=None): return len($L) + $N",
    "def $F(v=None):\n    $L.append($I)\n    return $N",
    "def $F(v=None): return [i * $N for i in $L]",
    "def $F(v=None):\n    global x\n    x = $I\n    return x",
    "def f(v=None): return g([]) if $N else $I",
    "def $F(v): v.append($N)",
    "def $F(v=None):\n    n = $I\n    def inner(): return n + $N\n    return inner()",
    "$F = lambda v=None: $N",
    "$F = functools.partial(len, $L)",
    "$F = functools.partial($F, $L)",
    "$F = $O.add",
    "def f(v=None): return $O.v",
    "class C:\n    k = $N\n    def __init__(self): self.v = [$N]\n"
    "    def add(self, v): self.v.append($I)",
    "class C:\n    def __init__(self): self.v = []\n    def add(self, v): return $N",
    "class D(C):\n    def add(self, v): self.n = $I\n$O = D()",
    "z = $F",
    "z = [$F, $N]",
    "$N = $F()",
    "$N = $F($L)",
    "$L = [$F(), $F()]",
    "def deco(h): return lambda *v: h(*v)\n@deco\ndef $F(v=None): return $N",
    "def gen():\n    yield $N\n    yield from $L\n$L = list(gen())",
)
DRAWS = (
    "random.seed($S)",
    "np.random.seed($S)",
    "$N = random.randint(0, 9)",
    "$N = int(np.random.randint(9))",
    "$A = np.random.rand(2)",
    "$L = random.sample(range(9), 2)",
    "print(random.random())",
    "print(np.random.rand())",
)
SHOWS = (
    "print($V)",
    "print($V, $V)",
    "print($F())",
    "print($F($L))",
    "print(xs is ys, d.get('k') is xs)",
    "print(vars($O))",
    "print(isinstance($O, C), C.__dict__.get('k'))",
    "print('z' in globals())",
    "display($V)",
    "print(z)",
    "print(sum(len(i) for i in (xs, ys)))",
    "print(df.shape, s.sum(), a.sum(), b.shape)",
    "if $N: print($L)",
    "$V",
    "$F()",
    "$A.sum()",
    "df.describe().shape",
)
FAILURES = (
    "1 // $N",
    "$L[$N]",
    "if $N: raise ValueError($N)",
    "assert $N",
    "d[$N]",
    "missing",
)
OUTSIDE = (
    "import os\nos.environ['K'] = str($N)",
    "import os\nos.environ['K'] = '$I'",
    "import os\nprint(os.environ.get('K'))",
    "import os\nprint(os.environ.pop('K', None))",
    "import os\nos.makedirs('sub', exist_ok=True); os.chdir('sub')",
    "import os\nprint(os.path.basename(os.getcwd()) == 'sub')",
)
FILES = (
    "n = pathlib.Path('$P').write_text('$I')",
    "n = pathlib.Path('$P').write_text(str($N))",
    "n = pathlib.Path('$P').write_text(f'{$L}')",
    "with open('$P', 'w') as h: print($N, $I, file=h)",
    "with open('$P', 'a') as h: print($N, file=h)",
    "with open('$P', 'a') as h: n = h.write('$I')",
    "n = pathlib.Path('$P').write_text(pathlib.Path('$P').read_text() + '$I')",
    "if $N: n = pathlib.Path('$P').write_text('$I')",
    "df.to_csv('$P', index=False)",
    "print(pathlib.Path('$P').read_text())",
    "print(pathlib.Path('$P').exists())",
    "print(open('$P').read())",
    "$N = len(open('$P').read())",
    "with open('$P') as h: $L = [len(line) for line in h]",
    "df = pd.read_csv('$P')",
    "def $F(v=None): return len(open('$P').read())",
    "def $F(v=None):\n    with open('$P', 'a') as h: return h.write('$I')",
)


def _filled(template: str) -> st.SearchStrategy[str]:
    """Return a strategy for the texts that a template stands for."""
    first, *rest = template.split("$")
    draws = [KINDS[part[0]] for part in rest]

    def put(chosen: tuple[str, ...]) -> str:
        pairs = zip(chosen, rest, strict=True)
        return first + "".join(name + part[1:] for name, part in pairs)

    return st.tuples(*draws).map(put)


def _one_of(templates: tuple[str, ...]) -> st.SearchStrategy[str]:
    return st.sampled_from(templates).flatmap(_filled)


TOPICS = (BINDINGS, CHANGES, TABLES, CODE, DRAWS, OUTSIDE, FILES)


@lru_cache
def sources(topics: frozenset[tuple[str, ...]]) -> st.SearchStrategy[str]:
    """Return a strategy for the texts of cells.

    Parameters
    ----------
    topics
        Some of `TOPICS`: where cells are about few things they meet more often.
    """
    chosen = [topic for topic in TOPICS if topic in topics]
    groups = (*chosen, *chosen, SHOWS, FAILURES)
    statements = st.one_of([_one_of(group) for group in groups])
    return st.lists(statements, min_size=1, max_size=3).map("\n".join)
