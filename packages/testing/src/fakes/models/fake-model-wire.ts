import type { FakeBatchWire } from './fake-batch-wire.js'
import type { FakeModelRequest, FakeToolCall, FakeUsage } from './fake-model.js'

/** An answer with all that a wire needs to word it. */
export type WordedAnswer = {
  readonly id: string
  readonly model: string
  readonly text: string
  readonly finish: 'stop' | 'length' | 'content-filter' | 'refusal'
  readonly usage: FakeUsage
  readonly toolCalls: readonly FakeToolCall[]
  /** Seconds since 1970. */
  readonly created: number
}

/** One event of a server-sent stream. */
export type WireEvent = { readonly event?: string; readonly data: unknown }

/** How a provider words things. */
export type FakeModelWire = {
  /** Whether a path is one that it serves. */
  serves(path: string): boolean
  /** The key that a request shows. */
  keyOf(headers: Readonly<Record<string, string>>): string | undefined
  read(
    path: string,
    body: Readonly<Record<string, unknown>>,
    headers: Readonly<Record<string, string>>,
  ): FakeModelRequest
  /** How many tokens of the prompt its own cache may hold from now on, and up to which character; 0 where nothing is cached. */
  cacheable(request: FakeModelRequest): { readonly text: string }
  whole(path: string, answer: WordedAnswer): unknown
  stream(path: string, answer: WordedAnswer): readonly WireEvent[]
  /** With the name of an option: that it is not taken. */
  error(status: number, option?: string): unknown
  errorEvent(): WireEvent
  readonly batch: FakeBatchWire
}

/** Pieces of a text, as a stream brings them. */
export function piecesOf(text: string): readonly string[] {
  return text.match(/[\s\S]{1,16}/gu) ?? []
}

/** All texts inside a value, in order. */
export function textsIn(value: unknown): string {
  if (typeof value === 'string') return `${value}\n`
  if (Array.isArray(value)) return value.map(textsIn).join('')
  if (typeof value === 'number' || typeof value === 'boolean') return `${value}\n`
  if (typeof value !== 'object' || value === null) return ''
  return Object.values(value).map(textsIn).join('')
}
