import { expect, test } from 'vitest'
import { defineRiskRule } from '../risk/risk-rule.js'
import { openKernelBench } from './kernel-bench.test-support.js'

const rule = defineRiskRule({ code: 'MY_RULE', binds: 'entry', check: () => undefined })

test.each<[object, string, RegExp]>([
  [{ ruls: {} }, 'INVALID_OPTION', /createTradingKernel: there is no option ruls; did you mean rules\?/],
  [{ operatrs: ['Ada'] }, 'INVALID_OPTION', /did you mean operators\?/],
  [{ operators: 'Ada' }, 'INVALID_OPTION', /operators is "Ada"; give a list of names/],
  [{ operators: null }, 'INVALID_OPTION', /operators is null/],
  [{ rules: { ad: [rule] } }, 'INVALID_OPTION', /rules: there is no option ad; did you mean add\?/],
  [{ rules: [rule] }, 'INVALID_OPTION', /rules: it is a list; .*add/],
  [{ rules: { add: rule } }, 'INVALID_OPTION', /rules: add is no list/],
  [{ rules: { remove: 'MAX_POSITION' } }, 'INVALID_OPTION', /rules: remove is no list/],
  [{ rules: { add: [null] } }, 'INVALID_OPTION', /rules: add holds what is no rule/],
  [{ rules: null }, 'INVALID_OPTION', /rules: its options are null/],
  [{ policy: null }, 'INVALID_RISK_POLICY', /it is null/],
  [
    { account: undefined },
    'INVALID_OPTION',
    /createTradingKernel: account is not given; it must be the account's name/,
  ],
  [{ currency: 5 }, 'INVALID_OPTION', /currency is 5; it must be a currency's name/],
  [{ definition: undefined }, 'INVALID_OPTION', /definition is not given; it must be the definition of a broker/],
  [{ definition: { name: 'x' } }, 'INVALID_OPTION', /definition is something else/],
  [{ brokerContext: undefined }, 'INVALID_OPTION', /brokerContext is not given/],
  [{ brokerContext: {} }, 'INVALID_OPTION', /brokerContext\.clock is not given/],
  [{ calendar: undefined }, 'INVALID_OPTION', /calendar is not given; it must be a calendar, such as tradingCalendar/],
  [{ calendar: 'us-equity' }, 'INVALID_OPTION', /calendar is "us-equity"; it must be a calendar/],
  [{ journal: undefined }, 'INVALID_OPTION', /journal is not given; .*append\(entry\) and durable\(\)/],
  [{ journal: { append: () => undefined } }, 'INVALID_OPTION', /journal is something else/],
  [{ logger: null }, 'INVALID_OPTION', /logger is null/],
  [{ killSwitchStore: undefined }, 'INVALID_OPTION', /killSwitchStore is not given; .*load\(\) and save\(record\)/],
  [{ killSwitchStore: [null] }, 'INVALID_OPTION', /killSwitchStore is a list; it must be/],
  [{ killSwitchStore: [] }, 'INVALID_OPTION', /killSwitchStore is empty/],
  [{ deposits: undefined }, 'INVALID_OPTION', /deposits is not given/],
  [{ history: 5 }, 'INVALID_OPTION', /history is 5; it must be what an earlier kernel appended to its journal/],
  [{ history: 'abc' }, 'INVALID_OPTION', /history is "abc"; it must be/],
  [{ history: null }, 'INVALID_OPTION', /history is null; it must be/],
  [{ history: {} }, 'INVALID_OPTION', /history is something else; it must be/],
  [{ history: [null] }, 'KERNEL_JOURNAL_INVALID', /no record with a type/],
  [{ snapshot: 5 }, 'INVALID_OPTION', /snapshot is 5; it must be a text/],
  [{ policy: { maxBeta: 0.5 } }, 'INVALID_RISK_POLICY', /maxBeta = 0\.5: .*name its symbol in betaBenchmark/],
  [{ deposits: 5 }, 'INVALID_OPTION', /deposits is 5; it must be a decimal text such as '100000', or one by currency/],
  [{ deposits: null }, 'INVALID_OPTION', /deposits is null; it must be/],
  [{ deposits: ['5'] }, 'INVALID_OPTION', /deposits is a list; it must be/],
  [{ deposits: { USD: 5 } }, 'INVALID_OPTION', /deposits\.USD is 5; it must be a decimal text/],
  [{ deposits: '-1' }, 'INVALID_OPTION', /deposits is -1; an account starts with 0 or more/],
  [{ deposits: { USD: '5', EUR: '-2' } }, 'INVALID_OPTION', /deposits\.EUR is -2/],
])('a kernel is not made of %j', async (options, code, message) => {
  await expect(openKernelBench(options, 1)).rejects.toMatchObject({ code, message: expect.stringMatching(message) })
})

test('a movement or an adoption with what nobody knows is refused, and books nothing', async () => {
  const { kernel } = await openKernelBench({}, 1)
  const ada = { operator: 'Ada', reason: 'test' }
  const before = kernel.snapshot()
  const deposit = { type: 'deposit', eventId: 'e', amount: '5' }
  for (const [movement, message] of [
    [{ ...deposit, curency: 'EUR' }, /"curency": there is no such field; did you mean currency\?/],
    [null, /the movement is null/],
  ] as const)
    await expect(kernel.book(movement as never, ada)).rejects.toMatchObject({
      code: 'INVALID_LEDGER_EVENT',
      message: expect.stringMatching(message),
    })
  await expect(kernel.book({ type: 'conversion', eventId: 'e', cots: '1' } as never, ada)).rejects.toMatchObject({
    code: 'INVALID_OPTION',
    message: expect.stringContaining('did you mean cost?'),
  })
  await expect(kernel.adopt({ symbol: 'AAA', prise: '1' } as never, ada)).rejects.toMatchObject({
    code: 'INVALID_OPTION',
    message: expect.stringContaining('did you mean price?'),
  })
  await expect(kernel.book(deposit as never, undefined as never)).rejects.toMatchObject({ code: 'NOT_AUTHORIZED' })
  expect(kernel.snapshot()).toBe(before)
})

test.each([{}, { type: 'limit', limitPrice: '5.001' }])(
  'of a symbol that nobody trades nothing else is said: %j',
  async (fields) => {
    const bench = await openKernelBench({}, 1)
    const answer = await bench.kernel.assess(bench.intent({ symbol: 'ZZZ', quantity: '0.5', ...(fields as object) }))
    expect(answer).toMatchObject({ status: 'denied' })
    expect(answer.status === 'denied' && answer.findings.map(({ code }) => code)).toEqual(['INSTRUMENT_NOT_FOUND'])
  },
)
