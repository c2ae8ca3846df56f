import { expect, test } from 'vitest'
import { decimal } from '../../money/decimal.js'
import { evaluateRules } from '../evaluate-rules.js'
import { defineRiskRule } from '../risk-rule.js'
import { composeRules } from './default-rules.js'
import { contextWith, deniedBy, soundRequest } from './rule-context.test-support.js'

const noFridays = defineRiskRule({
  code: 'NO_FRIDAYS',
  binds: 'entry',
  check: ({ request }, { notional }) =>
    notional.gt(decimal('4000')) ? { message: `${request.symbol} is too much`, value: notional.toFixed() } : undefined,
  warn: () => 'it is nearly Friday',
})
const exit = { request: { ...soundRequest, side: 'sell', reduceOnly: true }, position: decimal('50') } as const

test('a rule of a user is asked with the limits, and says what it finds under its code', () => {
  const rules = composeRules({ add: [noFridays] })
  expect(evaluateRules(rules, contextWith()).findings).toEqual([
    { code: 'NO_FRIDAYS', value: '5000', message: 'AAA is too much' },
  ])
  const small = contextWith({ request: { ...soundRequest, quantity: '40' } })
  expect(evaluateRules(rules, small)).toEqual({
    findings: [],
    warnings: [{ code: 'NO_FRIDAYS', message: 'it is nearly Friday' }],
  })
})

test('a built-in rule is taken out or replaced by its code', () => {
  const tooLarge = contextWith({ policy: { maxOrderFraction: 0.01 } })
  expect(deniedBy(tooLarge)).toEqual(['NOTIONAL_EXCEEDS_MAX_PER_ORDER'])
  expect(deniedBy(tooLarge, composeRules({ remove: ['NOTIONAL_EXCEEDS_MAX_PER_ORDER'] }))).toEqual([])
  const own = defineRiskRule({
    code: 'NOTIONAL_EXCEEDS_MAX_PER_ORDER',
    binds: 'entry',
    check: () => 'by my own measure',
  })
  expect(evaluateRules(composeRules({ replace: [own] }), tooLarge).findings).toEqual([
    { code: 'NOTIONAL_EXCEEDS_MAX_PER_ORDER', message: 'by my own measure' },
  ])
})

test.each<[string, () => unknown]>([
  ['throws', () => JSON.parse('{')],
  ['answers with a promise', async () => undefined],
  ['answers with a truth', () => true],
  ['answers with a finding that says nothing', () => ({ value: '1' })],
])('I12 a rule of a user that %s denies an entry under its code, and no exit', (_, check) => {
  const broken = defineRiskRule({ code: 'BROKEN', binds: 'all', check: check as () => undefined })
  const rules = composeRules({ add: [broken] })
  expect(deniedBy(contextWith(), rules)).toEqual(['BROKEN'])
  expect(deniedBy(contextWith(exit), rules)).toEqual([])
})

test('I13 a rule of a user that binds all is asked about exits that agents want, never about protection', () => {
  const never = defineRiskRule({ code: 'NEVER', binds: 'all', check: () => 'never' })
  const rules = composeRules({ add: [never] })
  expect(deniedBy(contextWith(exit), rules)).toEqual(['NEVER'])
  for (const purpose of ['exit-stop', 'exit-target', 'exit-time'] as const)
    expect(deniedBy(contextWith({ ...exit, purpose }), rules)).toEqual([])
})

test.each<[RegExp, Parameters<typeof composeRules>[0]]>([
  [/remove names NO_SUCH_CODE, and no built-in rule/, { remove: ['NO_SUCH_CODE'] }],
  [
    /remove names SYMBOL_FORBIDDEN, and no built-in rule has that code; there are: .*SYMBOL_DENIED, .*/,
    { remove: ['SYMBOL_FORBIDDEN'] },
  ],
  [/remove names MAX_POSITON, and .*; did you mean MAX_POSITION\?/, { remove: ['MAX_POSITON'] }],
  [/remove names TRADING_HALTED, a rule that the kernel itself rests on/, { remove: ['TRADING_HALTED'] }],
  [/remove names REDUCE_ONLY_WOULD_INCREASE_POSITION/, { remove: ['REDUCE_ONLY_WOULD_INCREASE_POSITION'] }],
  [/remove names MAX_POSITION, which is replaced or removed already/, { remove: ['MAX_POSITION', 'MAX_POSITION'] }],
  [
    /add names MAX_POSITION, which is built in; use replace/,
    { add: [defineRiskRule({ code: 'MAX_POSITION', binds: 'entry', check: () => undefined })] },
  ],
  [/which defineRiskRule did not make/, { add: [{ code: 'RAW', binds: 'all', check: () => undefined }] }],
])('changes that make no sense are refused: %s', (message, changes) => {
  expect(() => composeRules(changes)).toThrow(message)
})

test('a rule is defined with a code, what it binds and a check', () => {
  const sound = { code: 'MINE', binds: 'entry', check: () => undefined } as const
  expect(() => defineRiskRule({ ...sound, code: 'my limit' })).toThrow(/code is "my limit"/)
  expect(() => defineRiskRule({ ...sound, binds: 'exit' as 'entry' })).toThrow(/binds of MINE is "exit"/)
  expect(() => defineRiskRule({ ...sound, check: undefined as never })).toThrow(/check of MINE must be a function/)
})
