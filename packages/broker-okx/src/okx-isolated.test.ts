import { afterEach, describe, expect, it } from 'vitest'
import { stopAll } from './fake-account.test-support.js'
import { type LiveAccount, market, openLive, until } from './live-account.test-support.js'
import type { OkxBrokerOptions } from './okx-broker-options.js'
import { parseBill, parsePosition } from './parse-account.js'

afterEach(stopAll)

const symbol = 'BTC-USDT-SWAP'
const contracts = { symbol, quantity: '10' } as const
const stop = { ...contracts, side: 'sell', type: 'stop', stopPrice: '45000', reduceOnly: true } as const
const options = { marginMode: 'isolated', symbols: [symbol] } as const
const openIsolated = (more: Partial<OkxBrokerOptions> = {}): Promise<LiveAccount> => openLive({ ...options, ...more })

/** Places an order, and waits until it has filled. */
async function fill(account: LiveAccount, fields: Parameters<LiveAccount['place']>[0]): Promise<string> {
  const id = await account.place({ ...market, ...fields })
  await until(() => account.words(id).includes('filled'), 'filled')
  return id
}

describe('a swap on isolated margin', () => {
  it('is entered, covered and left on isolated margin, in every kind of order', async () => {
    const account = await openIsolated()
    const { fake, broker, guard, request, place, words } = account
    await fill(account, contracts)
    await place({ ...contracts, limitPrice: '49000' })
    await place({ ...contracts, limitPrice: '49000', postOnly: true })
    await place(stop)
    await place({ ...stop, type: 'stop-limit', limitPrice: '44000' })
    await place({ ...stop, type: 'oco', limitPrice: '55000' })
    const { stopPrice: _, ...trailing } = stop
    await place({ ...trailing, type: 'trailing-stop', trailFraction: '0.01' })
    const entry = request({ ...contracts, limitPrice: '50010' })
    await broker.placeWithExits(guard.permit(entry), { stopPrice: '45000', targetPrice: '55000' })
    await until(() => words(entry.clientOrderId).includes('filled'), 'filled')
    // One that the market has passed already is an order at once.
    await fill(account, { ...stop, stopPrice: '51000', timeInForce: 'gtc' })
    const orders = fake.orders()
    expect(orders).toHaveLength(10)
    expect(new Set(orders.map(({ tdMode }) => tdMode))).toEqual(new Set(['isolated']))
  })

  it('is held with all of its margin: nothing but fees, funding and what closing makes moves the cash', async () => {
    const account = await openIsolated()
    const { fake, broker } = account
    const cash = async (): Promise<string | undefined> =>
      (await broker.balances()).find(({ asset }) => asset === 'USDT')?.total
    await fill(account, contracts)
    expect(await broker.balances()).toEqual([
      { asset: symbol, total: '10' },
      { asset: 'USDT', total: '99994.999' },
    ])
    const time = fake.market.now()
    await fake.market.emit({ type: 'funding', symbol, time, rate: '0.000123', price: '50123.4' })
    expect(await broker.movements(0)).toMatchObject([
      { type: 'funding', amount: '-0.61651782', currency: 'USDT', time },
    ])
    expect(await cash()).toBe('99994.38248218')
    await fake.market.quote(symbol, '51000', '51010')
    await fill(account, { ...contracts, side: 'sell', quantity: '4', reduceOnly: true })
    // 4 × 0.01 × (51000 − 50010), and 0.1 % of 2040.
    expect(await cash()).toBe('100031.94248218')
    await fill(account, { ...contracts, side: 'sell', quantity: '6', reduceOnly: true })
    expect(await broker.balances()).toEqual([{ asset: 'USDT', total: '100088.28248218' }])
  })

  it('is refused for want of margin at the leverage that is set at OKX', async () => {
    const account = await openIsolated()
    const { place, events } = account
    const id = await place({ ...market, ...contracts, quantity: '600' })
    expect(events.find(({ clientOrderId }) => clientOrderId === id)).toMatchObject({
      type: 'rejected',
      code: 'INSUFFICIENT_FUNDS',
      message: expect.stringMatching(/^OKX 51008: /),
    })
    await fill(account, { ...contracts, quantity: '590' })
  })
})

describe('a position in the other margin mode', () => {
  it.each([
    ['cross', 'isolated'],
    ['isolated', 'cross'],
  ] as const)('on %s margin keeps an account on %s margin from being opened', async (held, own) => {
    const account = await openLive({ ...options, marginMode: held })
    await fill(account, { ...contracts, side: 'sell' })
    const reopening = account.reopen({ marginMode: own })
    await expect(reopening).rejects.toMatchObject({
      code: 'BROKER_ACCOUNT_MODE',
      message: `the OKX account "okx" holds -10 ${symbol} on ${held} margin, which no order on ${own} margin closes: close it at OKX, or open the account with marginMode "${held}"`,
    })
    // One that is not traded here is in nobody's way.
    await expect(account.reopen({ marginMode: own, symbols: ['BTC-USDT'] })).resolves.toBeDefined()
  })

  it('that somebody opens meanwhile is warned of once, and is a holding by itself', async () => {
    const account = await openIsolated()
    const byHand = await account.beside({ marginMode: 'cross' })
    await fill(account, contracts)
    await fill(byHand, { ...contracts, side: 'sell' })
    await until(() => account.log.some((line) => line.includes('held on cross margin')), 'warned')
    await fill(byHand, { ...contracts, side: 'sell', quantity: '1' })
    expect(account.log.filter((line) => line.includes('none of them closes it'))).toEqual([
      `a position is held on cross margin, and orders here are on isolated margin: none of them closes it {"account":"okx","symbol":"${symbol}","quantity":"-10"}`,
    ])
    expect(await account.broker.balances()).toMatchObject([
      { asset: symbol, total: '10' },
      { asset: `${symbol} on cross margin`, total: '-11' },
      { asset: 'USDT' },
    ])
    // Its own position has exits that must go on after a restart.
    const again = await account.reopen()
    await until(() => again.log.some((line) => line.includes('held on cross margin')), 'warned again')
    // Longs and shorts of one size are not the same as nothing, for the other one either.
    expect(await byHand.broker.balances()).toMatchObject([
      { asset: symbol, total: '-11' },
      { asset: `${symbol} on isolated margin`, total: '10' },
      { asset: 'USDT', total: (await again.broker.balances()).at(-1)?.total },
    ])
  })
})

describe('what OKX tells of an isolated position', () => {
  const position = {
    instId: symbol,
    mgnMode: 'isolated',
    posSide: 'net',
    pos: '0.1',
    ccy: 'USDT',
    margin: '5.49586666666667',
  }

  it('has its margin, without which it is not understood', () => {
    expect(parsePosition(position)).toMatchObject({
      marginMode: 'isolated',
      margin: { currency: 'USDT', amount: '5.49586666666667' },
    })
    expect(() => parsePosition({ ...position, margin: '' })).toThrow(
      expect.objectContaining({ code: 'BROKER_BAD_PAYLOAD' }),
    )
    expect(parsePosition({ ...position, pos: '0', margin: '' })).toMatchObject({ margin: { amount: '0' } })
    expect(parsePosition({ ...position, mgnMode: 'cross', margin: '' })).toMatchObject({
      marginMode: 'cross',
      margin: undefined,
    })
  })

  it('has funding that its margin pays or receives: both changes are one amount', () => {
    const bill = { billId: '1', type: '8', subType: '173', instId: symbol, ccy: 'USDT', ts: '1788134400560' }
    const paid = { balChg: '0.0000000000000000', posBalChg: '-1.0828473350000706' }
    expect(parseBill({ ...bill, ...paid })).toMatchObject({ amount: '-1.0828473350000706' })
    expect(parseBill({ ...bill, balChg: '0.5', posBalChg: '0' })).toMatchObject({ amount: '0.5' })
    expect(parseBill({ ...bill, balChg: '0.5' })).toMatchObject({ amount: '0.5' })
  })
})
