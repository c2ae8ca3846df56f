import { SwarmError, sha256Hex } from '@tradeswarm/core'
import { describe, expect, test } from 'vitest'
import { decimal } from '../money/decimal.js'
import type { OrderRecord } from '../orders/order-record.js'
import type { HaltScope } from '../risk/halt-scope.js'
import { type KernelBench, openKernelBench } from './kernel-bench.test-support.js'
import { rebuildKernelState } from './rebuild-kernel-state.js'

const operator = { operator: 'Ada', reason: 'looked into it' }
const wide = {
  maxPositionFraction: 1,
  maxOrderFraction: 1,
  maxSymbolExposureFraction: 1,
  maxCorrelatedExposureFraction: 1,
  maxStressLossFraction: 1,
}

const codesOf = async (bench: KernelBench, fields: object): Promise<readonly string[]> => {
  const answer = await bench.kernel.assess(bench.intent(fields))
  return answer.status === 'denied' ? answer.findings.map(({ code }) => code) : []
}

const shownOf = ({ kernel }: KernelBench, clientOrderId: string): OrderRecord | undefined =>
  (JSON.parse(kernel.snapshot()) as { readonly orders: readonly OrderRecord[] }).orders.find(
    ({ header }) => header.request.clientOrderId === clientOrderId,
  )

/** A position of 50 that is protected by stop and target, made for a strategy by an agent. */
async function hold(bench: KernelBench, symbol: string, strategy = 'test', agent = 'trader'): Promise<void> {
  const before = bench.broker.sent.length
  await bench.enter({ symbol, strategy, agent })
  bench.broker.fill(bench.broker.sent[before]?.clientOrderId ?? '', '50', '100')
  await bench.kernel.settled()
}

describe.each<[string, HaltScope, object, object]>([
  ['a strategy', { strategy: 'momentum' }, { strategy: 'momentum' }, { strategy: 'other' }],
  ['an agent', { agent: 'wild' }, { agent: 'wild' }, { agent: 'tame' }],
])('I13 a halt of %s', (_, scope, inside, outside) => {
  test('stops its entries and no others, is told with its scope, and survives a restart', async () => {
    const bench = await openKernelBench({ policy: wide })
    const { kernel, events, journal } = bench
    await kernel.halt('reducing', 'looks odd', { scope, operator: 'Ada' })
    expect(await codesOf(bench, inside)).toEqual(['TRADING_STATE_REDUCING'])
    expect(await codesOf(bench, { ...outside, symbol: 'BBB' })).toEqual([])
    expect([kernel.tradingState().state, kernel.tradingState(scope).state]).toEqual(['active', 'reducing'])
    expect(events).toContainEqual(expect.objectContaining({ type: 'trading-state', state: 'reducing', scope }))
    expect(kernel.halts()).toMatchObject([{ scope, cause: 'operator', state: 'reducing', operator: 'Ada' }])
    const again = await openKernelBench({ history: journal }, 0)
    expect(again.kernel.halts()).toEqual(kernel.halts())
    expect(rebuildKernelState(journal)).toBe(kernel.snapshot())
  })

  test('set to halted cancels its resting entries and no others, keeps protection, and covers a late fill', async () => {
    const bench = await openKernelBench({ policy: wide })
    const { kernel, broker } = bench
    await bench.enter(inside)
    await bench.enter({ ...outside, symbol: 'BBB' })
    const [mine, other] = broker.sent.map(({ clientOrderId }) => clientOrderId)
    broker.fill(mine ?? '', '30', '100')
    await kernel.settled()
    broker.onCancel = 'silent'
    await kernel.halt('halted', 'stop it', { scope })
    expect(broker.cancels).toEqual([mine])
    broker.fill(mine ?? '', '5', '100')
    broker.fill(other ?? '', '50', '100')
    await kernel.settled()
    const stops = broker.sent.filter(({ type }) => type === 'stop').map(({ symbol, quantity }) => [symbol, quantity])
    expect(stops).toEqual([
      ['AAA', '30'],
      ['AAA', '5'],
      ['BBB', '50'],
    ])
  })

  test('may come from the Risk Manager, once, until a person resumes', async () => {
    const bench = await openKernelBench()
    const { kernel, journal } = bench
    const length = journal.length
    await kernel.reduce('too wild', scope)
    await kernel.reduce('too wild still', scope)
    expect(journal.length).toBe(length + 1)
    expect(kernel.halts()).toMatchObject([{ scope, cause: 'agent', state: 'reducing', reason: 'too wild' }])
    expect(await codesOf(bench, inside)).toEqual(['TRADING_STATE_REDUCING'])
    expect(await codesOf(bench, { ...outside, symbol: 'BBB' })).toEqual([])
  })

  test('is lifted by a resume of that scope only', async () => {
    const { kernel } = await openKernelBench()
    await kernel.halt('halted', 'mine', { scope })
    await kernel.halt('reducing', 'all')
    await kernel.resume(operator)
    expect([kernel.tradingState().state, kernel.tradingState(scope).state]).toEqual(['active', 'halted'])
    await kernel.resume({ ...operator, scope })
    expect(kernel.tradingState(scope)).toEqual({ state: 'active', reasons: [] })
    expect(JSON.parse(kernel.snapshot())).not.toHaveProperty('risk.scopedHalts')
  })
})

test('I13 a halt of a venue holds for the kernel of that venue only', async () => {
  const bench = await openKernelBench()
  await bench.kernel.halt('halted', 'down', { scope: { venue: 'another' } })
  expect(await codesOf(bench, {})).toEqual([])
  await bench.kernel.halt('halted', 'down', { scope: { venue: 'scripted' } })
  expect(await codesOf(bench, { symbol: 'BBB' })).toEqual(['TRADING_HALTED'])
})

test('I13 the strictest of the scopes of an order counts, with all reasons', async () => {
  const bench = await openKernelBench()
  const { kernel } = bench
  await kernel.halt('reducing', 'account')
  await kernel.halt('halted', 'strategy', { scope: { strategy: 'test' } })
  const answer = await kernel.assess(bench.intent())
  expect(answer).toMatchObject({
    findings: [{ code: 'TRADING_HALTED', message: expect.stringContaining('account; strategy') }],
  })
})

test('a scope that names nothing, or two things, is refused', async () => {
  const { kernel } = await openKernelBench()
  for (const scope of [{}, { strategy: ' ' }, { desk: 'x' }, { strategy: 'a', agent: 'b' }]) {
    const given = scope as unknown as HaltScope
    await expect(kernel.halt('halted', 'x', { scope: given })).rejects.toMatchObject({ code: 'INVALID_HALT_SCOPE' })
    await expect(kernel.flatten({ ...operator, scope: given })).rejects.toMatchObject({ code: 'INVALID_HALT_SCOPE' })
    await expect(kernel.kill('x', { scope: given })).rejects.toMatchObject({ code: 'INVALID_HALT_SCOPE' })
  }
  expect(kernel.tradingState().state).toBe('active')
})

test('I13 I15 only a listed operator resumes, changes the policy or leaves positions; every act is journalled with who and why', async () => {
  const { kernel, journal } = await openKernelBench({ operators: ['Ada', 'Grace'] })
  const eve = { operator: 'Eve', reason: 'wants in' }
  await kernel.halt('halted', 'test', { operator: 'Eve' })
  for (const act of [
    () => kernel.resume(eve),
    () => kernel.changePolicy({}, eve),
    () => kernel.flatten(eve),
    () => kernel.freeze(eve),
    () => kernel.unfreeze(eve),
  ])
    await expect(act()).rejects.toMatchObject({ code: 'NOT_AUTHORIZED' })
  expect(kernel.tradingState()).toEqual({ state: 'halted', reasons: ['test'] })
  await kernel.resume({ operator: 'Grace', reason: 'false alarm' })
  const acts = journal
    .map(({ payload }) => payload as { type: string })
    .filter(({ type }) => type === 'halted' || type === 'resumed')
  expect(acts).toMatchObject([
    { type: 'halted', operator: 'Eve', reason: 'test', time: expect.any(Number) },
    { type: 'resumed', operator: 'Grace', reason: 'false alarm' },
  ])
})

describe('I13 flatten', () => {
  test('leaves the positions of its scope by market orders, and lets nothing in until resumed', async () => {
    const bench = await openKernelBench({ policy: wide })
    const { kernel, broker, journal } = bench
    await hold(bench, 'AAA', 'momentum')
    await hold(bench, 'BBB', 'other')
    await bench.enter({ symbol: 'CCC', strategy: 'momentum' })
    const resting = broker.sent.at(-1)?.clientOrderId
    await kernel.flatten({ ...operator, scope: { strategy: 'momentum' } })
    await kernel.settled()
    expect(broker.cancels).toContain(resting)
    const market = broker.sent.filter(({ type, side }) => type === 'market' && side === 'sell')
    expect(market).toMatchObject([{ symbol: 'AAA', quantity: '50', reduceOnly: true }])
    broker.fill(market[0]?.clientOrderId ?? '', '50', '99')
    await kernel.settled()
    expect(kernel.portfolio().positions.map(({ symbol }) => symbol)).toEqual(['BBB'])
    expect(bench.events).toContainEqual(
      expect.objectContaining({
        type: 'position-closed',
        position: expect.objectContaining({ exitReason: 'flatten' }),
      }),
    )
    expect(await codesOf(bench, { strategy: 'momentum' })).toEqual(['TRADING_STATE_REDUCING'])
    expect(kernel.tradingState().state).toBe('active')
    expect(rebuildKernelState(journal)).toBe(kernel.snapshot())
  })

  describe('of one agent, where two share a position', () => {
    const sharing = async (): Promise<KernelBench> => {
      const bench = await openKernelBench()
      for (const [agent, quantity] of [
        ['one', '50'],
        ['two', '20'],
      ] as const) {
        await bench.enter({ agent, quantity })
        bench.broker.fill(bench.broker.sent.at(-1)?.clientOrderId ?? '', quantity, '100')
        await bench.kernel.settled()
      }
      return bench
    }
    const left = async (bench: KernelBench, agent: string): Promise<readonly string[]> => {
      const before = bench.broker.sent.length
      await bench.kernel.flatten({ ...operator, scope: { agent } })
      await bench.kernel.settled()
      expect(rebuildKernelState(bench.journal)).toBe(bench.kernel.snapshot())
      const after = bench.broker.sent.slice(before).filter(({ type, side }) => type === 'market' && side === 'sell')
      return after.map(({ quantity }) => quantity)
    }

    test.each(['one', 'two'])('leaves it whole, whoever of them opened it: %s', async (agent) => {
      expect(await left(await sharing(), agent)).toEqual(['70'])
    })

    test('leaves nothing of an agent that has sold what it held, though it opened the position', async () => {
      const bench = await sharing()
      await bench.enter({ agent: 'one', side: 'sell', quantity: '50' })
      bench.broker.fill(bench.broker.sent.findLast(({ type }) => type === 'market')?.clientOrderId ?? '', '50', '100')
      await bench.kernel.settled()
      expect(bench.kernel.portfolio().positions).toMatchObject([{ symbol: 'AAA', quantity: '20' }])
      expect(await left(bench, 'one')).toEqual([])
      expect(await left(bench, 'two')).toEqual(['20'])
    })

    test('after a restart as before', async () => {
      const first = await sharing()
      const again = await openKernelBench(
        { history: [], snapshot: rebuildKernelState(first.journal) },
        1,
        ({ balances }) => {
          balances.set('USD', '92998').set('AAA', '70')
        },
      )
      await again.kernel.flatten({ ...operator, scope: { agent: 'two' } })
      await again.kernel.settled()
      await again.session(100)
      const market = again.broker.sent.filter(({ type, side }) => type === 'market' && side === 'sell')
      expect(market.map(({ quantity }) => quantity)).toContain('70')
    })
  })

  test('does not loosen a halt, and tries again in the next session what could not be left', async () => {
    const bench = await openKernelBench()
    const { kernel, broker } = bench
    await hold(bench, 'AAA')
    await kernel.halt('halted', 'first')
    await kernel.flatten(operator)
    await kernel.settled()
    expect(kernel.tradingState().state).toBe('halted')
    const exit = broker.sent.at(-1)
    expect(exit).toMatchObject({ type: 'market', side: 'sell' })
    broker.say(exit?.clientOrderId ?? '', { type: 'expired' })
    await kernel.settled()
    expect(broker.sent.slice(-2)).toMatchObject([{ type: 'stop' }, { type: 'limit' }])
    await bench.session(100)
    expect(broker.sent.at(-1)).toMatchObject({ type: 'market', side: 'sell', quantity: '50' })
  })

  test('asks for its secret where a hash of one is configured', async () => {
    const bench = await openKernelBench({ emergencySecretHash: sha256Hex('now') })
    await hold(bench, 'AAA')
    const sent = bench.broker.sent.length
    for (const secret of [undefined, '', 'then'])
      await expect(
        bench.kernel.flatten({ ...operator, ...(secret === undefined ? {} : { secret }) }),
      ).rejects.toMatchObject({ code: 'NOT_AUTHORIZED' })
    for (let time = 0; time < 6; time += 1)
      await expect(bench.kernel.freeze(operator)).rejects.toMatchObject({
        code: 'NOT_AUTHORIZED',
        message: expect.stringMatching(/^freeze: the secret is missing/),
      })
    expect(bench.events.filter((event) => event.type === 'alert' && event.code === 'WRONG_SECRET')).toHaveLength(1)
    expect([bench.broker.sent.length, bench.broker.cancels.length]).toEqual([sent, 0])
    await bench.kernel.flatten({ ...operator, secret: 'now' })
    await bench.kernel.settled()
    expect(bench.broker.sent.at(-1)).toMatchObject({ type: 'market', side: 'sell' })
  })
})

describe('I13 freeze', () => {
  test('cancels everything, sends nothing, not even exits, survives a restart, and protects again when it ends', async () => {
    const bench = await openKernelBench()
    const { kernel, broker, journal } = bench
    await hold(bench, 'AAA')
    await kernel.freeze(operator)
    await kernel.settled()
    const [, stop, target] = broker.sent.map(({ clientOrderId }) => clientOrderId)
    expect(broker.cancels).toEqual([stop, target])
    const sent = broker.sent.length
    await bench.session(50)
    await kernel
      .assess(bench.intent({ side: 'sell' }))
      .then((answer) =>
        answer.status === 'permitted'
          ? kernel.submit(bench.intent({ intentId: answer.intentId, side: 'sell' }), answer.permitId)
          : undefined,
      )
    await kernel.resume(operator)
    await bench.session(50)
    expect(broker.sent.length).toBe(sent)
    expect(kernel.tradingState()).toMatchObject({ state: 'halted', reasons: ['looked into it'] })
    expect(bench.events).toContainEqual(expect.objectContaining({ type: 'alert', code: 'UNPROTECTED' }))

    const again = await openKernelBench({ history: journal }, 0, ({ balances }) => {
      balances.set('USD', '94999')
      balances.set('AAA', '50')
    })
    await again.session(50)
    expect(again.broker.sent).toEqual([])
    await again.kernel.unfreeze(operator)
    await again.kernel.settled()
    expect(again.broker.sent.map(({ type }) => type)).toEqual(['stop', 'limit'])
    expect(again.kernel.tradingState()).toEqual({ state: 'active', reasons: [] })
    expect(rebuildKernelState([...journal, ...again.journal])).toBe(again.kernel.snapshot())
  })

  const lost = new SwarmError({ code: 'TIMEOUT', message: 'no answer', retryability: 'unknown-outcome' })
  /** Frozen while nobody knows whether the venue has the stop. It has not. */
  const frozenInDoubt = async (): Promise<{ readonly bench: KernelBench; readonly stop: string }> => {
    const bench = await openKernelBench()
    const { kernel, broker } = bench
    let stop = ''
    broker.onPlace = ({ type, clientOrderId }) => {
      if (type === 'stop') stop = clientOrderId
      return type === 'stop' ? lost : 'accept'
    }
    await bench.session(100, ['pre-open', 'open'])
    await hold(bench, 'AAA')
    broker.onCancel = (id) =>
      id === stop ? new SwarmError({ code: 'ORDER_NOT_FOUND', message: 'there is none' }) : 'cancel'
    await kernel.freeze(operator)
    await kernel.settled()
    broker.onPlace = () => 'accept'
    expect(broker.sent.filter(({ type }) => type === 'stop')).toEqual([])
    return { bench, stop }
  }

  test('I29 a stop of unknown fate that a freeze met covers again when the freeze has ended', async () => {
    const { bench, stop } = await frozenInDoubt()
    const { kernel, broker } = bench
    await kernel.unfreeze(operator)
    await kernel.settled()
    const stops = broker.sent.filter(({ type }) => type === 'stop')
    expect(stops).toMatchObject([{ clientOrderId: stop, quantity: '50', stopPrice: '95' }])
    const placed = { clientOrderId: stop, venueOrderId: `venue-${stop}`, symbol: 'AAA', side: 'sell' } as const
    broker.held.set(stop, { ...placed, quantity: '50', filledQuantity: '0', status: 'open' })
    for (const offset of [2_000, 4_000])
      await bench.market({ type: 'trade', symbol: 'AAA', time: bench.now + offset, price: '100', quantity: '1' })
    expect(shownOf(bench, stop)).toMatchObject({ state: { status: 'accepted', leavesQuantity: '50' } })
    expect(await codesOf(bench, { quantity: '1' })).not.toContain('MISSING_PROTECTIVE_STOP')
    expect(broker.sent.filter(({ type }) => type === 'stop')).toHaveLength(1)
    expect(rebuildKernelState(bench.journal)).toBe(kernel.snapshot())
  })

  test('I29 also where the price has passed it: the position is to be left then, as by a stop that is placed anew', async () => {
    const { bench, stop } = await frozenInDoubt()
    await bench.market({ type: 'trade', symbol: 'AAA', time: bench.now + 1_000, price: '94', quantity: '1' })
    await bench.kernel.unfreeze(operator)
    await bench.kernel.settled()
    const stops = bench.broker.sent.filter(({ type }) => type === 'stop')
    expect(stops).toMatchObject([{ clientOrderId: stop, quantity: '50', stopPrice: '95' }])
  })

  test('I42 not where its level is of before a split: it would be set off by that', async () => {
    const { bench } = await frozenInDoubt()
    const split = { type: 'split', symbol: 'AAA', numerator: 2, denominator: 1 } as const
    await bench.market({ ...split, sessionDate: '2014-04-15', time: bench.now + 1_000 })
    await bench.market({ type: 'trade', symbol: 'AAA', time: bench.now + 1_000, price: '50', quantity: '1' })
    await bench.kernel.unfreeze(operator)
    await bench.kernel.settled()
    const stops = bench.broker.sent.filter(({ type }) => type === 'stop')
    expect(stops.map(({ stopPrice }) => stopPrice)).toEqual(['47.5'])
  })

  test('stops an exit that waits for the journal', async () => {
    const bench = await openKernelBench()
    const { kernel, broker } = bench
    await bench.enter()
    bench.onDurable = () => {
      bench.onDurable = () => undefined
      void kernel.freeze(operator)
    }
    broker.fill(broker.sent[0]?.clientOrderId ?? '', '50', '100')
    await kernel.settled()
    expect(broker.sent).toHaveLength(1)
    expect(decimal(kernel.portfolio().positions[0]?.quantity ?? '').eq(decimal('50'))).toBe(true)
  })
})
