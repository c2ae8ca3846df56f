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
