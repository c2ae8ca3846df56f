import { median } from '../row.mjs'
import { startWatchdog } from './watchdog.mjs'

const defaults = { warmUpMs: 1000, windows: 5, windowMs: 300 }

/**
 * How many times a second `work` does what it does: it is called over and over and resolves to how many it did. After the
 * warm-up come several windows; `perSecond` is the median of them, `slowest` and `fastest` show the noise. `busy` is the share
 * of the time in which the thread ran: well below 1, and it waited for a disk, or for others on the machine.
 */
export async function rateOf(work, options = {}) {
  const { warmUpMs, windows, windowMs } = { ...defaults, ...options }
  await rateWithin(work, warmUpMs)
  const before = { processor: process.threadCpuUsage(), time: performance.now() }
  const rates = []
  for (let window = 0; window < windows; window += 1) rates.push(await rateWithin(work, windowMs))
  const { user, system } = process.threadCpuUsage(before.processor)
  const busy = (user + system) / 1000 / (performance.now() - before.time)
  return { perSecond: median(rates), slowest: Math.min(...rates), fastest: Math.max(...rates), busy }
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
  return (done / elapsed) * 1000
}
