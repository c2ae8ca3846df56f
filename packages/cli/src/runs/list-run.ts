import type { Storage } from '@tradeswarm/core'
import { listOrders } from './list-orders.js'
import { readRecords } from './run-records.js'

/** What can be listed of a run. */
export type Listing = 'orders' | 'fills' | 'ledger' | 'signals'
/** One row: texts by the name of their column. */
export type ListRow = Readonly<Record<string, string>>

/** What a run holds of one kind, in order of virtual time: flat rows of texts. */
export async function listRun(storage: Storage, listing: Listing): Promise<readonly ListRow[]> {
  if (listing === 'orders') return listOrders(storage)
  const rows: ListRow[] = []
  for await (const record of readRecords(storage, listing === 'signals' ? ['message'] : ['ledger'])) {
    if (record.kind === 'message' && record.message.topic === 'signal.aggregated')
      rows.push(signalRow(record.message.id, record.message.time, record.message.payload))
    if (record.kind !== 'booked') continue
    const { booked } = record
    if (listing === 'ledger') rows.push(...ledgerRows(booked))
    else if (booked.event.type === 'fill') rows.push(fillRow(booked))
  }
  return rows
}

type Booked = Extract<
  Awaited<ReturnType<typeof readRecords> extends AsyncGenerator<infer R> ? R : never>,
  { kind: 'booked' }
>['booked']

function fillRow({ event, entry, orderId }: Booked): ListRow {
  const text = (field: string): string => {
    const value = event[field]
    return typeof value === 'string' ? value : ''
  }
  return {
    time: new Date(entry.time).toISOString(),
    orderId: orderId ?? '',
    tradeId: text('tradeId'),
    symbol: text('symbol'),
    side: text('side'),
    quantity: text('quantity'),
    price: text('price'),
    fee: text('fee'),
    realised: entry.realised ?? '',
  }
}

function ledgerRows({ entry }: Booked): readonly ListRow[] {
  return entry.postings.map(({ account, asset, amount }) => ({
    time: new Date(entry.time).toISOString(),
    entryId: entry.entryId,
    kind: entry.kind,
    eventId: entry.eventId,
    account,
    amount,
    asset,
  }))
}

function signalRow(id: string, time: number, payload: Readonly<Record<string, unknown>>): ListRow {
  const posts = payload.posts as
    | {
        score: number
        confidence: number
        quality: { mentions: number; uniqueAuthors: number }
        burst: { isBurst: boolean }
      }
    | undefined
  const market = payload.market as readonly { kind: string; score: number }[]
  return {
    time: new Date(time).toISOString(),
    id,
    symbol: String(payload.symbol),
    posts: posts === undefined ? '' : posts.score.toFixed(3),
    confidence: posts === undefined ? '' : posts.confidence.toFixed(3),
    mentions: posts === undefined ? '0' : String(posts.quality.mentions),
    authors: posts === undefined ? '0' : String(posts.quality.uniqueAuthors),
    burst: posts?.burst.isBurst === true ? 'yes' : '',
    market: market.map(({ kind, score }) => `${kind} ${score.toFixed(2)}`).join(', '),
    synthetic: payload.synthetic === true ? 'yes' : '',
  }
}
