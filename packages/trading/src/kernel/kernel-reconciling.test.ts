import { expect, test } from 'vitest'
import { openKernelBench } from './kernel-bench.test-support.js'

test('I27 after a restart no entry is sent before books and venue were compared; the position stays, and is not left', async () => {
  const first = await openKernelBench()
  await first.enter()
  first.broker.fill(first.broker.sent[0]?.clientOrderId ?? '', '50', '100')
  await first.kernel.settled()
  const exits = first.broker.sent.slice(1)

  const again = await openKernelBench({ history: first.journal }, 0, (broker) => {
    broker.balances.set('USD', '94999').set('AAA', '50')
    for (const { clientOrderId, symbol, quantity } of exits)
      broker.held.set(clientOrderId, {
        clientOrderId,
        venueOrderId: `venue-${clientOrderId}`,
        symbol,
        status: 'open',
        quantity,
        filledQuantity: '0',
      })
    broker.onLookup = new Error('the venue does not answer')
  })
  const codes = async (): Promise<readonly string[]> => {
    const assessed = await again.kernel.assess(again.intent({ symbol: 'BBB' }))
    return assessed.status === 'denied' ? assessed.findings.map(({ code }) => code) : []
  }
  expect(await codes()).toContain('RECONCILING')
  expect(again.kernel.portfolio().positions).toMatchObject([{ symbol: 'AAA', quantity: '50' }])

  again.broker.onLookup = undefined
  await again.kernel.reconcile()
  expect(await codes()).not.toContain('RECONCILING')
  expect(again.kernel.portfolio().positions).toMatchObject([{ symbol: 'AAA', quantity: '50' }])
  expect(again.broker.sent).toEqual([])
  expect(again.broker.cancels).toEqual([])
})
