import type { UnitTerms } from '../ledger/ledger-event.js'
import { readDecimal, zero } from '../money/decimal.js'
import type { Instrument } from './instrument.js'

/** How a symbol is booked, where that differs from units paid for in the account's currency. */
export type SettlementTerms = UnitTerms & { readonly currency?: string }

const plain: SettlementTerms = Object.freeze({})

/** Whether nothing is paid for it when it is entered, and what closing it makes is paid then. */
export function isContract({ kind }: Pick<Instrument, 'kind'>): boolean {
  return kind === 'perpetual' || kind === 'future'
}

/** How the books of an account in that currency keep an instrument. */
export function settlementTerms(instrument: Instrument, base: string): SettlementTerms {
  const { multiplier, currency } = instrument
  const margin = isContract(instrument)
  if (multiplier === undefined && !margin && currency === base) return plain
  return {
    ...(currency === base ? {} : { currency }),
    ...(multiplier === undefined || multiplier === '1' ? {} : { multiplier }),
    ...(margin ? { settlement: 'margin' } : {}),
  }
}

/** A name that can be shown: no look-alike of another, as a letter of another alphabet would be. */
const currencyName = /^[A-Za-z0-9][A-Za-z0-9._-]{0,31}$/

/** Nearly all are three capital letters, and a search through the text takes longer than to see that. */
function isCurrencyName(text: string): boolean {
  return (
    (text.length === 3 && isCapital(text, 0) && isCapital(text, 1) && isCapital(text, 2)) || currencyName.test(text)
  )
}

function isCapital(text: string, index: number): boolean {
  const code = text.charCodeAt(index)
  return code >= 65 && code <= 90
}

/** The ledger keeps 12 decimals of what a unit is worth, so a multiplier has no more. */
const multiplierPlaces = 12

/** Why the books cannot keep an instrument; undefined where they can. */
export function instrumentFault(
  instrument: Instrument,
): { readonly code: 'UNSUPPORTED_INSTRUMENT' | 'UNSUPPORTED_CURRENCY'; readonly message: string } | undefined {
  const { symbol, asset, currency, multiplier, contractType } = instrument
  const unsupported = (message: string) => ({ code: 'UNSUPPORTED_INSTRUMENT', message }) as const
  if (contractType === 'inverse')
    return unsupported(
      `symbol: ${symbol} is an inverse contract, which is paid in what it is a contract of; only linear ones are kept`,
    )
  if (isContract(instrument) && asset !== symbol)
    return unsupported(
      `symbol: ${symbol} is a contract, and counts in "${asset}"; its asset must be its symbol, or contracts would be taken for coins`,
    )
  if (multiplier !== undefined && !isMultiplier(multiplier))
    return unsupported(
      `symbol: a unit of ${symbol} stands for ${JSON.stringify(multiplier).slice(0, 40)}, which is no decimal text above 0 of at most ${multiplierPlaces} decimals`,
    )
  if (typeof currency === 'string' && isCurrencyName(currency) && currency !== asset) return undefined
  return {
    code: 'UNSUPPORTED_CURRENCY',
    message: `symbol: ${symbol} is paid for in ${JSON.stringify(currency)?.slice(0, 60)}, which is no currency that the books can keep it in`,
  }
}

function isMultiplier(text: unknown): boolean {
  const multiplier = typeof text === 'string' ? readDecimal(text) : undefined
  return multiplier?.gt(zero) === true && multiplier.places <= multiplierPlaces
}
