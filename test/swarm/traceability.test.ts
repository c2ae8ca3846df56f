import { beforeAll, describe, expect, test } from 'vitest'
import { bookings, messagesOf, recordsOf } from './recorded-journal.test-support.js'
import { type RecordedSmallRun, recordSmallRun } from './small-run.test-support.js'

type Fill = { readonly orderId: string; readonly intentId: string; readonly symbol: string; readonly tradeId: string }
type Intent = {
  readonly intent: {
    readonly intentId: string
    readonly symbol: string
    readonly causationId: string
    readonly correlationId: string
  }
}
type Recommendation = { readonly symbol: string; readonly signalMessageId: string }
type Aggregated = {
  readonly symbol: string
  readonly at: number
  readonly posts?: {
    readonly contributors: readonly { readonly source: string; readonly id: string; readonly at: number }[]
  }
}
type Post = { readonly source: string; readonly id: string; readonly symbol: string; readonly at: number }

let run: RecordedSmallRun

beforeAll(async () => {
  run = await recordSmallRun()
})

describe('one chain', () => {
  test('leads from every fill over order, intent, recommendation and signal back to the posts', () => {
    const orders = new Map(recordsOf(run.entries, 'order-assessed').map((record) => [record.header.orderId, record]))
    const intents = new Map(
      messagesOf<Intent>(run.entries, 'intent.formed').map((message) => [message.payload.intent.intentId, message]),
    )
    const recommendations = new Map(
      messagesOf<Recommendation>(run.entries, 'recommendation.issued').map((message) => [message.id, message]),
    )
    const signals = new Map(
      messagesOf<Aggregated>(run.entries, 'signal.aggregated').map((message) => [message.id, message]),
    )
    const posts = new Map(
      messagesOf<Post>(run.entries, 'post.received').map((message) => [
        `${message.payload.source} ${message.payload.id} ${message.payload.symbol}`,
        message,
      ]),
    )
    const fills = messagesOf<Fill>(run.entries, 'order.filled')
    expect(fills).toHaveLength(run.result.counts.fills)
    let contributors = 0
    for (const { payload: fill, correlationId, sequence } of fills) {
      const order = orders.get(fill.orderId)
      expect(order?.header).toMatchObject({ intentId: fill.intentId, correlationId })
      const intent = intents.get(fill.intentId)
      expect(intent?.payload.intent).toMatchObject({ symbol: fill.symbol, correlationId })
      const recommendation = recommendations.get(intent?.payload.intent.causationId ?? '')
      expect(recommendation).toMatchObject({ correlationId, payload: { symbol: fill.symbol } })
      const signal = signals.get(recommendation?.payload.signalMessageId ?? '')
      expect(signal).toMatchObject({ id: correlationId, correlationId, payload: { symbol: fill.symbol } })
      expect(
        (signal?.sequence ?? 0) < (recommendation?.sequence ?? 0) &&
          (recommendation?.sequence ?? 0) < (intent?.sequence ?? 0) &&
          (intent?.sequence ?? 0) < sequence,
      ).toBe(true)
      for (const { source, id, at } of signal?.payload.posts?.contributors ?? []) {
        const post = posts.get(`${source} ${id} ${fill.symbol}`)
        contributors += 1
        expect(post?.payload.at).toBe(at)
        expect(post?.sequence).toBeLessThan(signal?.sequence ?? 0)
      }
    }
    expect(contributors).toBeGreaterThan(50)
  })

  test('reaches the ledger: each booked fill and dividend carries the correlation of the entry that led to it', () => {
    const fills = new Map(
      messagesOf<Fill>(run.entries, 'order.filled').map((message) => [message.payload.tradeId, message]),
    )
    const chains = new Set([...fills.values()].map(({ correlationId }) => correlationId))
    for (const { entry } of bookings(run.entries)) {
      if (entry.kind === 'fill') expect(entry.correlationId).toBe(fills.get(entry.tradeId ?? '')?.correlationId)
      if (entry.kind === 'dividend') expect(chains.has(entry.correlationId ?? '')).toBe(true)
    }
  })

  test('belongs to one symbol: each aggregated signal starts a chain of its own', () => {
    const signals = messagesOf<Aggregated>(run.entries, 'signal.aggregated')
    expect(new Set(signals.map(({ correlationId }) => correlationId)).size).toBe(signals.length)
    for (const { id, correlationId } of signals) expect(correlationId).toBe(id)
    const symbolsOf = new Map<string, Set<string>>()
    for (const topic of ['signal.aggregated', 'recommendation.issued', 'order.filled', 'position.closed']) {
      for (const { correlationId, payload } of messagesOf<{ symbol: string }>(run.entries, topic)) {
        symbolsOf.set(correlationId, (symbolsOf.get(correlationId) ?? new Set()).add(payload.symbol))
      }
    }
    for (const [correlationId, symbols] of symbolsOf) expect([...symbols], correlationId).toHaveLength(1)
  })
})
