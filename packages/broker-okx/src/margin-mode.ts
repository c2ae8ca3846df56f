import { type Logger, SwarmError } from '@tradeswarm/core'
import { decimal } from '@tradeswarm/trading'
import type { AccountChange } from './account-watch.js'
import type { InstrumentBook } from './instrument-book.js'
import type { OkxPosition } from './parse-account.js'

/** Whose positions, and in which margin mode its orders are sent. */
export type MarginModeOf = {
  readonly account: string
  readonly own: OkxPosition['marginMode']
  readonly book: InstrumentBook
}

/** Positions of what is traded here in the margin mode that orders here are not sent in, and so cannot close. */
function otherPositions(positions: readonly OkxPosition[], { own, book }: MarginModeOf): readonly OkxPosition[] {
  return positions.filter(({ symbol, marginMode }) => marginMode !== own && book.listing(symbol)?.isSwap === true)
}

const isHeld = ({ quantity }: OkxPosition): boolean => !decimal(quantity).isZero()

/**
 * An exit that is sent for a position in the other margin mode would close nothing. Throws `BROKER_ACCOUNT_MODE`, with what to do, unless the
 * swap is held in the own mode too: then that is what exits are for, and they must go on.
 */
export function assertMarginMode(positions: readonly OkxPosition[], of: MarginModeOf): void {
  const ours = new Set(positions.filter((one) => one.marginMode === of.own && isHeld(one)).map(({ symbol }) => symbol))
  const held = otherPositions(positions, of).filter((one) => isHeld(one) && !ours.has(one.symbol))
  const [first] = held
  if (first === undefined) return
  const what = held.map(({ symbol, quantity }) => `${quantity} ${symbol}`).join(', ')
  const { account, own } = of
  throw new SwarmError({
    code: 'BROKER_ACCOUNT_MODE',
    message: `the OKX account "${account}" holds ${what} on ${first.marginMode} margin, which no order on ${own} margin closes: close it at OKX, or open the account with marginMode "${first.marginMode}"`,
    context: { account },
  })
}

/** Answers what to call with each change of the account: it warns of positions in the other margin mode, once each until it is closed. */
export function warnOfMarginMode(of: MarginModeOf, logger: Logger): (change: AccountChange) => void {
  const told = new Set<string>()
  return ({ positions }) => {
    for (const position of otherPositions(positions, of)) {
      const { symbol, quantity, marginMode } = position
      if (!isHeld(position)) told.delete(symbol)
      else if (!told.has(symbol)) {
        told.add(symbol)
        const wrong = `a position is held on ${marginMode} margin, and orders here are on ${of.own} margin: none of them closes it`
        logger.warn(wrong, { account: of.account, symbol, quantity })
      }
    }
  }
}
