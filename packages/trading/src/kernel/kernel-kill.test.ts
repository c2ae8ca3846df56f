import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Broker, BrokerDefinition } from '../orders/broker.js'
import type { KillSwitchRecord, KillSwitchStore } from '../risk/kill-switch.js'
import { benchSecret, openKernelBench } from './kernel-bench.test-support.js'
import { createManualTimers } from './manual-timers.test-support.js'
import { rebuildKernelState } from './rebuild-kernel-state.js'

const reset = { operator: 'Ada', secret: benchSecret }
const never = new Promise<never>(() => undefined)

/** Lets all that needs no timer come to its end. */
async function settle(turns = 50): Promise<void> {
  for (let turn = 0; turn < turns; turn += 1) await Promise.resolve()
}

function memoryStore(): KillSwitchStore & { saved: KillSwitchRecord | undefined } {
  const store = {
    saved: undefined as KillSwitchRecord | undefined,
    load: async () => store.saved,
    save: async (record: KillSwitchRecord) => {
      store.saved = record
    },
  }
  return store
}

/** A venue whose adapter awaits something of its own before it asks the guard, as one does that signs its request. */
function slowToAsk(definition: BrokerDefinition, beforeGuard: () => Promise<void>): BrokerDefinition {
  return {
    ...definition,
    async open(context) {
      const broker = await definition.open(context)
      return {
        ...broker,
        place: async (order) => {
          await beforeGuard()
          await broker.place(order)
        },
      } satisfies Broker
    },
  }
}

describe('I14 a switch that is engaged between assessment and sending lets no entry out', () => {
  const moments = ['after the assessment', 'while the journal is written', 'before the adapter asks the guard'] as const
  test.each(
    moments.flatMap(
      (moment) =>
        [
          [moment, 'account'],
          [moment, 'strategy'],
        ] as const,
    ),
  )('%s, for the %s', async (moment, whose) => {
    let kill = (): void => undefined
    let at: (typeof moments)[number] | undefined
    const reached = async (here: (typeof moments)[number]): Promise<void> => {
      if (at === here) {
        at = undefined
        kill()
      }
      await Promise.resolve()
    }
    const template = await openKernelBench({}, 0)
    const bench = await openKernelBench({
      definition: slowToAsk(template.broker.definition, () => reached('before the adapter asks the guard')),
      journal: { append: () => undefined, durable: () => reached('while the journal is written') },
    })
    const { kernel } = bench
    kill = () => void kernel.kill('stop', whose === 'account' ? {} : { scope: { strategy: 'test' } })
    const intent = bench.intent()
    const assessed = await kernel.assess(intent)
    if (assessed.status === 'denied') throw new Error(JSON.stringify(assessed))
    at = moment
    const [result] = await Promise.all([
      kernel.submit(intent, assessed.permitId),
      ...(moment === 'after the assessment' ? [reached(moment)] : []),
    ])
    expect(result.status).toBe('refused')
    expect(template.broker.sent).toEqual([])
    expect(kernel.portfolio().cash.USD?.locked).toBe('0')
  })
})

test('I14 in the midst of a burst of orders nothing goes out after the latch, whenever it comes', async () => {
  const symbols = ['AAA', 'BBB', 'CCC', 'DDD', 'EEE', 'FFF']
  await fc.assert(
    fc.asyncProperty(fc.nat(150), fc.constantFrom({}, { scope: { agent: 'trader' } }), async (ticks, details) => {
      const bench = await openKernelBench({
        journal: { append: () => undefined, durable: async () => settle(2) },
      })
      const { kernel, broker } = bench
      const burst = symbols.map(async (symbol) => {
        const intent = bench.intent({ symbol, quantity: '10' })
        const assessed = await kernel.assess(intent)
        return assessed.status === 'permitted' ? kernel.submit(intent, assessed.permitId) : undefined
      })
      await settle(ticks)
      const killed = kernel.kill('burst', details)
      const sent = broker.sent.length
      await Promise.all([...burst, killed])
      await kernel.settled()
      expect(broker.sent.length).toBe(sent)
      expect(broker.cancels.length).toBe(sent)
      expect(kernel.portfolio().cash.USD?.locked).toBe('0')
    }),
    { numRuns: 60 },
  )
})

describe('I14 the latch', () => {
  test('holds at once, and kill returns within its time, when its store, the journal and a listener hang', async () => {
    const timers = createManualTimers()
    const hanging: KillSwitchStore = { load: async () => undefined, save: () => never }
    const own = memoryStore()
    let journalHangs = false
    const bench = await openKernelBench({
      timers,
      killSwitchStore: [hanging, own],
      journal: { append: () => undefined, durable: () => (journalHangs ? never : Promise.resolve()) },
    })
    const { kernel, broker } = bench
    kernel.subscribe(() => never)
    kernel.subscribe(() => {
      throw new Error('the sink is broken')
    })
    const intent = bench.intent()
    const assessed = await kernel.assess(intent)
    if (assessed.status === 'denied') throw new Error('denied')
    journalHangs = true
    void kernel.submit(intent, assessed.permitId)
    await settle()
    let done = false
    let outcome: unknown
    const killed = kernel.kill('fire').then(
      () => {
        done = true
      },
      (thrown: unknown) => {
        outcome = thrown
      },
    )
    expect(kernel.tradingState()).toEqual({ state: 'halted', reasons: ['fire'] })
    await settle()
    expect([done, own.saved?.engaged]).toEqual([false, true])
    timers.fire()
    await killed
    expect(outcome, 'a restart may find it in the one store, but that is not certain').toMatchObject({
      code: 'KILL_SWITCH_NOT_STORED',
    })
    expect(broker.sent).toEqual([])
    const alerts = bench.events.flatMap((event) => (event.type === 'alert' ? [event.code] : []))
    expect(alerts).toEqual(expect.arrayContaining(['CANCELS_OVERDUE']))
  })

  test('is engaged when a store cannot be read in time at the start', async () => {
    const timers = createManualTimers()
    const opening = openKernelBench({ timers, killSwitchStore: { load: () => never, save: async () => undefined } }, 0)
    await settle()
    timers.fire()
    const { kernel } = await opening
    expect(kernel.tradingState()).toMatchObject({
      state: 'halted',
      reasons: [expect.stringContaining('could not be read')],
    })
  })

  test('is engaged after a restart if any of its stores says so', async () => {
    const [one, other] = [memoryStore(), memoryStore()]
    other.saved = { engaged: true, reason: 'fire', time: 1 }
    const { kernel } = await openKernelBench({ killSwitchStore: [one, other] }, 0)
    expect(kernel.tradingState()).toEqual({ state: 'halted', reasons: ['fire'] })
  })

  test('of a scope survives a restart from its store alone and from the journal alone, and is reset by itself', async () => {
    const store = memoryStore()
    const scope = { agent: 'wild' }
    const first = await openKernelBench({ killSwitchStore: store })
    await first.kernel.kill('raving', { scope, operator: 'Ada' })
    expect(store.saved).toMatchObject({ engaged: false, scopes: { 'agent:wild': 'raving' } })
    for (const from of [{ killSwitchStore: store }, { killSwitchStore: memoryStore(), history: first.journal }]) {
      const { kernel } = await openKernelBench(from, 0)
      expect([kernel.tradingState().state, kernel.tradingState(scope)]).toEqual([
        'active',
        { state: 'halted', reasons: ['raving'] },
      ])
      await kernel.resume({ operator: 'Ada', reason: 'no reset', scope })
      await kernel.resetKillSwitch(reset)
      expect(kernel.tradingState(scope).state).toBe('halted')
      await kernel.resetKillSwitch({ ...reset, scope })
      expect(kernel.tradingState(scope).state).toBe('active')
    }
    expect(store.saved).toMatchObject({ engaged: false })
    expect(store.saved).not.toHaveProperty('scopes')
  })

  test('is lost to a restart only if that was said', async () => {
    for (const [storeFails, journalFails, isSaid] of [
      [false, false, false],
      [true, false, false],
      [false, true, false],
      [true, true, true],
    ] as const) {
      let isBroken = false
      const bench = await openKernelBench({
        killSwitchStore: {
          load: async () => undefined,
          save: async () => {
            if (storeFails && isBroken) throw new Error('disk on fire')
          },
        },
        journal: {
          append: () => undefined,
          durable: async () => {
            if (journalFails && isBroken) throw new Error('journal on fire')
          },
        },
      })
      isBroken = true
      const outcome = await bench.kernel.kill('fire').then(
        () => 'kept',
        (thrown: { code: string }) => thrown.code,
      )
      expect(outcome).toBe(isSaid ? 'KILL_SWITCH_NOT_STORED' : 'kept')
      expect(bench.kernel.tradingState().state).toBe('halted')
    }
  })

  test('is not undone in its store by an earlier write that was slow', async () => {
    const store = memoryStore()
    const save = store.save
    const slow: (() => void)[] = []
    let isSlow = false
    store.save = async (record) => {
      if (isSlow) await new Promise<void>((resolve) => slow.push(resolve))
      await save(record)
    }
    const { kernel } = await openKernelBench({ killSwitchStore: store })
    const scope = { agent: 'wild' }
    isSlow = true
    const first = kernel.kill('first', { scope })
    await settle()
    const second = kernel.kill('second')
    await settle()
    expect(slow, 'one write at a time').toHaveLength(1)
    isSlow = false
    slow[0]?.()
    await Promise.all([first, second])
    expect(store.saved).toMatchObject({ engaged: true, scopes: { 'agent:wild': 'first' } })
  })

  test('stays when a store fails to note its reset, and when it is engaged again meanwhile', async () => {
    const [one, other] = [memoryStore(), memoryStore()]
    let open = (): void => undefined
    let mode: 'well' | 'fails' | 'waits' = 'well'
    const saveOther = other.save
    other.save = async (record) => {
      if (mode === 'fails' && !record.engaged) throw new Error('disk on fire')
      if (mode === 'waits' && !record.engaged) await new Promise<void>((resolve) => (open = resolve))
      await saveOther(record)
    }
    const { kernel } = await openKernelBench({ killSwitchStore: [one, other] })
    await kernel.kill('fire')
    mode = 'fails'
    await expect(kernel.resetKillSwitch(reset)).rejects.toMatchObject({ code: 'KILL_SWITCH_NOT_RELEASED' })
    mode = 'waits'
    const resetting = kernel.resetKillSwitch(reset)
    await settle()
    const again = kernel.kill('fire again')
    open()
    await expect(resetting).rejects.toMatchObject({ code: 'KILL_SWITCH_NOT_RELEASED' })
    await again
    await settle()
    expect(kernel.tradingState().state).toBe('halted')
    expect([one.saved?.engaged, other.saved?.engaged]).toEqual([true, true])
    mode = 'well'
    await kernel.resetKillSwitch(reset)
    expect([kernel.tradingState().state, one.saved?.engaged, other.saved?.engaged]).toEqual(['active', false, false])
  })
})

describe('I14 a kill switch whose reset failed', () => {
  test.each([
    ['a store', undefined],
    ['a store, of a scope', { strategy: 'test' }],
    ['the journal', undefined],
    ['the journal, of a scope', { strategy: 'test' }],
  ] as const)('by %s is shown as before, in the books too', async (what, scope) => {
    const scoped = scope === undefined ? {} : { scope }
    const bench = await openKernelBench()
    const { kernel, killStore, journal } = bench
    await kernel.kill('fire', { operator: 'Ada', ...scoped })
    const shown = kernel.halts()
    expect(shown).toMatchObject([{ cause: 'kill-switch', state: 'halted', reason: 'fire', operator: 'Ada', ...scoped }])
    if (what.startsWith('a store')) killStore.failing = true
    else
      bench.onDurable = () => {
        throw new Error('the disk is gone')
      }
    await expect(kernel.resetKillSwitch({ ...reset, ...scoped })).rejects.toThrow()
    expect(kernel.halts()).toMatchObject([{ cause: 'kill-switch', reason: 'fire', operator: 'Ada', ...scoped }])
    expect(kernel.tradingState(scope).state).toBe('halted')
    expect(rebuildKernelState(journal)).toBe(kernel.snapshot())
    killStore.failing = false
    bench.onDurable = () => undefined
    await kernel.resetKillSwitch({ ...reset, ...scoped })
    expect([kernel.halts(), kernel.tradingState(scope).state]).toEqual([[], 'active'])
  })

  test('is shown where the journal takes no record of it either', async () => {
    const bench = await openKernelBench()
    bench.refuse = () => true
    await bench.kernel.kill('fire')
    await bench.kernel.kill('smoke', { scope: { agent: 'wild' } })
    const since = bench.now
    expect(bench.kernel.halts()).toEqual([
      { cause: 'kill-switch', state: 'halted', reason: 'fire', since },
      { scope: { agent: 'wild' }, cause: 'kill-switch', state: 'halted', reason: 'smoke', since },
    ])
  })
})

test('I14 a reset that was asked for before a kill, and has its turn after it, does not undo that', async () => {
  const { kernel, journal } = await openKernelBench()
  await kernel.kill('fire')
  const reconciled = kernel.reconcile()
  const resetting = kernel.resetKillSwitch(reset)
  const again = kernel.kill('fire again')
  await expect(resetting).rejects.toMatchObject({ code: 'KILL_SWITCH_NOT_RELEASED' })
  await Promise.all([reconciled, again])
  expect(kernel.tradingState().state).toBe('halted')
  expect(rebuildKernelState(journal)).toBe(kernel.snapshot())
  await kernel.resetKillSwitch(reset)
  expect(kernel.tradingState().state).toBe('active')
})

test('I14 wrong secrets are told, counted, and after five in a minute nobody is asked any more', async () => {
  const bench = await openKernelBench()
  const { kernel } = bench
  await kernel.kill('fire')
  for (let attempt = 1; attempt <= 5; attempt += 1)
    await expect(kernel.resetKillSwitch({ operator: 'Eve', secret: `guess ${attempt}` })).rejects.toMatchObject({
      code: 'NOT_AUTHORIZED',
    })
  await expect(kernel.resetKillSwitch(reset)).rejects.toMatchObject({ code: 'TOO_MANY_ATTEMPTS' })
  const alerts = bench.events.filter((event) => event.type === 'alert' && event.code === 'WRONG_SECRET')
  expect(alerts).toHaveLength(5)
  expect(JSON.stringify([bench.events, bench.journal])).not.toMatch(/guess|open sesame/)
  // No secret at all is no attempt.
  for (const secret of [undefined, ''])
    await expect(kernel.resetKillSwitch({ operator: 'Eve', secret } as never)).rejects.toMatchObject({
      code: 'NOT_AUTHORIZED',
      message: expect.stringContaining('the secret is missing'),
    })
  expect(bench.events.filter((event) => event.type === 'alert' && event.code === 'WRONG_SECRET')).toHaveLength(5)
  bench.now += 60_000
  await kernel.resetKillSwitch(reset)
  expect(kernel.tradingState().state).toBe('active')
})

describe('stopping', () => {
  test.each(['the journal', 'the broker', 'a send'])(
    'does not hang with %s, and nothing goes out afterwards',
    async (what) => {
      const timers = createManualTimers()
      let hangs = false
      let release = (): void => undefined
      const template = await openKernelBench({}, 0)
      const sending = slowToAsk(template.broker.definition, () =>
        hangs && what === 'a send' ? new Promise<void>((resolve) => (release = resolve)) : Promise.resolve(),
      )
      const definition: BrokerDefinition = {
        ...sending,
        open: async (context) => {
          const broker = await sending.open(context)
          return { ...broker, close: () => (what === 'the broker' ? never : Promise.resolve()) }
        },
      }
      const bench = await openKernelBench({
        timers,
        definition,
        journal: {
          append: () => undefined,
          durable: () =>
            hangs && what === 'the journal' ? new Promise<void>((resolve) => (release = resolve)) : Promise.resolve(),
        },
      })
      const intent = bench.intent()
      const assessed = await bench.kernel.assess(intent)
      if (assessed.status === 'denied') throw new Error('denied')
      hangs = true
      const submitted = what === 'the broker' ? undefined : bench.kernel.submit(intent, assessed.permitId)
      await settle()
      const stopped = bench.kernel.stop()
      await settle()
      timers.fire()
      await stopped
      expect(bench.events).toContainEqual(expect.objectContaining({ type: 'alert', code: 'STOP_OVERDUE' }))
      release()
      await submitted
      expect(template.broker.sent).toEqual([])
    },
  )

  test('leaves no timer behind', async () => {
    const timers = createManualTimers()
    const { kernel } = await openKernelBench({ timers }, 0)
    await kernel.kill('test')
    await kernel.stop()
    expect(timers.pending()).toBe(0)
  })
})

test.each([
  ['killTimeoutMs', { killTimeoutMs: 0 }],
  ['stopTimeoutMs', { stopTimeoutMs: Number.NaN }],
  ['venueTimeoutMs', { venueTimeoutMs: 0 }],
  ['killSwitchStore', { killSwitchStore: [] }],
  ['operators', { operators: ['Ada', ' '] }],
  ['emergencySecretHash', { emergencySecretHash: 'swordfish' }],
])('an option that makes no sense is refused by name: %s', async (option, options) => {
  await expect(openKernelBench(options, 0)).rejects.toMatchObject({
    code: 'INVALID_OPTION',
    message: expect.stringContaining(option),
  })
})
