import { SignalAggregated } from '@tradeswarm/agents'
import { backtest, replayRun } from '@tradeswarm/backtest'
import type { AgentClass, JournalEntry, StorageDefinition, Swarm } from '@tradeswarm/core'
import { createMemoryStorage } from '@tradeswarm/storage-memory'
import { expect, test } from 'vitest'
import { readJournal, withStorage } from './recorded-journal.test-support.js'
import { scriptedAnalyst } from './scripted-analyst.test-support.js'
import { smallRunOptions } from './small-run.test-support.js'
import { eagerConfig } from './small-tape.test-support.js'

type SmallOptions = Parameters<typeof smallRunOptions>[0]
type ActsBySession = Readonly<Record<number, (swarm: Swarm) => unknown>>

/** Acts at the closes of the sessions named by their number. Made anew for each run. */
function acting(acts: ActsBySession, counter = { sessions: 0 }) {
  return async (_date: unknown, swarm: Swarm): Promise<void> => {
    counter.sessions += 1
    await acts[counter.sessions]?.(swarm)
  }
}

const actsOf = (entries: readonly JournalEntry[]): string[] =>
  entries.filter(({ kind }) => kind === 'operator').map(({ text }) => (JSON.parse(text) as { act: string }).act)

/** Runs, replays, and runs again in parts; all must be the same. */
async function expectRepeatable(acts: ActsBySession, options: () => SmallOptions, stops: readonly number[]) {
  const storage = createMemoryStorage()
  const whole = await backtest({ ...smallRunOptions(options()), storage, onSessionClosed: acting(acts) })
  const replayed = await withStorage(storage, (opened) =>
    replayRun(opened, { swarm: smallRunOptions(options()).swarm }),
  )
  expect(replayed).toEqual({ status: 'same', entries: whole.counts.entries, journalHash: whole.journalHash })
  for (const stopAfter of stops) {
    const parts = createMemoryStorage()
    const counter = { sessions: 0 }
    const act = acting(acts, counter)
    const abort = new AbortController()
    const first = await backtest({
      ...smallRunOptions(options()),
      storage: parts,
      signal: abort.signal,
      onSessionClosed: async (date, swarm) => {
        await act(date, swarm)
        if (counter.sessions === stopAfter) abort.abort()
      },
    })
    expect(first.status).toBe('stopped')
    const resumed = await backtest({
      ...smallRunOptions(options()),
      storage: parts,
      onSessionClosed: act,
      resume: true,
    })
    expect({ stopAfter, hash: resumed.journalHash }).toEqual({ stopAfter, hash: whole.journalHash })
  }
  return { whole, entries: await readJournal(storage) }
}

test('agents that are killed, scaled and configured anew by an operator are so again in a replay and a resumed run', async () => {
  const { whole, entries } = await expectRepeatable(
    {
      10: (swarm) => swarm.agent('analyst').kill(),
      14: (swarm) => swarm.agent('analyst').reconfigure({ ...eagerConfig.analyst, minimumScore: 0.2 }),
      18: (swarm) => swarm.scale('analyst', 2),
      22: (swarm) => swarm.agent('analyst-2').kill(),
      26: (swarm) => swarm.scale('analyst', 1),
      30: (swarm) => swarm.agent('data-scout').kill(),
    },
    () => ({}),
    [20],
  )
  expect(actsOf(entries)).toEqual(['kill-agent', 'reconfigure', 'scale', 'kill-agent', 'scale', 'kill-agent'])
  const quiet = await backtest(smallRunOptions())
  expect(whole.journalHash).not.toBe(quiet.journalHash)
})

test('what an operator did in vain fails in vain again', async () => {
  const { entries } = await expectRepeatable(
    {
      10: (swarm) =>
        swarm
          .agent('analyst')
          .start()
          .catch(() => undefined),
    },
    () => ({}),
    [12],
  )
  expect(actsOf(entries)).toEqual(['start'])
})

/** Fails on one symbol, and does not start for some time after it was killed. */
function fragileAnalyst(): AgentClass {
  let starts = 0
  let failing = true
  const Base = scriptedAnalyst((signal) => {
    if (signal.symbol === 'BBB' && failing) throw new Error('no idea what BBB is')
    return signal.market.some((measure) => measure.kind === 'trend' && measure.score > 0)
  })
  return class FragileAnalyst extends Base {
    protected override onStart(): void | Promise<void> {
      starts += 1
      if (starts > 1 && starts < 7) throw new Error('no connection')
      failing = starts === 1
      return super.onStart()
    }
  }
}

const fragile = (): SmallOptions => ({ swarm: { replace: { analyst: fragileAnalyst() }, config: {} } })

const firstLetter = async (swarm: Swarm): Promise<string> => (await swarm.deadLetters.list())[0]?.id ?? ''

test('quarantines that were lifted and dead letters that were dealt with are so again', async () => {
  const { entries } = await expectRepeatable(
    {
      10: (swarm) => swarm.agent('analyst').kill(),
      14: async (swarm) => {
        expect(swarm.agent('analyst').status().quarantine).toContain('no connection')
        await swarm.agent('analyst').release()
        expect(swarm.agent('analyst').status().state).toBe('running')
      },
      16: async (swarm) => void (await swarm.deadLetters.requeue(await firstLetter(swarm))),
      20: async (swarm) => swarm.deadLetters.discard(await firstLetter(swarm)),
    },
    fragile,
    [18],
  )
  expect(actsOf(entries)).toEqual(['kill-agent', 'release', 'requeue-dead-letter', 'discard-dead-letter'])
  const requeued = entries.filter(
    ({ kind, text }) => kind === 'message' && text.includes('"group":"signal.aggregated analyst"'),
  )
  expect(requeued).toHaveLength(1)
  expect(JSON.parse(requeued[0]?.text ?? '')).toMatchObject({
    topic: SignalAggregated.name,
    payload: { symbol: 'BBB' },
  })
})

test('a group that was sent back in the journal cannot be in virtual time: the replay says so, and where', async () => {
  const storage: StorageDefinition = createMemoryStorage()
  await backtest({
    ...smallRunOptions(),
    storage,
    onSessionClosed: acting({ 10: (swarm) => swarm.noteOperatorAct({ act: 'replay', agent: 'analyst', from: 1 }) }),
  })
  await expect(withStorage(storage, (opened) => replayRun(opened))).rejects.toMatchObject({
    code: 'ACT_NOT_REPEATABLE',
    message: expect.stringMatching(/^entry \d+: an operator let analyst handle the journal again from entry 1/),
  })
})
