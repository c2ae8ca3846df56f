import { describe, expect, test } from 'vitest'
import { type KernelBench, openKernelBench } from './kernel-bench.test-support.js'
import type { KernelRecord } from './kernel-record.js'
import { rebuildKernelState } from './rebuild-kernel-state.js'

const ada = { operator: 'Ada', reason: 'test' }

const locked = (): never => {
  throw new Error('the database is locked')
}

/** Fifty units with a stop and a target at the venue. */
async function holding(): Promise<KernelBench> {
  const bench = await openKernelBench()
  await bench.enter()
  bench.broker.fill(bench.broker.sent[0]?.clientOrderId ?? '', '50', '100')
  await bench.kernel.settled()
  return bench
}

/** What trading is told to be, of the last acts. */
function toldStates({ events }: KernelBench, since: number): readonly string[] {
  return events.slice(since).flatMap((event) => (event.type === 'trading-state' ? [event.state] : []))
}

describe('an act that lets trading go on, and that the journal does not keep', () => {
  test.each([
    ['unfreeze', 'halted', 'active', (bench: KernelBench) => bench.kernel.freeze(ada)],
    ['resume', 'reducing', 'active', (bench: KernelBench) => bench.kernel.halt('reducing', 'a halt')],
  ] as const)('I13 %s: is taken back, trading stays %s until it is asked again', async (act, before, after, stop) => {
    const bench = await holding()
    const { kernel, broker, events } = bench
    await stop(bench)
    await kernel.settled()
    const halts = kernel.halts().map((halt) => ({ ...halt, since: expect.any(Number) }))
    const [sent, told] = [broker.sent.length, events.length]
    bench.onDurable = locked
    await expect(kernel[act](ada)).rejects.toMatchObject({
      code: 'JOURNAL_NOT_DURABLE',
      retryability: 'retryable',
      message: expect.stringMatching(new RegExp(`^${act}: .*locked`)),
    })
    bench.onDurable = () => undefined
    await bench.session(100)
    expect(kernel.tradingState().state).toBe(before)
    expect(kernel.halts()).toMatchObject(halts)
    if (act === 'unfreeze') expect(broker.sent.length).toBe(sent)
    expect(toldStates(bench, told)).not.toContain(after)
    // The journal says so too, in whatever it keeps by and by.
    expect(rebuildKernelState(bench.journal)).toBe(kernel.snapshot())
    await kernel[act](ada)
    expect(kernel.tradingState()).toEqual({ state: after, reasons: [] })
    expect(toldStates(bench, told).at(-1)).toBe(after)
  })

  test('I13 changePolicy: the policy of before is in force', async () => {
    const bench = await openKernelBench({ policy: { maxPositionFraction: 0.001 } })
    bench.onDurable = locked
    await expect(bench.kernel.changePolicy({ maxPositionFraction: 0.5 }, ada)).rejects.toMatchObject({
      code: 'JOURNAL_NOT_DURABLE',
    })
    bench.onDurable = () => undefined
    expect(await bench.kernel.assess(bench.intent())).toMatchObject({
      status: 'denied',
      findings: [{ code: 'MAX_POSITION' }],
    })
    expect(rebuildKernelState(bench.journal)).toBe(bench.kernel.snapshot())
  })

  test('I13 a journal that does not take its taking back either stops entries for good', async () => {
    const bench = await openKernelBench()
    await bench.kernel.halt('reducing', 'a halt')
    bench.onDurable = locked
    bench.refuse = ({ payload }) => (payload as KernelRecord).type === 'halted'
    await expect(bench.kernel.resume(ada)).rejects.toMatchObject({ code: 'JOURNAL_NOT_DURABLE' })
    bench.onDurable = () => undefined
    bench.refuse = () => false
    expect(bench.kernel.tradingState().state).toBe('halted')
  })
})

test.each([
  ['halt', 'reducing', (bench: KernelBench) => bench.kernel.halt('reducing', 'test')],
  ['reduce', 'reducing', (bench: KernelBench) => bench.kernel.reduce('test')],
  ['flatten', 'reducing', (bench: KernelBench) => bench.kernel.flatten(ada)],
] as const)('I13 %s that the journal does not keep holds all the same, and says so', async (act, state, stop) => {
  const bench = await openKernelBench()
  bench.onDurable = locked
  await expect(stop(bench)).rejects.toMatchObject({
    code: 'JOURNAL_NOT_DURABLE',
    retryability: 'retryable',
    message: expect.stringMatching(new RegExp(`^${act}: it holds .*locked`)),
  })
  expect(bench.kernel.tradingState().state).toBe(state)
})

describe('I13 the end of a freeze', () => {
  test('that another freeze overtakes lets nothing go on', async () => {
    const bench = await holding()
    await bench.kernel.freeze(ada)
    const sent = bench.broker.sent.length
    let again: Promise<void> | undefined
    bench.onDurable = () => {
      bench.onDurable = () => undefined
      again = bench.kernel.freeze({ ...ada, reason: 'once more' })
    }
    await expect(bench.kernel.unfreeze(ada)).rejects.toMatchObject({ code: 'FREEZE_NOT_ENDED' })
    await again
    await bench.session(100)
    expect(bench.kernel.tradingState()).toEqual({ state: 'halted', reasons: ['once more'] })
    expect(bench.broker.sent.length).toBe(sent)
    expect(rebuildKernelState(bench.journal)).toBe(bench.kernel.snapshot())
  })

  test('that was asked for before another freeze, and has its turn after it, lets nothing go on', async () => {
    const bench = await holding()
    await bench.kernel.freeze(ada)
    const reconciled = bench.kernel.reconcile()
    const ended = bench.kernel.unfreeze(ada)
    const again = bench.kernel.freeze({ ...ada, reason: 'once more' })
    await expect(ended).rejects.toMatchObject({ code: 'FREEZE_NOT_ENDED' })
    await Promise.all([reconciled, again])
    expect(bench.kernel.tradingState().state).toBe('halted')
    await bench.kernel.unfreeze(ada)
    expect(bench.kernel.tradingState().state).toBe('active')
  })

  test('that is in the journal is answered as done, whatever becomes of the exits that follow', async () => {
    const bench = await holding()
    await bench.kernel.freeze(ada)
    await bench.kernel.settled()
    bench.refuse = ({ payload }) => (payload as KernelRecord).type === 'order-assessed'
    await bench.kernel.unfreeze(ada)
    expect(bench.kernel.halts()).toEqual([])
    expect(bench.events).toContainEqual(expect.objectContaining({ type: 'alert', code: 'WORK_FAILED', symbol: 'AAA' }))
  })
})
