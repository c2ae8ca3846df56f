import type { StorageDefinition } from '@tradeswarm/core'
import { createMemoryStorage } from '@tradeswarm/storage-memory'
import { expect, test } from 'vitest'
import { createSimulatedClock } from '../swarm/simulated-clock.js'
import { generateScenario } from './generate-scenario.js'
import { createPatience } from './patience.js'
import { examineSeed, simulate, simulateSeed } from './simulate.js'
import { sweepCrashes } from './sweep-crashes.js'

const never = (): Promise<never> => new Promise(() => undefined)
/** Hardly any real time: what is waited for here never comes. */
const patienceMs = 1

/** The first seed with a swarm above its kernel. */
const withSwarm = Array.from({ length: 200 }, (_, index) => index + 1).find(
  (seed) => generateScenario(seed).hasSwarm === true,
) as number

function storage(change: Partial<Awaited<ReturnType<StorageDefinition['open']>>>): StorageDefinition {
  const memory = createMemoryStorage()
  return {
    name: 'own',
    async open(options) {
      const { journal, keyValue, records, blobs, ...opened } = await memory.open(options)
      return { journal, keyValue, records, blobs, commit: opened.commit, close: opened.close, ...change }
    },
  }
}

test('what settles in time is passed on, and what does not is named', async () => {
  const clock = createSimulatedClock()
  const patience = createPatience('test', { patienceMs: 100 }, clock)
  await expect(patience.wait('it', Promise.resolve(5))).resolves.toBe(5)
  await expect(patience.wait('it', Promise.reject(new Error('no')))).rejects.toThrow('no')
  expect(clock.pending()).toBe(0)
  const late = new Promise((resolve) => clock.at(clock.now() + 99, () => resolve('late')))
  const waited = patience.wait('it', late)
  await clock.advance(99)
  await expect(waited).resolves.toBe('late')
  const lost = patience.wait('the storage', never())
  lost.catch(() => undefined)
  await clock.advance(100)
  await expect(lost).rejects.toMatchObject({
    code: 'SUBJECT_UNSETTLED',
    message: expect.stringMatching(/^the storage has not settled within 100 ms of real time/),
  })
  const again = patience.wait('the storage', never())
  again.catch(() => undefined)
  await clock.advance(5)
  await expect(again).rejects.toMatchObject({ code: 'SUBJECT_UNSETTLED' })
  expect(() => createPatience('test', { patienceMs: 0 })).toThrow('test: patienceMs is 0')
})

test('a machine that slept through the patience is not held against what has settled meanwhile', async () => {
  const clock = createSimulatedClock()
  const patience = createPatience('test', { patienceMs: 100 }, clock)
  const waited = patience.wait('it', new Promise((resolve) => clock.at(clock.now() + 100_000, () => resolve('late'))))
  await clock.jump(200_000)
  await expect(waited).resolves.toBe('late')
})

test('a venue that never tells its terms, or never opens, fails each seed, and the next one is played', async () => {
  const silent = { name: 'silent', terms: never, open: never }
  const { seeds, failures } = await simulate({ seeds: 2, maximumFailures: 2, venue: silent, patienceMs })
  expect(seeds).toBe(2)
  expect(failures.map(({ seed, invariant }) => [seed, invariant])).toEqual([
    [1, 'subject'],
    [2, 'subject'],
  ])
  expect(failures[0]?.message).toMatch(/^terms\(\) of the venue, which .* has not settled within 1 ms of real time/)
  expect(failures[0]?.trace).toEqual([`the subject failed: ${failures[0]?.message}`])
  const terms = { instruments: generateScenario(1).instruments, capabilities: undefined }
  const told = { tellsExecutions: true, tellsTime: true, feeBasisPoints: 0, feeInAsset: false }
  const closed = { name: 'closed', terms: async () => ({ ...terms, ...told }), open: never }
  const { violation } = await simulateSeed(1, { venue: closed }, { patienceMs })
  expect(violation?.message).toMatch(/^open\(\) of the venue has not settled/)
  await expect(sweepCrashes({ seed: 1, venue: silent, patienceMs })).rejects.toMatchObject({
    code: 'SUBJECT_UNSETTLED',
  })
})

test.each([
  ['open', () => ({ name: 'own', open: never }), /^the storage's open, called by the swarm at 0 ms, had not settled/],
  ['commit', () => storage({ commit: never }), /^the storage's commit, called by the swarm at \d+ ms, had not settled/],
  ['close', () => storage({ close: never }), /^the storage's close, called by the swarm at \d+ ms, had not settled/],
])('a storage whose %s never settles fails the seed, which shrinks', async (_, swarmStorage, told) => {
  const failure = await examineSeed(withSwarm, { swarmStorage }, { patienceMs })
  expect(failure).toMatchObject({ seed: withSwarm, invariant: 'subject', message: expect.stringMatching(told) })
  expect(failure?.trace.filter((line) => line.includes('step: ')).length).toBeLessThanOrEqual(1)
  expect(failure?.trace.at(-1)).toBe(`the subject failed: ${failure?.message}`)
})

test('a storage that does not close when all is over is waited for in real time', async () => {
  let opened = 0
  /** The so-manieth opening is never closed. */
  const storageWith = (unclosed: number) => (): StorageDefinition => {
    const [sound, hanging] = [createMemoryStorage(), { close: never }]
    opened = 0
    return {
      name: 'own',
      async open(options) {
        opened += 1
        const { journal, keyValue, records, blobs, commit, close } = await sound.open(options)
        return { journal, keyValue, records, blobs, commit, close, ...(opened === unclosed ? hanging : {}) }
      },
    }
  }
  expect((await simulateSeed(withSwarm, { swarmStorage: storageWith(0) })).violation).toBeUndefined()
  const { violation } = await simulateSeed(withSwarm, { swarmStorage: storageWith(opened) }, { patienceMs })
  expect(violation).toMatchObject({
    invariant: 'subject',
    message: expect.stringMatching(/^close\(\) of the storage has not settled within 1 ms of real time/),
  })
})
