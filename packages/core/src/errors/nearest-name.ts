/** The known name that differs from a misspelt one by the fewest changed, missing, added or swapped letters; none when more than a third do. */
export function nearestName(misspelt: string, known: readonly string[]): string | undefined {
  let nearest: string | undefined
  let fewest = Math.floor(Math.max(3, misspelt.length) / 3) + 1
  for (const name of known) {
    // No name of an option is much longer than this, and what is need not be measured.
    if (Math.abs(name.length - misspelt.length) >= fewest) continue
    const distance = distanceBetween(misspelt.toLowerCase(), name.toLowerCase())
    if (distance < fewest) [nearest, fewest] = [name, distance]
  }
  return nearest
}

/** Optimal string alignment distance: Damerau, "A technique for computer detection and correction of spelling errors", 1964. */
function distanceBetween(a: string, b: string): number {
  let before: readonly number[] = []
  let above: readonly number[] = Array.from({ length: b.length + 1 }, (_, column) => column)
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row]
    for (let column = 1; column <= b.length; column += 1) {
      const at = (list: readonly number[], index: number): number => list[index] ?? Number.POSITIVE_INFINITY
      const cost = a[row - 1] === b[column - 1] ? 0 : 1
      const swapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]
      current.push(
        Math.min(
          at(above, column) + 1,
          at(current, column - 1) + 1,
          at(above, column - 1) + cost,
          swapped ? at(before, column - 2) + 1 : Number.POSITIVE_INFINITY,
        ),
      )
    }
    before = above
    above = current
  }
  return above[b.length] ?? Number.POSITIVE_INFINITY
}
