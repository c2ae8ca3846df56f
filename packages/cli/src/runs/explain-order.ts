import type { ModelBasis, Reading } from '@tradeswarm/agents'
import type { Storage } from '@tradeswarm/core'
import type { AssessedOrder, BookedEvent, OrderHappening, RunMessage } from './run-records.js'
import { readRecords, recordOf } from './run-records.js'

/** A post behind an order, and how much it counted. */
export type ExplainedPost = {
  readonly source: string
  readonly id: string
  readonly at: string
  readonly author?: string
  /** Part of the total weight of all posts. */
  readonly share: number
  readonly score: number
  readonly confidence: number
  readonly synthetic: boolean
  /** What a reader model made of it, where one did. */
  readonly reading?: Reading
  /** Untrusted; absent when it was erased. */
  readonly text?: string
}

/** One order from cash back to the posts behind it. */
export type Explanation = {
  readonly order: AssessedOrder['header'] & { readonly time: number }
  readonly permit: AssessedOrder['verdict']
  readonly happenings: readonly OrderHappening[]
  readonly bookings: readonly BookedEvent[]
  /** Other orders of the same intent: protective exits of an entry, or the entry of an exit. */
  readonly siblings: readonly { readonly orderId: string; readonly purpose: string }[]
  readonly intent?: RunMessage
  readonly recommendation?: RunMessage
  /** What a model gave as its reason, checked when it did; absent without one, and when it was erased. */
  readonly rationale?: string
  readonly signal?: RunMessage
  readonly posts: readonly ExplainedPost[]
  readonly outcome?: RunMessage
}

type Contributor = {
  readonly source: string
  readonly id: string
  readonly author?: string
  readonly share: number
  readonly score: number
  readonly confidence: number
}

/** The chain of an order, or undefined when the run has no such order. */
export async function explainOrder(storage: Storage, orderId: string): Promise<Explanation | undefined> {
  const found = await readOrder(storage, orderId)
  if (found === undefined) return undefined
  const { order } = found
  const recommendation = await messageOf(storage, order.header.causationId)
  const signal = await messageOf(storage, textOf(recommendation?.payload.signalMessageId))
  const basis = recommendation?.payload.model as ModelBasis | undefined
  const related = await readRelated(storage, order, signal, basis)
  const rationale = basis?.rationaleHash === undefined ? undefined : await storage.blobs.get(basis.rationaleHash)
  return {
    order: { ...order.header, time: order.time },
    permit: order.verdict,
    happenings: found.happenings,
    bookings: found.bookings,
    siblings: found.siblings,
    ...(related.intent === undefined ? {} : { intent: related.intent }),
    ...(recommendation === undefined ? {} : { recommendation }),
    ...(rationale === undefined ? {} : { rationale }),
    ...(signal === undefined ? {} : { signal }),
    posts: related.posts,
    ...(related.outcome === undefined ? {} : { outcome: related.outcome }),
  }
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

async function messageOf(storage: Storage, id: string): Promise<RunMessage | undefined> {
  const entry = id === '' ? undefined : await storage.journal.get(id)
  const record = entry && recordOf(entry)
  return record?.kind === 'message' ? record.message : undefined
}

async function readOrder(storage: Storage, orderId: string) {
  const assessed = new Map<string, AssessedOrder>()
  const happenings: OrderHappening[] = []
  const bookings: BookedEvent[] = []
  for await (const record of readRecords(storage, ['risk', 'order', 'ledger'])) {
    if (record.kind === 'assessed') assessed.set(record.order.header.orderId, record.order)
    if (record.kind === 'happened' && record.happening.orderId === orderId) happenings.push(record.happening)
    if (record.kind === 'booked' && record.booked.orderId === orderId) bookings.push(record.booked)
  }
  const order = assessed.get(orderId)
  if (order === undefined) return undefined
  const siblings = [...assessed.values()]
    .filter(({ header }) => header.intentId === order.header.intentId && header.orderId !== orderId)
    .map(({ header }) => ({ orderId: header.orderId, purpose: header.purpose }))
  return { order, happenings, bookings, siblings }
}

async function readRelated(
  storage: Storage,
  order: AssessedOrder,
  signal: RunMessage | undefined,
  basis: ModelBasis | undefined,
) {
  const contributors = (
    (signal?.payload.posts as { contributors?: readonly Contributor[] } | undefined)?.contributors ?? []
  ).slice()
  const keyOf = (source: unknown, id: unknown): string => `${String(source)} ${String(id)}`
  const wanted = new Map(contributors.map((contributor) => [keyOf(contributor.source, contributor.id), contributor]))
  const readings = new Map(basis?.posts.map(({ source, id, reading }) => [keyOf(source, id), reading]))
  const posts: ExplainedPost[] = []
  let intent: RunMessage | undefined
  let outcome: RunMessage | undefined
  for await (const record of readRecords(storage, ['message'])) {
    if (record.kind !== 'message') continue
    const { message } = record
    const { payload } = message
    if (
      message.topic === 'intent.formed' &&
      (payload.intent as { intentId?: string }).intentId === order.header.intentId
    )
      intent = message
    if (message.topic === 'outcome.recorded' && payload.recommendationId === order.header.causationId) outcome = message
    if (message.topic !== 'post.received' || payload.symbol !== order.header.request.symbol) continue
    const contributor = wanted.get(keyOf(payload.source, payload.id))
    if (contributor === undefined) continue
    wanted.delete(keyOf(payload.source, payload.id))
    const text = await storage.blobs.get(String(payload.textHash))
    const reading = readings.get(keyOf(payload.source, payload.id))
    posts.push({
      source: contributor.source,
      id: contributor.id,
      at: new Date(Number(payload.at)).toISOString(),
      ...(contributor.author === undefined ? {} : { author: contributor.author }),
      share: contributor.share,
      score: contributor.score,
      confidence: contributor.confidence,
      synthetic: payload.synthetic === true,
      ...(reading === undefined ? {} : { reading }),
      ...(text === undefined ? {} : { text }),
    })
  }
  return { intent, outcome, posts: posts.sort((a, b) => b.share - a.share) }
}
