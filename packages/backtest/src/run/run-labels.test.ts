import { defineTradingSwarm, RecommendationIssued } from '@tradeswarm/agents'
import { Agent } from '@tradeswarm/core'
import { defineSignalSource } from '@tradeswarm/signals'
import { expect, test } from 'vitest'
import { bundledTape } from '../tape/bundled-tape.js'
import type { Tape } from '../tape/tape.js'
import { backtest } from './backtest.js'
import { runLabels } from './run-labels.js'

class OwnAnalyst extends Agent<typeof OwnAnalyst> {
  static readonly role = 'analyst'
  static readonly publishes = [RecommendationIssued]
}

const bundled = await bundledTape({ to: '2014-01-31' })
const swarm = defineTradingSwarm({ symbols: ['SPX'] })
const written: Tape = { ...bundled, source: { ...bundled.source, synthetic: false } }
const exercise = 'The built-in strategy exercises the machinery; it was not made to earn money.'
const hindsight = expect.stringContaining('The sentiment model has read texts from later years')

test('a run of the five says in its result and its header that their strategy is an exercise', async () => {
  const result = await backtest({ tape: bundled, swarm, cash: { USD: '100000' } })
  expect(result.labels).toEqual([...bundled.labels, exercise])
  expect(result.header.labels).toEqual([exercise])
})

test("an Analyst of one's own is not called an exercise", () => {
  const own = defineTradingSwarm({ symbols: ['SPX'], replace: { analyst: OwnAnalyst } })
  expect(runLabels({ tape: bundled, swarm: own })).toEqual([])
})

test('posts that people wrote before the training texts were are scored with hindsight, and the run says so', () => {
  expect(runLabels({ tape: written, swarm })).toEqual([exercise, hindsight])
  const source = defineSignalSource({ name: 'more', every: '1h', poll: async () => [] })
  expect(runLabels({ tape: bundled, swarm, sources: [source] })).toEqual([exercise, hindsight])
})

test('no hindsight is claimed of generated posts, of none, and of posts that came after the training texts', () => {
  expect(runLabels({ tape: bundled, swarm })).toEqual([exercise])
  expect(runLabels({ tape: { ...written, posts: [] }, swarm })).toEqual([exercise])
  expect(runLabels({ tape: { ...written, tradeFrom: '2021-01-04' }, swarm })).toEqual([exercise])
})
