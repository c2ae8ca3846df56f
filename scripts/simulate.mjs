// Plays seeds of the fault simulator on all cores: npm run simulate -- --seeds 10000 [--from SEED] [--json] [--coverage]
// [--broker alpaca|okx] [--subject FILE]. With `--json` stdout holds one line of JSON (under npm with `npm run --silent`), all else goes to stderr.
// `--coverage` tells in how many of the seeds each act and each fault happened.
// `--broker` plays them over the adapter of that broker and its fake, in memory, instead of the simulator's own venue.
// FILE is a module that exports `subject`: the kernel factory, adapter or agents that are put to the test. Exit code 1 when an
// invariant did not hold or the subject threw, 2 on bad usage or a FILE that is no subject. The packages must be built.
import { availableParallelism } from 'node:os'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'

/** Seeds that a worker takes at once. */
const batch = 25
/** Failures that are shrunk; those that follow are only counted. */
const maximumTraces = 10
const usage =
  'usage: npm run simulate -- [--seeds COUNT] [--from SEED] [--broker alpaca|okx] [--json] [--coverage] [--subject FILE] [--help]'
const brokers = ['alpaca', 'okx']

if (isMainThread) process.exitCode = await main(process.argv.slice(2))
else await work(workerData)

async function main(words) {
  const options = optionsOf(words)
  if (typeof options === 'string') {
    process.stderr.write(`simulate: ${options}\n${usage}\n`)
    return 2
  }
  if (options.isHelp) {
    process.stdout.write(`${usage}\n`)
    return 0
  }
  // What a subject says is not for those who read JSON.
  if (options.isJson) console.log = console.info = console.error
  const fault = await faultOfSubject(options)
  if (fault !== undefined) {
    process.stderr.write(`simulate: --subject ${options.subject}: ${fault}\n`)
    return 2
  }
  const started = Date.now()
  const report = await playAll(options)
  const seconds = ((Date.now() - started) / 1000).toFixed(1)
  if (options.isJson) process.stdout.write(`${JSON.stringify(report)}\n`)
  else print(report, seconds, options)
  return report.violations === 0 ? 0 : 1
}

function optionsOf(words) {
  const parsed = parse(words)
  if (typeof parsed === 'string') return parsed
  const { values } = parsed
  if (values.help === true) return { isHelp: true }
  const { seeds: count = '1000', from: first = '1' } = values
  const seeds = wholeNumber(count)
  if (seeds === undefined || seeds < 1) return `--seeds is "${count}"; it must be a whole number from 1`
  const from = wholeNumber(first)
  if (values.broker !== undefined && !brokers.includes(values.broker))
    return `--broker is "${values.broker}"; it must be ${brokers.join(' or ')}`
  if (from === undefined) return `--from is "${first}"; it must be a whole number from 0`
  return {
    seeds,
    from,
    isJson: values.json === true,
    counts: values.coverage === true,
    subject: values.subject,
    broker: values.broker,
  }
}

function parse(words) {
  try {
    return parseArgs({
      args: words,
      options: {
        seeds: { type: 'string' },
        from: { type: 'string' },
        json: { type: 'boolean' },
        coverage: { type: 'boolean' },
        subject: { type: 'string' },
        broker: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    })
  } catch (error) {
    return error.message.split('. ')[0]
  }
}

function wholeNumber(text) {
  return /^\d{1,12}$/.test(text) ? Number(text) : undefined
}

/** What is wrong with a subject, in a line: one that nobody looks at puts nothing to the test. */
async function faultOfSubject({ subject: file, broker }) {
  if (file === undefined) return undefined
  const { checkSubject } = await import('@tradeswarm/testing')
  const { assertKnownOptions } = await import('@tradeswarm/core')
  try {
    const exported = await import(pathToFileURL(resolve(file)).href)
    // Those two are what a CommonJS file has besides.
    assertKnownOptions('its exports', { ...exported }, ['subject', 'default', 'module.exports'])
    if (exported.subject === undefined) return 'it does not export "subject"'
    checkSubject(exported.subject)
    if (broker === undefined) return undefined
    if (exported.subject.venue !== undefined)
      return `subject: venue is another than that of --broker; leave it out, or leave --broker ${broker} out`
    // What goes with the simulator's own venue does not go with that of a broker.
    checkSubject({ ...exported.subject, ...(await venueOf(broker)) })
  } catch (error) {
    return (error instanceof Error ? error.message : String(error)).split('\n')[0]
  }
}

/** Deals the seeds out to a worker for each core, and gathers what they found, in order of the seeds. */
async function playAll({ seeds, from, subject, broker, counts, isJson }) {
  const failures = []
  const coverage = {}
  let violations = 0
  let next = from
  let played = 0
  const end = from + seeds
  const count = Math.max(1, Math.min(availableParallelism(), Math.ceil(seeds / batch)))
  const workers = Array.from({ length: count }, () => {
    const worker = new Worker(new URL(import.meta.url), { workerData: { subject, broker }, stdout: isJson })
    if (isJson) worker.stdout.pipe(process.stderr, { end: false })
    return worker
  })
  await Promise.all(
    workers.map(
      (worker) =>
        new Promise((done, failed) => {
          const deal = () => {
            if (next >= end) return worker.postMessage(undefined)
            const to = Math.min(end, next + batch)
            worker.postMessage({ from: next, to, shrink: failures.length < maximumTraces })
            next = to
          }
          worker.on('message', (result) => {
            if (result !== 'ready') {
              played += result.seeds
              violations += result.violations
              failures.push(...result.failures)
              for (const what of result.covered) coverage[what] = (coverage[what] ?? 0) + 1
              if (played % 1_000 < batch)
                process.stderr.write(`${played} of ${seeds} seeds, ${violations} violations\n`)
            }
            deal()
          })
          worker.on('error', failed)
          worker.on('exit', done)
        }),
    ),
  )
  failures.sort((a, b) => a.seed - b.seed)
  const { subjectAsked, subjectPermitted } = await import('@tradeswarm/testing')
  const nothingPermitted = coverage[subjectAsked] !== undefined && coverage[subjectPermitted] === undefined
  const report = {
    seeds: played,
    violations,
    failures: failures.slice(0, maximumTraces),
    // Only where it is so: what holds then says little of the subject.
    ...(nothingPermitted ? { nothingPermitted } : {}),
  }
  return counts ? { ...report, coverage: await expectedCounts(coverage) } : report
}

/** Of all that is to happen: where it is brought about, and in how many seeds it happened. */
async function expectedCounts(counted) {
  const { expectedCoverage } = await import('@tradeswarm/testing')
  return Object.fromEntries(
    Object.entries(expectedCoverage()).map(([what, where]) => [what, { where, seeds: counted[what] ?? 0 }]),
  )
}

/** The fake of a broker with the adapter for it, as a subject has it. */
async function venueOf(broker) {
  if (broker === undefined) return {}
  const { simulatedAlpaca, simulatedOkx } = await import('@tradeswarm/testing/fakes')
  if (broker === 'alpaca') {
    const { createAlpacaBroker } = await import('@tradeswarm/broker-alpaca')
    return { venue: simulatedAlpaca(createAlpacaBroker) }
  }
  const { createOkxBroker } = await import('@tradeswarm/broker-okx')
  return { venue: simulatedOkx(createOkxBroker) }
}

async function work({ subject: file, broker }) {
  const { examineSeed, simulateSeed } = await import('@tradeswarm/testing')
  const { subject: given = {} } = file === undefined ? {} : await import(pathToFileURL(resolve(file)).href)
  const subject = { ...given, ...(await venueOf(broker)) }
  parentPort.postMessage('ready')
  const play = async ({ from, to, shrink }) => {
    const failures = []
    const covered = []
    let violations = 0
    for (let seed = from; seed < to; seed += 1) {
      try {
        const { violation, covered: happened } = await simulateSeed(seed, subject)
        covered.push(...happened)
        if (violation === undefined) continue
        violations += 1
        if (shrink && failures.length < maximumTraces) failures.push(await examineSeed(seed, subject))
      } catch (error) {
        if (file === undefined) throw error
        violations += 1
        failures.push({ seed, invariant: 'subject', message: error?.message ?? String(error), trace: [] })
      }
    }
    parentPort.postMessage({ seeds: to - from, violations, failures, covered })
  }
  parentPort.on('message', (task) => {
    if (task === undefined) parentPort.close()
    else void play(task)
  })
}

function print({ seeds, violations, failures, nothingPermitted, coverage = {} }, seconds, { subject, broker }) {
  for (const { seed, invariant, message, trace } of failures) {
    const what = invariant === 'subject' ? 'ends in a failure of the subject' : `breaks ${invariant}`
    console.log(`seed ${seed} ${what}: ${message}`)
    for (const line of trace) console.log(`  ${line}`)
    const more = `${broker === undefined ? '' : ` --broker ${broker}`}${subject === undefined ? '' : ` --subject ${subject}`}`
    console.log(`replay it with: npm run simulate -- --seeds 1 --from ${seed}${more}\n`)
  }
  for (const [what, { where, seeds: count }] of Object.entries(coverage))
    console.log(`${String(count).padStart(6)}  ${what} (${where})`)
  const only = nothingPermitted === true ? "; no order of the subject's agents was permitted" : ''
  console.log(
    `${seeds} seeds in ${seconds} s: ${violations === 0 ? 'no invariant was broken' : `${violations} violations`}${only}`,
  )
}
