// A disk that is full (a real, small file system) and a database that another connection has locked, under a swarm at work: it is
// suspended with one clear alert, its agents are paused, and nothing is lost. Once mended, resume() goes on, and everything that was
// published has taken effect once, in order. Stopped while the disk is full, a new swarm does the rest.
import { execFileSync } from 'node:child_process'
import { closeSync, openSync, rmSync, writeSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import {
  Agent,
  createSwarm,
  createSystemClock,
  defineTopic,
  type Swarm,
  type SwarmAlert,
  SwarmError,
  verifyJournal,
} from '@tradeswarm/core'
import { createSqliteStorage } from '@tradeswarm/storage-sqlite'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { z } from 'zod'

const shape = z.object({ key: z.string(), n: z.number(), padding: z.string() })
const options = { schema: shape, delivery: 'durable', key: ({ key }: { key: string }) => key } as const
const Order = defineTopic('order.wanted', options)
const Done = defineTopic('order.done', options)

type Progress = { done: number; waiting: { count: number; resolve: () => void } | undefined }

class Worker extends Agent<typeof Worker> {
  static readonly role = 'worker'
  static readonly publishes = [Done]

  protected override onStart() {
    this.subscribe(Order, async (order, context) => {
      context.state.set(order.key, [...(context.state.get<number[]>(order.key) ?? []), order.n])
      await context.publish(Done, order)
    })
  }
}

class Listener extends Agent<typeof Listener> {
  static readonly role = 'listener'
  static readonly config = z.object({ progress: z.custom<Progress>() })

  protected override onStart() {
    const { progress } = this.config
    this.subscribe(Done, () => {
      progress.done += 1
      if (progress.waiting !== undefined && progress.done >= progress.waiting.count) progress.waiting.resolve()
    })
  }
}

let folder: string
let file: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tradeswarm-faults-'))
  file = join(folder, 'swarm.db')
})
afterEach(() => rm(folder, { recursive: true }))

async function startedSwarm() {
  const alerts: SwarmAlert[] = []
  const progress: Progress = { done: 0, waiting: undefined }
  const swarm = createSwarm({
    agents: [Worker, { agent: Listener, config: { progress } }],
    storage: createSqliteStorage(file, { synchronous: 'full' }),
    onAlert: (alert) => alerts.push(alert),
  })
  await swarm.start()
  const reached = (count: number): Promise<void> =>
    progress.done >= count
      ? Promise.resolve()
      : new Promise((resolve) => {
          progress.waiting = { count, resolve }
        })
  return { swarm, alerts, reached }
}

const publish = (swarm: Swarm, n: number): Promise<string> =>
  swarm.publish(Order, { key: `k${n % 4}`, n, padding: 'x'.repeat(400) }, { id: `order-${n}` })

/** Publishes one number after another until the storage fails; returns the number of which the outcome is not known, and the error. */
async function publishUntilFailure(
  swarm: Swarm,
  from: number,
): Promise<{ readonly n: number; readonly error: unknown }> {
  for (let n = from; ; n += 1) {
    try {
      await publish(swarm, n)
    } catch (error) {
      return { n, error }
    }
  }
}

/** Every number up to the last was published once, done once, and counted once, in order for each key. */
async function assertWhole(last: number): Promise<void> {
  const storage = await createSqliteStorage(file, { readOnly: true }).open({ clock: createSystemClock() })
  const numbers: Record<string, number[]> = { 'order.wanted': [], 'order.done': [] }
  for await (const { text } of storage.journal.read({ kinds: ['message'] })) {
    const { topic, payload } = JSON.parse(text) as { topic: string; payload: { n: number } }
    numbers[topic]?.push(payload.n)
  }
  const all = Array.from({ length: last }, (_, index) => index + 1)
  expect(numbers['order.wanted']).toEqual(all)
  expect(numbers['order.done']?.toSorted((a, b) => a - b)).toEqual(all)
  for (const key of [0, 1, 2, 3]) {
    const counted = await storage.keyValue.get(`state/worker/k${key}`)
    expect(JSON.parse(counted?.value ?? '{}')).toMatchObject({ value: all.filter((n) => n % 4 === key) })
  }
  expect(await storage.records.count('dead-letters')).toBe(0)
  expect(await verifyJournal(storage.journal)).toMatchObject({ ok: true })
  await storage.close()
}

const suspended = {
  state: 'suspended',
  agents: [
    { id: 'worker', state: 'paused', failed: 0, deadLetters: 0 },
    { id: 'listener', state: 'paused', failed: 0, deadLetters: 0 },
  ],
}
const running = { state: 'running', agents: [{ state: 'running' }, { state: 'running' }] }

/** Of the system, not of any package. */
const programs = { mount: 'mount', unmount: 'umount' }
const noMount =
  'needs the right to mount a small file system; storage-failure.test.ts of core lets a storage fail by itself'

/** A file system of two megabytes over the folder, where this machine lets us have one. */
function mountSmall(): (() => void) | undefined {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return undefined
  try {
    execFileSync(programs.mount, ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', folder], { stdio: 'ignore' })
  } catch {
    return undefined
  }
  return () => execFileSync(programs.unmount, [folder])
}

/** Takes all the room that is left; returns what gives it back. */
function fillDisk(): () => void {
  const filler = join(folder, 'filler')
  const descriptor = openSync(filler, 'w')
  try {
    for (;;) writeSync(descriptor, Buffer.alloc(4_096))
  } catch (error) {
    expect((error as NodeJS.ErrnoException).code).toBe('ENOSPC')
  } finally {
    closeSync(descriptor)
  }
  return () => rmSync(filler)
}

describe('a full disk', () => {
  test('suspends the swarm with one alert; after room is made it goes on, and nothing is lost or done twice', async ({
    skip,
  }) => {
    const unmount = mountSmall() ?? skip(noMount)
    try {
      const { swarm, alerts, reached } = await startedSwarm()
      for (let n = 1; n <= 20; n += 1) await publish(swarm, n)
      const makeRoom = fillDisk()
      const { n, error } = await publishUntilFailure(swarm, 21)
      expect(error).toMatchObject({ code: expect.stringMatching(/^(JOURNAL_FAILED|SWARM_SUSPENDED)$/) })
      expect(swarm.status()).toMatchObject(suspended)
      await expect(swarm.resume()).rejects.toMatchObject({ code: 'STORAGE_FULL' })
      await expect(publish(swarm, n)).rejects.toMatchObject({ code: 'SWARM_SUSPENDED' })
      await expect(swarm.archive({ keepEntries: 1 })).rejects.toMatchObject({ code: 'SWARM_SUSPENDED' })
      expect(swarm.status()).toMatchObject(suspended)
      expect(alerts).toMatchObject([{ code: 'STORAGE_FULL', message: expect.stringContaining(file) }])
      expect(alerts[0]?.message).toMatch(/all agents are paused.*free some space/)

      makeRoom()
      await swarm.resume()
      expect(swarm.status()).toMatchObject(running)
      // What the publisher does not know the outcome of, it publishes again under the same id.
      for (let again = n; again <= n + 20; again += 1) await publish(swarm, again)
      await reached(n + 20)
      await swarm.stop()
      expect(alerts).toHaveLength(1)
      await assertWhole(n + 20)
    } finally {
      unmount()
    }
  })

  test('does not keep the swarm from being stopped; a new one on the mended disk does the rest', async ({ skip }) => {
    const unmount = mountSmall() ?? skip(noMount)
    try {
      const { swarm } = await startedSwarm()
      for (let n = 1; n <= 20; n += 1) await publish(swarm, n)
      const makeRoom = fillDisk()
      const { n } = await publishUntilFailure(swarm, 21)
      await expect(swarm.stop()).rejects.toMatchObject({ code: 'JOURNAL_FAILED' })
      expect(swarm.status().state).toBe('stopped')
      makeRoom()
      const next = await startedSwarm()
      for (let again = n; again <= n + 5; again += 1) await publish(next.swarm, again)
      await next.swarm.stop()
      await assertWhole(n + 5)
    } finally {
      unmount()
    }
  })
})

describe('a locked database', () => {
  test('suspends the swarm with one alert; once it is let go of, it goes on, and nothing is lost or done twice', async () => {
    const { swarm, alerts, reached } = await startedSwarm()
    let n = 0
    for (let times = 1; times <= 3; times += 1) {
      for (let more = 0; more < 10; more += 1) await publish(swarm, ++n)
      const other = new DatabaseSync(file)
      // A commit of the swarm's own may be under way.
      other.exec('PRAGMA busy_timeout = 5000; BEGIN IMMEDIATE')
      const failed = await publishUntilFailure(swarm, n + 1)
      expect(SwarmError.isInstance(failed.error)).toBe(true)
      expect(swarm.status()).toMatchObject(suspended)
      await expect(swarm.resume()).rejects.toMatchObject({ code: 'STORAGE_BUSY' })
      expect(alerts).toHaveLength(times)
      expect(alerts.at(-1)).toMatchObject({ code: 'STORAGE_BUSY', message: expect.stringContaining(file) })
      other.exec('ROLLBACK')
      other.close()
      await swarm.resume()
      expect(swarm.status()).toMatchObject(running)
      await publish(swarm, failed.n)
      n = failed.n
    }
    await reached(n)
    await swarm.stop()
    await assertWhole(n)
  })
})
