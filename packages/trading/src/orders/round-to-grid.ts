import type { Instrument } from '../instruments/instrument.js'
import { decimal, decimalText, type Rounding, roundToStep } from '../money/decimal.js'
import type { OrderTerms, Side } from './order-request.js'

/**
 * Which way prices go. `never-worse`: a limit never pays more or takes less than it said. `never-missed`: it reaches as far as it said,
 * and up to a tick further. The level of a stop goes towards the market in both, so that it is never looser.
 */
export type PricePolicy = 'never-worse' | 'never-missed' | 'nearest'

/** What a rounding changed; decimal texts. */
export type GridChange = {
  readonly field: 'quantity' | 'limitPrice' | 'stopPrice' | 'trailAmount'
  readonly from: string
  readonly to: string
}

/** Terms on the grid of an instrument, and all that was changed to get there. */
export type RoundedTerms<Terms> = { readonly terms: Terms; readonly changes: readonly GridChange[] }

/**
 * Puts prices on ticks and units on lots, on purpose and for all to see: the kernel itself never rounds an order of an agent's, it denies
 * what is off the grid. The quantity is rounded down; an amount that an order spends (`sizedIn: 'quote'`) has no lot and stays. The trail
 * of a stop is rounded down to a tick, never to 0. Throws `INVALID_DECIMAL`.
 */
export function roundToGrid<Terms extends OrderTerms>(
  terms: Terms,
  instrument: Pick<Instrument, 'tickSize' | 'lotSize'>,
  prices: PricePolicy = 'never-worse',
): RoundedTerms<Terms> {
  const changes: GridChange[] = []
  const rounded: Record<string, unknown> = { ...terms }
  const onto = (field: GridChange['field'], step: string, rounding: Rounding): void => {
    const from = terms[field]
    if (from === undefined) return
    const to = decimalText(roundToStep(decimal(from, field), decimal(step), rounding))
    if (decimal(from).eq(decimal(to))) return
    rounded[field] = to
    changes.push({ field, from, to })
  }
  if (terms.sizedIn === undefined) onto('quantity', instrument.lotSize, 'down')
  onto('limitPrice', instrument.tickSize, limitRounding(terms.side, prices))
  onto('stopPrice', instrument.tickSize, prices === 'nearest' ? 'half-even' : terms.side === 'buy' ? 'down' : 'up')
  const trail = terms.trailAmount
  onto(
    'trailAmount',
    instrument.tickSize,
    trail !== undefined && decimal(trail).lt(decimal(instrument.tickSize)) ? 'up' : 'down',
  )
  return { terms: rounded as Terms, changes }
}

function limitRounding(side: Side, prices: PricePolicy): Rounding {
  if (prices === 'nearest') return 'half-even'
  return (side === 'buy') === (prices === 'never-worse') ? 'down' : 'up'
}
