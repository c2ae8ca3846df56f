import type { LanguageModelV4CallOptions } from '@ai-sdk/provider'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { answerOf, promptOf, scriptedModel } from '../testing-support/scripted-model.test-support.js'
import { type Calibration, createCalibration } from './calibration.js'
import { createEnsemble, type EnsembleOptions } from './ensemble.js'
import { tallyVotes, type Vote } from './tally-votes.js'

const weighing = (weight: number): Calibration => ({
  observe: () => undefined,
  record: createCalibration().record,
  weight: () => weight,
})
const says =
  (choice: string, confidence = 0.9) =>
  async () =>
    answerOf(JSON.stringify({ choice, confidence }))

function handClock() {
  let due: (() => void | Promise<void>) | undefined
  return {
    now: () => 0,
    at(_: number, callback: () => void | Promise<void>) {
      due = callback
      return () => {
        due = undefined
      }
    },
    fire: () => void due?.(),
    isSet: () => due !== undefined,
  }
}

function world(
  scripts: readonly ((options: LanguageModelV4CallOptions) => Promise<ReturnType<typeof answerOf>>)[],
  options: Partial<EnsembleOptions<'up' | 'down' | 'flat'>> = {},
) {
  const clock = handClock()
  const models = scripts.map((generate) => scriptedModel({ generate }))
  const voters = models.map((model, index) => ({ name: `m${index}`, model, calibration: weighing(0.5) }))
  return { clock, models, ensemble: createEnsemble({ voters, choices: ['up', 'down', 'flat'], clock, ...options }) }
}
const call = { prompt: promptOf('which way?') }

describe('an ensemble', () => {
  test('decides what enough weight agrees on, whoever is first', async () => {
    const { ensemble, models, clock } = world([says('up', 0.9), says('up', 0.7), says('down', 0.3)])
    const verdict = await ensemble.ask(call)
    expect(verdict).toMatchObject({ kind: 'decided', choice: 'up', noVotes: [] })
    expect(verdict.agreement).toBeCloseTo(1.6 / 1.9, 10)
    expect(
      models.every(({ calls }) => calls[0]?.responseFormat?.type === 'json' && calls[0].temperature === undefined),
    ).toBe(true)
    expect(clock.isSet()).toBe(false)
  })

  test('abstains when they disagree, when too few answer, and when none has weight; that is no choice', async () => {
    const split = await world([says('up'), says('down')]).ensemble.ask(call)
    expect(split).toMatchObject({ kind: 'abstained', reason: 'disagreement', agreement: 0.5 })
    expect('choice' in split).toBe(false)
    const down = async () => Promise.reject(new Error('529'))
    expect(await world([says('up'), down, down]).ensemble.ask(call)).toMatchObject({
      kind: 'abstained',
      reason: 'too-few-votes',
      noVotes: [
        { voter: 'm1', reason: 'failed' },
        { voter: 'm2', reason: 'failed' },
      ],
    })
    expect(
      tallyVotes([{ voter: 'a', choice: 'up', confidence: 1, weight: 0 }], { minimumVotes: 1, minimumAgreement: 0.6 }),
    ).toMatchObject({ reason: 'no-weight' })
  })

  test('closes the vote at its deadline, and aborts who is late, heed it or not', async () => {
    const { ensemble, models, clock } = world([says('up'), says('up'), () => new Promise(() => undefined)])
    const verdict = ensemble.ask(call)
    // The two others have answered by then.
    for (let turn = 0; turn < 50; turn += 1) await Promise.resolve()
    clock.fire()
    expect(await verdict).toMatchObject({
      kind: 'decided',
      choice: 'up',
      noVotes: [{ voter: 'm2', reason: 'late', error: { code: 'VOTE_CLOSED' } }],
    })
    expect(models[2]?.calls[0]?.abortSignal?.aborted).toBe(true)
  })

  test.each([
    'buy!',
    '{"choice":"moon","confidence":1}',
    '{"choice":"up","confidence":1.5}',
    '{"choice":"up","confidence":1,"note":"x"}',
  ])('counts no vote outside its schema: %s', async (text) => {
    const { ensemble } = world([says('up'), says('up'), async () => answerOf(text)])
    expect(await ensemble.ask(call)).toMatchObject({
      choice: 'up',
      noVotes: [{ voter: 'm2', reason: 'outside-schema' }],
    })
  })

  test('goes with the signal of who asks', async () => {
    const { ensemble } = world([says('up'), () => new Promise(() => undefined)])
    const controller = new AbortController()
    const verdict = ensemble.ask(call, controller.signal)
    controller.abort(new Error('gone'))
    await expect(verdict).rejects.toThrow('gone')
  })

  test('refuses rules that make no sense', () => {
    expect(() => world([says('up')])).toThrow(/minimumVotes/)
    expect(() => world([says('up'), says('up')], { minimumAgreement: 0.5 })).toThrow(/minimumAgreement/)
    expect(() => world([says('up'), says('up')], { deadline: 5 } as never)).toThrow(/deadlineMs/)
  })
})

test('the order of votes does not matter, the winner has the most weight, and a decision needs its share', () => {
  const vote = fc.record({
    choice: fc.constantFrom('up', 'down', 'flat'),
    confidence: fc.double({ min: 0, max: 1, noNaN: true }),
    weight: fc.double({ min: 0, max: 1, noNaN: true }),
  })
  fc.assert(
    fc.property(
      fc.array(vote, { maxLength: 8 }),
      fc.double({ min: 0.51, max: 1, noNaN: true }),
      (given, minimumAgreement) => {
        const votes: Vote<string>[] = given.map((one, index) => ({ voter: `m${index}`, ...one }))
        const verdict = tallyVotes(votes, { minimumVotes: 1, minimumAgreement })
        expect(tallyVotes([...votes].reverse(), { minimumVotes: 1, minimumAgreement })).toEqual(verdict)
        if (verdict.kind === 'abstained') return
        const mass = (choice: string) =>
          votes.reduce((sum, one) => (one.choice === choice ? sum + one.weight * one.confidence : sum), 0)
        for (const choice of ['up', 'down', 'flat'])
          expect(mass(verdict.choice)).toBeGreaterThanOrEqual(mass(choice) - 1e-12)
        expect(verdict.agreement).toBeGreaterThanOrEqual(minimumAgreement)
      },
    ),
  )
})

describe('calibration', () => {
  test('gives a vote by skill: all to who knows, none to who is worse than a coin, little to who is unknown', () => {
    const [oracle, coin, liar, fresh] = [
      createCalibration(),
      createCalibration(),
      createCalibration(),
      createCalibration(),
    ]
    for (let index = 0; index < 10_000; index += 1) {
      const cameTrue = index % 2 === 0
      oracle.observe(cameTrue ? 1 : 0, cameTrue)
      coin.observe(0.5, cameTrue)
      liar.observe(cameTrue ? 0 : 1, cameTrue)
    }
    expect(oracle.weight()).toBeGreaterThan(0.99)
    expect(coin.weight()).toBeLessThan(0.01)
    expect(liar.weight()).toBe(0)
    expect(fresh.weight()).toBe(0.2)
    expect(coin.record()).toEqual({ forecasts: 10_000, brierScore: 0.25, overconfidence: 0 })
  })

  test('goes on from what was measured before, and refuses what is no confidence', () => {
    const first = createCalibration()
    for (const [confidence, cameTrue] of [
      [0.9, true],
      [0.8, false],
      [0.3, false],
    ] as const)
      first.observe(confidence, cameTrue)
    expect(createCalibration({ seed: first.record() }).weight()).toBeCloseTo(first.weight(), 12)
    expect(() => first.observe(1.1, true)).toThrow(/1.1/)
    expect(() => createCalibration({ prior: 2 })).toThrow(/prior/)
  })
})
