import type { TradingSwarm } from '@tradeswarm/agents'
import type { JournalEntry } from '@tradeswarm/core'
import { type KernelRecord, verifyBooks } from '@tradeswarm/trading'
import { beforeAll, describe, expect, test } from 'vitest'
import { bookings, messagesOf, recordsOf } from './recorded-journal.test-support.js'
import { type RecordedSmallRun, recordSmallRun } from './small-run.test-support.js'
import { sessionOn, smallSessions, tradedFrom } from './small-tape.test-support.js'

type Acts = Readonly<Record<number, (swarm: TradingSwarm) => void | Promise<void>>>

const closeOf = (traded: number): number => smallSessions()[tradedFrom + traded]?.close ?? 0

/** Runs the small tape and acts after the close of the sessions named by their number since trading began. */
function runWith(acts: Acts, onStarted?: (swarm: TradingSwarm) => void): Promise<RecordedSmallRun> {
  return recordSmallRun({
    ...(onStarted === undefined ? {} : { onStarted }),
    onSessionClosed: (date, swarm) => acts[smallSessions().indexOf(sessionOn(date)) - tradedFrom]?.(swarm),
  })
}

type Sent = { readonly time: number; readonly purpose: string; readonly symbol: string }

/** Orders that went to the venue, with what they were for. */
function sentOrders(entries: readonly JournalEntry[]): readonly Sent[] {
  const headers = new Map(recordsOf(entries, 'order-assessed').map(({ header }) => [header.orderId, header]))
  return recordsOf(entries, 'order-event').flatMap(({ orderId, event, time }) => {
    const header = headers.get(orderId)
    return event.type === 'submitted' && header !== undefined
      ? [{ time, purpose: header.purpose, symbol: header.request.symbol }]
      : []
  })
}

const entriesBetween = (run: RecordedSmallRun, from: number, to: number): readonly Sent[] =>
  sentOrders(run.entries).filter(({ purpose, time }) => purpose === 'entry' && time > from && time <= to)

function closedBetween(run: RecordedSmallRun, from: number, to: number) {
  return run.result.trades.filter(({ closedAt }) => closedAt > from && closedAt <= to)
}

function expectSoundBooks({ entries, result }: RecordedSmallRun): void {
  const records = bookings(entries)
  expect(verifyBooks(records.map(({ entry }) => entry))).toMatchObject({ ok: true, entries: records.length })
  expect(result).toMatchObject({ status: 'completed', counts: { deadLetters: 0 } })
}

const pausedAt = 28
const resumedAt = 45

/** What happened to positions that were open when somebody fell silent, without anybody's doing. */
function expectExitsWithout(run: RecordedSmallRun, from: number, to: number): void {
  const closed = closedBetween(run, from, to)
  expect(closed.length, 'positions were open, and were left').toBeGreaterThanOrEqual(2)
  for (const { exitReason } of closed) expect(['stop', 'target', 'time']).toContain(exitReason)
}

describe('while the Trader is silent, with positions open', () => {
  const silences: Readonly<Record<string, Acts>> = {
    paused: {
      [pausedAt]: (swarm) => swarm.agent('trader').pause(),
      [resumedAt]: (swarm) => swarm.agent('trader').resume(),
    },
    stopped: {
      [pausedAt]: (swarm) => swarm.agent('trader').stop(),
      [resumedAt]: (swarm) => swarm.agent('trader').start(),
    },
  }

  test.each(Object.entries(silences))(
    '%s: exits go on, nothing is entered, the books are right, and it takes up its work again',
    async (_, acts) => {
      let held: readonly string[] = []
      const run = await runWith({
        ...acts,
        [pausedAt]: async (swarm) => {
          held = swarm.portfolio().positions.map((position) => position.symbol)
          await acts[pausedAt]?.(swarm)
        },
      })
      expect(held).toEqual(['BBB', 'CCC'])
      expectExitsWithout(run, closeOf(pausedAt), closeOf(resumedAt))
      expect(entriesBetween(run, closeOf(pausedAt), closeOf(resumedAt) - 1)).toEqual([])
      expect(entriesBetween(run, closeOf(resumedAt), closeOf(77)).length).toBeGreaterThan(0)
      expectSoundBooks(run)
    },
  )

  test('a restart of each agent in mid-run changes nothing that is journalled, but that it was restarted', async () => {
    const plain = await runWith({})
    const roles = ['data-scout', 'analyst', 'trader', 'risk-manager', 'learning']
    const restarted = await runWith(
      Object.fromEntries(
        roles.map((role, index) => [10 + 12 * index, (swarm: TradingSwarm) => swarm.agent(role).restart()]),
      ),
    )
    const decided = (entries: typeof plain.entries): readonly unknown[] =>
      entries.filter(({ kind }) => kind !== 'operator').map(({ id, kind, time, text }) => ({ id, kind, time, text }))
    expect(restarted.entries.length).toBe(plain.entries.length + roles.length)
    expect(decided(restarted.entries)).toEqual(decided(plain.entries))
  })
})

describe('an agent that wakes after many sessions', () => {
  test.each(['data-scout', 'analyst', 'trader'])('decides nothing for sessions that are gone: %s', async (role) => {
    const run = await runWith({
      [pausedAt]: (swarm) => swarm.agent(role).pause(),
      [resumedAt]: (swarm) => swarm.agent(role).resume(),
    })
    const recommendations = new Map(
      messagesOf<{ sessionDate: string }>(run.entries, 'recommendation.issued').map((message) => [message.id, message]),
    )
    const intents = messagesOf<{ intent: { decidedAt: number; causationId: string } }>(run.entries, 'intent.formed')
    expect(
      intents.some(({ time }) => time > closeOf(resumedAt)),
      'it works again',
    ).toBe(true)
    for (const { payload } of intents) {
      const { decidedAt, causationId } = payload.intent
      expect(decidedAt).toBeLessThan(sessionOn(recommendations.get(causationId)?.payload.sessionDate ?? '').open)
    }
    expect(entriesBetween(run, closeOf(pausedAt), closeOf(resumedAt))).toEqual([])
    expectSoundBooks(run)
  })
})

describe('while the Risk Manager is silent, with positions open', () => {
  const silences: Readonly<Record<string, Acts>> = {
    paused: {
      [pausedAt]: (swarm) => swarm.agent('risk-manager').pause(),
      [resumedAt]: (swarm) => swarm.agent('risk-manager').resume(),
    },
    stopped: {
      [pausedAt]: (swarm) => swarm.agent('risk-manager').stop(),
      [resumedAt]: (swarm) => swarm.agent('risk-manager').start(),
    },
  }

  test.each(Object.entries(silences))(
    'I12 %s: entries are denied as RISK_UNAVAILABLE, exits go on, and both go on afterwards',
    async (_, acts) => {
      const run = await runWith(acts)
      expectExitsWithout(run, closeOf(pausedAt), closeOf(resumedAt))
      expect(entriesBetween(run, closeOf(pausedAt), closeOf(resumedAt))).toEqual([])
      const denials = messagesOf<{ findings: readonly { code: string }[] }>(run.entries, 'intent.denied').filter(
        ({ time }) => time > closeOf(pausedAt) && time <= closeOf(resumedAt),
      )
      expect(denials.length).toBeGreaterThan(5)
      expect(new Set(denials.flatMap(({ payload }) => payload.findings.map(({ code }) => code)))).toEqual(
        new Set(['RISK_UNAVAILABLE']),
      )
      expect(entriesBetween(run, closeOf(resumedAt), closeOf(77)).length).toBeGreaterThan(0)
      expectSoundBooks(run)
    },
  )
})

test('with all five agents paused the exits still happen', async () => {
  const roles = ['data-scout', 'analyst', 'trader', 'risk-manager', 'learning']
  const run = await runWith({
    [pausedAt]: async (swarm) => void (await Promise.all(roles.map((role) => swarm.agent(role).pause()))),
  })
  expectExitsWithout(run, closeOf(pausedAt), closeOf(77))
  expect(entriesBetween(run, closeOf(pausedAt), closeOf(77))).toEqual([])
  expect(run.result.portfolio.positions).toEqual([])
})

describe('the kill switch, in mid-run with positions open', () => {
  let run: RecordedSmallRun
  let state: ReturnType<TradingSwarm['tradingState']> | undefined
  const refusals: unknown[] = []

  beforeAll(async () => {
    run = await runWith({
      [pausedAt]: async (swarm) => {
        await swarm.kill('test')
        state = swarm.tradingState()
      },
      40: async (swarm) => {
        await swarm.resume({ operator: 'someone', reason: 'resume is not reset' })
        await swarm
          .resetKillSwitch({ operator: 'someone', secret: 'guessed' })
          .catch((error: unknown) => refusals.push(error))
      },
    })
  })

  test('halts at once, and lets nothing in until the end', () => {
    expect(state).toEqual({ state: 'halted', reasons: ['test'] })
    expect(entriesBetween(run, 0, closeOf(pausedAt)).length).toBeGreaterThan(0)
    expect(entriesBetween(run, closeOf(pausedAt), closeOf(77))).toEqual([])
    const denials = messagesOf<{ findings: readonly { code: string }[] }>(run.entries, 'intent.denied').filter(
      ({ time }) => time > closeOf(pausedAt),
    )
    expect(denials.length).toBeGreaterThan(5)
  })

  test('leaves the exits working', () => {
    const closed = closedBetween(run, closeOf(pausedAt), closeOf(77))
    expect(closed.length).toBeGreaterThanOrEqual(2)
    expect(run.result.portfolio.positions).toEqual([])
    expectSoundBooks(run)
  })

  test('is lifted neither by a resume nor by a wrong secret', () => {
    expect(refusals).toEqual([expect.objectContaining({ code: 'NOT_AUTHORIZED' })])
    const lifted = recordsOf(run.entries, 'resumed').filter((record: Extract<KernelRecord, { type: 'resumed' }>) =>
      record.causes.includes('kill-switch'),
    )
    expect(lifted).toEqual([])
  })
})

describe("an operator's halt", () => {
  test('I13 to reducing lets exits pass and no entry, until a person resumes', async () => {
    const states: string[] = []
    const note = (swarm: TradingSwarm): void => void states.push(swarm.tradingState().state)
    const refused: unknown[] = []
    const run = await runWith({
      [pausedAt]: async (swarm) => {
        note(swarm)
        await swarm.halt('reducing', 'a look at the books')
        note(swarm)
      },
      [resumedAt]: async (swarm) => {
        await swarm.resume({ operator: ' ', reason: 'nobody' }).catch((error: unknown) => refused.push(error))
        note(swarm)
        await swarm.resume({ operator: 'someone', reason: 'all is well' })
        note(swarm)
      },
    })
    expect(states).toEqual(['active', 'reducing', 'reducing', 'active'])
    expect(refused).toEqual([expect.objectContaining({ code: 'NOT_AUTHORIZED' })])
    expect(entriesBetween(run, closeOf(pausedAt), closeOf(resumedAt))).toEqual([])
    expect(closedBetween(run, closeOf(pausedAt), closeOf(resumedAt)).length).toBeGreaterThanOrEqual(2)
    expect(entriesBetween(run, closeOf(resumedAt), closeOf(77)).length).toBeGreaterThan(0)
    expect(
      messagesOf<{ state: string }>(run.entries, 'trading.state-changed').map(({ payload }) => payload.state),
    ).toEqual(['reducing', 'active'])
    expectSoundBooks(run)
  })
})
