import { expect, test } from 'vitest'
import type { OrderIntent } from '../orders/order-request.js'
import { type KernelBench, openKernelBench } from './kernel-bench.test-support.js'
import type { KernelRecord } from './kernel-record.js'
import { ablest } from './scripted-broker.test-support.js'

const minuteMs = 60_000
const poison = { style: 'participation', maximumVolumeFraction: 1e-13 } as const

const worked = (bench: KernelBench, fields: Partial<OrderIntent>): Partial<OrderIntent> => ({
  timeInForce: 'gtd',
  expiresAt: bench.now + 5 * minuteMs,
  ...fields,
})

const trade = (bench: KernelBench, symbol: string, price: string, quantity = '10'): Promise<void> =>
  bench.market({ type: 'trade', symbol, time: bench.now + 2_000, price, quantity })

const alertsOf = ({ events }: KernelBench, code: string): readonly string[] =>
  events.flatMap((event) => (event.type === 'alert' && event.code === code ? [event.message] : []))

/** A session is open; fifty units of BBB are held under a stop that only we watch. */
async function watched(history?: readonly { readonly payload: KernelRecord }[]): Promise<KernelBench> {
  const bench = await openKernelBench(
    history === undefined ? {} : { history },
    history === undefined ? 65 : 0,
    (broker) => {
      broker.capabilities = { ...ablest, orderTypes: ['market', 'limit'], holdsExitPairs: false }
      if (history !== undefined) broker.balances.set('USD', '94999').set('BBB', '50')
    },
  )
  if (history !== undefined) return bench
  await bench.session(100, ['pre-open', 'open'])
  await bench.enter({ symbol: 'BBB' })
  bench.broker.fill(bench.broker.sent[0]?.clientOrderId ?? '', '50', '100')
  await bench.kernel.settled()
  return bench
}

test.each([1e-13, 9e-7])('a share of the volume of %d is refused at the door, with its field', async (share) => {
  const bench = await watched()
  const intent = bench.intent(worked(bench, { execution: { ...poison, maximumVolumeFraction: share } }))
  const message = expect.stringContaining('execution.maximumVolumeFraction')
  expect(await bench.kernel.assess(intent)).toMatchObject({
    status: 'denied',
    findings: [{ code: 'INVALID_INTENT', message }],
  })
  const least = bench.intent(worked(bench, { execution: { ...poison, maximumVolumeFraction: 1e-6 } }))
  expect(await bench.kernel.assess(least)).toMatchObject({ status: 'permitted' })
})

test('an order that is worked as a share of nothing, of a journal of before, stops no market event, no start and no exit', async () => {
  const bench = await watched()
  await bench.enter(worked(bench, { execution: { ...poison, maximumVolumeFraction: 0.1 } }))
  const history = bench.journal.map(({ payload }) => ({
    payload: JSON.parse(
      JSON.stringify(payload).replaceAll('"maximumVolumeFraction":0.1', '"maximumVolumeFraction":1e-13'),
    ) as KernelRecord,
  }))
  const again = await watched(history)
  again.now = bench.now
  await trade(again, 'AAA', '100', '100000')
  await trade(again, 'BBB', '94')
  expect(again.broker.sent).toMatchObject([{ symbol: 'BBB', side: 'sell', quantity: '50', type: 'market' }])
  expect(alertsOf(again, 'WORK_FAILED')).toEqual([])
})

test('what the work of one order throws is told once, and keeps no other order, symbol or act from what it needs', async () => {
  const bench = await watched()
  await bench.enter(worked(bench, { symbol: 'CCC', execution: { style: 'participation', maximumVolumeFraction: 0.1 } }))
  await bench.enter(worked(bench, { execution: { style: 'twap', slices: 5, startAt: bench.now + 30_000 } }))
  const sentBefore = bench.broker.sent.length
  // A volume that is no number cannot be counted; the event is that of another symbol's order.
  await trade(bench, 'CCC', '100', 'many')
  await trade(bench, 'CCC', '100', 'many')
  expect(alertsOf(bench, 'WORK_FAILED')).toHaveLength(1)
  expect(alertsOf(bench, 'WORK_FAILED')[0]).toContain('INVALID_DECIMAL')
  await bench.market({ type: 'trade', symbol: 'CCC', time: bench.now + minuteMs, price: '100', quantity: 'many' })
  expect(bench.broker.sent.slice(sentBefore).map(({ symbol }) => symbol)).toContain('AAA')
  await trade(bench, 'BBB', '94')
  expect(bench.broker.sent.at(-1)).toMatchObject({ symbol: 'BBB', side: 'sell', type: 'market' })
})

test('a venue that fails on one symbol keeps no other from being left, and the answer names it', async () => {
  const bench = await watched()
  await bench.enter({ symbol: 'AAA' })
  bench.broker.fill(bench.broker.sent.at(-1)?.clientOrderId ?? '', '50', '100')
  await bench.kernel.settled()
  const broker = bench.broker.opened() as { instrument: (symbol: string) => unknown }
  const { instrument } = broker
  broker.instrument = (symbol) => {
    if (symbol === 'AAA') throw new TypeError('a bug of an adapter')
    return instrument(symbol)
  }
  await expect(bench.kernel.flatten({ operator: 'Ada', reason: 'test' })).rejects.toMatchObject({
    code: 'POSITION_NOT_LEFT',
    message: expect.stringContaining('a bug of an adapter'),
  })
  expect(bench.broker.sent.at(-1)).toMatchObject({ symbol: 'BBB', side: 'sell', type: 'market' })
  expect(alertsOf(bench, 'WORK_FAILED')).toHaveLength(1)
})
