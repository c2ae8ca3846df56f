import { type KeyValueEntry, SwarmError } from '@tradeswarm/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Broker, BrokerDefinition } from '../orders/broker.js'
import { type AccountLease, createAccountLease, type LeaseStore } from './account-lease.js'
import { openKernelBench } from './kernel-bench.test-support.js'
import { createManualTimers } from './manual-timers.test-support.js'

/** A store with compare-and-set, as every storage has one. */
function sharedStore(): LeaseStore & { entry: KeyValueEntry | undefined; failing: 'not' | 'before' | 'after' } {
  const store = {
    entry: undefined as KeyValueEntry | undefined,
    failing: 'not' as 'not' | 'before' | 'after',
    get: async () => store.entry,
    save: async (key: string, value: string, ifRevision: number) => {
      if (store.failing === 'before') throw new Error('the disk is gone')
      const stored = store.entry?.revision ?? 0
      if (stored !== ifRevision) throw new SwarmError({ code: 'REVISION_CONFLICT', message: `at ${stored}` })
      store.entry = { key, value, revision: stored + 1 }
      if (store.failing === 'after') throw new Error('timed out')
    },
  }
  return store
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < 100; turn += 1) await Promise.resolve()
}

/** Instances on machines of their own, on one store. */
function machines() {
  const store = sharedStore()
  let time = 1_000_000
  return {
    store,
    pass: (ms: number): void => {
      time += ms
    },
    now: () => time,
    /** `skewMs`: by so much its wall clock is ahead. */
    instance(owner: string, skewMs = 0) {
      const timers = createManualTimers()
      const clock = { now: () => time + skewMs, elapsed: () => time }
      return { timers, lease: createAccountLease({ account: 'test', owner, store, clock, timers, ttlMs: 5_000 }) }
    },
  }
}

const code = (name: string) => expect.objectContaining({ code: name })

describe('I39 a lease', () => {
  test('is had by one instance: it lapses unless renewed, and another takes it with a higher token', async () => {
    const { instance, pass } = machines()
    const [one, two] = [instance('one'), instance('two')]
    expect(one.lease.lapsed()).toContain('not held')
    expect(await one.lease.acquire()).toMatchObject({ token: 1 })
    pass(4_999)
    expect(one.lease.lapsed()).toBeUndefined()
    await one.lease.renew()
    pass(4_999)
    expect(one.lease.lapsed()).toBeUndefined()
    pass(1)
    expect(one.lease.lapsed()).toContain('not renewed in time')
    const taking = two.lease.acquire()
    await settle()
    pass(5_500)
    two.timers.fire()
    expect(await taking).toMatchObject({ token: 2 })
    expect([one.lease.lapsed() === undefined, two.lease.lapsed()]).toEqual([false, undefined])
    await expect(one.lease.renew()).rejects.toEqual(code('LEASE_LOST'))
    expect(one.lease.lapsed()).toContain('held by two')
    await one.lease.release()
    expect(two.lease.lapsed()).toBeUndefined()
    await two.lease.renew()
  })

  test('that lapsed and that nobody took comes back with the next renewal', async () => {
    const { instance, pass } = machines()
    const { lease } = instance('one')
    await lease.acquire()
    pass(60_000)
    expect(lease.lapsed()).toBeDefined()
    await lease.renew()
    expect(lease.lapsed()).toBeUndefined()
  })

  test('of an instance that is alive is not taken, however far the clocks are apart', async () => {
    for (const skewMs of [0, 300_000, -300_000]) {
      const { instance, pass } = machines()
      const [one, two] = [instance('one'), instance('two', skewMs)]
      await one.lease.acquire()
      const taking = two.lease.acquire()
      taking.catch(() => undefined)
      await settle()
      pass(3_000)
      await one.lease.renew()
      pass(2_500)
      two.timers.fire()
      await expect(taking).rejects.toEqual(code('ACCOUNT_LEASED'))
      expect(one.lease.lapsed()).toBeUndefined()
    }
  })

  test('is never had by two at once, whatever their clocks and whenever one is paused', async () => {
    for (const skewMs of [0, 250_000, -250_000]) {
      for (let pausedAfterMs = 0; pausedAfterMs <= 6_000; pausedAfterMs += 500) {
        const { instance, pass } = machines()
        const [one, two] = [instance('one'), instance('two', skewMs)]
        await one.lease.acquire()
        pass(pausedAfterMs)
        const taking = two.lease.acquire().catch(() => undefined)
        await settle()
        for (let passed = 0; passed < 5_500; passed += 500) {
          pass(500)
          expect(two.lease.lapsed()).toBeDefined()
        }
        two.timers.fire()
        await taking
        expect([one, two].filter(({ lease }) => lease.lapsed() === undefined)).toHaveLength(1)
      }
    }
  })

  test('is taken without a wait once it was released, or ended long ago', async () => {
    for (const leave of [
      (lease: AccountLease) => lease.release(),
      async (_: AccountLease, pass: (ms: number) => void) => pass(606_000),
    ]) {
      const { instance, pass } = machines()
      const [one, two] = [instance('one'), instance('two')]
      await one.lease.acquire()
      await leave(one.lease, pass)
      expect(one.lease.lapsed()).toBeDefined()
      expect(await two.lease.acquire()).toMatchObject({ token: 2 })
    }
  })

  test('that two want at once goes to one of them', async () => {
    const { instance } = machines()
    const outcomes = await Promise.allSettled(['one', 'two', 'three'].map((owner) => instance(owner).lease.acquire()))
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected', 'rejected'])
  })

  test('is held to the time before its writing, and a renewal whose outcome is unknown does no harm', async () => {
    const { instance, store, pass } = machines()
    const { lease } = instance('one')
    await lease.acquire()
    pass(3_000)
    store.failing = 'after'
    await expect(lease.renew()).rejects.toThrow('timed out')
    pass(1_999)
    expect(lease.lapsed(), 'the hold it is sure of').toBeUndefined()
    pass(1)
    expect(lease.lapsed()).toBeDefined()
    store.failing = 'not'
    await lease.renew()
    expect(lease.lapsed()).toBeUndefined()
    store.failing = 'before'
    await expect(lease.renew()).rejects.toThrow('the disk is gone')
    expect(lease.lapsed()).toBeUndefined()
  })

  test('that cannot be read is not taken, and a ttl that makes no sense is refused', async () => {
    const { instance, store } = machines()
    for (const value of ['', '{}', '{"owner":1}']) {
      store.entry = { key: 'lease/test', value, revision: 1 }
      await expect(instance('one').lease.acquire()).rejects.toThrow()
    }
    const options = { account: 'test', owner: 'x', store, clock: { now: () => 0 }, timers: createManualTimers() }
    for (const ttlMs of [999, 60_001, Number.NaN])
      expect(() => createAccountLease({ ...options, ttlMs })).toThrow(code('INVALID_OPTION'))
  })
})

describe('I39 two kernels on one account', () => {
  /** A venue whose adapter can be held between the journal and the guard. */
  function pausable(definition: BrokerDefinition, pause: () => Promise<void>): BrokerDefinition {
    return {
      ...definition,
      open: async (context) => {
        const broker = await definition.open(context)
        return { ...broker, place: async (order) => pause().then(() => broker.place(order)) } satisfies Broker
      },
    }
  }

  test('the second does not start while the first is alive, and takes over when it is not', async () => {
    const shared = machines()
    const [one, two] = [shared.instance('one'), shared.instance('two')]
    const first = await openKernelBench({ lease: one.lease, timers: one.timers })
    const second = openKernelBench({ lease: two.lease, timers: two.timers }, 0)
    second.catch(() => undefined)
    await settle()
    await one.lease.renew()
    two.timers.fire()
    await expect(second).rejects.toEqual(code('ACCOUNT_LEASED'))
    await first.enter()
    await first.kernel.stop()
    const third = shared.instance('three')
    const last = await openKernelBench({ lease: third.lease, timers: third.timers })
    await last.enter()
  })

  test.each(['while the journal is written', 'before the adapter asks the guard'])(
    'an old owner that is paused %s sends nothing when it wakes, neither entries nor exits nor cancels',
    async (where) => {
      const shared = machines()
      const [one, two] = [shared.instance('one'), shared.instance('two')]
      let wake = (): void => undefined
      let isPaused = false
      const pauseIf = (here: string): Promise<void> =>
        isPaused && where === here ? new Promise((resolve) => (wake = resolve)) : Promise.resolve()
      const template = await openKernelBench({}, 0)
      const old = await openKernelBench({
        lease: one.lease,
        timers: one.timers,
        definition: pausable(template.broker.definition, () => pauseIf('before the adapter asks the guard')),
        journal: { append: () => undefined, durable: () => pauseIf('while the journal is written') },
      })
      const held = await old.enter()
      const intent = old.intent({ symbol: 'BBB' })
      const assessed = await old.kernel.assess(intent)
      if (assessed.status === 'denied') throw new Error('denied')
      const sent = template.broker.sent.length
      isPaused = true
      const submitted = old.kernel.submit(intent, assessed.permitId)
      await settle()

      const next = openKernelBench({ lease: two.lease, timers: two.timers }, 0)
      await settle()
      shared.pass(5_500)
      two.timers.fire()
      await next
      isPaused = false
      wake()
      expect(await submitted).toMatchObject({ status: 'refused', findings: [{ code: 'PERMIT_FENCED' }] })
      template.broker.fill(template.broker.sent[0]?.clientOrderId ?? '', '50', '100')
      await old.kernel.settled()
      await old.kernel.cancel(held, 'test')
      await old.kernel.halt('halted', 'test')
      expect([template.broker.sent.length, template.broker.cancels]).toEqual([sent, []])
      one.timers.fire()
      await settle()
      expect(old.kernel.tradingState()).toMatchObject({
        state: 'halted',
        reasons: expect.arrayContaining([expect.stringContaining('held by two')]),
      })
      expect(old.events).toContainEqual(expect.objectContaining({ type: 'alert', code: 'LEASE_LOST' }))
      expect(await old.kernel.assess(old.intent({ symbol: 'CCC' }))).toMatchObject({
        status: 'denied',
        findings: [{ code: 'TRADING_HALTED' }],
      })
    },
  )

  test('an owner whose hold lapses while it journals a cancel does not send it, and one without a hold notes none', async () => {
    const shared = machines()
    const { lease, timers } = shared.instance('one')
    let onDurable = (): void => undefined
    const bench = await openKernelBench({
      lease,
      timers,
      journal: { append: () => undefined, durable: async () => onDurable() },
    })
    const [one, other] = [await bench.enter(), await bench.enter({ symbol: 'BBB' })]
    onDurable = () => shared.pass(5_000)
    await bench.kernel.cancel(one, 'test')
    await bench.kernel.cancel(other, 'test')
    expect(bench.broker.cancels).toEqual([])
    const snapshot = JSON.parse(bench.kernel.snapshot()) as { orders: { state: { status: string } }[] }
    expect(snapshot.orders.map(({ state }) => state.status)).toEqual(['accepted', 'accepted'])
    await lease.renew()
    onDurable = () => undefined
    await bench.kernel.cancel(one, 'test')
    expect(bench.broker.cancels, 'it can be asked again').toHaveLength(1)
  })

  test('a lease without timers is refused: nobody would renew it', async () => {
    const { lease } = machines().instance('one')
    await expect(openKernelBench({ lease }, 0)).rejects.toMatchObject({ code: 'INVALID_OPTION' })
  })
})

test('I39 a renewal that overtakes an earlier one of the same instance is no loss of the account', async () => {
  const { instance } = machines()
  const { lease } = instance('one')
  await lease.acquire()
  await Promise.all([lease.renew(), lease.renew()])
  expect(lease.lapsed()).toBeUndefined()
  await expect(lease.renew()).resolves.toMatchObject({ token: 1 })
})

/** A store of which each act takes so many turns. */
function slowed(store: LeaseStore, turns: () => number): LeaseStore {
  const wait = async (): Promise<void> => {
    for (let turn = turns(); turn > 0; turn -= 1) await Promise.resolve()
  }
  return {
    async get(key) {
      await wait()
      return store.get(key)
    },
    async save(key, value, ifRevision) {
      await wait()
      await store.save(key, value, ifRevision)
      await wait()
    },
  }
}

test('I39 an account that is given back while a renewal is under way stays given back, and is no loss', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(6), { minLength: 12, maxLength: 12 }), fc.nat(8), async (delays, begins) => {
      const store = sharedStore()
      let act = 0
      const slow = slowed(store, () => delays[act++ % delays.length] ?? 0)
      const clock = { now: () => 1_000_000 }
      const timers = createManualTimers()
      const lease = createAccountLease({ account: 'test', owner: 'one', store: slow, clock, timers })
      await lease.acquire()
      const renewed = lease.renew().then(
        () => 'renewed',
        (thrown: SwarmError) => thrown.code,
      )
      for (let turn = 0; turn < begins; turn += 1) await Promise.resolve()
      await lease.release()
      expect(['renewed', 'LEASE_RELEASED']).toContain(await renewed)
      expect(JSON.parse(store.entry?.value ?? '')).toMatchObject({ released: true })
      expect(lease.lapsed()).toContain('not held by this instance')
      await expect(lease.renew()).rejects.toMatchObject({ code: 'LEASE_RELEASED' })
      await lease.acquire()
      expect(lease.lapsed()).toBeUndefined()
      await lease.renew()
    }),
  )
})

test('I39 a renewal that is under way when the kernel stops tells of no loss', async () => {
  const store = sharedStore()
  let delayed = false
  const slow = slowed(store, () => (delayed ? 20 : 0))
  const timers = createManualTimers()
  const clock = { now: () => 0 }
  const lease = createAccountLease({ account: 'test', owner: 'one', store: slow, clock, timers })
  const bench = await openKernelBench({ timers, lease }, 0)
  delayed = true
  timers.fire()
  const stopped = bench.kernel.stop()
  await settle()
  await stopped
  await settle()
  expect(bench.events.filter(({ type }) => type === 'alert' || type === 'trading-state')).toEqual([])
  expect(JSON.parse(store.entry?.value ?? '')).toMatchObject({ released: true })
})
