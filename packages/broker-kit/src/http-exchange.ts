import { messageOf } from '@tradeswarm/core'
import type { VenueLine } from './connection.js'
import type { Payload } from './payload.js'
import type { Scrubber } from './scrubber.js'
import { connectionLost, notJson, redirected } from './venue-error.js'

/** One HTTP request, as it goes out. `name` is what messages call it. */
export type HttpRequest = {
  readonly name: string
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  /** The exact text that is sent. */
  readonly body?: string | undefined
}

/** What came back, whatever it says. */
export type HttpAnswer = { readonly status: number; readonly headers: Headers; readonly text: string }

/**
 * Sends a request once, without following redirects. Throws `BROKER_CONNECTION_LOST`, whose outcome is unknown, and `BROKER_REDIRECTED`; no
 * message shows a secret.
 */
export async function exchange(
  { name, method, url, headers, body }: HttpRequest,
  { fetch }: Pick<VenueLine, 'fetch'>,
  scrub: Scrubber,
  signal: AbortSignal,
): Promise<HttpAnswer> {
  let answer: HttpAnswer
  try {
    const response = await fetch(url, {
      method,
      headers: body === undefined ? headers : { ...headers, 'Content-Type': 'application/json' },
      ...(body === undefined ? {} : { body }),
      // The keys go to no other host.
      redirect: 'manual',
      signal,
    })
    answer = { status: response.status, headers: response.headers, text: await response.text() }
  } catch (thrown) {
    throw connectionLost(name, scrub(reasonOf(thrown)))
  }
  if (answer.status < 200 || (answer.status >= 300 && answer.status < 400)) throw redirected(name, answer.status)
  return answer
}

/** The JSON of an answer of success; undefined where it is empty. Throws `BROKER_BAD_PAYLOAD`, whose outcome is unknown. */
export function jsonIn(text: string, name: string): unknown {
  if (text === '') return undefined
  try {
    return JSON.parse(text)
  } catch {
    throw notJson(name)
  }
}

/** The JSON object of an answer that says no; an empty one where it holds none. */
export function detailsIn(text: string): Payload {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Payload) : {}
  } catch {
    return {}
  }
}

/** A query as it stands in a URL, question mark included; empty where nothing is asked with. */
export function queryText(query: Readonly<Record<string, string | undefined>> = {}): string {
  const pairs = Object.entries(query).filter((pair): pair is [string, string] => pair[1] !== undefined)
  return pairs.length === 0 ? '' : `?${new URLSearchParams(pairs).toString()}`
}

/** fetch hides what happened in the cause of its error. */
function reasonOf(thrown: unknown): string {
  const cause = thrown instanceof Error && thrown.cause instanceof Error ? `: ${thrown.cause.message}` : ''
  return `${messageOf(thrown)}${cause}`
}
