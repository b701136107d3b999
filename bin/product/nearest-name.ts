/** The candidate that differs from what was typed by at most two letters (one in a short word), or undefined. */
export function nearestName(typed: string, candidates: string[]): string | undefined {
  const tolerated = typed.length < 5 ? 1 : 2;
  const ranked = candidates
    .map((name) => ({ name, edits: edits(typed.toLowerCase(), name.toLowerCase()) }))
    .sort((one, other) => one.edits - other.edits);
  return ranked[0] && ranked[0].edits <= tolerated ? ranked[0].name : undefined;
}

// Optimal string alignment: insertions, deletions, substitutions, and two neighbours swapped count one each.
function edits(one: string, other: string): number {
  if (Math.abs(one.length - other.length) > 2) return 3;
  const rows: number[][] = [[...Array(other.length + 1).keys()]];
  for (let i = 1; i <= one.length; i++) {
    const row = [i];
    for (let j = 1; j <= other.length; j++) {
      const same = one[i - 1] === other[j - 1];
      row[j] = Math.min(rows[i - 1][j] + 1, row[j - 1] + 1, rows[i - 1][j - 1] + (same ? 0 : 1));
      const swapped = i > 1 && j > 1 && one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1];
      if (swapped) row[j] = Math.min(row[j], rows[i - 2][j - 2] + 1);
    }
    rows.push(row);
  }
  return rows[one.length][other.length];
}
