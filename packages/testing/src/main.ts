// Runs on Node: the commands tradeswarm-fake-alpaca and tradeswarm-fake-okx.
import { runFakeAlpaca } from './fakes/alpaca/run-fake-alpaca.js'
import { runFakeOkx } from './fakes/okx/run-fake-okx.js'

type Run = typeof runFakeAlpaca

/** Starts the fake of a venue as the arguments of this process say, until it is told to end. */
export async function main(venue: 'alpaca' | 'okx'): Promise<void> {
  const run: Run = venue === 'okx' ? runFakeOkx : runFakeAlpaca
  const stop = await run(process.argv.slice(2), {
    out: (line) => void process.stdout.write(`${line}\n`),
    fail: (line) => {
      process.stderr.write(`${line}\n`)
      process.exitCode = 2
    },
  })
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void stop())
}
