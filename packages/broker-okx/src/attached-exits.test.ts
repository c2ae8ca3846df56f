import { createOpenGuard } from '@tradeswarm/testing'
import { afterEach, expect, it } from 'vitest'
import { stopAll } from './fake-account.test-support.js'
import { market, openLive, until } from './live-account.test-support.js'

afterEach(stopAll)

const { permit } = createOpenGuard()
const exits = { targetPrice: '55000', stopPrice: '45000', clientOrderId: 'exits1' }

it('an entry brings its exits along; whichever level is reached, they leave as one order', async () => {
  const { broker, fake, request, words, events } = await openLive()
  const swap = { symbol: 'BTC-USDT-SWAP', quantity: '5', ...market } as const
  const entry = request(swap)
  await broker.placeWithExits(permit(entry), exits)
  await until(() => words(entry.clientOrderId).includes('filled') && words('exits1').includes('accepted'), 'the exits')
  expect(await broker.openOrders()).toMatchObject([{ clientOrderId: 'exits1', side: 'sell', quantity: '5' }])
  await fake.market.trade('BTC-USDT-SWAP', '44000')
  await fake.market.quote('BTC-USDT-SWAP', '43990', '44010')
  await until(() => words('exits1').includes('filled'), 'the stop')
  expect(words('exits1')).toEqual(['accepted', 'triggered', 'filled'])
  expect((await broker.balances()).map(({ asset }) => asset)).toEqual(['USDT'])
  expect(events.every(({ type }) => type !== 'rejected')).toBe(true)
})

it('its answer lost, it is found and not sent again', async () => {
  const { broker, fake, request, words, asked } = await openLive()
  const entry = request({ limitPrice: '48000' })
  fake.fail({ kind: 'cut', when: 'after', on: 'POST /api/v5/trade/order' })
  await broker.placeWithExits(permit(entry), { stopPrice: '45000' })
  expect(words(entry.clientOrderId)).toEqual(['accepted'])
  expect(asked('POST trade/order')).toBe(1)
  await expect(broker.placeWithExits(permit(entry), exits)).rejects.toMatchObject({ code: 'DUPLICATE_CLIENT_ORDER_ID' })
})

it('what OKX takes no exits with is refused before it is sent', async () => {
  const { broker, request, events, asked } = await openLive()
  const same = request()
  await broker.placeWithExits(permit(same), {})
  await broker.placeWithExits(permit(same), { ...exits, clientOrderId: 'no-dashes' })
  await broker.placeWithExits(permit(same), { ...exits, clientOrderId: same.clientOrderId })
  await broker.placeWithExits(permit(request({ side: 'sell', reduceOnly: true })), exits)
  await broker.placeWithExits(permit(request({ type: 'stop', stopPrice: '51000' })), exits)
  await broker.placeWithExits(permit(request(market)), exits)
  expect(events.map((event) => ('code' in event ? event.code : event.type))).toEqual([
    ...Array.from({ length: 4 }, () => 'INVALID_ORDER'),
    'UNSUPPORTED_ORDER_TYPE',
    'UNSUPPORTED_ORDER_TYPE',
  ])
  expect(asked('POST trade/order') + asked('POST trade/order-algo')).toBe(0)
})

it('exits that cannot be meant are refused, and the permit is still good', async () => {
  const { broker, request, words, guard } = await openLive()
  const entry = request({ limitPrice: '48000' })
  const order = permit(entry)
  for (const [odd, message] of [
    [{ targetPrise: '55000', stopPrice: '45000' }, /exits: there is no option targetPrise; did you mean targetPrice/],
    [{ targetPrice: 55000 }, /exits: targetPrice is 55000; it must be a decimal text/],
    [{ stopPrice: '45000', clientOrderId: 5 }, /exits: clientOrderId is 5; it must be a text/],
    [undefined, /exits: its options are undefined; give it an object/],
  ] as const) {
    const refused = { code: 'INVALID_OPTION', message: expect.stringMatching(message) }
    await expect(broker.placeWithExits(order, odd as object)).rejects.toMatchObject(refused)
  }
  expect(guard.consumed).toEqual([])
  await broker.placeWithExits(order, { stopPrice: '45000' })
  expect(words(entry.clientOrderId)).toEqual(['accepted'])
  expect(guard.consumed).toEqual([entry])
})
