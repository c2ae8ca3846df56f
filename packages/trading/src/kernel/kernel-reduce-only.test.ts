import { describe, expect, test } from 'vitest'
import type { OrderIntent } from '../orders/order-request.js'
import { type KernelBench, openKernelBench } from './kernel-bench.test-support.js'

const shorts = { policy: { allowShorts: true, requireProtectiveStop: false } }
const leaving = { intentId: 'leave', side: 'sell', quantity: '50', reduceOnly: true } as const

function plain(bench: KernelBench, fields: Partial<OrderIntent>): OrderIntent {
  const { exits: _, ...intent } = bench.intent(fields)
  return intent
}

/** 50 units were bought, and stopped out. */
async function stoppedOut(): Promise<KernelBench> {
  const bench = await openKernelBench(shorts)
  await bench.enter({ quantity: '50' })
  const sent = (type: string) => bench.broker.sent.findLast((request) => request.type === type)?.clientOrderId ?? ''
  bench.broker.fill(sent('market'), '50', '100')
  await bench.kernel.settled()
  bench.broker.fill(sent('stop'), '50', '101')
  await bench.kernel.settled()
  return bench
}

describe('an intent that may only reduce', () => {
  test('is denied when what it was to leave is gone, where one that does not say so sells short', async () => {
    const bench = await stoppedOut()
    expect(await bench.kernel.assess(plain(bench, leaving))).toMatchObject({
      status: 'denied',
      intentId: 'leave',
      findings: [{ code: 'REDUCE_ONLY_WOULD_INCREASE_POSITION' }],
    })
    const { reduceOnly: _, ...unsaid } = leaving
    expect(await bench.kernel.assess(plain(bench, { ...unsaid, intentId: 'unsaid' }))).toMatchObject({
      status: 'permitted',
    })
  })

  test('is denied on the side of what is held, and for more than is held', async () => {
    const bench = await openKernelBench(shorts)
    await bench.enter({ quantity: '50' })
    bench.broker.fill(bench.broker.sent[0]?.clientOrderId ?? '', '50', '100')
    await bench.kernel.settled()
    for (const fields of [{ side: 'buy' }, { quantity: '51' }] as const)
      expect(
        await bench.kernel.assess(plain(bench, { ...leaving, ...fields, intentId: JSON.stringify(fields) })),
      ).toMatchObject({ status: 'denied', findings: [{ code: 'REDUCE_ONLY_WOULD_INCREASE_POSITION' }] })
  })

  test('goes out as an exit that its venue may not turn into an entry, and is the same intent when asked again', async () => {
    const bench = await openKernelBench(shorts)
    await bench.enter({ quantity: '50' })
    bench.broker.fill(bench.broker.sent[0]?.clientOrderId ?? '', '50', '100')
    await bench.kernel.settled()
    const intent = plain(bench, leaving)
    const first = await bench.kernel.assess(intent)
    expect(first).toMatchObject({ status: 'permitted' })
    expect(await bench.kernel.assess({ ...intent })).toEqual(first)
    if (first.status === 'denied') return
    expect(await bench.kernel.submit(intent, first.permitId)).toMatchObject({ status: 'submitted' })
    await bench.kernel.settled()
    expect(bench.broker.sent.at(-1)).toMatchObject({ side: 'sell', type: 'market', quantity: '50', reduceOnly: true })
  })

  test('rests nowhere, as no exit of an agent does', async () => {
    const bench = await stoppedOut()
    const resting = { ...leaving, type: 'limit', limitPrice: '101', timeInForce: 'gtc' } as const
    expect(await bench.kernel.assess(plain(bench, resting))).toMatchObject({
      status: 'denied',
      findings: [{ code: 'UNSUPPORTED_ORDER_TYPE' }],
    })
  })

  test.each([false, 'yes', 1])('says so by true alone: %j is refused by its field', async (reduceOnly) => {
    const bench = await openKernelBench(shorts, 1)
    const given = { ...plain(bench, {}), reduceOnly } as unknown as OrderIntent
    expect(await bench.kernel.assess(given)).toMatchObject({
      status: 'denied',
      findings: [{ code: 'INVALID_INTENT', message: expect.stringContaining('reduceOnly') }],
    })
  })
})
