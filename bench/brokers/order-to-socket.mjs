// From the command to place an order to its bytes on the socket: what a client does itself, signature included.

import { report } from '../measure.mjs'
import { alpacaClients } from './alpaca-clients.mjs'
import { okxClients } from './okx-clients.mjs'
import { bytesWith } from './socket-bytes.mjs'
import { startVenue } from './start-venue.mjs'

const { venue, client, orders, warmUp } = JSON.parse(process.argv[2])
const clients = { alpaca: alpacaClients, okx: okxClients }
const quotes = {
  alpaca: [
    { symbol: 'AAPL', bid: '99.9', ask: '100.1' },
    { symbol: 'BTC/USD', bid: '49990', ask: '50010' },
  ],
  okx: [{ symbol: 'BTC-USDT', bid: '49990', ask: '50010' }],
}
const fake = await startVenue(venue)
for (const quote of quotes[venue]) await fake.tell({ quote })
const { prepare, place, close } = await clients[venue][client](fake)

const times = []
for (let count = 0; count < warmUp + orders; count += 1) {
  const id = `bench${process.pid}x${count}x`
  const order = prepare(id)
  const written = bytesWith(id)
  const begin = performance.now()
  const placed = place(order)
  const time = (await written) - begin
  await placed
  if (count >= warmUp) times.push(time)
}
times.sort((a, b) => a - b)
await close()
fake.stop()
const at = (share) => times[Math.min(times.length - 1, Math.floor(share * times.length))]
report({ p50Ms: at(0.5), p99Ms: at(0.99) })
