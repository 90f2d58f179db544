"""Whether one word may be a slip of the other: letters left out, added, mistaken or swapped."""

SHORTEST, SHORT = 4, 5


def is_near(typed: str, known: str) -> bool:
    """One slip in up to five letters, two in longer words, none in three; the end may not have been typed yet."""
    most = 0 if len(typed) < SHORTEST else 1 if len(typed) <= SHORT else 2
    return min(slips(typed, known), slips(typed, known[: len(typed)])) <= most


def slips(one: str, other: str) -> int:
    """How many slips lead from one word to the other (optimal string alignment)."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, start=1):
        before, above, row = row, before, [i, *([0] * len(other))]
        for j, b in enumerate(other, start=1):
            row[j] = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                row[j] = min(row[j], above[j - 2] + 1)
    return row[-1]
