import { decimalText, positionResult } from '@tradeswarm/trading'
import { beforeAll, describe, expect, test } from 'vitest'
import { messagesOf } from './recorded-journal.test-support.js'
import { type RecordedSmallRun, recordSmallRun } from './small-run.test-support.js'

type Outcome = {
  readonly positionId: string
  readonly recommendationId: string
  readonly setup: string
  readonly result: string
  readonly isWin: boolean
}
type Adjusted = {
  readonly parameters: { readonly version: number; readonly factorWeights: Readonly<Record<string, number>> }
  readonly outcomes: number
}
type Recommendation = {
  readonly symbol: string
  readonly parametersVersion: number
  readonly setup: string
  readonly reasons: readonly { readonly factor: string; readonly weight: number }[]
}

let run: RecordedSmallRun

beforeAll(async () => {
  run = await recordSmallRun()
})

describe('learning', () => {
  test('pairs each closed position with the recommendation behind it', () => {
    const outcomes = messagesOf<Outcome>(run.entries, 'outcome.recorded')
    const recommendations = new Map(
      messagesOf<Recommendation>(run.entries, 'recommendation.issued').map((message) => [message.id, message]),
    )
    expect(outcomes).toHaveLength(run.result.trades.length)
    for (const [index, { payload, correlationId }] of outcomes.entries()) {
      const trade = run.result.trades.find(({ positionId }) => positionId === payload.positionId)
      const recommendation = recommendations.get(payload.recommendationId)
      expect(recommendation?.payload.setup, `outcome ${index}`).toBe(payload.setup)
      expect(recommendation?.payload.symbol).toBe(trade?.symbol)
      expect(trade?.causationId).toBe(payload.recommendationId)
      expect(correlationId).toBe(trade?.correlationId)
      expect(payload.isWin).toBe(Number(payload.result) > 0)
      expect(trade && decimalText(positionResult(trade))).toBe(payload.result)
    }
  })

  test('adjusts parameters only after the outcomes that they count are known', () => {
    const outcomes = messagesOf<Outcome>(run.entries, 'outcome.recorded')
    const closings = messagesOf<{ positionId: string; closedAt: number }>(run.entries, 'position.closed')
    const adjusted = messagesOf<Adjusted>(run.entries, 'parameters.adjusted')
    expect(adjusted.length).toBeGreaterThan(5)
    for (const [index, { payload, sequence, time }] of adjusted.entries()) {
      expect(payload.parameters.version).toBe(index + 1)
      expect(payload.outcomes).toBe(3 * (index + 1))
      const counted = outcomes.slice(0, payload.outcomes)
      expect(counted).toHaveLength(payload.outcomes)
      for (const outcome of counted) {
        const closing = closings.find(({ payload: closed }) => closed.positionId === outcome.payload.positionId)
        expect(outcome.sequence).toBeLessThan(sequence)
        expect(closing?.sequence).toBeLessThan(outcome.sequence)
        expect(closing?.payload.closedAt).toBeLessThanOrEqual(time)
      }
    }
  })

  test('is taken up by the next recommendation, and by none before', () => {
    const adjusted = messagesOf<Adjusted>(run.entries, 'parameters.adjusted')
    const recommendations = messagesOf<Recommendation>(run.entries, 'recommendation.issued')
    const versions = new Set<number>()
    for (const { sequence, payload } of recommendations) {
      const latest = adjusted.filter((message) => message.sequence < sequence).at(-1)
      expect(payload.parametersVersion).toBe(latest?.payload.parameters.version ?? 0)
      versions.add(payload.parametersVersion)
      const posts = payload.reasons.find(({ factor }) => factor === 'posts')
      if (posts !== undefined)
        expect(posts.weight).toBeCloseTo(latest?.payload.parameters.factorWeights['posts'] ?? 1, 12)
    }
    expect(versions.size).toBeGreaterThan(5)
  })
})
