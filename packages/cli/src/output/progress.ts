import type { BacktestProgress } from '@tradeswarm/backtest'
import type { Terminal } from '../terminal.js'
import { numberText } from './figure-text.js'

/** The bar that a run draws in a terminal. */
export type Progress = {
  update(state: BacktestProgress): void
  /** Wipes the bar; harmless when called again. */
  end(): void
}

const redrawMs = 80
const barWidth = 16
/** One less than the narrowest terminal that matters: a line that wraps cannot be wiped. */
const lineWidth = 79
const toLineStart = '\r'
const eraseLine = '\r\u001b[K'

/**
 * A bar with the virtual date, the equity and counts on one line of an interactive terminal. Elsewhere nothing, or a line of standard error every
 * `lineEveryMs` milliseconds.
 */
export function createProgress(terminal: Terminal, { lineEveryMs }: { readonly lineEveryMs?: number } = {}): Progress {
  let drawnAt: number | undefined
  let toldAt = terminal.clock.now()
  return {
    update(state) {
      const now = terminal.clock.now()
      if (!terminal.isInteractive) {
        if (lineEveryMs === undefined || now - toldAt < lineEveryMs) return
        toldAt = now
        terminal.complain(progressLine(state, false))
        return
      }
      if (drawnAt !== undefined && now - drawnAt < redrawMs) return
      drawnAt = now
      terminal.draw(toLineStart + progressLine(state).padEnd(lineWidth))
    },
    end() {
      if (drawnAt === undefined) return
      drawnAt = undefined
      terminal.draw(eraseLine)
    },
  }
}

/** What does not fit any more is left out from the end, whole. */
function progressLine({ sessionDate, equity, done, tally }: BacktestProgress, hasBar = true): string {
  const share = Math.max(0, Math.min(1, done))
  const full = Math.round(share * barWidth)
  const of = (topic: string, noun: string): string => {
    const count = tally.get(topic) ?? 0
    return `${numberText(count, 0)} ${noun}${count === 1 ? '' : 's'}`
  }
  const percent = `${numberText(Math.floor(share * 100), 0).padStart(3)} %`
  let line = hasBar ? `${'█'.repeat(full)}${'░'.repeat(barWidth - full)} ${percent}` : percent
  const parts = [
    sessionDate,
    `equity ${numberText(equity, 0)}`,
    of('signal.observed', 'signal'),
    of('order.filled', 'fill'),
  ]
  for (const part of parts) {
    if (line.length + 2 + part.length > lineWidth) break
    line += `  ${part}`
  }
  return line
}
