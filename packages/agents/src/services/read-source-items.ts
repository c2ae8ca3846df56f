import { SwarmError, wellFormed } from '@tradeswarm/core'
import type { SourceItem } from '@tradeswarm/signals'
import { z } from 'zod'

/** What one poll gave, sorted into what is taken and what is not. */
export type SourceItemReading = {
  readonly items: readonly SourceItem[]
  readonly rejected: number
  /** The first of the rejected ones: their place in the list and the fields that are wrong, never what these hold. */
  readonly faults: readonly { readonly index: number; readonly fields: readonly string[] }[]
  /** Items beyond {@link maximumItemsPerPoll}. */
  readonly dropped: number
}

/** The most items that one poll may bring; the rest of its list is dropped. */
export const maximumItemsPerPoll = 10_000
/** Longer texts are cut before they are kept. */
const maximumTextLength = 20_000
const maximumFieldLength = 2_000
const maximumFaultsNamed = 10

const shortText = z.string().max(maximumFieldLength).transform(wellFormed)

const sourceItem = z.object({
  id: shortText.refine((id) => id !== '', 'is empty'),
  symbol: z.string(),
  text: z.string().transform((text) => wellFormed(text.slice(0, maximumTextLength))),
  at: z.int(),
  author: shortText.optional(),
  followers: z.number().optional(),
  url: shortText.optional(),
})

/** Reads the answer of a source item by item, so that a bad one costs nothing but itself. Throws `SOURCE_MALFORMED` for what is no list. */
export function readSourceItems(answer: unknown): SourceItemReading {
  if (!Array.isArray(answer)) {
    throw new SwarmError({
      code: 'SOURCE_MALFORMED',
      message: 'poll did not resolve to a list of items: return [] when there is nothing new',
    })
  }
  const items: SourceItem[] = []
  const faults: SourceItemReading['faults'][number][] = []
  let rejected = 0
  for (const [index, candidate] of answer.slice(0, maximumItemsPerPoll).entries()) {
    const parsed = sourceItem.safeParse(candidate)
    if (parsed.success) {
      items.push(withoutUndefined(parsed.data))
      continue
    }
    rejected += 1
    if (faults.length < maximumFaultsNamed) faults.push({ index, fields: fieldsOf(parsed.error) })
  }
  return { items, rejected, faults, dropped: Math.max(0, answer.length - maximumItemsPerPoll) }
}

function withoutUndefined({ author, followers, url, ...item }: z.output<typeof sourceItem>): SourceItem {
  return {
    ...item,
    ...(author === undefined ? {} : { author }),
    ...(followers === undefined ? {} : { followers }),
    ...(url === undefined ? {} : { url }),
  }
}

function fieldsOf(error: z.ZodError): readonly string[] {
  return [...new Set(error.issues.map(({ path }) => (path.length === 0 ? '(the whole item)' : path.join('.'))))]
}
