// Plays seeds of the fault simulator on all cores: npm run simulate -- --seeds 10000 [--from SEED] [--json] [--coverage]
// [--broker alpaca|okx] [--subject FILE]. With `--json` stdout holds one line of JSON (under npm with `npm run --silent`), all else goes to stderr.
// A seed whose code keeps its thread longer than `--patience-ms` of real time is given up, and the next one is played.
// `--coverage` tells in how many of the seeds each act and each fault happened.
// `--broker` plays them over the adapter of that broker and its fake, in memory, instead of the simulator's own venue.
// FILE is a module that exports `subject`: the kernel factory, adapter or agents that are put to the test. Exit code 1 when an
// invariant did not hold or the subject threw, 2 on bad usage or a FILE that is no subject. The packages must be built.
import { parseArgs } from 'node:util'
import { maximumTraces, playSeeds } from './seed-crew.mjs'

const usage =
  'usage: npm run simulate -- [--seeds COUNT] [--from SEED] [--broker alpaca|okx] [--json] [--coverage] [--subject FILE] [--patience-ms COUNT] [--help]'
const brokers = ['alpaca', 'okx']

const defaultPatienceMs = 30_000
const leastPatienceMs = 100

/** What the command takes, in words of `parseArgs`. */
const known = {
  seeds: { type: 'string' },
  from: { type: 'string' },
  json: { type: 'boolean' },
  coverage: { type: 'boolean' },
  subject: { type: 'string' },
  broker: { type: 'string' },
  'patience-ms': { type: 'string' },
  help: { type: 'boolean', short: 'h' },
}

process.exitCode = await main(process.argv.slice(2))

async function main(words) {
  const options = await optionsOf(words)
  if (typeof options === 'string') {
    process.stderr.write(`simulate: ${options}\n${usage}\n`)
    return 2
  }
  if (options.isHelp) {
    process.stdout.write(`${usage}\n`)
    return 0
  }
  const started = Date.now()
  const found = await playSeeds(options)
  if (found.fault !== undefined) {
    process.stderr.write(`simulate: --subject ${options.subject}: ${found.fault}\n`)
    return 2
  }
  const report = await reportOf(found, options.counts)
  const seconds = ((Date.now() - started) / 1000).toFixed(1)
  if (options.isJson) process.stdout.write(`${JSON.stringify(report)}\n`)
  else print(report, seconds, options)
  return report.violations === 0 ? 0 : 1
}

async function optionsOf(words) {
  const parsed = await parse(words)
  if (typeof parsed === 'string') return parsed
  const { values } = parsed
  if (values.help === true) return { isHelp: true }
  const { seeds: count = '1000', from: first = '1', 'patience-ms': patience = String(defaultPatienceMs) } = values
  const seeds = wholeNumber(count)
  if (seeds === undefined || seeds < 1) return `--seeds is "${count}"; it must be a whole number from 1`
  const from = wholeNumber(first)
  if (values.broker !== undefined && !brokers.includes(values.broker))
    return `--broker is "${values.broker}"; it must be ${brokers.join(' or ')}`
  if (from === undefined) return `--from is "${first}"; it must be a whole number from 0`
  const patienceMs = wholeNumber(patience)
  if (patienceMs === undefined || patienceMs < leastPatienceMs)
    return `--patience-ms is "${patience}"; it must be a whole number from ${leastPatienceMs}`
  return {
    seeds,
    from,
    patienceMs,
    isJson: values.json === true,
    counts: values.coverage === true,
    subject: values.subject,
    broker: values.broker,
  }
}

async function parse(words) {
  try {
    return parseArgs({ args: words, options: known })
  } catch (error) {
    const [, unknown] = /^Unknown option '--([^']*)'/.exec(error.message) ?? []
    if (unknown === undefined) return error.message.split('. ')[0]
    const { nearestName } = await import('@tradeswarm/core')
    const names = Object.keys(known)
    const nearest = nearestName(unknown, names)
    const hint = nearest === undefined ? `there are: --${names.join(', --')}` : `did you mean --${nearest}?`
    return `there is no option --${unknown}; ${hint}`
  }
}

function wholeNumber(text) {
  return /^\d{1,12}$/.test(text) ? Number(text) : undefined
}

async function reportOf({ played, violations, failures, coverage }, counts) {
  const { subjectAsked, subjectDenied, subjectPermitted } = await import('@tradeswarm/testing')
  const nothingPermitted = coverage[subjectAsked] !== undefined && coverage[subjectPermitted] === undefined
  const report = {
    seeds: played,
    violations,
    failures: failures.slice(0, maximumTraces),
    // Only where it is so: what holds then says little of the subject.
    ...(nothingPermitted ? { nothingPermitted, deniedWith: codesAfter(subjectDenied, coverage) } : {}),
  }
  return counts ? { ...report, coverage: await expectedCounts(coverage) } : report
}

/** What was denied with, in the most seeds first. */
function codesAfter(prefix, coverage) {
  return Object.entries(coverage)
    .filter(([what]) => what.startsWith(prefix))
    .sort(([, a], [, b]) => b - a)
    .map(([what]) => what.slice(prefix.length))
}

/** Of all that is to happen: where it is brought about, and in how many seeds it happened. */
async function expectedCounts(counted) {
  const { expectedCoverage } = await import('@tradeswarm/testing')
  return Object.fromEntries(
    Object.entries(expectedCoverage()).map(([what, where]) => [what, { where, seeds: counted[what] ?? 0 }]),
  )
}

function print(
  { seeds, violations, failures, nothingPermitted, deniedWith = [], coverage = {} },
  seconds,
  { subject, broker },
) {
  for (const { seed, invariant, message, trace } of failures) {
    const what = invariant === 'subject' ? 'ends in a failure of the subject' : `breaks ${invariant}`
    console.log(`seed ${seed} ${what}: ${message}`)
    for (const line of trace) console.log(`  ${line}`)
    const more = `${broker === undefined ? '' : ` --broker ${broker}`}${subject === undefined ? '' : ` --subject ${subject}`}`
    console.log(`replay it with: npm run simulate -- --seeds 1 --from ${seed}${more}\n`)
  }
  for (const [what, { where, seeds: count }] of Object.entries(coverage))
    console.log(`${String(count).padStart(6)}  ${what} (${where})`)
  const only =
    nothingPermitted === true
      ? `; no order of the subject's agents was permitted (denied: ${deniedWith.join(', ')})`
      : ''
  console.log(
    `${seeds} seeds in ${seconds} s: ${violations === 0 ? 'no invariant was broken' : `${violations} violations`}${only}`,
  )
}
