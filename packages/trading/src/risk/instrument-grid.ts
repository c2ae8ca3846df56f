import type { Instrument } from '../instruments/instrument.js'
import { isContract } from '../instruments/unit-terms.js'
import { type Decimal, decimal, one } from '../money/decimal.js'

/** The grid and the bounds of an instrument as exact numbers. */
export type InstrumentGrid = {
  readonly instrument: Instrument
  readonly tick: Decimal
  readonly lot: Decimal
  readonly minimumNotional: Decimal
  readonly maximumNotional: Decimal | undefined
  readonly minimumQuantity: Decimal | undefined
  readonly maximumQuantity: Decimal | undefined
  /** Undefined where it is 1. */
  readonly multiplier: Decimal | undefined
  readonly isContract: boolean
}

/** Reads the texts of an instrument once. Throws `INVALID_DECIMAL`, naming the field. */
export function instrumentGrid(instrument: Instrument): InstrumentGrid {
  const { tickSize, lotSize, minimumNotional, maximumNotional, minimumQuantity, maximumQuantity, multiplier } =
    instrument
  const factor = optional(multiplier, 'multiplier')
  return {
    instrument,
    tick: decimal(tickSize, 'tickSize'),
    lot: decimal(lotSize, 'lotSize'),
    minimumNotional: decimal(minimumNotional, 'minimumNotional'),
    maximumNotional: optional(maximumNotional, 'maximumNotional'),
    minimumQuantity: optional(minimumQuantity, 'minimumQuantity'),
    maximumQuantity: optional(maximumQuantity, 'maximumQuantity'),
    multiplier: factor?.eq(one) === true ? undefined : factor,
    isContract: isContract(instrument),
  }
}

function optional(text: string | undefined, field: string): Decimal | undefined {
  return text === undefined ? undefined : decimal(text, field)
}
