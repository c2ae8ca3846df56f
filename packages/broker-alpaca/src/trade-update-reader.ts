import { MessageForms, ownText, type Payload } from '@tradeswarm/broker-kit'
import { type AlpacaOrder, parseTradeUpdate, type TradeUpdate } from './parse-order.js'

/** What is read of an order in a message of the stream. */
const orderFields = [
  'id',
  'client_order_id',
  'symbol',
  'asset_class',
  'side',
  'type',
  'time_in_force',
  'order_class',
  'status',
  'qty',
  'notional',
  'filled_qty',
  'filled_avg_price',
  'submitted_at',
  'created_at',
  'updated_at',
  'replaced_by',
  'replaces',
] as const
const orderAt = 5

type Names = Pick<AlpacaOrder, 'id' | 'clientOrderId'>

/** Reads messages of the stream of order updates without making objects of their JSON. Those of orders with legs are left to `JSON.parse`. */
export class TradeUpdateReader {
  readonly #known: (id: string) => Names | undefined
  readonly #forms = new MessageForms({
    head: '{"stream":"trade_updates","data":{',
    reads: [
      ...['event', 'timestamp', 'at', 'price', 'qty'].map((field) => `data.${field}`),
      ...orderFields.map((field) => `data.order.${field}`),
    ],
    isReadable: (message) => {
      const { data } = message as { readonly data?: { readonly order?: { readonly legs?: unknown } } }
      const { order } = data ?? {}
      return order !== undefined && !(Array.isArray(order.legs) && order.legs.length > 0)
    },
  })

  /** `known` answers what is known of an order by its id: the texts of its names need not be made anew with each message. */
  constructor(known: (id: string) => Names | undefined) {
    this.#known = known
  }

  /** Undefined for what is to be read by `JSON.parse`. Throws `BROKER_BAD_PAYLOAD`. */
  read(text: string): TradeUpdate | undefined {
    const texts = this.#forms.read(text)
    if (texts === undefined) return undefined
    const id = texts[orderAt]
    const clientOrderId = texts[orderAt + 1]
    const known = id === undefined ? undefined : this.#known(id)
    const order: Payload = {
      id: known?.id ?? own(id),
      client_order_id: known?.clientOrderId === clientOrderId ? known?.clientOrderId : own(clientOrderId),
      symbol: own(texts[orderAt + 2]),
      asset_class: texts[orderAt + 3],
      side: texts[orderAt + 4],
      type: own(texts[orderAt + 5]),
      time_in_force: own(texts[orderAt + 6]),
      order_class: own(texts[orderAt + 7]),
      status: own(texts[orderAt + 8]),
      qty: own(texts[orderAt + 9]),
      notional: own(texts[orderAt + 10]),
      filled_qty: own(texts[orderAt + 11]),
      filled_avg_price: own(texts[orderAt + 12]),
      submitted_at: texts[orderAt + 13],
      created_at: texts[orderAt + 14],
      updated_at: texts[orderAt + 15],
      replaced_by: own(texts[orderAt + 16]),
      replaces: own(texts[orderAt + 17]),
    }
    return parseTradeUpdate({
      event: texts[0],
      timestamp: texts[1],
      at: texts[2],
      price: own(texts[3]),
      qty: own(texts[4]),
      order,
    })
  }
}

/** What is kept of a message, whole orders of it, is to keep nothing else of it. */
function own(part: string | undefined): string | undefined {
  return part === undefined ? undefined : ownText(part)
}
