// Plays seeds of the fault simulator on all cores, in a thread for each, and looks after the threads: one that is not given back, or that is
// ended, costs the seed that it was playing, and another thread goes on behind it.
import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'

/** Seeds that a thread takes at once. */
const batch = 25
/** Failures that are shrunk; those that follow are only counted. */
export const maximumTraces = 10
/** A thread is looked at so often within the patience, so that a machine that slept has missed one look only. */
const looks = 5
/** A thread that has nothing more to play ends by itself, or after so long. */
const leavesWithinMs = 1_000

/**
 * Deals the seeds out and gathers what they came to, failures in order of the seeds. Resolves to `{ fault }` where the subject is none, and
 * rejects with what a thread threw that has no subject.
 */
export async function playSeeds({ seeds, from, isJson, ...settings }) {
  const found = { played: 0, violations: 0, failures: [], coverage: {} }
  const end = from + seeds
  let next = from
  const deal = () => {
    const task = { from: next, to: Math.min(end, next + batch) }
    next = task.to
    return task.from < task.to ? { ...task, shrink: found.failures.length < maximumTraces } : undefined
  }
  const note = ({ isViolated, failure, covered }) => {
    found.played += 1
    if (isViolated) found.violations += 1
    if (failure !== undefined) found.failures.push(failure)
    for (const what of covered) found.coverage[what] = (found.coverage[what] ?? 0) + 1
    if (found.played % 1_000 === 0)
      process.stderr.write(`${found.played} of ${seeds} seeds, ${found.violations} violations\n`)
  }
  const count = Math.max(1, Math.min(availableParallelism(), Math.ceil(seeds / batch)))
  const places = Array.from({ length: count }, () => openPlace({ ...settings, isJson }, deal, note))
  const fault = await Promise.race([Promise.all(places.map(({ done }) => done)), ...places.map((place) => place.fault)])
  await Promise.all(places.map(({ leave }) => leave()))
  if (typeof fault === 'string') return { fault }
  found.failures.sort((a, b) => a.seed - b.seed)
  return found
}

/**
 * One thread after the other. `done` when there is nothing more to deal; `fault` with what is wrong where the subject is none. What a thread says:
 * `loading` and `ready`, or a `fault`; the `result` of each seed of a task, in order; and that it is `alive`.
 */
function openPlace({ isJson, ...settings }, deal, note) {
  const { subject, patienceMs } = settings
  const done = Promise.withResolvers()
  const fault = Promise.withResolvers()
  let isOver = false
  let worker
  let task
  /** Looks since it last said something; none is taken before its own code is there. */
  let silent
  const give = () => {
    if (task === undefined || task.from >= task.to) task = deal()
    if (task !== undefined) return worker.postMessage(task)
    isOver = true
    done.resolve()
  }
  const begin = () => {
    const mine = new Worker(new URL('./seed-worker.mjs', import.meta.url), { workerData: settings, stdout: isJson })
    if (isJson) mine.stdout.pipe(process.stderr, { end: false })
    worker = mine
    silent = undefined
    mine.on('message', ({ says, ...message }) => {
      silent = 0
      if (says === 'fault') fault.resolve(message.fault)
      if (says === 'result') {
        task = { ...task, from: task.from + 1 }
        note(message)
      }
      if (says === 'ready' || (says === 'result' && task.from >= task.to)) give()
    })
    mine.on('error', (error) => {
      if (subject === undefined) done.reject(error)
      else lose(mine, `its code threw where nobody catches it: ${error?.message ?? error}`)
    })
    mine.on('exit', () => lose(mine, 'its code ended the process'))
  }
  /** Ends a thread, at the cost of its seed. One that has not come to play yet never will. */
  const lose = (mine, message) => {
    if (mine !== worker || isOver) return
    void mine.terminate()
    if (task === undefined) return fault.resolve(message)
    note({ isViolated: true, failure: { seed: task.from, invariant: 'subject', message, trace: [] }, covered: [] })
    task = { ...task, from: task.from + 1 }
    begin()
  }
  const look = setInterval(() => {
    if (silent === undefined) return
    silent += 1
    if (silent > looks)
      lose(
        worker,
        `its code did not give the thread back for ${patienceMs} ms of real time: is there a loop without an end? (--patience-ms gives it longer)`,
      )
  }, patienceMs / looks)
  begin()
  return {
    done: done.promise,
    fault: fault.promise,
    async leave() {
      isOver = true
      clearInterval(look)
      // One that has ended has no number any more.
      if (worker.threadId === -1) return
      worker.postMessage(undefined)
      const timer = setTimeout(() => void worker.terminate(), leavesWithinMs)
      await new Promise((resolve) => worker.once('exit', resolve))
      clearTimeout(timer)
    },
  }
}
