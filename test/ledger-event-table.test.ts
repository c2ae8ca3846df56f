import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type LedgerEvent, type LedgerEventBase, parseLedgerEvent } from '@tradeswarm/trading'
import { expect, test } from 'vitest'

type EventOf<Type, Event = LedgerEvent> = Event extends { readonly type: infer Known }
  ? Type extends Known
    ? Event
    : never
  : never
type FieldOf<Event> = Event extends unknown ? Exclude<keyof Event, keyof LedgerEventBase | 'type'> : never

const text = 'a text'
const amount = '1'
const trade = { account: text, symbol: text, tradeId: text }
const figures = { price: amount, quantity: amount, fee: amount, feeCurrency: text }
const cash = { amount, currency: text }
const terms = { currency: text, multiplier: amount, settlement: 'margin' }
const units = { symbol: text, asset: text, quantity: amount, cost: amount, ...terms }

/** A value for each field that the types of the ledger know: a field that is added there is missing here. */
const samples: { readonly [Type in LedgerEvent['type']]: Readonly<Record<FieldOf<EventOf<Type>>, unknown>> } = {
  fill: { ...trade, ...figures, ...terms, orderId: text, asset: text, side: 'buy', realised: amount },
  bust: trade,
  correction: { ...trade, ...figures },
  deposit: cash,
  withdrawal: cash,
  fee: cash,
  interest: cash,
  funding: { ...cash, symbol: text },
  borrow: { ...cash, symbol: text },
  dividend: { symbol: text, quantity: amount, amountPerUnit: amount, corrects: text, currency: text },
  split: {
    symbol: text,
    numerator: 2,
    denominator: 1,
    cashInLieu: { quantity: amount, amount },
    currency: text,
  },
  opening: units,
  adoption: { ...units, price: amount },
  transfer: { ...units, amount },
}

const page = readFileSync(join(import.meta.dirname, '..', 'docs', 'guides', 'money-and-books.md'), 'utf8')
const section = page.slice(page.indexOf('### The fields of each event'), page.indexOf('## What is it worth?'))
const cells = section
  .split('\n')
  .filter((line) => line.startsWith('| `'))
  .map((line) => line.split('|').map((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, word = '']) => word)))
const eventRows = cells.flatMap(([, [type = ''] = [], fields = []]) =>
  type in samples && fields.length > 0 ? [{ type: type as LedgerEvent['type'], fields }] : [],
)
const explained = cells.filter((row) => row.length === 5).flatMap(([, fields = []]) => fields)

test('the table of ledger events names every event, and every field that it has', () => {
  for (const [type, sample] of Object.entries(samples)) {
    const named = eventRows.filter((row) => row.type === type).flatMap(({ fields }) => fields)
    expect([...new Set(named.map((field) => field.replace('?', '')))].sort(), type).toEqual(Object.keys(sample).sort())
  }
})

test.each(eventRows)('a $type has the fields $fields, and needs those without a mark', ({ type, fields }) => {
  const sample: Readonly<Record<string, unknown>> = samples[type]
  const names = fields.map((field) => field.replace('?', ''))
  const base = { type, eventId: 'e1', time: 1 }
  const event: Record<string, unknown> = { ...base, ...Object.fromEntries(names.map((name) => [name, sample[name]])) }
  expect(parseLedgerEvent(event)).toEqual(event)
  for (const field of fields) {
    const { [field.replace('?', '')]: _left, ...without } = event
    if (field.endsWith('?')) expect(parseLedgerEvent(without), field).toEqual(without)
    else expect(() => parseLedgerEvent(without), field).toThrow(/INVALID_LEDGER_EVENT|field/)
  }
})

test('each field is explained', () => {
  const names = Object.values(samples).flatMap((sample) => Object.keys(sample))
  expect([...new Set(explained)].sort()).toEqual([...new Set(names)].sort())
})
