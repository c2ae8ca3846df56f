import { SwarmError } from '@tradeswarm/core'
import type { MarketEvent } from '@tradeswarm/trading'
import type { FakeRequest } from './fake-http-host.js'
import type { FakeMarket } from './fake-market.js'
import type { FakeAnswer } from './http-fault.js'

type Body = Readonly<Record<string, unknown>>

/** What of a venue is driven over HTTP. */
export type ControlledFake = {
  readonly market: Pick<FakeMarket, 'emit'>
  orders(): readonly Body[]
  /** These throw `INVALID_OPTION` for what there is not. */
  readonly addFault: (fault: Body) => void
  readonly impose: (conditions: Body) => void
  /** What else may be posted, by its name. */
  readonly more?: Readonly<Record<string, (body: Body) => void | Promise<void>>>
}

/**
 * Answers what drives a venue in a process of its own: `POST /fake/market`, `/fake/faults`, `/fake/conditions`, `GET /fake/orders`; undefined
 * for a path that is none, 422 with its message for what is refused.
 */
export async function answerControl(
  { path, method, body }: FakeRequest,
  fake: ControlledFake,
): Promise<FakeAnswer | undefined> {
  const name = path.slice('/fake/'.length)
  if (method !== 'POST') return name === 'orders' ? { status: 200, json: fake.orders() } : undefined
  const acts: Readonly<Record<string, (posted: Body) => void | Promise<void>>> = {
    market: (event) => fake.market.emit(event as unknown as MarketEvent),
    faults: fake.addFault,
    conditions: fake.impose,
    ...fake.more,
  }
  if (!Object.hasOwn(acts, name)) return undefined
  try {
    await acts[name]?.(body)
  } catch (error) {
    if (!SwarmError.isInstance(error)) throw error
    return { status: 422, json: { message: error.message } }
  }
  return { status: 204 }
}
