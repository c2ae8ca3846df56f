// Runs the benchmarks named on the command line, or all: NAME is a file NAME.bench.mjs in this folder.
import { parseArgs } from 'node:util'
import { benchmarkNames, loadBenchmark } from './benchmarks.mjs'
import { printTable } from './table.mjs'

process.exitCode = await main(process.argv.slice(2))

async function main(words) {
  let options
  try {
    options = parseArgs({ args: words, allowPositionals: true, options: { json: { type: 'boolean' } } })
  } catch (error) {
    return refuse(error.message.split('. ')[0])
  }
  const known = benchmarkNames()
  const unknown = options.positionals.find((name) => !known.includes(name))
  if (unknown !== undefined) return refuse(`there is no benchmark "${unknown}"; there are: ${known.join(', ')}`)
  const isJson = options.values.json === true
  const names = options.positionals.length === 0 ? known : [...new Set(options.positionals)]
  const rows = []
  // Progress and skipped rows go to stderr, so that stdout holds nothing but the result.
  const say = (line) => process.stderr.write(`${line}\n`)
  for (const name of names) {
    const { run } = await loadBenchmark(name)
    rows.push(...(await run({ say, dataFolder: process.env.TRADESWARM_DATA })))
  }
  if (isJson) process.stdout.write(`${JSON.stringify(rows, null, 2)}\n`)
  else printTable(rows)
  return rows.every((row) => row.pass) ? 0 : 1
}

function refuse(why) {
  process.stderr.write(`bench: ${why}\n`)
  return 2
}
