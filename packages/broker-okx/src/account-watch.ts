import { asList, asPayload, type Payload } from '@tradeswarm/broker-kit'
import { type OkxBalance, type OkxPosition, parseBalances, parsePosition } from './parse-account.js'

/** What the venue says that the account holds now: by currency, and by swap in contracts. */
export type AccountChange = { readonly balances: readonly OkxBalance[]; readonly positions: readonly OkxPosition[] }

/** Keeps what the channels `account` and `positions` tell, the latest of each, and passes on what is news. */
export class AccountWatch {
  readonly #balances = new Map<string, OkxBalance>()
  readonly #positions = new Map<string, OkxPosition>()
  #listeners: readonly ((change: AccountChange) => void)[] = []

  subscribe(listener: (change: AccountChange) => void): () => void {
    const subscription = (change: AccountChange): void => listener(change)
    this.#listeners = [...this.#listeners, subscription]
    return () => {
      this.#listeners = this.#listeners.filter((one) => one !== subscription)
    }
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
    const positions = told.filter((one) => isNews(this.#positions, one.symbol, one))
    this.#tell({ balances: [], positions })
  }

  #tell(change: AccountChange): void {
    if (change.balances.length === 0 && change.positions.length === 0) return
    for (const listener of this.#listeners) listener(change)
  }
}

function isNews<Row extends { readonly updatedAt: number }>(known: Map<string, Row>, key: string, row: Row): boolean {
  const before = known.get(key)
  if (before !== undefined && before.updatedAt > row.updatedAt) return false
  known.set(key, row)
  return before === undefined || JSON.stringify(before) !== JSON.stringify(row)
}
