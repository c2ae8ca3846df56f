import { MessageForms, ownText, type Payload } from '@tradeswarm/broker-kit'
import { type OkxOrder, type OrderUpdate, parseOrderUpdate } from './parse-order.js'

/** The fields of a push that are read of an order and its execution, those that tell it apart first. */
const fields = [
  'ordId',
  'clOrdId',
  'instId',
  'instType',
  'side',
  'ordType',
  'state',
  'sz',
  'px',
  'accFillSz',
  'avgPx',
  'tgtCcy',
  'cancelSource',
  'algoId',
  'algoClOrdId',
  'tag',
  'cTime',
  'uTime',
  'tradeId',
  'fillPx',
  'fillSz',
  'fillFee',
  'fillFeeCcy',
  'fillPnl',
  'fillTime',
  'execType',
  'amendResult',
  'reqId',
] as const

/** Reads pushes of the channel `orders` with one row, of whose seventy fields not half matter, without making objects of their JSON. */
export class OrderPushReader {
  readonly #known: (id: string) => Pick<OkxOrder, 'id' | 'clientOrderId'> | undefined
  readonly #forms = new MessageForms({
    head: '{"arg":{"channel":"orders",',
    reads: [...fields.map((field) => `data.0.${field}`), 'data.0.linkedAlgoOrd.algoId'],
    isReadable: (message) => {
      const { data } = message as { readonly data?: unknown }
      return Array.isArray(data) && data.length === 1
    },
  })

  /** `known` answers what is known of an order by its id: the texts of its names need not be made anew with each push. */
  constructor(known: (id: string) => Pick<OkxOrder, 'id' | 'clientOrderId'> | undefined) {
    this.#known = known
  }

  /** Undefined for what is to be read by `JSON.parse`. Throws `BROKER_BAD_PAYLOAD`. */
  read(text: string): OrderUpdate | undefined {
    const texts = this.#forms.read(text)
    if (texts === undefined) return undefined
    const [ordId, clOrdId] = texts
    const known = ordId === undefined ? undefined : this.#known(ordId)
    const payload: Payload = {
      ordId: known?.id === ordId ? known?.id : own(ordId),
      clOrdId: known?.clientOrderId === clOrdId ? known?.clientOrderId : own(clOrdId),
      instId: own(texts[2]),
      instType: own(texts[3]),
      side: own(texts[4]),
      ordType: own(texts[5]),
      state: own(texts[6]),
      sz: own(texts[7]),
      px: own(texts[8]),
      accFillSz: own(texts[9]),
      avgPx: own(texts[10]),
      tgtCcy: own(texts[11]),
      cancelSource: own(texts[12]),
      algoId: own(texts[13] || texts[fields.length]),
      algoClOrdId: own(texts[14]),
      tag: own(texts[15]),
      cTime: texts[16],
      uTime: texts[17],
      tradeId: own(texts[18]),
      fillPx: own(texts[19]),
      fillSz: own(texts[20]),
      fillFee: own(texts[21]),
      fillFeeCcy: own(texts[22]),
      fillPnl: own(texts[23]),
      fillTime: texts[24],
      execType: own(texts[25]),
      amendResult: own(texts[26]),
      reqId: own(texts[27]),
    }
    return parseOrderUpdate(payload)
  }
}

/** What is kept of a message, whole orders of it, is to keep nothing else of it. */
function own(part: string | undefined): string | undefined {
  return part === undefined ? undefined : ownText(part)
}
