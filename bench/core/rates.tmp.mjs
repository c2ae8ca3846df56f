import { median } from '../row.mjs'
import { startWatchdog } from './watchdog.mjs'

const defaults = { warmUpMs: 1000, windows: 5, windowMs: 300 }

/**
 * How many times a second `work` does what it does: it is called over and over and resolves to how many it did. After the
 * warm-up come several windows; `perSecond` is the median of them, `slowest` and `fastest` show the noise. `busy` is the share
 * of the time in which the thread ran: well below 1, and it waited for a disk, or for others on the machine. `perCpuSecond` is
 * the rate by the processor time of all threads, which those others change little.
 */
export async function rateOf(work, options = {}) {
  const { warmUpMs, windows, windowMs } = { ...defaults, ...options }
  await rateWithin(work, warmUpMs)
  const before = { thread: process.threadCpuUsage(), all: process.cpuUsage(), time: performance.now() }
  const rates = []
  let done = 0
  for (let window = 0; window < windows; window += 1) {
    const part = await rateWithin(work, windowMs)
    rates.push(part.perSecond)
    done += part.done
  }
  const elapsed = performance.now() - before.time
  const thread = process.threadCpuUsage(before.thread)
  const all = process.cpuUsage(before.all)
  return { threadNs: (thread.user+thread.system)*1000/done, perSecond: median(rates),
    slowest: Math.min(...rates),
    fastest: Math.max(...rates),
    busy: (thread.user + thread.system) / 1000 / elapsed,
    perCpuSecond: (done / (all.user + all.system)) * 1e6,
  }
}

async function rateWithin(work, milliseconds) {
  const watchdog = startWatchdog('the next part of the work')
  const start = performance.now()
  let done = 0
  let elapsed = 0
  while (elapsed < milliseconds) {
    done += await work()
    watchdog.feed()
    elapsed = performance.now() - start
  }
  watchdog.end()
  return { done, perSecond: (done / elapsed) * 1000 }
}
