// 5,000 quotes a second over one socket: how late each is heard, in the first and in the last third, and what of a core that takes.
import { setTimeout } from 'node:timers/promises'
import { createAlpacaMarketData } from '@tradeswarm/broker-alpaca'
import { createOkxMarketData } from '@tradeswarm/broker-okx'
import { createSilentLogger, createSystemRandom } from '@tradeswarm/core'
import { report } from '../measure.mjs'
import { startVenue } from './start-venue.mjs'

const { venue, rate, seconds } = JSON.parse(process.argv[2])
const coins = ['BTC', 'ETH', 'AVAX', 'SOL', 'LTC', 'DOGE', 'LINK', 'UNI', 'DOT', 'BCH']
const parts = () => ({ random: createSystemRandom(), logger: createSilentLogger() })
const feeds = {
  alpaca: {
    symbols: coins.map((coin) => `${coin}-USD`),
    open: ({ url, keyId, secret }, symbols) =>
      createAlpacaMarketData({ keyId, secret, symbols, urls: { data: url } }).open(parts()),
  },
  okx: {
    symbols: coins.map((coin) => `${coin}-USDT`),
    open: ({ url }, symbols) => createOkxMarketData({ symbols, urls: { rest: url } }).open(parts()),
  },
}
const fake = await startVenue(venue)
const { symbols: names, open } = feeds[venue]
const feed = await open(fake, names)
const lateness = []
feed.subscribe((event) => {
  // The venue stamps each quote with the clock of this machine.
  if (event.type === 'quote') lateness.push(Date.now() - event.time)
})
const cpu = process.cpuUsage()
await fake.tell({ rate, seconds })
// What the venue has written last may be on its way still; what is lost is never waited for longer than this.
const until = performance.now() + 5_000
while (lateness.length + feed.counters.conflated < rate * seconds && performance.now() < until) await setTimeout(10)
await feed.settled()
const { user, system } = process.cpuUsage(cpu)
const { conflated } = feed.counters
await feed.close()
fake.stop()
const third = Math.floor(lateness.length / 3)
const p99 = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length * 0.99)]
report({
  heard: lateness.length,
  conflated,
  sent: rate * seconds,
  firstP99Ms: p99(lateness.slice(0, third)),
  lastP99Ms: p99(lateness.slice(-third)),
  corePart: (user + system) / 1e6 / seconds,
})
