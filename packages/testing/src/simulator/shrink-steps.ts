/** Runs that shrinking may take at most. */
const maximumRuns = 400

/**
 * Removes what is not needed for a failure: first large parts of the list, then smaller ones, to single steps (delta debugging).
 * What is left fails, and fails no more when any one step is removed, unless the bound on runs was met.
 */
export async function shrinkSteps<Step>(
  steps: readonly Step[],
  fails: (steps: readonly Step[]) => Promise<boolean>,
): Promise<readonly Step[]> {
  let current = steps
  let runs = 0
  for (let size = Math.ceil(current.length / 2); size >= 1; ) {
    let removed = false
    for (let start = 0; start < current.length && runs < maximumRuns; ) {
      const rest = [...current.slice(0, start), ...current.slice(start + size)]
      runs += 1
      if (await fails(rest)) {
        current = rest
        removed = true
      } else start += size
    }
    if (runs >= maximumRuns || (size === 1 && !removed)) break
    if (size > 1) size = Math.max(1, Math.min(Math.floor(size / 2), current.length))
  }
  return current
}
