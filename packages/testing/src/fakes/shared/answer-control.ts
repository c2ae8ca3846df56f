import { messageOf, SwarmError } from '@tradeswarm/core'
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
 * for a path that is none, 422 with its message for what is refused. Whatever is thrown besides is answered with 500: a venue that others have
 * orders at does not end by what one of them says.
 */
export async function answerControl(
  { path, method, body, text }: FakeRequest,
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
  if (!isObject(text)) return refused('the body is no JSON object: write one such as {"type":"trade", …}')
  try {
    await acts[name]?.(body)
  } catch (error) {
    if (!SwarmError.isInstance(error)) return { status: 500, json: { message: messageOf(error) } }
    return { status: 422, json: { code: error.code, message: error.message } }
  }
  return { status: 204 }
}

const refused = (message: string): FakeAnswer => ({ status: 422, json: { code: 'INVALID_OPTION', message } })

/** Nothing at all stands for an object without fields. */
function isObject(text: string): boolean {
  if (text === '') return true
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
  } catch {
    return false
  }
}
