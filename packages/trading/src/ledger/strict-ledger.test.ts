import { expect, test } from 'vitest'
import { createLedger, rebuildLedger } from './ledger.js'
import { parseLedgerEvent } from './parse-ledger-event.js'

const deposit = { type: 'deposit', eventId: 'e', time: 1, amount: '5' }
const fill = {
  type: 'fill',
  eventId: 'f',
  time: 1,
  account: 'a',
  symbol: 'AAPL',
  tradeId: 't',
  orderId: 'o',
  asset: 'AAPL',
  side: 'buy',
  price: '1',
  quantity: '1',
  fee: '0',
  feeCurrency: 'USD',
}

test('an option that books do not have is refused', () => {
  const refused = (message: string) =>
    expect.objectContaining({ code: 'INVALID_OPTION', message: expect.stringContaining(message) })
  expect(() => createLedger({ currency: 'USD', lot: 'lifo' } as never)).toThrow(refused('did you mean lots?'))
  expect(() => createLedger(undefined as never)).toThrow(refused('its options are undefined'))
  expect(() => rebuildLedger({ currency: 'USD', event: [] } as never)).toThrow(refused('did you mean events?'))
  expect(rebuildLedger({ currency: 'USD', events: [deposit as never] }).cash('USD')).toBe('5')
})

test.each<[unknown, string]>([
  [{ ...deposit, curency: 'EUR' }, 'deposit.curency: there is no such field; did you mean currency?'],
  [{ ...fill, curency: 'EUR' }, 'fill.curency: there is no such field; did you mean currency?'],
  [{ ...fill, currency: 'USD', multiplyer: '2' }, 'did you mean multiplier?'],
  [{ ...deposit, type: 'transfer', ammount: '1' }, 'did you mean amount?'],
  [null, 'event: is null'],
  [undefined, 'event: is undefined'],
  ['deposit', 'event: is deposit'],
])('an event with what the books do not know is refused, and changes nothing: %j', (event, message) => {
  const ledger = createLedger({ currency: 'USD' })
  const before = ledger.snapshot()
  expect(() => ledger.apply(event as never)).toThrow(
    expect.objectContaining({ code: 'INVALID_LEDGER_EVENT', message: expect.stringContaining(message) }),
  )
  expect(ledger.snapshot()).toEqual(before)
})

test('an event with fields that are there and undefined is booked', () => {
  const ledger = createLedger({ currency: 'USD' })
  expect(ledger.apply({ ...fill, currency: undefined, causationId: undefined } as never).status).toBe('applied')
})

test('a price or a rate that is no text and no amount is refused by its name', () => {
  const ledger = createLedger({ currency: 'USD' })
  ledger.apply({ type: 'deposit', eventId: 'e', time: 1, amount: '5', currency: 'EUR' })
  ledger.apply({ type: 'opening', eventId: 'o', time: 1, symbol: 'AAA', asset: 'AAA', quantity: '1', cost: '5' })
  const refused = (message: string) => expect.objectContaining({ code: 'INVALID_DECIMAL', message })
  const number = 'expected a decimal text such as "12.50", received number 5'
  const five = (() => 5) as never
  expect(() => ledger.valuation(five)).toThrow(refused(`price of AAA: ${number}`))
  expect(() => ledger.valuation(() => '5', five)).toThrow(refused(`rate of EUR: ${number}`))
  expect(() => ledger.profit(five)).toThrow(refused(`price of AAA: ${number}`))
})

test('a misspelt field is not read back from a journal', () => {
  expect(() => parseLedgerEvent({ ...deposit, curency: 'EUR' })).toThrow('"curency": there is no such field; did you')
})
