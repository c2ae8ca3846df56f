// A thread of the fault simulator: it loads the subject, tells what is wrong with it, and plays the seeds that it is given. What it says is in
// `seed-crew.mjs`.
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parentPort, workerData } from 'node:worker_threads'
import { assertKnownOptions } from '@tradeswarm/core'
import { checkSubject, examineSeed, simulateSeed } from '@tradeswarm/testing'

const { subject: file, broker, patienceMs } = workerData
/** What the subject is waited for in real time, before a run and after it. What was waited for in vain once will be again. */
const longestWaitMs = 3_000
const lessPatient = 20

let waitMs = Math.min(longestWaitMs, patienceMs)
const say = (says, more = {}) => parentPort.postMessage({ says, ...more })
say('loading')
setInterval(() => say('alive'), Math.min(250, patienceMs / 20)).unref()
const { fault, subject } = await load()
if (fault === undefined) {
  parentPort.on('message', (task) => {
    if (task === undefined) parentPort.close()
    else void play(task)
  })
  say('ready')
} else say('fault', { fault })

/** The subject with the venue that it is played over, or what is wrong with it, in a line: one that nobody looks at puts nothing to the test. */
async function load() {
  const venue = await venueOf()
  if (file === undefined) return { subject: venue }
  try {
    const exported = await within(import(pathToFileURL(resolve(file)).href))
    // Those two are what a CommonJS file has besides.
    assertKnownOptions('its exports', { ...exported }, ['subject', 'default', 'module.exports'])
    const { subject: given } = exported
    if (given === undefined) return { fault: 'it does not export "subject"' }
    checkSubject(given)
    if (broker !== undefined && given.venue !== undefined)
      return {
        fault: `subject: venue is another than that of --broker; leave it out, or leave --broker ${broker} out`,
      }
    // What goes with the simulator's own venue does not go with that of a broker.
    const whole = { ...given, ...venue }
    checkSubject(whole)
    return { subject: whole }
  } catch (error) {
    return { fault: messageOf(error).split('\n')[0] }
  }
}

/** A module may wait at its top level. */
async function within(loading) {
  let timer
  const over = new Promise((_, reject) => {
    timer = setTimeout(
      () =>
        reject(new Error(`it is not loaded after ${patienceMs} ms of real time: what does it await at its top level?`)),
      patienceMs,
    )
  })
  return Promise.race([loading, over]).finally(() => clearTimeout(timer))
}

/** The fake of a broker with the adapter for it, as a subject has it. */
async function venueOf() {
  if (broker === undefined) return {}
  const { simulatedAlpaca, simulatedOkx } = await import('@tradeswarm/testing/fakes')
  if (broker === 'alpaca') {
    const { createAlpacaBroker } = await import('@tradeswarm/broker-alpaca')
    return { venue: simulatedAlpaca(createAlpacaBroker) }
  }
  const { createOkxBroker } = await import('@tradeswarm/broker-okx')
  return { venue: simulatedOkx(createOkxBroker) }
}

async function play({ from, to, shrink }) {
  for (let seed = from; seed < to; seed += 1) say('result', await resultOf(seed, shrink))
}

async function resultOf(seed, shrink) {
  const started = performance.now()
  try {
    const { violation, covered } = await simulateSeed(seed, subject, { patienceMs: waitMs })
    if (violation === undefined) return { isViolated: false, covered }
    const failure = shrink ? await examineSeed(seed, subject, { patienceMs: waitMs }) : undefined
    if (violation.invariant === 'subject' && performance.now() - started >= waitMs)
      waitMs = Math.min(waitMs, Math.ceil(Math.min(longestWaitMs, patienceMs) / lessPatient))
    return { isViolated: true, failure, covered }
  } catch (error) {
    if (file === undefined) throw error
    return {
      isViolated: true,
      failure: { seed, invariant: 'subject', message: messageOf(error), trace: [] },
      covered: [],
    }
  }
}

function messageOf(error) {
  return error instanceof Error ? error.message : String(error)
}
