import { expect, test } from 'vitest'
import { openKernelBench } from './kernel-bench.test-support.js'
import { ablest } from './scripted-broker.test-support.js'

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

test('I25 a balance that the venue prints from a double agrees with exact books, and what is more than its rounding does not', async () => {
  const bench = await openKernelBench({}, 80, (broker) => {
    broker.capabilities = { ...ablest, balancePrecision: { significantDigits: 15, decimals: 10 } }
  })
  const differences = async (usd: string): Promise<readonly string[]> => {
    bench.broker.balances.set('USD', usd).set('ZZZ', '0.00000000000000003')
    const before = bench.events.length
    await bench.kernel.reconcile()
    return bench.events.slice(before).flatMap((event) => (event.type === 'alert' ? [event.code] : []))
  }
  expect(await differences('100000.00000000001')).toEqual([])
  expect(await differences('100000.00000001')).toEqual(['BALANCE_MISMATCH'])
})
