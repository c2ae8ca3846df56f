import { asList, asPayload, Listeners, type Payload } from '@tradeswarm/broker-kit'
import { type Logger, messageOf } from '@tradeswarm/core'
import { type OkxBalance, type OkxPosition, parseBalances, parsePosition } from './parse-account.js'

/** What the venue says that the account holds now: by currency, and in contracts by swap and margin mode. */
export type AccountChange = { readonly balances: readonly OkxBalance[]; readonly positions: readonly OkxPosition[] }

/** Keeps what the channels `account` and `positions` tell, the latest of each, and passes on what is news. */
export class AccountWatch {
  readonly #balances = new Map<string, OkxBalance>()
  readonly #positions = new Map<string, OkxPosition>()
  readonly #listeners: Listeners<AccountChange>

  constructor(logger: Logger) {
    this.#listeners = new Listeners((_, thrown) =>
      logger.error('a listener of the account failed', { error: messageOf(thrown) }),
    )
  }

  subscribe(listener: (change: AccountChange) => void): () => void {
    return this.#listeners.subscribe(listener)
  }

  /** Takes a message of the channel `account`. Throws `BROKER_BAD_PAYLOAD`. */
  takeBalances(message: Payload): void {
    const told = asList(message['data'] ?? [], 'an account update').flatMap(parseBalances)
    const balances = told.filter(({ currency, ...one }) => isNews(this.#balances, currency, { currency, ...one }))
    this.#tell({ balances, positions: [] })
  }

  /** Takes a message of the channel `positions`. Throws `BROKER_BAD_PAYLOAD`. */
  takePositions(message: Payload): void {
    const told = asList(message['data'] ?? [], 'a position update').map((row) =>
      parsePosition(asPayload(row, 'a position')),
    )
    const positions = told.filter((one) => isNews(this.#positions, `${one.symbol} ${one.marginMode}`, one))
    this.#tell({ balances: [], positions })
  }

  #tell(change: AccountChange): void {
    if (change.balances.length === 0 && change.positions.length === 0) return
    this.#listeners.tellAtOnce(change)
  }
}

function isNews<Row extends { readonly updatedAt: number }>(known: Map<string, Row>, key: string, row: Row): boolean {
  const before = known.get(key)
  if (before !== undefined && before.updatedAt > row.updatedAt) return false
  known.set(key, row)
  return before === undefined || JSON.stringify(before) !== JSON.stringify(row)
}
