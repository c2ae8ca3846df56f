// What an operation on amounts takes, in nanoseconds of processor time of all threads, for one library: `ours`, `big.js` or `bignumber.js`. Prices in cents, quantities of
// up to four decimals; every result is an object of its own. What the three come to is compared in the end.
import { createHash } from 'node:crypto'
import { decimal, decimalText, divide } from '@tradeswarm/trading'
import Big from 'big.js'
import { BigNumber } from 'bignumber.js'
import { report } from '../measure.mjs'
import { median } from '../row.mjs'

const { library } = JSON.parse(process.argv[2])
const count = 4096
const places = 8
Big.DP = places
Big.RM = 2
BigNumber.config({ DECIMAL_PLACES: places, ROUNDING_MODE: BigNumber.ROUND_HALF_EVEN })

const methods = {
  plus: (a, b) => a.plus(b),
  times: (a, b) => a.times(b),
  compare: (a, b) => a.lt(b),
}
const libraries = {
  ours: {
    ...methods,
    parse: (text) => decimal(text),
    divide: (a, b) => divide(a, b, places, 'half-even'),
    text: decimalText,
  },
  'big.js': { ...methods, parse: (text) => new Big(text), divide: (a, b) => a.div(b), text: (a) => a.toFixed() },
  'bignumber.js': {
    ...methods,
    parse: (text) => new BigNumber(text),
    divide: (a, b) => a.div(b),
    text: (a) => a.toFixed(),
  },
}
const { parse, plus, times, divide: over, compare, text } = libraries[library]

const texts = (of) => Array.from({ length: count }, (_, index) => of((index * 7919) % 10_007))
const prices = texts((seed) => (1 + seed / 20).toFixed(2))
const quantities = texts((seed) => (seed % 2 === 0 ? String(1 + (seed % 1000)) : (1 + seed / 13).toFixed(4)))
const a = prices.map(parse)
const b = quantities.map(parse)
const out = Array.from({ length: count })
let less = 0

const figures = {
  parseNs: nanoseconds(() => {
    for (let index = 0; index < count; index += 1) out[index] = parse(prices[index])
  }),
  plusNs: nanoseconds(() => {
    for (let index = 0; index < count; index += 1) out[index] = plus(a[index], b[index])
  }),
  timesNs: nanoseconds(() => {
    for (let index = 0; index < count; index += 1) out[index] = times(a[index], b[index])
  }),
  divideNs: nanoseconds(() => {
    for (let index = 0; index < count; index += 1) out[index] = over(a[index], b[index])
  }),
  compareNs: nanoseconds(() => {
    for (let index = 0; index < count; index += 1) if (compare(a[index], b[index])) less += 1
  }),
  // Of a product that was never a text before.
  productTextNs: nanoseconds(() => {
    for (let index = 0; index < count; index += 1) out[index] = text(times(a[index], b[index]))
  }),
}
const results = a.map((price, index) => [plus, times, over].map((operation) => text(operation(price, b[index]))))
const digest = createHash('sha256').update(JSON.stringify(results)).digest('hex')
report({ ...figures, less: less > 0, digest })

function nanoseconds(work) {
  for (let turn = 0; turn < 100; turn += 1) work()
  const times = []
  for (let window = 0; window < 9; window += 1) {
    const start = process.cpuUsage()
    for (let turn = 0; turn < 25; turn += 1) work()
    const { user, system } = process.cpuUsage(start)
    times.push(((user + system) * 1000) / (25 * count))
  }
  return median(times)
}
