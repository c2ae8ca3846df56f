import type { RequestKind } from '../scenario.js'

/** A request of an adapter, as it leaves. `target` is path and query. */
export type LineRequest = {
  readonly method: string
  readonly target: string
  /** Names in small letters. */
  readonly headers: Readonly<Record<string, string>>
  readonly text: string
}

export type LineAnswer = {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly text: string
}

/** A venue's end of a WebSocket. */
export type HostSocket = {
  hear(text: string): void
  /** The client is gone. */
  hangUp(): void
}

/** A client's end of a WebSocket, as the venue sees it. */
export type HostListener = {
  onMessage(data: string | ArrayBuffer): void
  onClose(): void
}

/** A request in the words of the simulator; `clientOrderId` and terms of one that makes an order. */
export type RequestSense = {
  readonly kind: RequestKind
  readonly clientOrderId?: string
  readonly symbol?: string
  readonly side?: string
  readonly quantity?: string
}

/**
 * What comes in place of an answer: one request too many; a page of a proxy; closed for maintenance; an answer of the venue's that leaves open
 * what it has done; a refusal.
 */
export type InsteadWord = 'rate-limited' | 'proxy-page' | 'maintenance' | 'unsure' | 'refused'

/** A venue that is spoken to without a network. What it does is done when all promises have settled. */
export type LineHost = {
  answer(request: LineRequest): Promise<LineAnswer>
  /** Takes a WebSocket, or the status with which it is turned away. */
  connect(target: string, listener: HostListener): HostSocket | number
  /** What a request means. */
  senseOf(request: LineRequest): RequestSense
  /** Whether an answer says for certain that nothing came of a request: it may be made in another form then. */
  isRefusal(answer: LineAnswer): boolean
  /** What is answered in place of the venue's own word. */
  insteadOf(word: InsteadWord, retryAfterMs: number | undefined): LineAnswer
}
