import { expect, test } from 'vitest'
import type { OrderIntent } from '../orders/order-request.js'
import { openKernelBench } from './kernel-bench.test-support.js'
import type { KernelJournalEntry, KernelRecord } from './kernel-record.js'

/** A kernel whose journal is durable when the test says so, and two entries that were permitted. */
async function openHeld() {
  const journal: KernelJournalEntry[] = []
  const waiting: { resolve: () => void; reject: (reason: unknown) => void }[] = []
  let isHeld = false
  const bench = await openKernelBench({
    journal: {
      append: (entry) => void journal.push(structuredClone(entry)),
      durable: () =>
        isHeld ? new Promise((resolve, reject) => waiting.push({ resolve, reject })) : Promise.resolve(undefined),
    },
  })
  isHeld = true
  const { kernel, broker } = bench
  const intents = ['AAA', 'BBB'].map((symbol) => bench.intent({ symbol, quantity: '10' }))
  const permits = await Promise.all(intents.map((intent) => kernel.assess(intent)))
  const submitted = (): readonly string[] =>
    journal.flatMap(({ payload }) => {
      const record = payload as KernelRecord
      return record.type === 'order-event' && record.event.type === 'submitted' ? [record.orderId] : []
    })
  const submit = (index: number) => {
    const permit = permits[index]
    if (permit?.status !== 'permitted') throw new Error(JSON.stringify(permit))
    return kernel.submit(intents[index] as OrderIntent, permit.permitId)
  }
  const settle = (how: (one: (typeof waiting)[number]) => void): void => {
    isHeld = false
    for (const one of waiting.splice(0)) how(one)
  }
  return { kernel, broker, waiting, submitted, submit, settle }
}

test('I06 orders that are handed in together are journalled together, and none is sent before that is durable', async () => {
  const { broker, waiting, submitted, submit, settle } = await openHeld()
  const answers = [submit(0), submit(1)]
  await Promise.resolve()
  expect(submitted()).toHaveLength(2)
  expect(waiting).toHaveLength(2)
  expect(broker.sent).toEqual([])
  settle(({ resolve }) => resolve())
  expect(await Promise.all(answers)).toMatchObject([{ status: 'submitted' }, { status: 'submitted' }])
  expect(broker.sent.map(({ symbol }) => symbol)).toEqual(['AAA', 'BBB'])
})

test('I06 where the journal does not become durable none of them is sent', async () => {
  const { broker, submit, settle } = await openHeld()
  const answers = [submit(0), submit(1)]
  await Promise.resolve()
  settle(({ reject }) => reject(new Error('the disk is full')))
  expect(await Promise.all(answers)).toMatchObject([
    { status: 'refused', findings: [{ code: 'JOURNAL_NOT_DURABLE' }] },
    { status: 'refused', findings: [{ code: 'JOURNAL_NOT_DURABLE' }] },
  ])
  expect(broker.sent).toEqual([])
})

test('I14 a kill while they wait keeps all of them from being sent', async () => {
  const { kernel, broker, submit, settle } = await openHeld()
  const answers = [submit(0), submit(1)]
  await Promise.resolve()
  const killed = kernel.kill('test')
  settle(({ resolve }) => resolve())
  expect(await Promise.all(answers)).toMatchObject([{ status: 'refused' }, { status: 'refused' }])
  await killed
  expect(broker.sent).toEqual([])
})

test('a cancel that is asked for while they wait comes after them', async () => {
  const { kernel, broker, submitted, submit, settle } = await openHeld()
  const answer = submit(0)
  await Promise.resolve()
  const cancelled = kernel.cancel(submitted()[0] ?? '', 'test')
  settle(({ resolve }) => resolve())
  expect(await answer).toMatchObject({ status: 'submitted' })
  await cancelled
  expect(broker.cancels).toEqual([broker.sent[0]?.clientOrderId])
})

test('an intent that is handed in a second time while it waits is answered as the first time', async () => {
  const { broker, submit, settle } = await openHeld()
  const answers = [submit(0), submit(0)]
  await Promise.resolve()
  settle(({ resolve }) => resolve())
  const [first, second] = await Promise.all(answers)
  expect(second).toEqual(first)
  expect(broker.sent).toHaveLength(1)
})
