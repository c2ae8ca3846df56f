import type { Clock } from '@tradeswarm/core'

/** All that a command touches of the process it runs in. */
export type Terminal = {
  readonly clock: Clock
  /** True when standard error is a terminal that a person looks at. */
  readonly isInteractive: boolean
  readonly workingDirectory: string
  /** Environment variables; none by default. */
  readonly environment?: Readonly<Record<string, string | undefined>>
  /** To standard output, with a line end. */
  print(line: string): void
  /** To standard error, with a line end. */
  complain(line: string): void
  /** Text without a line end, to standard error: for progress on an interactive terminal only. */
  draw(text: string): void
  /** Calls back when the person asks to stop. Returns how to stop listening. */
  onInterrupt(callback: () => void): () => void
}
