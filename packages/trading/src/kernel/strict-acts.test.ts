import { expect, test } from 'vitest'
import type { TradingKernel } from './kernel.js'
import { openKernelBench } from './kernel-bench.test-support.js'

const ada = { operator: 'Ada', reason: 'looked into it' }
type Loose = Readonly<Record<keyof TradingKernel, (...given: readonly unknown[]) => Promise<unknown>>>
const loose = (kernel: TradingKernel): Loose => kernel as unknown as Loose

test.each(['haltd', 'HALTED', undefined, null, 'active', 2])('a halt to the state %s is refused', async (state) => {
  const { kernel, journal } = await openKernelBench({ operators: ['Ada'] }, 1)
  await kernel.halt('reducing', 'a person says so')
  const before = journal.length
  await expect(loose(kernel).halt(state, 'panic')).rejects.toMatchObject({
    code: 'INVALID_OPTION',
    message: expect.stringContaining('there are reducing, halted'),
  })
  expect(kernel.tradingState().state).toBe('reducing')
  expect(journal).toHaveLength(before)
})

test('a halt never loosens the one that is there: that is left to resume', async () => {
  const { kernel } = await openKernelBench({ operators: ['Ada'] }, 1)
  for (const scope of [undefined, { strategy: 'test' }]) {
    const details = scope === undefined ? {} : { scope }
    await kernel.halt('halted', 'first', details)
    await kernel.halt('reducing', 'second', details)
    await expect(loose(kernel).halt('active', 'third', details)).rejects.toMatchObject({ code: 'INVALID_OPTION' })
    expect(kernel.tradingState(scope).state).toBe('halted')
    await kernel.resume({ ...ada, ...details })
    expect(kernel.tradingState(scope).state).toBe('active')
  }
})

test.each([undefined, '', '  ', 7])('a stop needs a reason, and %j is none', async (reason) => {
  const { kernel } = await openKernelBench({}, 1)
  const { halt, kill, freeze, flatten, resume, unfreeze } = loose(kernel)
  const refused = { code: 'INVALID_OPTION', message: expect.stringContaining('reason is') }
  await expect(halt('halted', reason)).rejects.toMatchObject(refused)
  await expect(kill(reason)).rejects.toMatchObject(refused)
  for (const act of [freeze, flatten, resume, unfreeze])
    await expect(act({ operator: 'Ada', reason })).rejects.toMatchObject(refused)
  expect([kernel.tradingState().state, kernel.halts()]).toEqual(['active', []])
})

test('what an act does not know is refused, with the nearest that it does', async () => {
  const { kernel } = await openKernelBench({}, 1)
  const { halt, kill, freeze, resume, resetKillSwitch } = loose(kernel)
  const refused = (part: string) => ({ code: 'INVALID_OPTION', message: expect.stringContaining(part) })
  await expect(halt('halted', 'x', { account: 'eu' })).rejects.toMatchObject(refused('no option account'))
  await expect(halt('halted', 'x', { scpoe: { agent: 'a' } })).rejects.toMatchObject(refused('did you mean scope?'))
  await expect(kill('x', { agent: 'a' })).rejects.toMatchObject(refused('no option agent'))
  await expect(kill('x', null)).rejects.toMatchObject(refused('options are null'))
  await expect(freeze({ ...ada, scope: { agent: 'a' } })).rejects.toMatchObject(refused('no option scope'))
  await expect(resume({ ...ada, scop: { agent: 'a' } })).rejects.toMatchObject(refused('did you mean scope?'))
  await expect(resetKillSwitch({ operator: 'Ada', secrt: 'x' })).rejects.toMatchObject(refused('did you mean secret?'))
  for (const scope of [null, { account: 'eu' }, { agent: 'a', strategy: 'b' }, 'momentum'])
    await expect(halt('halted', 'x', { scope })).rejects.toMatchObject({ code: 'INVALID_HALT_SCOPE' })
  expect(kernel.tradingState().state).toBe('active')
})

test('an act without an authorisation names nobody', async () => {
  const { kernel } = await openKernelBench({}, 1)
  const { approve, deny, resume, flatten, freeze, unfreeze, changePolicy, resetKillSwitch } = loose(kernel)
  const nobody = { code: 'NOT_AUTHORIZED', message: expect.stringContaining('operator is empty') }
  for (const act of [resume, flatten, freeze, unfreeze, resetKillSwitch])
    await expect(act()).rejects.toMatchObject(nobody)
  await expect(approve('token')).rejects.toMatchObject(nobody)
  await expect(deny('token')).rejects.toMatchObject(nobody)
  await expect(changePolicy({})).rejects.toMatchObject(nobody)
})

test.each([undefined, null, '', '  ', 7])('the Risk Manager too gives a reason, and %j is none', async (reason) => {
  const { kernel, journal } = await openKernelBench({}, 1)
  const before = journal.length
  await expect(loose(kernel).reduce(reason)).rejects.toMatchObject({
    code: 'INVALID_OPTION',
    message: expect.stringContaining('reduce: reason is'),
  })
  for (const scope of [null, { account: 'eu' }, 'momentum'])
    await expect(loose(kernel).reduce('a test', scope)).rejects.toMatchObject({ code: 'INVALID_HALT_SCOPE' })
  expect([kernel.tradingState().state, journal.length]).toEqual(['active', before])
})

const order = { symbol: 'AAA', side: 'buy', quantity: '10' }

test.each<[unknown, string, string]>([
  [undefined, 'INVALID_OPTION', 'scenarios: its options are undefined'],
  [null, 'INVALID_OPTION', 'scenarios: its options are null'],
  ['AAA', 'INVALID_OPTION', 'scenarios: '],
  [{ ...order, sde: 'buy' }, 'INVALID_OPTION', 'did you mean side?'],
  [{ ...order, symbol: undefined }, 'INVALID_OPTION', 'scenarios: symbol is undefined'],
  [{ ...order, symbol: 'ZZZ', price: '5' }, 'INSTRUMENT_NOT_FOUND', 'scenarios: symbol is "ZZZ"'],
  [{ ...order, side: 'long' }, 'INVALID_OPTION', 'scenarios: side is "long"; it must be one of buy, sell'],
  [{ ...order, quantity: 10 }, 'INVALID_OPTION', 'scenarios: quantity is 10; it must be a decimal text above 0'],
  [{ ...order, quantity: '-10' }, 'INVALID_OPTION', 'scenarios: quantity is "-10"'],
  [{ ...order, quantity: '0' }, 'INVALID_OPTION', 'scenarios: quantity is "0"'],
  [{ ...order, quantity: '1e3' }, 'INVALID_OPTION', 'scenarios: quantity is "1e3"'],
  [{ ...order, quantity: undefined }, 'INVALID_OPTION', 'scenarios: quantity is not given'],
  [{ ...order, price: '-1' }, 'INVALID_OPTION', 'scenarios: price is "-1"'],
  [{ ...order, price: null }, 'INVALID_OPTION', 'scenarios: price is null'],
])('scenarios of what is no order are refused, with the field: %j', async (given, code, message) => {
  const { kernel } = await openKernelBench({}, 1)
  await expect(loose(kernel).scenarios(given)).rejects.toMatchObject({
    code,
    message: expect.stringContaining(message),
  })
})

test.each<[unknown, string, string]>([
  [null, 'INVALID_OPTION', 'mitigations: its options are null'],
  ['AAA', 'INVALID_OPTION', 'mitigations: '],
  [{ hedge: [] }, 'INVALID_OPTION', 'did you mean hedges?'],
  [{ hedges: 'AAA' }, 'INVALID_OPTION', 'mitigations: hedges is "AAA"; it must be a list of symbols'],
  [{ hedges: [5] }, 'INVALID_OPTION', 'mitigations: hedges[0] is 5'],
  [{ hedges: ['ZZZ'] }, 'INSTRUMENT_NOT_FOUND', 'mitigations: hedges[0] is "ZZZ"'],
  [{ includeNear: 'yes' }, 'INVALID_OPTION', 'mitigations: includeNear is "yes"; it must be true or false'],
  [{ maximumOrders: 0 }, 'INVALID_OPTION', 'maximumOrders'],
])('wishes for mitigations that there are not are refused, with the field: %j', async (given, code, message) => {
  const { kernel } = await openKernelBench({}, 1)
  await expect(loose(kernel).mitigations(given)).rejects.toMatchObject({
    code,
    message: expect.stringContaining(message),
  })
})
