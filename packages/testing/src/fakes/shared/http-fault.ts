/**
 * What goes wrong with a request, whichever venue is asked. `after` means that the request has taken effect:
 * the order is there, only its answer is not.
 */
export type HttpFault =
  | { readonly kind: 'hang'; readonly when?: 'before' | 'after' }
  | { readonly kind: 'status'; readonly status: number; readonly when?: 'before' | 'after'; readonly body?: string }
  /** One request too many. */
  | { readonly kind: 'too-many'; readonly retryAfterSeconds?: number; readonly status?: 200 | 429 }
  | { readonly kind: 'slow-body'; readonly delayMs: number }
  /** The connection breaks without an answer. */
  | { readonly kind: 'cut'; readonly when?: 'before' | 'after' }
  /** An answer that is not JSON, as a proxy in front of the venue gives it. */
  | { readonly kind: 'html'; readonly status: number }
  /** The order is there but not yet to be seen: look-ups do not find it. */
  | { readonly kind: 'hidden' }
  | { readonly kind: 'redirect'; readonly to: string }
  /** A refusal of the venue's own, by its code. */
  | { readonly kind: 'code'; readonly code: string; readonly status?: number; readonly when?: 'before' | 'after' }

/** Which requests a fault strikes. */
export type FaultTarget = {
  /** `POST /api/v5/trade/order`, `GET /api/v5/market`, `WS order`, or a method or a path alone: requests that begin so. All when left out. */
  readonly on?: string
  /** How many requests it strikes; 1 by default. */
  readonly times?: number
}

/** How a venue words what the host answers instead of it, or after it. */
export type FaultWords = {
  /** What is answered instead of carrying the request out; headers may be added. */
  readonly instead: (fault: HttpFault, headers: Record<string, string>) => FakeAnswer | undefined
  /** What is answered in place of the answer of a request that was carried out. */
  readonly after: (fault: HttpFault, answered: FakeAnswer | undefined, path: string) => FakeAnswer | undefined
  readonly notFound: FakeAnswer
}

/** What is answered: a status and JSON (or the text of a page), or nothing besides the status. */
export type FakeAnswer = { readonly status: number; readonly json?: unknown }

/** The page of a proxy in front of the venue. */
export const proxyPage = (status: number): string =>
  `<html><body><center><h1>${status}</h1></center><hr>nginx</body></html>`
