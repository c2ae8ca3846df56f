import { expect, test } from 'vitest'
import { decimal, zero } from '../money/decimal.js'
import type { PermittedOrder } from '../risk/permit.js'
import { benchSecret, openKernelBench } from './kernel-bench.test-support.js'

const operator = { operator: 'Ada', reason: 'looked into it' }

test('I10 a broker sends nothing without a permit of this kernel', async () => {
  const { broker, enter } = await openKernelBench()
  await enter()
  const [request] = broker.sent
  const forged = { request, permit: { permitId: 'permit-1' } } as unknown as PermittedOrder
  await expect(broker.opened().place(forged)).rejects.toMatchObject({ code: 'PERMIT_FORGED' })
  expect(broker.sent).toHaveLength(1)
})

test('I10 I17 a permit sends one order, however often it is submitted', async () => {
  const { kernel, broker, intent } = await openKernelBench()
  const wanted = intent()
  const assessed = await kernel.assess(wanted)
  if (assessed.status === 'denied') throw new Error('denied')
  const results = await Promise.all([1, 2, 3].map(() => kernel.submit(wanted, assessed.permitId)))
  expect(new Set(results.map((result) => JSON.stringify(result))).size).toBe(1)
  expect(broker.sent).toHaveLength(1)
})

test('I10 a permit of another intent, an altered intent and an old permit are refused', async () => {
  const bench = await openKernelBench()
  const { kernel, broker } = bench
  const [one, other] = [bench.intent(), bench.intent({ symbol: 'BBB' })]
  const [first, second] = [await kernel.assess(one), await kernel.assess(other)]
  if (first.status === 'denied' || second.status === 'denied') throw new Error('denied')
  expect(await kernel.submit(one, second.permitId)).toMatchObject({
    status: 'refused',
    findings: [{ code: 'APPROVAL_REQUIRED' }],
  })
  await expect(kernel.submit({ ...one, quantity: '60' }, first.permitId)).rejects.toMatchObject({
    code: 'INTENT_CHANGED',
  })
  bench.now += 5_001
  expect(await kernel.submit(one, first.permitId)).toMatchObject({
    status: 'refused',
    findings: [{ code: 'APPROVAL_EXPIRED' }],
  })
  expect(broker.sent).toEqual([])
})

test('I10 a halt or a new policy between assessment and submission voids the permit', async () => {
  for (const change of ['halt', 'policy'] as const) {
    const { kernel, broker, intent } = await openKernelBench()
    const wanted = intent()
    const assessed = await kernel.assess(wanted)
    if (assessed.status === 'denied') throw new Error('denied')
    if (change === 'halt') await kernel.halt('reducing', 'test')
    else await kernel.changePolicy({ maxOrderFraction: 0.01 }, operator)
    expect(await kernel.submit(wanted, assessed.permitId)).toMatchObject({ status: 'refused' })
    expect(broker.sent).toEqual([])
    expect(kernel.portfolio().cash.USD?.locked).toBe('0')
  }
})

test('I10 I14 a kill while the journal is being written stops the order that waits for it', async () => {
  const bench = await openKernelBench()
  const { kernel, broker, intent } = bench
  const wanted = intent()
  const assessed = await kernel.assess(wanted)
  if (assessed.status === 'denied') throw new Error('denied')
  bench.onDurable = () => {
    bench.onDurable = () => undefined
    void kernel.kill('stop')
  }
  expect(await kernel.submit(wanted, assessed.permitId)).toMatchObject({
    status: 'refused',
    findings: [{ code: 'PERMIT_STALE' }],
  })
  expect(broker.sent).toEqual([])
})

test('I11 agents that ask at once never pass a limit together', async () => {
  const { kernel, intent } = await openKernelBench({ policy: { maxOpenPositions: 2 } })
  const wanted = ['AAA', 'BBB', 'CCC', 'DDD', 'EEE', 'FFF'].map((symbol) => intent({ symbol }))
  const answers = await Promise.all(wanted.map((each) => kernel.assess(each)))
  expect(answers.map(({ status }) => status)).toEqual([
    'permitted',
    'permitted',
    'denied',
    'denied',
    'denied',
    'denied',
  ])
})

test('I11 cash is reserved once for each order and never beyond what is there', async () => {
  const policy = {
    maxPositionFraction: 1,
    maxOrderFraction: 1,
    maxSymbolExposureFraction: 1,
    maxCorrelatedExposureFraction: 1,
    maxStressLossFraction: 1,
  }
  const { kernel, intent } = await openKernelBench({ policy })
  const answers = await Promise.all(
    ['AAA', 'BBB', 'CCC', 'DDD'].map((symbol) => kernel.assess(intent({ symbol, quantity: '240' }))),
  )
  expect(answers.map(({ status }) => status)).toEqual(['permitted', 'permitted', 'permitted', 'denied'])
  expect(answers[3]).toMatchObject({ findings: [{ code: 'CUM_NOTIONAL_EXCEEDS_FREE_BALANCE' }] })
  const { free, locked } = kernel.portfolio().cash.USD ?? { free: '', locked: '' }
  expect(decimal(free).plus(decimal(locked)).eq(decimal('100000'))).toBe(true)
  expect(decimal(free).gte(zero)).toBe(true)
})

test('I11 I20 reserved = consumed + released + outstanding, and locked is what open orders need', async () => {
  const bench = await openKernelBench()
  const { kernel, broker } = bench
  await bench.enter({ quantity: '50' })
  await bench.enter({ symbol: 'BBB', quantity: '20' })
  const [first, second] = broker.sent.map(({ clientOrderId }) => clientOrderId) as [string, string]
  const check = (): void => {
    const snapshot = JSON.parse(kernel.snapshot()) as {
      reservations: Record<string, Record<string, string>>
      orders: { reservation?: { kind: string; reservationId: string } }[]
    }
    let outstanding = zero
    for (const { reservation } of snapshot.orders) {
      const view = snapshot.reservations[reservation?.reservationId ?? '']
      if (view === undefined) continue
      const amount = (name: string) => decimal(view[name] ?? '')
      expect(amount('consumed').plus(amount('released')).plus(amount('outstanding')).eq(amount('reserved'))).toBe(true)
      if (reservation?.kind === 'cash') outstanding = outstanding.plus(amount('outstanding'))
    }
    const cash = kernel.portfolio().cash.USD
    expect(decimal(cash?.locked ?? '').eq(outstanding)).toBe(true)
    expect(
      decimal(cash?.free ?? '')
        .plus(outstanding)
        .eq(decimal(cash?.total ?? '')),
    ).toBe(true)
  }
  check()
  broker.fill(first, '30', '101')
  await kernel.settled()
  check()
  broker.say(first, { type: 'expired' })
  broker.fill(second, '20', '99')
  await kernel.settled()
  check()
  expect(kernel.portfolio().cash.USD?.locked).toBe('0')
})

test('I12 a symbol without a price is not bought', async () => {
  const { kernel, intent } = await openKernelBench({}, 0)
  const answer = await kernel.assess(intent())
  expect(answer.status === 'denied' && answer.findings.map(({ code }) => code)).toContain('STALE_MARKET_DATA')
})

test('an intent asked twice gets the first answer', async () => {
  const { kernel, intent } = await openKernelBench()
  const wanted = intent()
  const first = await kernel.assess(wanted)
  await kernel.halt('halted', 'test')
  expect(await kernel.assess(wanted)).toEqual(first)
})

test('a permit that is not used in time gives back what it reserved', async () => {
  const bench = await openKernelBench()
  await bench.kernel.assess(bench.intent())
  expect(bench.kernel.portfolio().cash.USD?.locked).not.toBe('0')
  bench.now += 5_001
  await bench.session(100, ['pre-open'])
  expect(bench.kernel.portfolio().cash.USD?.locked).toBe('0')
})

test('I13 halted cancels resting entries, keeps protection, and covers a late fill', async () => {
  const bench = await openKernelBench()
  const { kernel, broker } = bench
  await bench.enter()
  const entry = broker.sent[0]?.clientOrderId ?? ''
  broker.fill(entry, '30', '100')
  await kernel.settled()
  broker.onCancel = 'silent'
  await kernel.halt('halted', 'test')
  expect(broker.cancels).toEqual([entry])
  broker.fill(entry, '5', '100')
  broker.say(entry, { type: 'canceled' })
  await kernel.settled()
  const stops = broker.sent.filter(({ type }) => type === 'stop').map(({ quantity }) => quantity)
  expect(stops).toEqual(['30', '5'])
  expect(kernel.tradingState().state).toBe('halted')
})

test('I13 orders that reduce pass while reducing, entries do not', async () => {
  const bench = await openKernelBench()
  const { kernel, broker } = bench
  await bench.enter()
  broker.fill(broker.sent[0]?.clientOrderId ?? '', '50', '100')
  await kernel.settled()
  await kernel.halt('reducing', 'test')
  const entry = await kernel.assess(bench.intent({ symbol: 'BBB' }))
  expect(entry).toMatchObject({ status: 'denied', findings: [{ code: 'TRADING_STATE_REDUCING' }] })
  await bench.enter({ side: 'sell', quantity: '20' })
  expect(broker.sent).toContainEqual(expect.objectContaining({ type: 'market', side: 'sell', quantity: '20' }))
  expect(broker.sent).toContainEqual(expect.objectContaining({ type: 'stop', side: 'sell', quantity: '30' }))
})

test('I13 a halt is not loosened by another halt, and is resumed by name only', async () => {
  const { kernel } = await openKernelBench()
  await kernel.halt('halted', 'first')
  await kernel.halt('reducing', 'second')
  expect(kernel.tradingState().state).toBe('halted')
  await expect(kernel.resume({ operator: ' ', reason: '' })).rejects.toMatchObject({ code: 'NOT_AUTHORIZED' })
  await kernel.resume(operator)
  expect(kernel.tradingState()).toEqual({ state: 'active', reasons: [] })
})

test('I13 the Risk Manager stops entries in its own name, once, loosens no halt of an operator, and is overruled by one', async () => {
  const { kernel, journal } = await openKernelBench()
  await kernel.halt('halted', 'a person says so')
  await kernel.reduce('too wild')
  await kernel.reduce('too wild still')
  expect(kernel.tradingState()).toEqual({ state: 'halted', reasons: ['a person says so', 'too wild'] })
  const halts = journal.map(({ payload }) => payload).filter((record) => (record as { type: string }).type === 'halted')
  expect(halts).toMatchObject([
    { cause: 'operator', state: 'halted' },
    { cause: 'agent', state: 'reducing' },
  ])
  expect((await openKernelBench({ history: journal }, 0)).kernel.tradingState()).toEqual(kernel.tradingState())
  await kernel.resume(operator)
  expect(kernel.tradingState()).toEqual({ state: 'active', reasons: [] })
})

test('I14 the kill switch survives a restart, with the journal lost or its store lost', async () => {
  const first = await openKernelBench()
  await first.kernel.kill('fire')
  expect(first.killStore.saved).toMatchObject({ engaged: true, reason: 'fire' })
  const withStore = await openKernelBench(
    { killSwitchStore: { load: async () => first.killStore.saved, save: async () => undefined } },
    0,
  )
  expect(withStore.kernel.tradingState()).toEqual({ state: 'halted', reasons: ['fire'] })
  const withJournal = await openKernelBench({ history: first.journal }, 0)
  expect(withJournal.kernel.tradingState()).toEqual({ state: 'halted', reasons: ['fire'] })
})

test('I14 the kill switch holds when store and journal fail, and an unreadable one means halted', async () => {
  const bench = await openKernelBench()
  bench.killStore.failing = true
  bench.journal.push = () => {
    throw new Error('journal on fire')
  }
  await bench.kernel.kill('fire').catch(() => undefined)
  expect(bench.kernel.tradingState().state).toBe('halted')
  const unreadable = await openKernelBench(
    { killSwitchStore: { load: () => Promise.reject(new Error('no')), save: async () => undefined } },
    0,
  )
  expect(unreadable.kernel.tradingState().state).toBe('halted')
})

test('I14 only an operator with the secret resets the kill switch; a resume does not', async () => {
  const { kernel } = await openKernelBench()
  await kernel.kill('fire')
  await kernel.resume(operator)
  await expect(kernel.resetKillSwitch({ operator: 'Ada', secret: 'wrong' })).rejects.toMatchObject({
    code: 'NOT_AUTHORIZED',
  })
  expect(kernel.tradingState().state).toBe('halted')
  await kernel.resetKillSwitch({ operator: 'Ada', secret: benchSecret })
  expect(kernel.tradingState().state).toBe('active')
})

test('I15 the day loss sets reducing until the next session, the drawdown until resumed', async () => {
  const bench = await openKernelBench({
    policy: { maxPositionFraction: 0.5, maxOrderFraction: 0.5, maxSymbolExposureFraction: 0.5 },
  })
  const { kernel, broker } = bench
  await bench.enter({ quantity: '300', exits: { stopPrice: '10', targetPrice: '1000', maximumSessions: 100 } })
  broker.fill(broker.sent[0]?.clientOrderId ?? '', '300', '100')
  await kernel.settled()
  await bench.session(92)
  expect(kernel.tradingState()).toMatchObject({ state: 'reducing' })
  await bench.session(92, ['pre-open'])
  expect(kernel.tradingState().state).toBe('active')
  await bench.session(40, ['open', 'bars', 'close'])
  await bench.session(40, ['pre-open'])
  expect(kernel.tradingState()).toMatchObject({ state: 'reducing', reasons: [expect.stringContaining('drawdown')] })
  await kernel.resume(operator)
  await bench.session(40, ['open'])
  expect(kernel.tradingState().state).toBe('active')
})

test('I15 baselines survive a restart and know their day', async () => {
  const bench = await openKernelBench()
  const { risk } = JSON.parse(bench.kernel.snapshot()) as { risk: Record<string, string> }
  const again = await openKernelBench({ history: bench.journal }, 0)
  expect((JSON.parse(again.kernel.snapshot()) as { risk: unknown }).risk).toEqual(risk)
  expect(risk).toMatchObject({
    dayStartEquity: '100000',
    peakEquity: '100000',
    sessionDate: expect.stringMatching(/^2014-/),
  })
})
