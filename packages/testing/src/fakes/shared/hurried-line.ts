import { type ClockAndTimers, createSystemClock, type EpochMs } from '@tradeswarm/core'
import { eventLoopTurn } from '../../broker/event-loop-turn.js'

type Socket = { addEventListener(type: 'open' | 'close' | 'error' | 'message', listener: () => void): void }

/** What an adapter reaches a fake in this process with. */
export type Line<Fetch, Connected extends Socket> = {
  readonly fetch: Fetch
  readonly connect: (url: string) => Connected
}

/** Its clock, and the line as an adapter takes it. */
export type HurriedLine<Fetch, Connected extends Socket> = {
  readonly clock: ClockAndTimers
  readonly transport: Line<Fetch, Connected> & { readonly clock: ClockAndTimers }
}

type Timer = { readonly time: EpochMs; readonly callback: () => void | Promise<void> }

/** Waits up to this long pass at once; longer ones, such as heartbeats, in real time. */
const longestHurriedMs = 5_000
/** So many turns, and so long, nothing may have come or gone before a wait is skipped; more where something is under way, which is then stuck. */
const calm = { turns: 50, ms: 3 }
const stuck = { turns: 300, ms: 25 }

/**
 * The time of the machine, but that waits of up to five seconds are skipped as soon as nothing else happens on the line: time-outs, backoffs and
 * look-ups come one after the other as they would, without anybody waiting for them. For adapters on a fake in the same process, which
 * is to have the same clock. `transport` is what the adapter is to use.
 */
export function createHurriedLine<Arguments extends readonly unknown[], Answer, Connected extends Socket>(
  line: Line<(...given: Arguments) => Promise<Answer>, Connected>,
): HurriedLine<(...given: Arguments) => Promise<Answer>, Connected> {
  const clock = new HurriedClock()
  return {
    clock,
    transport: {
      clock,
      fetch: (...given: Arguments): Promise<Answer> => clock.during(line.fetch(...given)),
      connect(url: string): Connected {
        const socket = line.connect(url)
        const end = clock.begin()
        for (const type of ['open', 'close', 'error'] as const) socket.addEventListener(type, end)
        socket.addEventListener('message', () => clock.note())
        return socket
      },
    },
  }
}

class HurriedClock implements ClockAndTimers {
  readonly #machine = createSystemClock()
  readonly #timers = new Set<Timer>()
  #skippedMs = 0
  #underWay = 0
  #calmTurns = 0
  #calmSince = this.#machine.now()
  #isPumping = false
  #cancelWake: () => void = () => undefined

  now(): EpochMs {
    return this.#machine.now() + this.#skippedMs
  }

  at(time: EpochMs, callback: () => void | Promise<void>): () => void {
    const timer = { time, callback }
    this.#timers.add(timer)
    this.#pump()
    return () => {
      this.#timers.delete(timer)
      if (this.#timers.size === 0) this.#cancelWake()
    }
  }

  /** Something came or went. */
  note(): void {
    this.#calmTurns = 0
    this.#calmSince = this.#machine.now()
  }

  /** Something is under way until the answer is called. */
  begin(): () => void {
    let isOver = false
    this.#underWay += 1
    this.note()
    return () => {
      this.note()
      if (!isOver) this.#underWay -= 1
      isOver = true
    }
  }

  during<Answer>(work: Promise<Answer>): Promise<Answer> {
    return work.finally(this.begin())
  }

  #pump(): void {
    if (this.#isPumping) return
    this.#isPumping = true
    this.#cancelWake()
    void this.#run().finally(() => {
      this.#isPumping = false
      this.#sleep()
    })
  }

  async #run(): Promise<void> {
    for (;;) {
      await eventLoopTurn()
      this.#calmTurns += 1
      const next = this.#earliest()
      if (next === undefined || next.time - this.now() > longestHurriedMs) return
      if (next.time > this.now() && this.#isCalm()) this.#skippedMs += next.time - this.now()
      if (next.time > this.now()) continue
      this.note()
      this.#timers.delete(next)
      // As with the machine's timers, nobody waits for what it does.
      void next.callback()
    }
  }

  /** Only what is far away is waited for: the machine wakes us. */
  #sleep(): void {
    const next = this.#earliest()
    if (next === undefined) return
    const inMs = Math.max(0, next.time - this.now() - longestHurriedMs)
    this.#cancelWake = this.#machine.at(this.#machine.now() + inMs, () => this.#pump())
  }

  #isCalm(): boolean {
    const { turns, ms } = this.#underWay > 0 ? stuck : calm
    return this.#calmTurns >= turns && this.#machine.now() - this.#calmSince >= ms
  }

  #earliest(): Timer | undefined {
    let earliest: Timer | undefined
    for (const timer of this.#timers) if (earliest === undefined || timer.time < earliest.time) earliest = timer
    return earliest
  }
}
