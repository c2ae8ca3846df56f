import { type ClockAndTimers, createSystemClock, type EpochMs } from '@tradeswarm/core'
import { eventLoopTurn } from '../../broker/event-loop-turn.js'
import { machineBarrier } from './machine-barrier.js'

export type LineEnd = { addEventListener(type: 'open' | 'close' | 'error' | 'message', listener: () => void): void }

/** What an adapter reaches a fake in this process with. */
export type Line<Fetch, Connected extends LineEnd> = {
  readonly fetch: Fetch
  readonly connect: (url: string) => Connected
}

/** Its clock, and the line as an adapter takes it. */
export type HurriedLine<Fetch, Connected extends LineEnd> = {
  readonly clock: ClockAndTimers
  readonly transport: Line<Fetch, Connected> & { readonly clock: ClockAndTimers }
}

type Timer = { readonly time: EpochMs; readonly callback: () => void | Promise<void> }

/** Waits up to this long pass at once; longer ones, such as heartbeats, in real time. */
const longestHurriedMs = 5_000
/** So many turns, and so long, nothing may have come or gone before a wait is skipped; more where something is under way, which is then stuck. */
const calm = { turns: 50, ms: 3 }
const stuck = { turns: 300, ms: 25 }
/** A turn takes so long at most, unless the machine had others to run. */
const longestTurnMs = 2
/** What has come from elsewhere is taken up within so many turns. */
const turnsToGoOn = 10

/**
 * The time of the machine, but that waits of up to five seconds are skipped as soon as nothing else happens on the line: time-outs, backoffs and
 * look-ups come one after the other as they would, without anybody waiting for them, and none too early where the machine is busy. For adapters on a fake in the same process, which
 * is to have the same clock. `transport` is what the adapter is to use.
 */
export function createHurriedLine<Arguments extends readonly unknown[], Answer, Connected extends LineEnd>(
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
  #time = this.#machine.now()
  #seen = this.#time
  #underWay = 0
  readonly #calm = { turns: 0, since: this.#machine.now(), notes: 0 }
  #isPumping = false
  #cancelWake: () => void = () => undefined

  now(): EpochMs {
    const seen = this.#machine.now()
    const passed = Math.max(0, seen - this.#seen)
    this.#seen = seen
    // While a short wait runs, time in which this process was not at work does not count.
    this.#time += this.#isPumping ? Math.min(passed, longestTurnMs) : passed
    return this.#time
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
    this.#calm.turns = 0
    this.#calm.since = this.#machine.now()
    this.#calm.notes += 1
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
      this.#calm.turns += 1
      const next = this.#earliest()
      if (next === undefined || next.time - this.now() > longestHurriedMs) return
      if (next.time > this.now()) {
        if (this.#isCalm() && (await this.#isCalmElsewhere())) this.#skip()
        continue
      }
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
    return this.#calm.turns >= turns && this.#machine.now() - this.#calm.since >= ms
  }

  /** A busy machine keeps packets and other threads waiting: what is on its way there comes first. */
  async #isCalmElsewhere(): Promise<boolean> {
    const { notes } = this.#calm
    await machineBarrier()
    for (let turn = 0; turn < turnsToGoOn; turn += 1) await eventLoopTurn()
    return this.#calm.notes === notes
  }

  /** To the earliest wait, which may be another one by now. */
  #skip(): void {
    const waitMs = (this.#earliest()?.time ?? 0) - this.now()
    if (waitMs > 0 && waitMs <= longestHurriedMs) this.#time += waitMs
  }

  #earliest(): Timer | undefined {
    let earliest: Timer | undefined
    for (const timer of this.#timers) if (earliest === undefined || timer.time < earliest.time) earliest = timer
    return earliest
  }
}
