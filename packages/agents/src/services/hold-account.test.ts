import { createSilentLogger, type KeyValueEntry, SwarmError } from '@tradeswarm/core'
import { createAccountLease, type LeaseStore } from '@tradeswarm/trading'
import { expect, test } from 'vitest'
import { holdAccount } from './hold-account.js'

/** Instances on one store, on a clock that a test moves. */
function machines() {
  let time = 1_000_000
  let entry: KeyValueEntry | undefined
  let waiting: { readonly at: number; readonly callback: () => void | Promise<void> }[] = []
  const store: LeaseStore = {
    get: async () => entry,
    async save(key, value, ifRevision) {
      if ((entry?.revision ?? 0) !== ifRevision) throw new SwarmError({ code: 'REVISION_CONFLICT', message: 'other' })
      entry = { key, value, revision: ifRevision + 1 }
    },
  }
  const clock = {
    now: () => time,
    at(at: number, callback: () => void | Promise<void>) {
      const timer = { at, callback }
      waiting.push(timer)
      return () => {
        waiting = waiting.filter((other) => other !== timer)
      }
    },
  }
  return {
    host: { clock, logger: createSilentLogger() },
    lease: (owner: string) => createAccountLease({ account: 'paper', owner, store, clock, timers: clock }),
    timers: () => waiting.length,
    /** Time passes in steps, with all that is due; `silently` nothing is called back, as in a thread that is blocked. */
    async pass(ms: number, silently = false) {
      for (let passed = 0; passed < ms; passed += 100) {
        time += 100
        if (silently) continue
        const due = waiting.filter(({ at }) => at <= time)
        waiting = waiting.filter(({ at }) => at > time)
        for (const { callback } of due) await callback()
        for (let turn = 0; turn < 20; turn += 1) await Promise.resolve()
      }
    },
  }
}

const code = (name: string) => expect.objectContaining({ code: name })

test('I39 the books are read when the account is held, and the hold lasts as long as that takes', async () => {
  const { host, lease, pass, timers } = machines()
  const [one, two] = [lease('one'), lease('two')]
  let read = false
  const held = await holdAccount(one, host, async (kept) => {
    expect(one.lapsed()).toBeUndefined()
    const refused = expect(two.acquire()).rejects.toEqual(code('ACCOUNT_LEASED'))
    await pass(20_000)
    await refused
    expect(one.lapsed()).toBeUndefined()
    read = true
    return kept
  })
  expect(read).toBe(true)
  expect(timers()).toBe(0)
  expect(await held?.acquire()).toMatchObject({ token: 1 })
})

test('I39 nothing is read while another instance has the account', async () => {
  const { host, lease, pass } = machines()
  const [one, two] = [lease('one'), lease('two')]
  await one.acquire()
  let reads = 0
  const opening = holdAccount(two, host, async () => {
    reads += 1
  })
  await pass(4_000)
  expect(reads).toBe(0)
  await one.release()
  await pass(2_000)
  await opening
  expect(reads).toBe(1)
})

test('I39 a hold that another had meanwhile is not gone on with: the books that were read are not the last', async () => {
  const { host, lease, pass } = machines()
  const [one, two] = [lease('one'), lease('two')]
  const opening = holdAccount(one, host, async (kept) => {
    await pass(700_000, true)
    await two.acquire()
    await two.release()
    await kept?.acquire()
  })
  await expect(opening).rejects.toEqual(code('LEASE_LOST'))
})

test('an account that could not be opened is given back', async () => {
  const { host, lease, timers } = machines()
  const [one, two] = [lease('one'), lease('two')]
  const opening = holdAccount(one, host, async () => {
    throw new Error('the venue is down')
  })
  await expect(opening).rejects.toThrow('the venue is down')
  expect(timers()).toBe(0)
  expect(await two.acquire()).toMatchObject({ token: 2 })
})
