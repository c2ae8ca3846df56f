import { assertKnownOptions, SwarmError } from '@tradeswarm/core'
import { settlementTerms } from '../instruments/unit-terms.js'
import { decimalText, zero } from '../money/decimal.js'
import type { ExitPlan } from '../orders/order-request.js'
import { parseExitPlan } from '../orders/parse-intent.js'
import { type Authorisation, assertOperator } from './authorise.js'
import { movedBaselines } from './flow-desk.js'
import { alert, commit, type KernelRuntime } from './kernel-runtime.js'
import { protect } from './protection-desk.js'
import { reconcile } from './reconcile.js'

/** An external position, and what it counts as having cost: a price per unit, as a decimal text. */
export type Adoption = { readonly symbol: string; readonly price: string; readonly exits?: ExitPlan }

/**
 * A person takes a position into the books that the venue holds and they do not: it counts as a position from then on, and is protected
 * where a plan is given. Throws `NOT_AUTHORIZED`, `INSTRUMENT_NOT_FOUND`, `NOTHING_TO_ADOPT`, `POSITION_HELD`, `INVALID_EXIT_PLAN`,
 * `INVALID_DECIMAL`, `INVALID_OPTION`.
 */
export async function adoptPosition(
  runtime: KernelRuntime,
  adoption: Adoption,
  { operator, reason }: Authorisation,
): Promise<void> {
  assertOperator(runtime, 'adopt', operator)
  assertKnownOptions('adopt', adoption, ['symbol', 'price', 'exits'])
  const { symbol, price, exits } = adoption
  await reconcile(runtime)
  const instrument = runtime.broker?.instrument(symbol)
  if (instrument === undefined)
    throw new SwarmError({ code: 'INSTRUMENT_NOT_FOUND', message: `adopt: the venue does not trade "${symbol}"` })
  const { asset } = instrument
  const quantity = runtime.externalHoldings.get(asset)
  if (quantity === undefined)
    throw new SwarmError({
      code: 'NOTHING_TO_ADOPT',
      message: `adopt: the venue holds no ${asset} that the books of account ${runtime.state.account} do not hold`,
    })
  const plan = exits === undefined ? undefined : parseExitPlan(exits, quantity.lt(zero) ? 'short' : 'long')
  const time = runtime.clock.now()
  const eventId = `adoption-${symbol}-${time}`
  const terms = settlementTerms(instrument, runtime.state.currency)
  const event = {
    type: 'adoption',
    eventId,
    time,
    symbol,
    asset,
    quantity: decimalText(quantity),
    price,
    ...terms,
  } as const
  commit(runtime, {
    type: 'booked',
    time,
    event,
    ...(plan === undefined ? {} : { exits: plan }),
    ...movedBaselines(runtime, event),
  })
  // It is in the books now, whether or not the venue can be asked again: nobody adopts it twice.
  runtime.externalHoldings = new Map([...runtime.externalHoldings].filter(([held]) => held !== asset))
  alert(
    runtime,
    'POSITION_ADOPTED',
    `${operator} took ${decimalText(quantity)} ${symbol} into the books: ${reason}`,
    symbol,
  )
  try {
    await reconcile(runtime)
  } finally {
    // Held without exits from here on, which is to be told of however that went.
    await protect(runtime, symbol)
  }
}
