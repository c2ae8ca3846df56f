// What the cache adds to a call of 16 KB, over a model that answers at once. `what`: `hit` or `miss`. A call during which the machine ran another
// program in our place is left out: how long that took says nothing of the cache.
import { report } from '../measure.mjs'
import { at, createCachedCalls } from './cached-calls.mjs'

const { what, calls } = JSON.parse(process.argv[2])
const { cached, direct } = createCachedCalls(what)

await timesOf(cached)
const theirs = await timesOf(direct)
const ours = await timesOf(cached)
report({
  p50Ms: at(ours.times, 0.5) - at(theirs.times, 0.5),
  p99Ms: at(ours.times, 0.99) - at(theirs.times, 0.5),
  leftOut: ours.leftOut,
})

async function timesOf(call) {
  const times = []
  let leftOut = 0
  while (times.length < calls) {
    const switches = switchesSoFar()
    const start = performance.now()
    await call()
    const time = performance.now() - start
    if (switchesSoFar() === switches) times.push(time)
    else leftOut += 1
  }
  return { times: times.sort((a, b) => a - b), leftOut }
}

function switchesSoFar() {
  return process.resourceUsage().involuntaryContextSwitches
}
