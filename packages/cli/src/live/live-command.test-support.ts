import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, vi } from 'vitest'
import { runCommandLine } from '../run-command-line.js'

/** The working directory of the commands of a test file. */
export const folder = mkdtempSync(join(tmpdir(), 'tradeswarm-live-'))
// Accounts are kept for one run at a time there.
vi.stubEnv('TMPDIR', folder)
afterAll(() => {
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true, force: true })
})

/** What is closed when a test has ended. */
export const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

/** When a command is asked to stop: at once, when it says that it runs, or when a test says so. */
export type Interruption = boolean | 'when running' | ((stop: () => void) => void)

/** What `tradeswarm run` with these words says. */
export const run = (
  words: string,
  environment: Readonly<Record<string, string>> = {},
  interrupted: Interruption = false,
) => tradeswarm(`run ${words}`, environment, interrupted)

/** What a command says, and its exit code. */
export async function tradeswarm(
  words: string,
  environment: Readonly<Record<string, string>>,
  interrupted: Interruption = false,
) {
  const out: string[] = []
  const errors: string[] = []
  let stop = (): void => undefined
  const code = await runCommandLine(words.split(' '), {
    clock: { now: () => Date.UTC(2026, 0, 2) },
    isInteractive: false,
    workingDirectory: folder,
    environment,
    print: (line) => void out.push(line),
    complain(line) {
      errors.push(line)
      if (interrupted === 'when running' && line.startsWith('running:')) queueMicrotask(stop)
    },
    draw: () => undefined,
    onInterrupt(callback) {
      stop = callback
      if (interrupted === true) queueMicrotask(callback)
      else if (typeof interrupted === 'function') interrupted(callback)
      return () => undefined
    },
  })
  return { code, out: out.join('\n'), errors: errors.join('\n') }
}
