import type { VenueTransport } from '@tradeswarm/broker-kit'
import type { Broker, BrokerDefinition, BrokerEvent } from '@tradeswarm/trading'

type Given = Required<VenueTransport>
type Asked = { readonly method: string; readonly target: string; readonly query: URLSearchParams }

/** What somebody may get wrong in an adapter, and the numbers of cases that must not pass then. */
export type Mutant = {
  readonly name: string
  readonly cases: readonly string[]
  readonly transport?: (given: Given) => VenueTransport
  readonly options?: {
    readonly heartbeatMs?: number
    readonly requestsPerMinute?: number
    readonly rateMultiplier?: number
  }
  readonly broker?: (broker: Broker) => Partial<Broker>
}

const placement = /^POST .*\/(orders|order|order-algo)$/
const amendment = /^(PATCH .*\/orders\/|POST .*\/amend-)/
const lookUp = /^GET .*\/(orders:by_client_order_id|trade\/order)$/
const account = /^GET .*(\/v2\/orders|\/v2\/account\/activities|\/trade\/(order|fills))/
const clock = /^GET .*(\/v2\/clock|\/public\/time)$/

function askedBy(url: string, init: RequestInit): Asked {
  const { pathname, searchParams } = new URL(url)
  const method = init.method ?? 'GET'
  return { method, target: `${method} ${pathname}`, query: searchParams }
}

/** Answers some requests otherwise. */
const answering =
  (instead: (asked: Asked, go: () => Promise<Response>, url: string) => Promise<Response> | undefined) =>
  (given: Given): VenueTransport => ({
    ...given,
    fetch: (url, init) => {
      const go = (): Promise<Response> => given.fetch(url, init) as Promise<Response>
      return instead(askedBy(url, init), go, url) ?? go()
    },
  })

const isOkx = (url: string): boolean => url.includes('/api/v5/')

/** Sends orders and amendments once more where there was no answer. */
function repeating(given: Given): VenueTransport {
  return {
    ...given,
    async fetch(url, init) {
      try {
        return await given.fetch(url, init)
      } catch (thrown) {
        const { target } = askedBy(url, init)
        if (!placement.test(target) && !amendment.test(target)) throw thrown
        const { signal: _, ...again } = init
        return given.fetch(url, again)
      }
    },
  }
}

/** Finds no order by its client order id. */
const unseeing = answering(({ target }, _go, url) => {
  if (!lookUp.test(target)) return undefined
  const none = isOkx(url)
    ? Response.json({ code: '51603', msg: 'Order does not exist', data: [] })
    : Response.json({ code: 40410000, message: 'order not found' }, { status: 404 })
  return Promise.resolve(none)
})

/** Reads the first page of each list. */
const turningNoPage = answering(({ query }, _go, url) => {
  const isFurther = query.has('page_token') || query.has('after_order_id') || query.has('before_order_id')
  const isFurtherOfOkx = isOkx(url) && query.has('after')
  if (!isFurther && !isFurtherOfOkx) return undefined
  return Promise.resolve(Response.json(isOkx(url) ? { code: '0', msg: '', data: [] } : []))
})

/** Believes its own clock. */
function selfAssured(given: Given): VenueTransport {
  return answering(({ target }, go, url) => {
    if (!clock.test(target)) return undefined
    const now = given.clock.now()
    if (isOkx(url)) return Promise.resolve(Response.json({ code: '0', msg: '', data: [{ ts: String(now) }] }))
    return go().then(async (answer) => {
      const told = JSON.parse(await answer.text()) as Readonly<Record<string, unknown>>
      return Response.json({ ...told, timestamp: new Date(now).toISOString() })
    })
  })(given)
}

/** Takes too many requests for a fault like any other, and comes back when it likes. */
const impatient = answering((_asked, go, url) =>
  go().then((answer) => {
    if (answer.status !== 429) return answer
    if (isOkx(url))
      return Response.json({ code: '50001', msg: 'Service temporarily unavailable', data: [] }, { status: 503 })
    return Response.json(
      { code: 42910000, message: 'rate limit exceeded' },
      { status: 429, headers: { 'Retry-After': '0' } },
    )
  }),
)

/** Asks nothing of what it has missed, once a stream was opened anew. */
function careless(given: Given): VenueTransport {
  const opened = new Set<string>()
  let isAnew = false
  return {
    ...answering(({ target }) =>
      isAnew && account.test(target) ? Promise.reject(new Error('nothing is asked')) : undefined,
    )(given),
    connect(url) {
      isAnew ||= opened.has(url)
      opened.add(url)
      return given.connect(url)
    },
    clock: given.clock,
  }
}

type Listener = (event: BrokerEvent) => void | Promise<void>

const telling =
  (change: (listener: Listener) => Listener) =>
  (broker: Broker): Partial<Broker> => ({
    subscribe: (listener) => broker.subscribe(change(listener)),
  })

/** Tells each fill twice. */
const repetitive = telling((listener) => async (event) => {
  await listener(event)
  if (event.type === 'filled') await listener(event)
})

/** Tells of an acceptance only after what came next. */
const belated = telling((listener) => {
  const kept = new Map<string, BrokerEvent>()
  return async (event) => {
    if (event.type === 'accepted') {
      kept.set(event.clientOrderId, event)
      return
    }
    await listener(event)
    const accepted = kept.get(event.clientOrderId)
    kept.delete(event.clientOrderId)
    if (accepted !== undefined) await listener(accepted)
  }
})

/** Says that whatever was not answered was refused. */
const hasty = (broker: Broker): Partial<Broker> => ({
  async place(order) {
    await broker.place(order).catch(() => undefined)
  },
})

export const mutants: readonly Mutant[] = [
  { name: 'sends again what was not answered', cases: ['B123', 'B125', 'B126', 'B133', 'B135'], transport: repeating },
  { name: 'looks nothing up', cases: ['B123', 'B124', 'B127', 'B128', 'B129'], transport: unseeing },
  { name: 'takes no answer for none', cases: ['B125', 'B126'], broker: hasty },
  { name: 'tells fills twice', cases: ['B136', 'B138', 'B139', 'B141', 'B148'], broker: repetitive },
  { name: 'tells things in another order', cases: ['B137', 'B138', 'B140'], broker: belated },
  {
    name: 'asks for nothing that it has missed',
    cases: ['B141', 'B142', 'B144', 'B145', 'B153', 'B162'],
    transport: careless,
  },
  { name: 'leaves no stream that says nothing', cases: ['B149'], options: { heartbeatMs: 25_000 } },
  { name: 'believes its own clock', cases: ['B150', 'B151'], transport: selfAssured },
  { name: 'comes back before it may', cases: ['B154', 'B155'], transport: impatient },
  {
    name: 'keeps no rate',
    cases: ['B158'],
    options: { requestsPerMinute: 100_000, rateMultiplier: 1_000 },
  },
  { name: 'reads first pages only', cases: ['B160', 'B161'], transport: turningNoPage },
]

/** An adapter that was opened, with some of its methods replaced. */
export function withBroker(definition: BrokerDefinition, change: Mutant['broker']): BrokerDefinition {
  if (change === undefined) return definition
  return {
    ...definition,
    async open(context) {
      const broker = await definition.open(context)
      const changed = change(broker) as Readonly<Record<string | symbol, unknown>>
      return new Proxy(broker, {
        get(target, name) {
          if (Object.hasOwn(changed, name)) return changed[name]
          const value: unknown = Reflect.get(target, name, target)
          return typeof value === 'function' ? (value.bind(target) as unknown) : value
        },
      })
    },
  }
}
