import { backtest, replayRun } from '@tradeswarm/backtest'
import { createMemoryStorage } from '@tradeswarm/storage-memory'
import { expect, test } from 'vitest'
import { smallRunOptions } from './small-run.test-support.js'

type Act = NonNullable<ReturnType<typeof smallRunOptions>['onSessionClosed']>

/** Something an operator does at the close of the tenth, twentieth and thirtieth session. */
function acting(counter = { sessions: 0 }): Act {
  return async (_date, swarm) => {
    counter.sessions += 1
    if (counter.sessions === 10) await swarm.agent('trader').pause()
    if (counter.sessions === 15) await swarm.agent('trader').resume()
    if (counter.sessions === 20) await swarm.halt('reducing', 'a look at the books')
    if (counter.sessions === 25) await swarm.resume({ operator: 'me', reason: 'all well' })
    if (counter.sessions === 30) await swarm.agent('analyst').restart()
    if (counter.sessions === 35) await swarm.kill('enough')
  }
}

test('what an operator does is an input: the replay does it again and is the same', async () => {
  const storage = createMemoryStorage()
  const acted = await backtest({ ...smallRunOptions(), storage, onSessionClosed: acting() })
  const quiet = await backtest(smallRunOptions())
  expect(acted.journalHash).not.toBe(quiet.journalHash)
  const opened = await storage.open({ clock: { now: () => 0 } })
  expect(await replayRun(opened)).toEqual({
    status: 'same',
    entries: acted.counts.entries,
    journalHash: acted.journalHash,
  })
})

test('a run that is resumed repeats the acts of its recorded part by itself, and later ones come once', async () => {
  const whole = await backtest({ ...smallRunOptions(), onSessionClosed: acting() })
  for (const stopAfter of [10, 22, 36]) {
    const storage = createMemoryStorage()
    const counter = { sessions: 0 }
    const abort = new AbortController()
    const act = acting(counter)
    const stopping: Act = async (date, swarm) => {
      await act(date, swarm)
      if (counter.sessions === stopAfter) abort.abort()
    }
    const first = await backtest({ ...smallRunOptions(), storage, onSessionClosed: stopping, signal: abort.signal })
    expect(first.status).toBe('stopped')
    const resumed = await backtest({ ...smallRunOptions(), storage, onSessionClosed: act, resume: true })
    expect({ stopAfter, hash: resumed.journalHash }).toEqual({ stopAfter, hash: whole.journalHash })
  }
})

test('I13 leaving, freezing and halts of a scope are inputs too, and leave nothing held that was to be left', async () => {
  const storage = createMemoryStorage()
  const ada = { operator: 'Ada', reason: 'drill' }
  const scope = { strategy: 'swarm' }
  let sinceFlattened = -1
  let held: number | undefined
  const acted = await backtest({
    ...smallRunOptions(),
    storage,
    onSessionClosed: async (_, swarm) => {
      const positions = swarm.portfolio().positions.length
      if (sinceFlattened >= 0) sinceFlattened += 1
      else if (positions > 0) {
        sinceFlattened = 0
        await swarm.flatten(ada)
      }
      if (sinceFlattened === 1) held = positions
      if (sinceFlattened === 2) await swarm.resume(ada)
      if (sinceFlattened === 5) await swarm.freeze(ada)
      if (sinceFlattened === 7) await swarm.unfreeze(ada)
      if (sinceFlattened === 9) await swarm.halt('halted', 'odd', { scope, operator: 'Ada' })
      if (sinceFlattened === 12) await swarm.resume({ ...ada, scope })
      if (sinceFlattened === 20) await swarm.kill('raving', { scope: { agent: 'trader' } })
    },
  })
  expect(held).toBe(0)
  expect(sinceFlattened).toBeGreaterThan(20)
  expect(acted.trades.map(({ exitReason }) => exitReason)).toContain('flatten')
  const opened = await storage.open({ clock: { now: () => 0 } })
  expect(await replayRun(opened)).toEqual({
    status: 'same',
    entries: acted.counts.entries,
    journalHash: acted.journalHash,
  })
})

test('another policy, money that moved and a position to adopt are acts of the swarm’s operator, and inputs', async () => {
  const storage = createMemoryStorage()
  const ada = { operator: 'Ada', reason: 'as agreed' }
  let sessions = 0
  const refusals: unknown[] = []
  const acted = await backtest({
    ...smallRunOptions(),
    storage,
    onSessionClosed: async (_, swarm) => {
      sessions += 1
      const account = swarm.kernel().account
      if (sessions === 10) await swarm.changePolicy({ maxPositionFraction: 0.02 }, ada)
      if (sessions === 15) await swarm.book({ type: 'interest', eventId: 'i1', amount: '12.5' }, { ...ada, account })
      if (sessions === 20) await swarm.changePolicy({ maxPositionFraction: 0.1 }, { ...ada, account })
      if (sessions === 25)
        await swarm.adopt({ symbol: 'NOPE', price: '1' }, ada).catch((error: unknown) => refusals.push(error))
      if (sessions !== 30) return
      const asked = [
        swarm.changePolicy({ maxPositionFraction: -1 }, ada),
        swarm.book({ type: 'interest', eventId: 'i2', amount: '1' }, { ...ada, account: 'elsewhere' }),
        swarm.adopt({ symbol: 'AAPL', price: '1' }, { ...ada, account: 'elsewhere' }),
      ]
      for (const outcome of await Promise.allSettled(asked))
        refusals.push(outcome.status === 'rejected' ? outcome.reason : undefined)
      expect(await swarm.mitigations()).toEqual({ proposals: [], without: [] })
    },
  })
  expect(sessions).toBeGreaterThan(30)
  expect(refusals).toMatchObject([
    { code: 'INSTRUMENT_NOT_FOUND' },
    { code: 'INVALID_RISK_POLICY' },
    { code: 'ACCOUNT_NOT_FOUND' },
    { code: 'ACCOUNT_NOT_FOUND' },
  ])
  const opened = await storage.open({ clock: { now: () => 0 } })
  const payloads: { readonly type?: string; readonly operator?: string }[] = []
  for await (const { text } of opened.journal.read({ kinds: ['risk'], unverified: true }))
    payloads.push(JSON.parse(text))
  expect(payloads.filter(({ type }) => type === 'policy-changed').map(({ operator }) => operator)).toEqual([
    'Ada',
    'Ada',
  ])
  expect(await replayRun(opened)).toEqual({
    status: 'same',
    entries: acted.counts.entries,
    journalHash: acted.journalHash,
  })
})
