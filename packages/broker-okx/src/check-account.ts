import { SwarmError } from '@tradeswarm/core'
import type { InstrumentBook } from './instrument-book.js'
import type { OkxConfig } from './parse-account.js'

/** Which `tdMode` spot orders take, and whether swaps can be traded. */
export type AccountMode = { readonly spotMode: 'cash' | 'cross'; readonly takesSwaps: boolean }

/** Whether an account is set up so that this adapter can keep its books. Throws `BROKER_ACCOUNT_MODE`, with what to change. */
export function checkAccount(
  { level, positionMode, permissions, borrows }: OkxConfig,
  account: string,
  book: InstrumentBook,
): AccountMode {
  if (!permissions.includes('trade')) throw accountMode(account, 'its key may read only: make one that may trade too')
  if (positionMode !== 'net_mode')
    throw accountMode(account, 'it keeps longs and shorts of one swap apart: set it to one-way positions (net mode)')
  const isMargin = level === '3' || level === '4'
  const hasSpot = book.symbols().some((symbol) => book.listing(symbol)?.isSwap === false)
  if (borrows && hasSpot)
    throw accountMode(account, 'it borrows what a sale lacks, so that no exit is safe: switch automatic borrowing off')
  return { spotMode: isMargin ? 'cross' : 'cash', takesSwaps: level !== '1' }
}

function accountMode(account: string, why: string): SwarmError {
  return new SwarmError({
    code: 'BROKER_ACCOUNT_MODE',
    message: `the OKX account "${account}" cannot be traded as it is set up: ${why}`,
    context: { account },
  })
}
