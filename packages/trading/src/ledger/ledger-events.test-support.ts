import fc from 'fast-check'
import type { FillEvent, LedgerEvent, UnitTerms } from './ledger-event.js'
import type { LotMethod } from './open-lots.js'

/** What the histories trade: BNB and EUR are both traded and held as cash that pays fees; contracts, and units of a hundred each. */
export const listed = {
  AAPL: { asset: 'AAPL', currency: 'USD' },
  'EUR-USD': { asset: 'EUR', currency: 'USD' },
  SAP: { asset: 'SAP', currency: 'EUR' },
  'BTC-USDT': { asset: 'BTC', currency: 'USDT' },
  'BNB-USDT': { asset: 'BNB', currency: 'USDT' },
  'BTC-USDT-SWAP': { asset: 'BTC-USDT-SWAP', currency: 'USDT', multiplier: '0.01', settlement: 'margin' },
  'SAP-SWAP': { asset: 'SAP-SWAP', currency: 'EUR', settlement: 'margin' },
  'SAP-OPTION': { asset: 'SAP-OPTION', currency: 'EUR', multiplier: '100' },
} as const satisfies Readonly<Record<string, UnitTerms & { readonly asset: string; readonly currency: string }>>

export const baseCurrency = 'USD'
const currencies = ['USD', 'EUR', 'USDT', 'BNB'] as const

type Listed = keyof typeof listed

export const lotMethod = fc.constantFrom<LotMethod>('fifo', 'lifo', 'average')

/** A decimal text of so many places; `least` and `most` are in units of the last one. */
export function amountText(places: number, least: bigint, most: bigint): fc.Arbitrary<string> {
  return fc.bigInt({ min: least, max: most }).map((units) => scaledText(units, places))
}

export function scaledText(units: bigint, places: number): string {
  const digits = (units < 0n ? -units : units).toString().padStart(places + 1, '0')
  return `${units < 0n ? '-' : ''}${digits.slice(0, -places)}.${digits.slice(-places)}`
}

const quantity = fc.oneof(amountText(12, 1n, 10n ** 15n), fc.integer({ min: 1, max: 50 }).map(String))
const price = fc.oneof(amountText(6, 1n, 10n ** 9n), amountText(12, 1n, 10n ** 14n))
const cash = amountText(2, -(10n ** 8n), 10n ** 8n)
const fee = amountText(12, -(10n ** 9n), 10n ** 12n)
const symbol = fc.constantFrom(...(Object.keys(listed) as Listed[]))
const currency = fc.constantFrom(...currencies)
const feeCurrency = fc.constantFrom('settlement', 'asset', ...currencies)
const ratio = fc.integer({ min: 1, max: 9 })
const terms = { quantity, price, fee, feeCurrency }

const commands = {
  fill: fc.record({ type: fc.constant('fill' as const), symbol, side: fc.constantFrom('buy', 'sell'), ...terms }),
  bust: fc.record({ type: fc.constant('bust' as const), of: fc.nat() }),
  correction: fc.record({ type: fc.constant('correction' as const), of: fc.nat(), ...terms }),
  cash: fc.record({ type: fc.constantFrom('deposit', 'fee', 'interest', 'transfer'), amount: cash, currency }),
  withdrawal: fc.record({ type: fc.constant('withdrawal' as const), amount: amountText(2, 1n, 10n ** 8n), currency }),
  dividend: fc.record({
    type: fc.constant('dividend' as const),
    symbol,
    quantity,
    amountPerUnit: amountText(6, 0n, 10n ** 7n),
    currency,
  }),
  carry: fc.record({ type: fc.constantFrom('funding', 'borrow'), symbol, amount: cash, currency }),
  split: fc.record({
    type: fc.constant('split' as const),
    symbol,
    numerator: ratio,
    denominator: ratio,
    cashInLieu: fc.option(fc.record({ quantity: amountText(3, 1n, 2_000n), amount: cash }), { nil: undefined }),
  }),
  units: fc.record({
    type: fc.constantFrom('opening', 'adoption', 'adoption-at-price', 'transfer-in', 'transfer-out'),
    symbol,
    short: fc.boolean(),
    quantity,
    amount: fc.oneof(price, amountText(18, 0n, 10n ** 25n)),
  }),
} as const

type Command = { [Kind in keyof typeof commands]: (typeof commands)[Kind] extends fc.Arbitrary<infer T> ? T : never }

export type Happening = keyof typeof commands

const weights: Readonly<Record<Happening, number>> = {
  fill: 10,
  bust: 2,
  correction: 2,
  cash: 1,
  withdrawal: 1,
  dividend: 1,
  carry: 1,
  split: 1,
  units: 3,
}

/**
 * Any history of one account: longs, shorts and flips in several currencies, fees in any, busts and corrections of earlier fills, income,
 * splits, and units that come and go without a trade. What goes out may be more than is held, which the ledger refuses.
 */
export function historyArbitrary(without: readonly Happening[] = []): fc.Arbitrary<readonly LedgerEvent[]> {
  const kinds = (Object.keys(commands) as Happening[]).filter((kind) => !without.includes(kind))
  const command = fc.oneof(
    ...kinds.map((kind) => ({
      weight: weights[kind],
      arbitrary: commands[kind] as fc.Arbitrary<Command[Happening]>,
    })),
  )
  return fc.array(command, { maxLength: 40, size: 'max' }).map((list) => {
    const events: LedgerEvent[] = []
    for (const [index, one] of list.entries()) {
      const event = eventOf(one, index, events)
      if (event !== undefined) events.push(event)
    }
    return events
  })
}

function eventOf(command: Command[Happening], index: number, before: readonly LedgerEvent[]): LedgerEvent | undefined {
  const base = { eventId: `event-${index}`, time: index }
  if ('of' in command) {
    const fills = before.filter((event) => event.type === 'fill')
    const target = fills[command.of % Math.max(1, fills.length)]
    if (target === undefined) return undefined
    const key = { ...base, account: 'paper', symbol: target.symbol, tradeId: target.tradeId }
    if (command.type === 'bust') return { ...key, type: 'bust' }
    const { of: _, ...rest } = command
    /** Several corrections at one time, so that their ids decide. */
    const time = index - (index % 10)
    const listing = target.symbol as Listed
    return { ...key, ...rest, time, price: bookable(rest.price), feeCurrency: feeCurrencyOf(rest.feeCurrency, listing) }
  }
  if (command.type === 'fill') {
    const feeIn = feeCurrencyOf(command.feeCurrency, command.symbol)
    const ids = { account: 'paper', tradeId: `trade-${index}`, orderId: `order-${index}` }
    const price = bookable(command.price)
    const event = { ...base, ...ids, ...command, ...settledIn(command.symbol), price, feeCurrency: feeIn } as FillEvent
    return event.settlement === undefined || index % 5 > 0 ? event : { ...event, realised: `-${index}.25` }
  }
  if (command.type === 'split') {
    const { cashInLieu, ...rest } = command
    if ('settlement' in listed[rest.symbol]) return undefined
    if (cashInLieu === undefined) return { ...base, ...rest }
    const { currency: settlement } = listed[rest.symbol]
    return { ...base, ...rest, cashInLieu, ...(settlement === baseCurrency ? {} : { currency: settlement }) }
  }
  if (!('short' in command)) return { ...base, ...command } as LedgerEvent
  const sign = command.short ? '-' : ''
  const units = {
    ...base,
    symbol: command.symbol,
    ...settledIn(command.symbol),
    quantity: `${sign}${command.quantity}`,
  }
  const cost = `${sign}${command.amount}`
  if (command.type === 'transfer-out') return { ...units, type: 'transfer' }
  if (command.type === 'transfer-in') return { ...units, type: 'transfer', cost }
  if (command.type === 'opening') return { ...units, type: 'opening', cost }
  if (command.type === 'adoption') return { ...units, type: 'adoption', cost }
  return { ...units, type: 'adoption', price: command.amount.startsWith('0.') ? '0.5' : command.amount.slice(0, 12) }
}

function settledIn(name: Listed): UnitTerms & { readonly asset: string; readonly currency?: string } {
  const { currency: settlement, ...units } = listed[name]
  return settlement === baseCurrency ? units : { ...units, currency: settlement }
}

/** A price that a multiplier of 0.01 leaves exact in the books. */
function bookable(text: string): string {
  const cut = text.slice(0, text.indexOf('.') + 11)
  return !text.includes('.') || Number(cut) === 0 ? '0.5' : cut
}

function feeCurrencyOf(choice: string, name: Listed): string {
  if (choice === 'settlement') return listed[name].currency
  return choice === 'asset' ? listed[name].asset : choice
}

export const isFill = (event: LedgerEvent): event is FillEvent => event.type === 'fill'
