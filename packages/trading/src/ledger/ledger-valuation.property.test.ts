import { canonicalJson } from '@tradeswarm/core'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decimal, decimalText, zero } from '../money/decimal.js'
import { bookAll } from './book-history.test-support.js'
import { createLedger } from './ledger.js'
import type { LedgerEvent, UnitTerms } from './ledger-event.js'
import { baseCurrency as currency, historyArbitrary, listed, lotMethod } from './ledger-events.test-support.js'
import { naiveBooks, numberOf, textOf } from './naive-ledger.test-support.js'
import { portfolioChanges } from './portfolio-change.js'

const symbols = Object.keys(listed) as (keyof typeof listed)[]
const isContract = (symbol: string) => 'settlement' in listed[symbol as keyof typeof listed]
const multiplierOf = (symbol: string) => {
  const listing: UnitTerms & { readonly asset: string } = listed[symbol as keyof typeof listed]
  return numberOf(listing.multiplier ?? '1')
}
/** In units of 1e-60: what the units stand for at a whole price. */
const standsFor = (symbol: string, quantity: string, price: string) =>
  (numberOf(quantity) * BigInt(price) * multiplierOf(symbol)) / numberOf('1')
/** Whole numbers, so that the independent count needs no rounding. */
const given = fc.option(fc.integer({ min: 1, max: 9_999 }).map(String), { nil: undefined })
const prices = fc.record(Object.fromEntries(symbols.map((symbol) => [symbol, given])))
const rates = fc.record({ EUR: given, USDT: given, BNB: given })

type Given = Readonly<Record<string, string | undefined>>
const fromRecord = (record: Given) => (name: string) => record[name]

test('I22 what has no price or no rate is named, never counted as 0 or 1; with all of them equity is the exact sum', () => {
  fc.assert(
    fc.property(historyArbitrary(), lotMethod, prices, rates, (events, lots, priceOf: Given, rateOf: Given) => {
      const ledger = createLedger({ currency, lots })
      const { accepted } = bookAll(ledger, events)
      const naive = naiveBooks(accepted, lots)
      const held = Object.entries(naive.symbols).filter(([, { quantity }]) => quantity !== '0')
      const rate = (name: string) => (name === currency ? '1' : rateOf[name])
      const noPrice = held.map(([symbol]) => symbol).filter((symbol) => priceOf[symbol] === undefined)
      const priced = held.filter(([symbol]) => priceOf[symbol] !== undefined).map(([, one]) => one.currency)
      const inCash = Object.keys(naive.currencies).filter((name) => naive.currencies[name]?.cash !== '0')
      const noRate = [...new Set([...priced, ...inCash])].filter((name) => rate(name) === undefined)
      const valuation = ledger.valuation(fromRecord(priceOf), fromRecord(rateOf))
      if (noPrice.length + noRate.length > 0) {
        const names = noRate.length === 0 ? {} : { currencies: noRate.sort() }
        expect(valuation).toEqual({ status: 'unpriceable', symbols: noPrice.sort(), ...names })
        expect(ledger.equity(fromRecord(priceOf), fromRecord(rateOf))).toBeUndefined()
        return
      }
      const worth = (units: string, one: string | undefined, name: string) =>
        (numberOf(units) * BigInt(one ?? 'none') * BigInt(rate(name) ?? 'none')) as bigint
      const cash = inCash.map((name) => worth(naive.currencies[name]?.cash ?? '', '1', name))
      const holdings = held.map(([symbol, one]) => {
        const value = standsFor(symbol, one.quantity, priceOf[symbol] ?? 'none')
        return worth(textOf(isContract(symbol) ? value - numberOf(one.openCost) : value), '1', one.currency)
      })
      const equity = [...cash, ...holdings].reduce((sum, one) => sum + one, 0n)
      expect(valuation.status).toBe('priced')
      // Each foreign sum of 30 decimals is cut at 18, half a unit at most.
      const stated = valuation.status === 'priced' ? numberOf(valuation.equity) : 0n
      const difference = stated > equity ? stated - equity : equity - stated
      expect(difference <= 6n * 10n ** 42n, `${textOf(stated)} and ${textOf(equity)}`).toBe(true)
    }),
    { numRuns: 300 },
  )
})

test('equity valued anew only where something changed is that of all books valued anew', () => {
  const repricing: fc.Arbitrary<Given> = fc.dictionary(fc.constantFrom(...symbols), given)
  const interrupted = fc.constantFrom('not', 'other prices', 'no number')
  fc.assert(
    fc.property(
      historyArbitrary(),
      lotMethod,
      fc.infiniteStream(repricing),
      fc.infiniteStream(interrupted),
      fc.boolean(),
      (history, lots, repricings, interruptions, inOneCurrency) => {
        const isOfBase = (event: LedgerEvent) =>
          [event, { currency: 'feeCurrency' in event ? event.feeCurrency : currency }].every(
            (named) => !('currency' in named) || named.currency === currency,
          )
        const events = inOneCurrency ? history.filter(isOfBase) : history
        const ledger = createLedger({ currency, lots })
        const rateOf = () => '3'
        const last = new Map<string, string | undefined>()
        const priceOf = (symbol: string) => last.get(symbol)
        for (const event of events) {
          bookAll(ledger, [event])
          const changes = Object.entries<string | undefined>(repricings.next().value as Given)
          for (const [symbol, price] of changes) last.set(symbol, price)
          const repriced = new Set(changes.map(([symbol]) => symbol))
          const between = interruptions.next().value
          if (between === 'other prices') ledger.equity(() => '5', rateOf)
          if (between === 'no number' && ledger.positions().length > 0)
            expect(() => ledger.equity(() => 'none', rateOf)).toThrow('none')
          const equity = ledger.equity(priceOf, rateOf, repriced)
          const whole = ledger.valuation((symbol) => last.get(symbol), rateOf)
          expect(equity && decimalText(equity)).toBe(whole.status === 'priced' ? whole.equity : undefined)
          const again = ledger.equity(priceOf, rateOf, new Set(symbols))
          expect(again && decimalText(again)).toBe(equity && decimalText(equity))
        }
      },
    ),
    { numRuns: 300 },
  )
})

test('I22 unrealised profit is market value less cost; a symbol without a price shows neither, and there is no total then', () => {
  fc.assert(
    fc.property(historyArbitrary(), lotMethod, prices, rates, (events, lots, priceOf: Given, rateOf: Given) => {
      const ledger = createLedger({ currency, lots })
      const { accepted } = bookAll(ledger, events)
      const naive = naiveBooks(accepted, lots)
      const profit = ledger.profit(fromRecord(priceOf), fromRecord(rateOf))
      for (const { symbol, unrealised, marketValue, quantity, openCost } of profit.symbols) {
        const price = priceOf[symbol]
        const value = quantity === '0' ? '0' : price && textOf(standsFor(symbol, quantity, price))
        const gained = value === undefined ? undefined : textOf(numberOf(value) - numberOf(openCost))
        expect([symbol, marketValue]).toEqual([symbol, isContract(symbol) ? gained : value])
        expect(unrealised).toBe(gained)
      }
      for (const one of profit.currencies) {
        const { realised = '0', fees = '0', income = '0' } = naive.currencies[one.currency] ?? {}
        expect(one).toMatchObject({ realised, fees, income })
        const mine = profit.symbols.filter((symbol) => symbol.currency === one.currency)
        if (mine.some(({ unrealised }) => unrealised === undefined)) {
          expect([one.unrealised, one.net, profit.total.status]).toEqual([undefined, undefined, 'unpriceable'])
          continue
        }
        const unrealised = mine.reduce((sum, symbol) => sum + numberOf(symbol.unrealised ?? ''), 0n)
        expect(one.unrealised).toBe(textOf(unrealised))
        expect(one.net).toBe(textOf(numberOf(realised) + unrealised + numberOf(income) - numberOf(fees)))
      }
    }),
  )
})

test('I22 in one currency equity less net deposits is the net profit', () => {
  fc.assert(
    fc.property(historyArbitrary(), lotMethod, (events, lots) => {
      const ledger = createLedger({ currency, lots })
      bookAll(ledger, events)
      const one = (name: string) => (name === currency ? undefined : '1')
      const valuation = ledger.valuation(() => '3', one)
      const { total } = ledger.profit(() => '3', one)
      if (valuation.status !== 'priced' || total.status !== 'priced') throw new Error('everything has a price')
      const deposits = ledger
        .currencies()
        .reduce((sum, name) => sum.plus(decimal(ledger.totals(name).netDeposits)), zero)
      const gained = decimal(valuation.equity).minus(deposits).minus(decimal(total.net)).abs()
      expect(gained.lt(decimal('0.0000000000000001')), gained.toFixed()).toBe(true)
    }),
  )
})

test('I42 a split changes no equity, no cost and no profit under any lot method', () => {
  /** Ratios by which a quantity of 12 decimals divides within the 18 that are kept. */
  const numerator = fc.constantFrom(1, 2, 3, 4, 7, 10)
  const denominator = fc.constantFrom(1, 2, 4, 5, 10)
  fc.assert(
    fc.property(
      historyArbitrary(['split']),
      lotMethod,
      fc.constantFrom(...symbols.filter((symbol) => !isContract(symbol))),
      numerator,
      denominator,
      (events, lots, symbol, up, down) => {
        const ledger = createLedger({ currency, lots })
        bookAll(ledger, events)
        const rateOf = () => '3'
        const before = ledger.valuation((name) => (name === symbol ? String(11 * up) : '7'), rateOf)
        const totals = ledger.currencies().map((name) => ledger.totals(name))
        const quantity = ledger.quantity(symbol)
        ledger.apply({ type: 'split', eventId: 'split', time: 99, symbol, numerator: up, denominator: down })
        expect(
          decimal(ledger.quantity(symbol))
            .times(decimal(String(down)))
            .eq(decimal(quantity).times(decimal(String(up)))),
        ).toBe(true)
        expect(ledger.valuation((name) => (name === symbol ? String(11 * down) : '7'), rateOf)).toEqual(before)
        expect(ledger.currencies().map((name) => ledger.totals(name))).toEqual(totals)
      },
    ),
  )
})

test('what the bookings are said to have changed adds up to the books', () => {
  fc.assert(
    fc.property(historyArbitrary(), lotMethod, (events, lots) => {
      const ledger = createLedger({ currency, lots })
      const { entries } = bookAll(ledger, events)
      const told = {
        positions: new Map<string, string>(),
        cash: new Map<string, string>(),
        realised: new Map<string, string>(),
      }
      const add = (sums: Map<string, string>, key: string, amount: string) =>
        sums.set(key, decimalText(decimal(sums.get(key) ?? '0').plus(decimal(amount))))
      for (const change of entries.flatMap(portfolioChanges)) {
        if (change.type === 'cash') add(told.cash, change.currency, change.amount)
        else if (change.type === 'realised') add(told.realised, change.symbol, change.amount)
        else {
          expect(told.positions.get(change.symbol) ?? '0').toBe(change.quantityBefore)
          expect(change.move).toBe(moveBetween(numberOf(change.quantityBefore), numberOf(change.quantityAfter)))
          told.positions.set(change.symbol, change.quantityAfter)
        }
      }
      for (const symbol of symbols) expect(told.positions.get(symbol) ?? '0').toBe(ledger.quantity(symbol))
      for (const name of ledger.currencies()) expect(told.cash.get(name) ?? '0').toBe(ledger.cash(name))
      for (const one of ledger.profit(() => '1').symbols)
        expect(told.realised.get(one.symbol) ?? '0').toBe(one.realised)
    }),
  )
})

function moveBetween(before: bigint, after: bigint): string {
  if (before === 0n) return 'opened'
  if (after === 0n) return 'closed'
  if (before * after < 0n) return 'flipped'
  return after * after > before * before ? 'enlarged' : 'reduced'
}

test('I23 a ledger that forgets as it goes keeps a snapshot of bounded size', () => {
  const fill = (index: number): LedgerEvent => ({
    type: 'fill',
    eventId: `e${index}`,
    time: index,
    account: 'paper',
    symbol: 'AAPL',
    asset: 'AAPL',
    tradeId: `t${index}`,
    orderId: 'o',
    side: index % 2 === 0 ? 'buy' : 'sell',
    price: '100',
    quantity: '1',
    fee: '0.1',
    feeCurrency: currency,
  })
  const ledger = createLedger({ currency })
  const sizes: number[] = []
  for (let index = 0; index < 3_000; index += 1) {
    ledger.apply(fill(index))
    ledger.apply({ type: 'funding', eventId: `funding-${index}`, time: index, symbol: 'AAPL', amount: '0.01' })
    if (index % 100 !== 99) continue
    ledger.forgetBefore(index - 100, { keysBefore: index - 200 })
    sizes.push(canonicalJson(ledger.snapshot()).length)
  }
  expect(Math.max(...sizes.slice(5))).toBeLessThan(Math.min(...sizes.slice(5)) * 1.1)
  expect(ledger.totals()).toMatchObject({ cash: '-270', fees: '300', income: '30' })
})
