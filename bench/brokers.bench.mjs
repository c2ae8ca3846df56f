import { measure } from './measure.mjs'
import { atLeast, atMost, besidePeer, figure, median } from './row.mjs'

/** Who stands beside our adapter at each venue: its own SDK, and ccxt. */
const venues = [
  { venue: 'alpaca', title: 'Alpaca', peers: { sdk: '@alpacahq/alpaca-trade-api', ccxt: 'ccxt' } },
  { venue: 'okx', title: 'OKX', peers: { sdk: 'okx-api', ccxt: 'ccxt' } },
]
const rounds = 3

/** What adapters cost themselves, against the doubles of their venues, each in a process of its own. */
export async function run({ say }) {
  const rows = []
  for (const each of venues)
    rows.push(...(await orderRows(each, say)), ...(await messageRows(each, say)), ...(await quoteRows(each, say)))
  for (const each of venues) rows.push(...(await orderPushRows(each, say)))
  return rows
}

async function orderRows({ venue, title, peers }, say) {
  const of = await inTurns(['ours', ...Object.keys(peers)], (client) => ({
    program: 'brokers/order-to-socket.mjs',
    parameters: { venue, client, orders: 1_000, warmUp: 500 },
  }))
  for (const [client, results] of of)
    say(`${venue}, ${client}: order to socket p50 ${results.map(({ p50Ms }) => p50Ms.toFixed(3)).join(', ')} ms`)
  const name = `${title}: order to its bytes on the socket`
  const at = (client, share) => median(of.get(client).map((result) => result[share]))
  return [
    atMost({ name: `${name}, median`, value: at('ours', 'p50Ms'), unit: 'ms', bound: 0.5 }),
    atMost({ name: `${name}, p99`, value: at('ours', 'p99Ms'), unit: 'ms', bound: 2 }),
    ...Object.entries(peers).map(([client, peer]) =>
      besidePeer({
        name: `${name}, median`,
        value: at('ours', 'p50Ms'),
        unit: 'ms',
        peer,
        peerValue: at(client, 'p50Ms'),
        better: 'lower',
        atLeast: 1,
      }),
    ),
  ]
}

async function messageRows({ venue, title, peers }, say) {
  const of = await inTurns(['ours', ...Object.keys(peers)], (client) => ({
    program: 'brokers/stream-messages.mjs',
    parameters: { venue, client, messages: 300_000, perFrame: 1 },
  }))
  for (const [client, results] of of)
    say(`${venue}, ${client}: ${results.map(({ perSecond }) => Math.round(perSecond)).join(', ')} messages a second`)
  const rate = (client) => median(of.get(client).map(({ perSecond }) => perSecond))
  const name = `${title}: stream messages parsed and told`
  return [
    atLeast({ name, value: rate('ours'), unit: '1/s', bound: 200_000 }),
    ...Object.entries(peers).map(([client, peer]) =>
      besidePeer({
        name,
        value: rate('ours'),
        unit: '1/s',
        peer,
        peerValue: rate(client),
        better: 'higher',
        atLeast: 1,
      }),
    ),
  ]
}

async function orderPushRows({ venue, title, peers }, say) {
  const of = await inTurns(['ours', ...Object.keys(peers)], (client) => ({
    program: 'brokers/order-pushes.mjs',
    // ccxt takes hundreds of microseconds for each.
    parameters: { venue, client, orders: client === 'ccxt' ? 5_000 : 100_000 },
  }))
  for (const [client, results] of of)
    say(
      `${venue}, ${client}: ${results.map(({ perSecond }) => Math.round(perSecond)).join(', ')} order pushes a second`,
    )
  const rate = (client) => median(of.get(client).map(({ perSecond }) => perSecond))
  const name = `${title}: order pushes parsed and told`
  return [
    atLeast({ name, value: rate('ours'), unit: '1/s', bound: 200_000 }),
    ...Object.entries(peers).map(([client, peer]) =>
      besidePeer({
        name,
        value: rate('ours'),
        unit: '1/s',
        peer,
        peerValue: rate(client),
        better: 'higher',
        atLeast: 1,
      }),
    ),
  ]
}

async function quoteRows({ venue, title }, say) {
  const parameters = { venue, rate: 5_000, seconds: 10 }
  const result = await measure({ program: 'brokers/quotes-in-time.mjs', parameters })
  const { heard, conflated, sent, firstP99Ms, lastP99Ms, corePart } = result
  if (heard + conflated !== sent) throw new Error(`${heard} quotes heard and ${conflated} conflated are not ${sent}`)
  say(
    `${venue}: ${heard} of ${sent} quotes heard, ${conflated} gave way; late at p99 ${firstP99Ms}, then ${lastP99Ms} ms`,
  )
  const name = `${title}: 5,000 quotes a second`
  return [
    atMost({
      name: `${name}: later in the last third than in the first, p99`,
      value: Math.max(0, lastP99Ms - firstP99Ms),
      unit: 'ms',
      bound: 5,
    }),
    atMost({ name: `${name}: processor time`, value: corePart, unit: 'cores', bound: 1 }),
    // Whoever does not keep up hears few of them, and those on time.
    atLeast({ name: `${name}: heard`, value: (heard / sent) * 100, unit: '%', bound: 50 }),
    figure({ name: `${name}: late at p99`, value: lastP99Ms, unit: 'ms' }),
  ]
}

/** Each client `rounds` times, every second round in the opposite order, so that drift of the machine is fair. */
async function inTurns(clients, runOf) {
  const results = new Map(clients.map((client) => [client, []]))
  for (let round = 0; round < rounds; round += 1)
    for (const client of round % 2 === 0 ? clients : clients.toReversed())
      results.get(client).push(await measure(runOf(client)))
  return results
}
