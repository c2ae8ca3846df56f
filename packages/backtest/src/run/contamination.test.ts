import { cutoffOf, defineTradingSwarm, knownCutoffs } from '@tradeswarm/agents'
import { expect, test } from 'vitest'
import { renderReport } from '../report/render-report.js'
import { bundledTape } from '../tape/bundled-tape.js'
import { backtest } from './backtest.js'
import { contaminationOf } from './contamination.js'
import { runLabels } from './run-labels.js'

const tape = await bundledTape({ to: '2014-03-31' })

/** A model that is never there: the rules decide. */
const model = (modelId: string) =>
  ({
    specificationVersion: 'v4',
    provider: 'absent',
    modelId,
    supportedUrls: {},
    doGenerate: () => Promise.reject(new Error('not there')),
  }) as never

const definition = (modelId: string, cutoffs = {}) =>
  defineTradingSwarm({ symbols: ['SPX'], model: model(modelId), config: { analyst: { model: { cutoffs } } } })

test('a run on days that its model has read about is marked in labels, result and report', async () => {
  const swarm = definition('gpt-5-mini', { 'gpt-5-mini': { cutoff: '2014-02-14' } })
  const result = await backtest({ tape, swarm, cash: { USD: '100000' } })
  const contaminated = result.curve.filter(({ date }) => date <= '2014-02-14')
  expect(result.contamination).toMatchObject({
    until: '2014-02-14',
    models: ['absent:gpt-5-mini'],
    sessions: contaminated.length,
    cleanSessions: result.curve.length - contaminated.length,
  })
  const { contaminatedReturn, cleanReturn } = result.contamination ?? {}
  expect((1 + (contaminatedReturn ?? 0)) * (1 + (cleanReturn ?? 0)) - 1).toBeCloseTo(
    result.statistics.totalReturn ?? 9,
    9,
  )
  expect(result.labels).toContainEqual(expect.stringMatching(/^Contaminated up to 2014-02-14: absent:gpt-5-mini/))
  const page = renderReport(result)
  expect(page).toContain('Contaminated: up to 2014-02-14')
  expect(page).toContain('Clean: after 2014-02-14')
})

test('a model of which nobody knows what it has read contaminates the whole run', () => {
  expect(runLabels({ tape, swarm: definition('my-own') })).toContainEqual(
    expect.stringMatching(/^Contaminated: up to when absent:my-own has read is not known/),
  )
  const curve = [{ date: '2030-01-02', equity: 110, exposure: 0, buyAndHold: 0, sameExposure: 0 }]
  expect(contaminationOf([{ part: 'reader', model: 'x' }], curve, 100)).toMatchObject({
    until: undefined,
    sessions: 1,
    cleanSessions: 0,
    cleanReturn: null,
  })
})

test('days after the cutoff, and runs without a model, are not marked', () => {
  const swarm = definition('gpt-5-mini', { 'gpt-5-mini': { cutoff: '2013-12-31' } })
  expect(runLabels({ tape, swarm }).filter((label) => label.startsWith('Contaminated'))).toEqual([])
  expect(contaminationOf(undefined, [], 100)).toBeUndefined()
})

test('cutoffs have a date, a source and a day on which they were read, and hold for dated snapshots too', () => {
  for (const { cutoff, source, date } of Object.values(knownCutoffs)) {
    expect([cutoff, date].every((day) => /^\d{4}-\d{2}-\d{2}$/.test(day))).toBe(true)
    expect(source).not.toBe('')
  }
  expect(cutoffOf('gpt-5-mini-2025-08-07')).toBe(knownCutoffs['gpt-5-mini']?.cutoff)
  expect(cutoffOf('claude-haiku-4-5-20251001')).toBe(knownCutoffs['claude-haiku-4-5']?.cutoff)
  expect(cutoffOf('gpt-5-mini-2025-08-07', { 'gpt-5-mini': { cutoff: '2024-06-30' } })).toBe('2024-06-30')
  expect(cutoffOf('toString')).toBeUndefined()
})
