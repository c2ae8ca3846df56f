import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, expect, test } from 'vitest'
import { type LockOwner, lockFolder } from './lock-folder.js'

let folder: string
const made: string[] = []
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tradeswarm-lock-'))
  made.push(folder)
})
afterAll(() => {
  for (const one of made) rmSync(one, { recursive: true, force: true })
})

/** Processes of this number and above run. */
const firstRunning = 1_000
const ownerOf = (pid: number): LockOwner => ({ pid, isRunning: (other) => other >= firstRunning })
const dead = 77

const held = (...path: readonly string[]): string => join(folder, '.fetch', ...path)

/** What killed processes may have left, by when they were killed. */
const remains: Readonly<Record<string, () => void>> = {
  nothing: () => undefined,
  'a lock of a dead owner': () => {
    mkdirSync(held('lock'), { recursive: true })
    writeFileSync(held('lock', `${dead}-AbCdEf`), '')
  },
  'a lock that was being let go': () => void mkdirSync(held('lock'), { recursive: true }),
  'a lock in the making': () => void mkdirSync(held(`lock-${dead}-AbCdEf`), { recursive: true }),
  'a lock that was made and not put in place': () => {
    mkdirSync(held(`lock-${dead}-AbCdEf`), { recursive: true })
    writeFileSync(held(`lock-${dead}-AbCdEf`, `${dead}-AbCdEf`), '')
  },
}

test.each(Object.keys(remains))('of many contenders one gets the folder, where there was %s', async (what) => {
  for (let round = 0; round < 25; round += 1) {
    remains[what]?.()
    const contenders = Array.from({ length: 8 }, (_, index) => lockFolder(folder, ownerOf(firstRunning + index)))
    const outcomes = await Promise.allSettled(contenders)
    const unlocks = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []))
    const refused = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason as unknown] : []))
    expect(unlocks).toHaveLength(1)
    for (const reason of refused) expect(reason).toMatchObject({ code: 'FETCH_BUSY' })
    // While one is at work in it, nobody else is let in.
    await expect(lockFolder(folder, ownerOf(firstRunning + 20))).rejects.toThrow(/process 100\d fetches into it/)
    await unlocks[0]?.()
    // What anybody left is gone with the lock.
    expect(readdirSync(folder)).toEqual([])
  }
})

test('who is overtaken after having looked at a lock of a dead owner takes nothing away', async () => {
  remains['a lock of a dead owner']?.()
  let isOvertaken = false
  const overtake = (): void => {
    isOvertaken = true
    rmSync(held('lock'), { recursive: true })
    mkdirSync(held('lock'))
    writeFileSync(held('lock', `${firstRunning}-GhIjKl`), '')
  }
  const late: LockOwner = {
    pid: firstRunning + 1,
    isRunning(pid) {
      if (pid === dead && !isOvertaken) overtake()
      return pid >= firstRunning
    },
  }
  await expect(lockFolder(folder, late)).rejects.toThrow(`process ${firstRunning} fetches into it`)
  expect(readdirSync(held())).toEqual(['lock'])
  expect(readdirSync(held('lock'))).toEqual([`${firstRunning}-GhIjKl`])
})

test('a lock that comes and goes under contenders is never held by two', async () => {
  let holders = 0
  let turns = 0
  const contend = async (pid: number): Promise<void> => {
    for (let time = 0; time < 25; time += 1) {
      try {
        const unlock = await lockFolder(folder, ownerOf(pid))
        holders += 1
        turns += 1
        expect(holders).toBe(1)
        await Promise.resolve()
        holders -= 1
        await unlock()
      } catch (thrown) {
        expect(thrown).toMatchObject({ code: 'FETCH_BUSY' })
      }
    }
  }
  await Promise.all(Array.from({ length: 6 }, (_, index) => contend(firstRunning + index)))
  expect(turns).toBeGreaterThan(0)
  expect(readdirSync(folder)).toEqual([])
})

test('a process of somebody else that runs is not taken for a dead one', async () => {
  mkdirSync(held('lock'), { recursive: true })
  // The first process of a machine is the root's.
  writeFileSync(held('lock', '1-AbCdEf'), '')
  await expect(lockFolder(folder)).rejects.toThrow(/process 1 fetches into it/)
})

test('parts of a fetch that goes on stay', async () => {
  mkdirSync(held('alpaca-AAPL-1d'), { recursive: true })
  writeFileSync(held('draft'), 'half')
  const unlock = await lockFolder(folder)
  await unlock()
  expect(readdirSync(held())).toEqual(['alpaca-AAPL-1d'])
})
