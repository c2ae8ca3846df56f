import type { Clock, EpochMs, Timers } from '@tradeswarm/core'
import type { FakeAnswer } from '../shared/http-fault.js'
import { failed, failedBy, told } from './envelope.js'
import type { OkxOrderDesk } from './okx-order-desk.js'
import { wrongParameter } from './okx-refusal.js'
import { isClientId, textOf } from './read-fields.js'
import type { Body } from './read-order.js'

const mostTags = 20

/** The dead-man switch: unless it is set again in time, all open orders (of a tag) are cancelled. */
export class CancelAllAfter {
  readonly #desk: OkxOrderDesk
  readonly #timers: Clock & Timers
  readonly #shownNow: () => EpochMs
  readonly #running = new Map<string, () => void>()

  constructor(desk: OkxOrderDesk, timers: Clock & Timers, shownNow: () => EpochMs) {
    this.#desk = desk
    this.#timers = timers
    this.#shownNow = shownNow
  }

  /** `POST /api/v5/trade/cancel-all-after`. */
  set(body: Body): FakeAnswer {
    const [timeOut, tag] = [Number(textOf(body, 'timeOut') || 'none'), textOf(body, 'tag')]
    if (!Number.isSafeInteger(timeOut) || (timeOut !== 0 && (timeOut < 10 || timeOut > 120)))
      return failedBy(wrongParameter('timeOut'))
    if (tag !== '' && !isClientId(tag, 16)) return failedBy(wrongParameter('tag'))
    this.#running.get(tag)?.()
    this.#running.delete(tag)
    const seconds = Math.floor(this.#shownNow() / 1_000)
    if (timeOut === 0) return told([{ triggerTime: '0', tag, ts: String(seconds) }])
    if (tag !== '' && [...this.#running.keys()].filter((one) => one !== '').length >= mostTags)
      return failed('51071', 'The number of tags with a countdown exceeds the limit.')
    const cancel = this.#timers.at(this.#timers.now() + timeOut * 1_000, async () => {
      this.#running.delete(tag)
      await this.#desk.cancelAll('20', tag)
    })
    this.#running.set(tag, cancel)
    return told([{ triggerTime: String(seconds + timeOut), tag, ts: String(seconds) }])
  }

  close(): void {
    for (const cancel of this.#running.values()) cancel()
    this.#running.clear()
  }
}
