// How fast pushes of an account's orders are taken in at OKX: parsed, checked, told to a listener. Two for each order: it rests, it has filled.
import { createOkxBroker } from '@tradeswarm/broker-okx'
import { createSilentLogger, createSystemClock, createSystemIds, createSystemRandom } from '@tradeswarm/core'
import { createManualFeed, createOpenGuard } from '@tradeswarm/testing'
import { createFakeOkx } from '@tradeswarm/testing/fakes'
import { report } from '../measure.mjs'

const { orders } = JSON.parse(process.argv[2])
const fake = await createFakeOkx({ rateMultiplier: 1_000 })
let hear
const connect = (url) => {
  const socket = new WebSocket(url)
  const listen = socket.addEventListener.bind(socket)
  socket.addEventListener = (type, listener) => {
    if (type === 'message' && url.endsWith('/private')) hear = (data) => listener({ data })
    listen(type, listener)
  }
  return socket
}
const broker = await createOkxBroker({
  key: fake.keyId,
  secret: fake.secret,
  passphrase: fake.passphrase,
  symbols: ['BTC-USDT'],
  urls: { rest: fake.url },
  rateMultiplier: 1_000,
  transport: { connect },
}).open({
  clock: createSystemClock(),
  ids: createSystemIds(),
  random: createSystemRandom(),
  logger: createSilentLogger(),
  feed: createManualFeed(),
  guard: createOpenGuard(),
})
let filled = 0
broker.subscribe(({ type }) => {
  if (type === 'filled') filled += 1
})
await play(pushes(5_000, 0))
const ready = pushes(orders, 5_000)
filled = 0
const begin = performance.now()
await play(ready)
const seconds = (performance.now() - begin) / 1000
if (filled !== orders) throw new Error(`${filled} of ${orders} orders have filled`)
await broker.close()
await fake.close()
report({ perSecond: (2 * orders) / seconds })

/** As the venue writes them, with all that it says. */
function pushes(count, from) {
  return Array.from({ length: count }, (_, index) => from + index).flatMap((number) => {
    const time = String(1_767_600_000_000 + number)
    const id = String(2_100_000_000_000_000 + number)
    return [order(id, time, {}), order(id, time, fillAt(number, time))].map((row) =>
      JSON.stringify({ arg: { channel: 'orders', instType: 'ANY', uid: '1' }, data: [row] }),
    )
  })
}

function fillAt(number, time) {
  const filled = { accFillSz: '0.001', avgPx: '50000.1', fillFee: '-0.0000008', fillFeeCcy: 'BTC', fillPx: '50000.1' }
  return {
    ...filled,
    fillSz: '0.001',
    fillTime: time,
    tradeId: String(300_000 + number),
    execType: 'T',
    state: 'filled',
  }
}

function order(id, time, fill) {
  return {
    accFillSz: '0',
    algoClOrdId: '',
    algoId: '',
    amendResult: '',
    amendSource: '',
    attachAlgoClOrdId: '',
    attachAlgoOrds: [],
    avgPx: '0',
    cTime: time,
    cancelSource: '',
    category: 'normal',
    ccy: '',
    clOrdId: `b${id}`,
    code: '0',
    execType: '',
    fee: '0',
    feeCcy: 'BTC',
    fillFee: '0',
    fillFeeCcy: '',
    fillFwdPx: '',
    fillMarkPx: '',
    fillMarkVol: '',
    fillNotionalUsd: '',
    fillPnl: '0',
    fillPx: '',
    fillPxUsd: '',
    fillPxVol: '',
    fillSz: '0',
    fillTime: '',
    instId: 'BTC-USDT',
    instType: 'SPOT',
    isTpLimit: 'false',
    lastPx: '50000',
    lever: '0',
    linkedAlgoOrd: { algoId: '' },
    msg: '',
    notionalUsd: '50',
    ordId: id,
    ordType: 'limit',
    pnl: '0',
    posSide: '',
    px: '50000.1',
    pxType: '',
    pxUsd: '',
    pxVol: '',
    quickMgnType: '',
    rebate: '0',
    rebateCcy: 'USDT',
    reduceOnly: 'false',
    reqId: '',
    side: 'buy',
    slOrdPx: '',
    slTriggerPx: '',
    slTriggerPxType: '',
    source: '',
    state: 'live',
    stpId: '',
    stpMode: 'cancel_maker',
    sz: '0.001',
    tag: '',
    tdMode: 'cash',
    tgtCcy: '',
    tpOrdPx: '',
    tpTriggerPx: '',
    tpTriggerPxType: '',
    tradeId: '',
    tradeQuoteCcy: '',
    uTime: time,
    ...fill,
  }
}

/** A hundred frames at a time, as a busy socket brings them. */
async function play(some) {
  for (const [index, frame] of some.entries()) {
    hear(frame)
    if (index % 100 === 99) await new Promise((resolve) => setImmediate(resolve))
  }
  await broker.settled()
}
