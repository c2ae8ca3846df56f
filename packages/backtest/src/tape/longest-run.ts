/**
 * The most items, in their order, of which each follows the one before: who is out of line is told by what comes after.
 * Of two that cannot both be kept, and are as good, the one that came first is. O(n log n) calls of `follows`, which has to be
 * transitive for the run to be the longest.
 */
export function longestRun<Item>(
  items: readonly Item[],
  follows: (before: Item, now: Item) => boolean,
): ReadonlySet<Item> {
  type Link = { readonly item: Item; readonly before: Link | undefined }
  // By length, the run whose last item is the easiest to follow; and the first of the longest.
  const ends: Link[] = []
  let longest: Link | undefined
  for (const item of items) {
    const length = countFollowed(ends, (end) => follows(end.item, item))
    const link: Link = { item, before: ends[length - 1] }
    const end = ends[length]
    if (end === undefined) {
      ends.push(link)
      longest = link
    } else if (follows(item, end.item)) ends[length] = link
  }
  const run = new Set<Item>()
  for (let link = longest; link !== undefined; link = link.before) run.add(link.item)
  return run
}

/** How many of the ends can be followed: those of shorter runs can whenever that of a longer one can. */
function countFollowed<End>(ends: readonly End[], canFollow: (end: End) => boolean): number {
  let low = 0
  let high = ends.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (canFollow(ends[middle] as End)) low = middle + 1
    else high = middle
  }
  return low
}
