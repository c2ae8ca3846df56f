import type { FakeBatches, FakeBatchLine } from './fake-batches.js'

/** A request to the batch endpoints. */
export type FakeBatchCall = {
  readonly method: string
  /** Without the base, such as `/batches/batch_1`. */
  readonly path: string
  readonly query: URLSearchParams
  readonly contentType: string
  readonly body: Uint8Array<ArrayBuffer>
  readonly baseUrl: string
}

/** What is answered to it: JSON, or a text. */
export type FakeBatchAnswer = { readonly json: unknown } | { readonly text: string } | { readonly status: number }

/** How a provider words its batch endpoints. */
export type FakeBatchWire = {
  /** The path of its model's calls, for the requests inside of a batch. */
  readonly callPath: string
  /** `undefined` for a path that is none of its batch endpoints. */
  answer(call: FakeBatchCall, batches: FakeBatches): Promise<FakeBatchAnswer | undefined>
}

/** Lines of JSON, and what is none where a fate says so. */
export function linesText(lines: readonly FakeBatchLine[], word: (line: FakeBatchLine) => unknown): string {
  return lines.map((line) => (line.fate === 'garbage' ? '{"custom_id": ' : JSON.stringify(word(line)))).join('\n')
}

/** A page of what is listed, newest first, after an id; and whether there is more. */
export function pageOf<T extends { readonly id: string }>(
  all: readonly T[],
  after: string | null,
  limit: string | null,
): { readonly page: readonly T[]; readonly hasMore: boolean } {
  const newest = all.toReversed()
  const start = after === null ? 0 : newest.findIndex(({ id }) => id === after) + 1
  const count = Number(limit ?? 20)
  return { page: newest.slice(start, start + count), hasMore: start + count < newest.length }
}

export function jsonOfBytes(body: Uint8Array): unknown {
  return JSON.parse(new TextDecoder().decode(body))
}
