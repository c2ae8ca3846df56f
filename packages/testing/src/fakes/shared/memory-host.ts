import type { WebSocket } from 'ws'
import type { HostListener, HostSocket, LineAnswer, LineRequest } from '../../simulator/line/line-host.js'
import type { FakeHost, FakeHostParts, FakeRequest, SeenRequest } from './fake-http-host.js'
import { parse } from './json-text.js'

type Heard = (...given: readonly unknown[]) => void

/** Speaks what a fake's host speaks, to callers in the same process and without a socket. Faults of the way there are the caller's. */
export class MemoryHost implements FakeHost {
  readonly seen: SeenRequest[] = []
  readonly #parts: FakeHostParts

  readonly #touch: () => void

  /** `onTouch` is told whenever somebody asks for something. */
  constructor(parts: FakeHostParts, onTouch: () => void) {
    this.#parts = parts
    this.#touch = onTouch
  }

  async listen(): Promise<number> {
    return 0
  }

  async close(): Promise<void> {
    // There is nothing to let go of.
  }

  async answer({ method, target, headers, text }: LineRequest): Promise<LineAnswer> {
    const { pathname: path, searchParams: query } = new URL(target, 'http://fake')
    const request: FakeRequest = { method, path, query, body: parse(text), target, text }
    const { words } = this.#parts
    this.#touch()
    const admission = this.#parts.admit(request, headers)
    let answered = admission.refused
    if (answered === undefined) {
      this.#parts.onBegin(request)
      answered = (await this.#parts.answer(request, headers)) ?? words.notFound
      this.#parts.onEnd(request)
    }
    const { status, json } = answered
    return {
      status,
      headers: { ...this.#parts.replyHeaders(), ...admission.headers },
      text: json === undefined ? '' : typeof json === 'string' ? json : JSON.stringify(json),
    }
  }

  connect(path: string, listener: HostListener): HostSocket | number {
    if (this.#parts.isDown()) return 503
    const status = this.#parts.refuseUpgrade?.(path)
    if (status !== undefined) return status
    const socket = new MemorySocket(listener)
    return this.#parts.upgrade(path, socket as unknown as WebSocket) ? socket : 404
  }
}

/** The venue's end of a WebSocket, with the parts of `ws` that the fakes use. */
class MemorySocket implements HostSocket {
  readonly #listener: HostListener
  readonly #heard = new Map<string, Heard[]>()
  #isClosed = false

  constructor(listener: HostListener) {
    this.#listener = listener
  }

  on(event: string, heard: Heard): void {
    this.#heard.set(event, [...(this.#heard.get(event) ?? []), heard])
  }

  send(data: string | Uint8Array): void {
    if (this.#isClosed) return
    this.#listener.onMessage(typeof data === 'string' ? data : (new Uint8Array(data).buffer as ArrayBuffer))
  }

  close(): void {
    if (this.#isClosed) return
    this.#listener.onClose()
    this.hangUp()
  }

  terminate(): void {
    this.close()
  }

  hear(text: string): void {
    if (!this.#isClosed) this.#emit('message', Buffer.from(text))
  }

  hangUp(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#emit('close')
  }

  #emit(event: string, ...given: readonly unknown[]): void {
    for (const heard of this.#heard.get(event) ?? []) heard(...given)
  }
}
