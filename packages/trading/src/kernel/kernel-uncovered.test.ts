import { SwarmError } from '@tradeswarm/core'
import { describe, expect, test } from 'vitest'
import type { OrderIntent, OrderRequest } from '../orders/order-request.js'
import { type KernelBench, openKernelBench } from './kernel-bench.test-support.js'
import { createManualTimers } from './manual-timers.test-support.js'
import { rebuildKernelState } from './rebuild-kernel-state.js'
import { ablest } from './scripted-broker.test-support.js'

const operator = { operator: 'Ada', reason: 'test' }
const timeOut = new SwarmError({ code: 'TIMEOUT', message: 'no answer', retryability: 'unknown-outcome' })
const busy = new SwarmError({ code: 'RATE_LIMITED', message: 'too many requests' })

const exitOf = (bench: KernelBench, fields: Partial<OrderIntent> = {}): OrderIntent => {
  const { exits: _, ...intent } = bench.intent({ side: 'sell', quantity: '50', ...fields })
  return intent
}

async function leave(bench: KernelBench, fields: Partial<OrderIntent> = {}) {
  const intent = exitOf(bench, fields)
  const assessed = await bench.kernel.assess(intent)
  if (assessed.status === 'denied') throw new Error(JSON.stringify(assessed.findings))
  const answer = await bench.kernel.submit(intent, assessed.permitId)
  await bench.kernel.settled()
  return answer
}

async function pass(bench: KernelBench, seconds: number, price = '100'): Promise<void> {
  for (let second = 0; second < seconds; second += 1)
    await bench.market({ type: 'trade', symbol: 'AAA', time: bench.now + 1_000, price, quantity: '1' })
}

/** The venue answers requests of exits that `fails` names with an error until an instant. */
function failUntil(
  bench: KernelBench,
  until: () => number,
  fails: (request: OrderRequest) => boolean,
  error = timeOut,
) {
  bench.broker.onPlace = (request) => (request.reduceOnly && fails(request) && bench.now < until() ? error : 'accept')
}

async function bought(bench: KernelBench): Promise<void> {
  await bench.session(100, ['pre-open', 'open'])
  await bench.enter()
  bench.broker.fill(bench.broker.sent[0]?.clientOrderId ?? '', '50', '100')
  await bench.kernel.settled()
}

const opened = (prepare?: Parameters<typeof openKernelBench>[2]): Promise<KernelBench> =>
  openKernelBench({}, 65, prepare)
const sales = ({ broker }: KernelBench): readonly string[] =>
  broker.sent.filter(({ side }) => side === 'sell').map(({ type, quantity }) => `${type} ${quantity}`)

describe('I29 an exit is tried on as long as what it is for has none', () => {
  test.each([6, 30, 600])('a stop whose placements time out for %d s rests ten seconds after that', async (outageS) => {
    const bench = await opened()
    const until = bench.now + 1e9
    let end = until
    failUntil(
      bench,
      () => end,
      ({ type }) => type === 'stop',
    )
    await bought(bench)
    end = bench.now + outageS * 1_000
    await pass(bench, outageS + 10)
    expect(sales(bench)).toContain('stop 50')
    expect(rebuildKernelState(bench.journal)).toBe(bench.kernel.snapshot())
  })

  test('look-ups that fail use nothing up, and a market exit that was lost again and again goes', async () => {
    const bench = await opened()
    await bought(bench)
    let end = bench.now + 1e9
    failUntil(
      bench,
      () => end,
      ({ type }) => type === 'market',
    )
    bench.broker.onLookup = timeOut
    expect(await leave(bench)).toMatchObject({ status: 'submitted' })
    await pass(bench, 120)
    bench.broker.onLookup = undefined
    await pass(bench, 600)
    expect(sales(bench).filter((sale) => sale.startsWith('market'))).toEqual([])
    end = 0
    await bench.kernel.flatten(operator)
    await pass(bench, 10)
    expect(sales(bench).at(-1)).toBe('market 50')
  })

  test('a stop that the venue refuses again and again comes within a minute of its mind changing', async () => {
    const bench = await opened()
    let end = bench.now + 1e9
    failUntil(
      bench,
      () => end,
      ({ type }) => type === 'stop',
      busy,
    )
    await bought(bench)
    let asked = 0
    const { onPlace } = bench.broker
    bench.broker.onPlace = (request) => {
      if (request.type === 'stop') asked += 1
      return onPlace(request)
    }
    await pass(bench, 600)
    expect(asked).toBeLessThan(30)
    end = 0
    await pass(bench, 60)
    expect(sales(bench)).toContain('stop 50')
  })

  test('an entry that rests makes room for a stop that the venue refuses again and again: it may hold the units', async () => {
    const bench = await opened()
    await bench.session(100, ['pre-open', 'open'])
    await bench.enter({ type: 'limit', limitPrice: '98', timeInForce: 'gtc', quantity: '10' })
    const resting = bench.broker.sent[0]?.clientOrderId ?? ''
    bench.broker.onPlace = ({ type }) => (type === 'stop' && !bench.broker.cancels.includes(resting) ? busy : 'accept')
    await bench.enter()
    bench.broker.fill(bench.broker.sent[1]?.clientOrderId ?? '', '50', '100')
    await bench.kernel.settled()
    await pass(bench, 10)
    expect(bench.broker.cancels).toContain(resting)
    expect(sales(bench)).toContain('stop 50')
  })

  test('where nothing trades, by the clock', async () => {
    const timers = createManualTimers()
    const bench = await openKernelBench({ timers }, 65)
    let end = bench.now + 1e9
    failUntil(
      bench,
      () => end,
      ({ type }) => type === 'stop',
    )
    await bought(bench)
    end = 0
    for (let second = 0; second < 10; second += 1) {
      bench.now += 1_000
      timers.fire()
      await bench.kernel.settled()
    }
    expect(sales(bench)).toContain('stop 50')
  })
})

describe('a market exit that was lost and is to be cancelled holds its units no longer than it must', () => {
  /** Its request never arrives; the venue refuses to cancel what it does not know. */
  async function lost(timeInForce: 'day' | 'gtc'): Promise<{ readonly bench: KernelBench; readonly orderId: string }> {
    const bench = await opened()
    await bought(bench)
    bench.broker.onCancel = (id) =>
      bench.broker.sent.some(({ clientOrderId }) => clientOrderId === id)
        ? 'cancel'
        : new SwarmError({ code: 'ORDER_NOT_FOUND', message: 'there is no such order' })
    failUntil(
      bench,
      () => Number.POSITIVE_INFINITY,
      ({ type }) => type === 'market',
    )
    const answer = await leave(bench, { timeInForce })
    bench.broker.onPlace = () => 'accept'
    return { bench, orderId: answer.status === 'submitted' ? answer.orderId : '' }
  }

  test.each(['day', 'gtc'] as const)('by its agent (%s)', async (timeInForce) => {
    const { bench, orderId } = await lost(timeInForce)
    await bench.kernel.cancel(orderId, 'on second thoughts')
    await bench.kernel.settled()
    await pass(bench, 10)
    expect(sales(bench).filter((sale) => sale.startsWith('market'))).toEqual(['market 50'])
    expect(rebuildKernelState(bench.journal)).toBe(bench.kernel.snapshot())
  })

  test.each(['day', 'gtc'] as const)('by a freeze (%s)', async (timeInForce) => {
    const { bench } = await lost(timeInForce)
    await bench.kernel.freeze(operator)
    await pass(bench, 60)
    expect(sales(bench)).not.toContain('market 50')
    await bench.kernel.unfreeze(operator)
    await bench.kernel.settled()
    expect(sales(bench).at(-1)).toBe('market 50')
  })

  test('where it would wait for the open, the venue is asked to cancel it as soon as it has it, and the stop comes back', async () => {
    const bench = await opened()
    await bought(bench)
    bench.broker.onCancel = (id) => (bench.broker.held.get(id)?.status === 'open' ? 'cancel' : 'silent')
    const { orderId } = await (async () => {
      for (const { clientOrderId, symbol, quantity } of bench.broker.sent)
        bench.broker.held.set(clientOrderId, {
          clientOrderId,
          venueOrderId: `venue-${clientOrderId}`,
          symbol,
          quantity,
          status: 'open',
          filledQuantity: '0',
        })
      failUntil(
        bench,
        () => Number.POSITIVE_INFINITY,
        ({ type }) => type === 'market',
      )
      return (await leave(bench)) as { readonly orderId: string }
    })()
    await bench.kernel.cancel(orderId, 'on second thoughts')
    await bench.kernel.settled()
    bench.broker.onPlace = (request) => {
      bench.broker.held.set(request.clientOrderId, {
        clientOrderId: request.clientOrderId,
        venueOrderId: `venue-${request.clientOrderId}`,
        symbol: request.symbol,
        quantity: request.quantity,
        status: 'open',
        filledQuantity: '0',
      })
      return 'accept'
    }
    const before = bench.broker.sent.length
    await pass(bench, 30)
    expect(bench.broker.sent.slice(before).map(({ type }) => type)).toEqual(['market', 'stop', 'limit'])
  })

  test('what was bought after it was lost is none of its', async () => {
    const { bench, orderId } = await lost('gtc')
    await bench.kernel.cancel(orderId, 'on second thoughts')
    const stop = bench.broker.sent.find(({ type }) => type === 'stop')
    // The stop had been executed before it was cancelled.
    bench.broker.fill(stop?.clientOrderId ?? '', '50', '95')
    await bench.kernel.settled()
    expect(bench.kernel.portfolio().positions).toEqual([])
    await pass(bench, 30)
    expect(sales(bench).filter((sale) => sale.startsWith('market'))).toEqual([])
  })
})

test('I13 an entry that was lost keeps no position of its symbol from being left', async () => {
  const bench = await opened()
  await bought(bench)
  bench.broker.onPlace = ({ reduceOnly }) => (reduceOnly ? 'accept' : timeOut)
  bench.broker.onCancel = (id) =>
    bench.broker.sent.some(({ clientOrderId }) => clientOrderId === id)
      ? 'cancel'
      : new SwarmError({ code: 'ORDER_NOT_FOUND', message: 'there is no such order' })
  await bench.enter({ quantity: '10', agent: 'another' })
  await bench.kernel.flatten(operator)
  await bench.kernel.settled()
  expect(sales(bench).at(-1)).toBe('market 50')
})

describe('where a position cannot be left, the answer says so', () => {
  const never = { ...ablest, clientOrderIds: 'live' as const }

  /** A stop of which nobody will ever know whether the venue has it. */
  async function inDoubt(): Promise<KernelBench> {
    const bench = await opened((broker) => {
      broker.capabilities = never
    })
    failUntil(
      bench,
      () => Number.POSITIVE_INFINITY,
      ({ type }) => type === 'stop',
    )
    await bought(bench)
    return bench
  }

  test('an agent that asks for an exit is told who holds its units, and the exit does not wait for ever', async () => {
    const bench = await inDoubt()
    expect(await leave(bench)).toMatchObject({ status: 'refused', findings: [{ code: 'EXIT_IN_DOUBT' }] })
    expect(sales(bench).filter((sale) => sale.startsWith('market'))).toEqual([])
  })

  test('so are they where an exit that was lost is for more than a correction has left', async () => {
    const bench = await opened()
    await bought(bench)
    failUntil(
      bench,
      () => Number.POSITIVE_INFINITY,
      ({ type }) => type === 'market',
    )
    await leave(bench)
    bench.broker.onPlace = () => 'accept'
    const entry = bench.broker.sent[0]?.clientOrderId ?? ''
    const execution = {
      tradeId: 'trade-2',
      price: '100',
      quantity: '30',
      fee: '1',
      feeCurrency: 'USD',
      referencePrice: '100',
      referenceTime: bench.now,
      liquidity: 'taker',
    } as const
    bench.broker.say(entry, { type: 'corrected', execution })
    await bench.kernel.settled()
    expect(bench.kernel.portfolio().positions).toMatchObject([{ quantity: '30' }])
    await pass(bench, 20)
    expect(sales(bench).filter((sale) => sale.startsWith('market'))).toEqual([])
    await expect(bench.kernel.flatten(operator)).rejects.toMatchObject({ code: 'POSITION_NOT_LEFT' })
  })

  test('so are they where stops that were lost are together for more than a bust has left', async () => {
    const bench = await opened()
    failUntil(
      bench,
      () => Number.POSITIVE_INFINITY,
      ({ type }) => type === 'stop',
    )
    await bench.session(100, ['pre-open', 'open'])
    await bench.enter()
    const entry = bench.broker.sent[0]?.clientOrderId ?? ''
    for (const trade of ['t1', 't2']) {
      bench.broker.fill(entry, '25', '100', trade)
      await bench.kernel.settled()
    }
    bench.broker.say(entry, { type: 'busted', tradeId: 't2' })
    bench.broker.say(entry, { type: 'canceled' })
    await bench.kernel.settled()
    expect(bench.kernel.portfolio().positions).toMatchObject([{ quantity: '25' }])
    bench.broker.onPlace = () => 'accept'
    await pass(bench, 20)
    expect(sales(bench)).not.toContain('stop 25')
    expect(await leave(bench, { quantity: '25' })).toMatchObject({
      status: 'refused',
      findings: [{ code: 'EXIT_IN_DOUBT' }],
    })
    await expect(bench.kernel.flatten(operator)).rejects.toMatchObject({ code: 'POSITION_NOT_LEFT' })
  })

  test('an operator who has all left is told of what is not, and what can be left is', async () => {
    const bench = await inDoubt()
    await bench.enter({ symbol: 'BBB' })
    bench.broker.onPlace = () => 'accept'
    bench.broker.fill(bench.broker.sent.at(-1)?.clientOrderId ?? '', '50', '100')
    await bench.kernel.settled()
    await expect(bench.kernel.flatten(operator)).rejects.toMatchObject({
      code: 'POSITION_NOT_LEFT',
      message: expect.stringMatching(/AAA: nobody knows/),
    })
    await bench.kernel.settled()
    expect(bench.broker.sent.at(-1)).toMatchObject({ symbol: 'BBB', side: 'sell', type: 'market', quantity: '50' })
    expect(bench.kernel.tradingState().state).toBe('reducing')
  })

  test('so he is while the account is frozen, or the venue refuses', async () => {
    const bench = await opened()
    await bought(bench)
    await bench.kernel.freeze(operator)
    await expect(bench.kernel.flatten(operator)).rejects.toMatchObject({
      code: 'POSITION_NOT_LEFT',
      message: expect.stringContaining('frozen'),
    })
    failUntil(
      bench,
      () => Number.POSITIVE_INFINITY,
      () => true,
      busy,
    )
    await bench.kernel.unfreeze(operator)
    await bench.kernel.settled()
    await expect(bench.kernel.flatten(operator)).rejects.toMatchObject({
      code: 'POSITION_NOT_LEFT',
      message: expect.stringContaining('refused'),
    })
    bench.broker.onPlace = () => 'accept'
    await pass(bench, 20)
    expect(sales(bench).at(-1)).toBe('market 50')
  })
})
