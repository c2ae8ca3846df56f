import { numberText } from '../output/figure-text.js'
import type { Terminal } from '../terminal.js'

/** How far a fetch has come. */
export type FetchState = {
  /** Fraction of the range that is done. */
  readonly done: number
  /** Those of an earlier fetch, which this one goes on with, too. */
  readonly bars: number
  /** The last instant that is done, in epoch milliseconds. */
  readonly until: number
}

/** What a fetch shows: one line that is drawn over on an interactive terminal, a line now and then elsewhere. */
export type FetchProgress = {
  update(state: FetchState): void
  /** Pieces of an earlier fetch are there: from now on that is said, as their bars count. */
  goesOn(): void
  end(): void
}

const redrawMs = 80
const lineEveryMs = 2_000
const barWidth = 24
const lineWidth = 79
const eraseLine = '\r\u001b[K'

/** Progress of a fetch on standard error. */
export function createFetchProgress(terminal: Terminal, quiet: boolean): FetchProgress {
  let shownAt: number | undefined
  let isDrawn = false
  let isGoingOn = false
  return {
    update(state) {
      const now = terminal.clock.now()
      const everyMs = terminal.isInteractive ? redrawMs : lineEveryMs
      if (quiet || (shownAt !== undefined && now - shownAt < everyMs)) return
      shownAt = now
      if (!terminal.isInteractive) {
        terminal.complain(textOf(state, isGoingOn))
        return
      }
      isDrawn = true
      const full = Math.round(share(state) * barWidth)
      const bar = '█'.repeat(full) + '░'.repeat(barWidth - full)
      terminal.draw(`\r${`${bar} ${textOf(state, isGoingOn)}`.slice(0, lineWidth).padEnd(lineWidth)}`)
    },
    goesOn() {
      isGoingOn = true
    },
    end() {
      if (isDrawn) terminal.draw(eraseLine)
      isDrawn = false
    },
  }
}

function textOf(state: FetchState, isGoingOn: boolean): string {
  const percent = numberText(Math.floor(share(state) * 100), 0).padStart(3)
  return `${percent} %  ${new Date(state.until).toISOString().slice(0, 10)}  ${numberText(state.bars, 0)} bars${isGoingOn ? ', going on' : ''}`
}

function share({ done }: FetchState): number {
  return Math.max(0, Math.min(1, done))
}
