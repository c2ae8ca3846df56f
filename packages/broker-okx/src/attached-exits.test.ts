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
