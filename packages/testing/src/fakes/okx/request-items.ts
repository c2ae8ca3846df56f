import type { FakeRequest } from '../shared/fake-http-host.js'
import type { Body } from './read-order.js'

/** What a request is about: the items of a batch, its body, or what its query says. */
export function itemsOf({ method, body, query }: FakeRequest): readonly Body[] {
  if (method === 'GET') return [Object.fromEntries(query)]
  return bodiesOf(body)
}

/** The objects of a batch; a single object for what is none. */
export function bodiesOf(value: unknown): readonly Body[] {
  const list = Array.isArray(value) ? (value as readonly unknown[]) : [value]
  return list.map((one) => (typeof one === 'object' && one !== null ? (one as Body) : {}))
}
