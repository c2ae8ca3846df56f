import { describe, expect, test } from 'vitest'
import type { OrderIntent } from '../orders/order-request.js'
import type { RiskContext } from '../risk/risk-context.js'
import { type KernelBench, openKernelBench } from './kernel-bench.test-support.js'
import { rebuildKernelState } from './rebuild-kernel-state.js'
import { ablest } from './scripted-broker.test-support.js'

/** More than 20 units need a person's word. */
const needsApproval = ({ request }: RiskContext) =>
  Number(request.quantity) > 20
    ? { code: 'APPROVAL_REQUIRED', value: request.quantity, limit: '20', message: `${request.quantity} is above 20` }
    : undefined
const options = { needsApproval, operators: ['Ada'] }
const ada = { operator: 'Ada', reason: 'as agreed' }

/** Assesses an intent that needs approval; its token. */
async function ask(bench: KernelBench, intent: OrderIntent): Promise<string> {
  const answer = await bench.kernel.assess(intent)
  if (answer.status !== 'denied' || answer.approval === undefined) throw new Error(JSON.stringify(answer))
  expect(answer.findings).toEqual([{ code: 'APPROVAL_REQUIRED', value: '50', limit: '20', message: '50 is above 20' }])
  expect(answer.approval.expiresAt).toBe(bench.now + 300_000)
  return answer.approval.token
}

const refused = (code: string) => ({ status: 'refused', findings: [expect.objectContaining({ code })] })

describe('I10 an order that needs approval', () => {
  test('is neither sent nor reserved for, is told, and its intent gets the same answer until a person speaks', async () => {
    const bench = await openKernelBench(options)
    const { kernel, broker } = bench
    const intent = bench.intent()
    const token = await ask(bench, intent)
    expect(await ask(bench, intent)).toBe(token)
    await expect(kernel.assess({ ...intent, quantity: '60' })).rejects.toMatchObject({ code: 'INTENT_CHANGED' })
    expect(await kernel.submit(intent, 'permit-1')).toMatchObject(refused('APPROVAL_REQUIRED'))
    expect(kernel.approvals()).toMatchObject([{ token, intent, finding: { code: 'APPROVAL_REQUIRED' } }])
    expect([broker.sent, kernel.portfolio().cash.USD?.locked]).toEqual([[], '0'])
    expect(bench.events).toContainEqual(
      expect.objectContaining({ type: 'alert', code: 'APPROVAL_REQUIRED', symbol: 'AAA' }),
    )
    await bench.enter({ quantity: '20' })
    expect(broker.sent).toHaveLength(1)
  })

  test('is sent once when it is approved, by a listed person, and who and when is journalled', async () => {
    const bench = await openKernelBench(options)
    const { kernel, broker, journal } = bench
    const intent = bench.intent()
    const token = await ask(bench, intent)
    for (const operator of ['', 'Eve'])
      await expect(kernel.approve(token, { operator })).rejects.toMatchObject({ code: 'NOT_AUTHORIZED' })
    const outcomes = await Promise.allSettled([1, 2, 3].map(() => kernel.approve(token, ada)))
    expect(outcomes).toMatchObject([
      { status: 'fulfilled', value: { status: 'submitted' } },
      { status: 'rejected', reason: { code: 'APPROVAL_NOT_FOUND' } },
      { status: 'rejected', reason: { code: 'APPROVAL_NOT_FOUND' } },
    ])
    await kernel.settled()
    expect(broker.sent).toMatchObject([{ symbol: 'AAA', quantity: '50' }])
    const answer = await kernel.assess(intent)
    expect(answer.status).toBe('permitted')
    expect(await kernel.submit(intent, answer.status === 'permitted' ? answer.permitId : '')).toMatchObject({
      status: 'submitted',
    })
    expect(broker.sent).toHaveLength(1)
    expect(kernel.approvals()).toEqual([])
    expect(journal.map(({ payload }) => payload)).toContainEqual({
      type: 'approval-settled',
      time: bench.now,
      token,
      outcome: 'approved',
      ...ada,
    })
    expect(rebuildKernelState(journal)).toBe(kernel.snapshot())
  })

  test.each<[string, string, (bench: KernelBench) => Promise<unknown>]>([
    ['trading was halted', 'TRADING_HALTED', (bench) => bench.kernel.halt('halted', 'no more')],
    ['the kill switch is engaged', 'TRADING_HALTED', (bench) => bench.kernel.kill('no more')],
    [
      'a limit was tightened',
      'NOTIONAL_EXCEEDS_MAX_PER_ORDER',
      (bench) => bench.kernel.changePolicy({ maxOrderFraction: 0.01 }, ada),
    ],
    [
      'the price has moved away from the limit',
      'PRICE_COLLAR_BREACHED',
      (bench) =>
        bench.market({ type: 'open', symbol: 'AAA', sessionDate: '2014-05-06', time: bench.now, price: '150' }),
    ],
  ])('is assessed anew when it is approved: %s', async (_, code, change) => {
    const bench = await openKernelBench(options)
    const intent = bench.intent({ type: 'limit', limitPrice: '100' })
    const answer = await bench.kernel.assess(intent)
    const token = answer.status === 'denied' ? (answer.approval?.token ?? '') : ''
    await change(bench)
    const result = await bench.kernel.approve(token, ada)
    expect(result.status === 'refused' && result.findings.map((finding) => finding.code)).toContain(code)
    expect(bench.broker.sent).toEqual([])
    expect(await bench.kernel.assess(intent)).toMatchObject({ status: 'denied' })
  })

  test('that is denied by a person stays denied, and so does one that nobody looked at in time', async () => {
    const bench = await openKernelBench(options)
    const { kernel, broker } = bench
    const [one, other] = [bench.intent(), bench.intent({ symbol: 'BBB' })]
    const [first, second] = [await ask(bench, one), await ask(bench, other)]
    await kernel.deny(first, { operator: 'Ada', reason: 'too much' })
    expect(await kernel.assess(one)).toMatchObject({
      status: 'denied',
      findings: [{ code: 'APPROVAL_REQUIRED', message: 'Ada denied it: too much' }],
    })
    expect(await kernel.assess(one)).not.toHaveProperty('approval')
    bench.now += 300_000
    expect(kernel.approvals()).toMatchObject([{ token: second }])
    bench.now += 1
    expect(kernel.approvals()).toEqual([])
    await expect(kernel.approve(second, ada)).rejects.toMatchObject({ code: 'APPROVAL_NOT_FOUND' })
    expect(await kernel.assess(other)).toMatchObject({ status: 'denied', findings: [{ code: 'APPROVAL_EXPIRED' }] })
    await expect(kernel.deny(first, ada)).rejects.toMatchObject({ code: 'APPROVAL_NOT_FOUND' })
    expect(broker.sent).toEqual([])
    expect(rebuildKernelState(bench.journal)).toBe(kernel.snapshot())
  })

  test('may be approved until the last moment', async () => {
    const bench = await openKernelBench(options)
    const token = await ask(bench, bench.intent())
    bench.now += 300_000
    expect(await bench.kernel.approve(token, ada)).toMatchObject({ status: 'submitted' })
  })

  test('waits on through a restart, from the journal and from a snapshot', async () => {
    const bench = await openKernelBench(options)
    const token = await ask(bench, bench.intent())
    expect(rebuildKernelState([], bench.kernel.snapshot())).toBe(bench.kernel.snapshot())
    const again = await openKernelBench({ ...options, history: bench.journal }, 0)
    expect(again.kernel.approvals()).toEqual(bench.kernel.approvals())
    again.now = bench.now
    await again.session(100, [])
    const result = await again.kernel.approve(token, ada)
    expect(result.status === 'refused' && result.findings.map(({ code }) => code), 'no price yet').toContain(
      'STALE_MARKET_DATA',
    )
    await expect(again.kernel.approve(token, ada)).rejects.toMatchObject({ code: 'APPROVAL_NOT_FOUND' })
  })

  test('is not asked about when it is denied anyway, nor when it reduces', async () => {
    const bench = await openKernelBench({
      needsApproval: () => ({ code: 'APPROVAL_REQUIRED', message: 'all of them' }),
    })
    const { kernel, broker } = bench
    const answer = await kernel.assess(bench.intent())
    await kernel.approve(answer.status === 'denied' ? (answer.approval?.token ?? '') : '', ada)
    broker.fill(broker.sent[0]?.clientOrderId ?? '', '50', '100')
    await kernel.settled()
    expect(broker.sent.map(({ type }) => type)).toEqual(['market', 'stop', 'limit'])
    await bench.enter({ side: 'sell', quantity: '50' })
    await kernel.halt('reducing', 'test')
    const denied = await kernel.assess(bench.intent({ symbol: 'BBB' }))
    expect(denied).toMatchObject({ findings: [{ code: 'TRADING_STATE_REDUCING' }] })
    expect(kernel.approvals()).toEqual([])
  })

  test('is denied without a token when a hundred others wait', async () => {
    const bench = await openKernelBench(options)
    for (let count = 0; count < 100; count += 1) await ask(bench, bench.intent())
    const answer = await bench.kernel.assess(bench.intent())
    expect(answer).toMatchObject({
      status: 'denied',
      findings: [{ message: expect.stringContaining('100 orders wait') }],
    })
    expect(answer).not.toHaveProperty('approval')
    expect(bench.kernel.approvals()).toHaveLength(100)
  })
})

test.each<[string, () => unknown]>([
  [
    'throws',
    () => {
      throw new Error('no idea')
    },
  ],
  ['answers with nothing that is a finding', () => null],
  ['answers with a sentence', () => 'yes'],
  ['answers later', () => Promise.resolve(undefined)],
  ['fails later', () => Promise.reject(new Error('no idea'))],
  ['answers under another code', () => ({ code: 'FINE', message: 'all is well' })],
])('I12 when what asks for approval %s, a person is asked', async (_, answer) => {
  const bench = await openKernelBench({ needsApproval: answer as never })
  const assessed = await bench.kernel.assess(bench.intent())
  expect(assessed).toMatchObject({ status: 'denied', findings: [{ code: 'APPROVAL_REQUIRED' }] })
  const [waiting] = bench.kernel.approvals()
  expect(await bench.kernel.approve(waiting?.token ?? '', ada)).toMatchObject({ status: 'submitted' })
})

describe.each(['new-order', 'none'] as const)('an approved order at a venue that replaces %s', (replace) => {
  const approved = async (fields: Partial<OrderIntent>): Promise<readonly [KernelBench, string]> => {
    const bench = await openKernelBench({ ...options, policy: { allowShorts: true } }, 80, (broker) => {
      broker.capabilities = { ...ablest, replace }
    })
    const token = await ask(bench, bench.intent({ type: 'limit', limitPrice: '99', timeInForce: 'gtc', ...fields }))
    const result = await bench.kernel.approve(token, ada)
    await bench.kernel.settled()
    return [bench, result.status === 'submitted' ? result.orderId : '']
  }
  const short = {
    side: 'sell',
    limitPrice: '101',
    exits: { stopPrice: '105', targetPrice: '90', maximumSessions: 5 },
  } as const

  test.each([
    ['to less', {}, { quantity: '40' }],
    ['to a lower price', {}, { limitPrice: '98' }],
    ['to less at a lower price', {}, { quantity: '30', limitPrice: '97.5' }],
    ['of a sale to less', short, { quantity: '40' }],
    ['of a sale to less at a higher price', short, { quantity: '40', limitPrice: '102' }],
  ] as const)('needs no other word for an amendment %s', async (_, fields, terms) => {
    const [bench, orderId] = await approved(fields)
    expect(await bench.kernel.amend(orderId, terms, 'less')).toMatchObject({ status: 'submitted' })
    await bench.kernel.settled()
    const { sent, replacements } = bench.broker
    const last = replace === 'none' ? sent.at(-1) : replacements.at(-1)?.request
    expect(last).toMatchObject(terms)
    expect(rebuildKernelState(bench.journal)).toBe(bench.kernel.snapshot())
  })

  test.each([
    ['to more', {}, { quantity: '51' }],
    ['to a higher price', {}, { limitPrice: '99.01' }],
    ['to less at a higher price', {}, { quantity: '40', limitPrice: '99.01' }],
    ['of a sale to a lower price', short, { limitPrice: '100.99' }],
    ['of a sale that makes it worth more', short, { limitPrice: '101.01' }],
  ] as const)('needs one for an amendment %s', async (_, fields, terms) => {
    const [bench, orderId] = await approved(fields)
    expect(await bench.kernel.amend(orderId, terms, 'more')).toMatchObject(refused('APPROVAL_REQUIRED'))
  })
})
