import type { InsteadWord, LineAnswer, LineRequest, RequestSense } from './line-host.js'
import type { LineOptions } from './simulated-line.js'
import { type Befallen, takeFault } from './take-fault.js'

/** What an adapter needs of an answer. */
export type LineResponse = Pick<Response, 'status' | 'headers' | 'text'>

export type CarryOptions = LineOptions & {
  readonly latency: () => number
  /** Told of an answer that has come back. */
  readonly onAnswer: (sense: RequestSense, answer: LineAnswer) => void
}

const noFault: Partial<Befallen> = {}

/** Carries a request to the venue and its answer back, as far as the network lets either through. */
export function carryRequest(
  request: LineRequest,
  sense: RequestSense,
  signal: AbortSignal | null | undefined,
  options: CarryOptions,
): Promise<LineResponse> {
  const { host, rules, time, random, conditions, alive, dies, cover, latency, note } = options
  const name = `${request.method} ${request.target.slice(0, 80)}`
  return new Promise((resolve, reject) => {
    let isOver = false
    const abort = (): void => {
      if (!isOver) note?.(`given up: ${name}`)
      isOver = true
      reject(new Error('the request was given up'))
    }
    signal?.addEventListener('abort', abort)
    note?.(`asks: ${name}`)
    const answer = (at: number, act: () => void): void =>
      time.at(at, () => {
        if (isOver || !alive() || dies(`${sense.kind} request, answered`)) return
        isOver = true
        act()
      })
    const say = (at: number, word: LineAnswer): void =>
      answer(at, () => {
        const { status, headers, text } = word
        note?.(`answered: ${status} to ${name}`)
        options.onAnswer(sense, word)
        resolve({ status, headers: new Headers(headers), text: async () => text })
      })
    /** Nothing comes back; half the time the platform sees at once that the connection broke. */
    const lose = (at: number): void => {
      note?.(`lost: ${name}`)
      if (random.next() < 0.5) answer(at, () => reject(new Error('the connection was reset')))
    }
    const arrive = (at: number, answered: (outcome: LineAnswer) => void): void =>
      time.at(at, () => void host.answer(request).then(answered))
    const arrival = time.now() + latency()
    const back = latency()
    if (conditions.requestsDown) return lose(arrival)
    const { fault, lateMs = 0, retryAfterMs } = takeFault(conditions, sense.kind, cover) ?? noFault
    const instead = (...words: readonly InsteadWord[]): void => {
      const word = words[Math.floor(random.next() * words.length)] as InsteadWord
      say(arrival + back, host.insteadOf(word, retryAfterMs))
    }
    switch (fault) {
      case 'request-lost':
        return lose(arrival)
      case 'reply-lost':
        arrive(arrival, () => undefined)
        return lose(arrival + back)
      case 'late':
        return arrive(time.now() + rules.timeoutMs + lateMs, () => undefined)
      case 'rate-limited':
        return instead('rate-limited')
      case 'server-error-before':
        return instead('proxy-page', 'maintenance', 'unsure')
      case 'server-error-after':
        arrive(arrival, () => undefined)
        return instead('proxy-page', 'unsure')
      case 'refused':
        return instead('refused')
      default:
        arrive(arrival, (outcome) => say(time.now() + back, outcome))
    }
  })
}
