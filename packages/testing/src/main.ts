// Runs on Node: the command tradeswarm-fake-alpaca.
import { runFakeAlpaca } from './fakes/alpaca/run-fake-alpaca.js'

const stop = await runFakeAlpaca(process.argv.slice(2), {
  out: (line) => void process.stdout.write(`${line}\n`),
  fail: (line) => {
    process.stderr.write(`${line}\n`)
    process.exitCode = 2
  },
})
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void stop())
