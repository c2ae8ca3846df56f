import type { FakeBatchDesk } from './fake-batches.js'

/** What a fake provider is asked, whichever wire it came over. */
export type FakeModelRequest = {
  readonly model: string
  /** All text that the model would read, tools and schema included, in the order of the provider's own cache. */
  readonly prompt: string
  readonly system: string
  /** The last text of a user. */
  readonly user: string
  readonly wantsJson: boolean
  readonly isStream: boolean
  /** How many tokens of output the caller allows. */
  readonly maximumOutputTokens: number | undefined
  /** The body as it came. */
  readonly body: Readonly<Record<string, unknown>>
  readonly headers: Readonly<Record<string, string>>
}

/** What the model says: a text, or a text that ends in another way. */
export type FakeModelAnswer =
  | string
  | {
      readonly text: string
      /** Tools that it calls beside the text, whether it was offered them or not. Whole answers only: a stream leaves them out. */
      readonly toolCalls?: readonly FakeToolCall[]
      /** Why it ended: `length` and `content-filter` cut it short, `refusal` says no. */
      readonly finish?: 'stop' | 'length' | 'content-filter' | 'refusal'
    }

/** A call of a tool: its name, and its arguments as JSON. */
export type FakeToolCall = { readonly name: string; readonly input: Readonly<Record<string, unknown>> }

/** Something that goes wrong with the next requests. */
export type FakeModelFault = {
  /** How many requests it strikes; default 1. */
  readonly times?: number
  /** So many requests pass before it; default 0. */
  readonly after?: number
} /** An error as the provider words it: 429, 500, 529 … */ & (
  | { readonly kind: 'status'; readonly status: number; readonly retryAfterSeconds?: number }
  /** 400, and the option that this model does not take, as the provider names it: `temperature`, `top_p` … */
  | { readonly kind: 'rejected-option'; readonly option: string }
  /** The connection breaks, after so many pieces of a stream or before the first byte. */
  | { readonly kind: 'cut'; readonly afterPieces?: number }
  /** 200, and a body that is none. */
  | { readonly kind: 'garbage' }
  /** It is done and billed, and the connection breaks before its answer. */
  | { readonly kind: 'lost-reply' }
  /** Nothing is ever answered. */
  | { readonly kind: 'hang' }
  /** The stream ends in an error event. */
  | { readonly kind: 'error-event' }
)

/** What must be said of some kinds. */
export const fakeModelFaultNeeds: Readonly<Partial<Record<FakeModelFault['kind'], readonly string[]>>> = {
  status: ['status'],
  'rejected-option': ['option'],
}

/** What may be said of each kind of fault. */
export const fakeModelFaultFields: Readonly<Record<FakeModelFault['kind'], readonly string[]>> = {
  status: ['status', 'retryAfterSeconds'],
  'rejected-option': ['option'],
  cut: ['afterPieces'],
  garbage: [],
  'lost-reply': [],
  hang: [],
  'error-event': [],
}

/** How a fake provider is made. */
export type FakeModelOptions = {
  /** What the model says; default `ok`. */
  readonly answer?: (request: FakeModelRequest) => FakeModelAnswer | Promise<FakeModelAnswer>
  /** The key that callers must show; default `test-key`. */
  readonly apiKey?: string
  /** 0, the default: a free one. */
  readonly port?: number
  /** Seconds since 1970, as the provider dates its answers; default a fixed day. */
  readonly now?: () => number
}

/** A request that was served, or not, and what it was billed. */
export type SeenModelRequest = FakeModelRequest & {
  readonly status: number
  readonly usage: FakeUsage
}

export type FakeUsage = {
  readonly input: number
  readonly cacheRead: number
  readonly cacheWrite: number
  readonly output: number
}

/** A provider's server on the loopback interface. */
export type FakeModelServer = {
  /** For `createOpenAI({ baseURL })` or `createAnthropic({ baseURL })`. */
  readonly baseUrl: string
  readonly apiKey: string
  /** Every request so far, those that were refused included. */
  readonly seen: readonly SeenModelRequest[]
  /** Tokens of all that was answered. */
  billed(): FakeUsage
  /** Throws `INVALID_OPTION` for a fault that there is not. */
  fail(fault: FakeModelFault): void
  /** What was handed in to the provider's batch endpoints. */
  readonly batches: FakeBatchDesk
  close(): Promise<void>
}

/** The tokenizer of the fakes: one token for each four UTF-8 bytes, rounded up. It is no provider's own, and the same for all. */
export function fakeTokens(text: string): number {
  return Math.ceil(new TextEncoder().encode(text).length / 4)
}

export const noFakeUsage: FakeUsage = { input: 0, cacheRead: 0, cacheWrite: 0, output: 0 }
