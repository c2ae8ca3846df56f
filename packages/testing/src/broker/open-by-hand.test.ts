import { createPaperBroker } from '@tradeswarm/broker-paper'
import { expect, onTestFinished, test, vi } from 'vitest'
import { type HandAccount, openByHand } from './open-by-hand.js'

const order = { symbol: 'AAPL', side: 'buy', type: 'market', quantity: '1', timeInForce: 'day' } as const

async function opened() {
  const [instrument, account] = [{ symbol: 'AAPL', kind: 'equity', asset: 'AAPL', currency: 'USD' } as const, 'mine']
  const steps = { tickSize: '0.01', lotSize: '1', minimumNotional: '1', calendar: 'us-equity' } as const
  const definition = createPaperBroker({ account, instruments: [{ ...instrument, ...steps }], cash: { USD: '1000' } })
  const hand = await openByHand(definition)
  onTestFinished(() => hand.broker.close())
  return hand
}

type TradeOptions = Parameters<HandAccount<never>['trade']>[1]

test.each([
  [{ timeoutMs: '500' }, /timeoutMs is "500"; it must be a whole number of milliseconds from 1/],
  [{ timeoutMs: -1 }, /timeoutMs is -1; it must be/],
  [{ timeoutMs: Number.NaN }, /timeoutMs is NaN; it must be/],
  [{ timeout: 500 }, /there is no option timeout; did you mean timeoutMs\?/],
  [500, /its options are 500/],
  [{ until: 'filled' }, /until is "filled"; use "ended" or "accepted"/],
])('options of a trade such as %o are refused, and nothing is sent', async (options, message) => {
  const { broker, trade } = await opened()
  await expect(trade(order, options as TradeOptions)).rejects.toMatchObject({
    code: 'INVALID_OPTION',
    message: expect.stringMatching(message),
  })
  expect(await broker.openOrders()).toEqual([])
})

const codes = (code: string, message: RegExp) =>
  expect.objectContaining({ code, message: expect.stringMatching(message) })

test.each([
  [undefined, /what to open is undefined; give a definition, such as createOkxBroker/],
  ['okx', /what to open is okx; give a definition/],
  [{ account: 'mine' }, /what to open is an object without account and open/],
])('what is no definition is refused at once: %o', async (given, message) => {
  await expect(openByHand(given as never)).rejects.toEqual(codes('INVALID_OPTION', message))
})

test('an option that is misspelt is refused, and nothing is opened', async () => {
  const open = vi.fn()
  const opening = openByHand({ account: 'mine', open }, { loger: console } as object)
  await expect(opening).rejects.toEqual(codes('INVALID_OPTION', /no option loger; did you mean logger/))
  expect(open).not.toHaveBeenCalled()
})

test('a broker that is open is not opened once more', async () => {
  const { broker } = await opened()
  await expect(openByHand(broker as never)).rejects.toEqual(codes('INVALID_OPTION', /a broker that was opened already/))
  const withOpen = Object.assign(Object.create(broker), { account: 'mine', open: async () => broker })
  await expect(openByHand(withOpen as never)).rejects.toEqual(codes('INVALID_OPTION', /was opened already/))
})

test('only an order gets a permit; of any other the field is named', async () => {
  const { permit } = await opened()
  expect(permit(order).request).toMatchObject({ ...order, account: 'mine', reduceOnly: false })
  const odd = (given: unknown) => () => permit(given as typeof order)
  expect(odd(undefined)).toThrow(codes('INVALID_ORDER', /permit: the order is undefined; give an object/))
  expect(odd({ ...order, sid: 'buy' })).toThrow(codes('INVALID_ORDER', /permit: sid: .*; did you mean side\?/))
  expect(odd({ ...order, quantity: 1 })).toThrow(codes('INVALID_ORDER', /permit: quantity: 1 is no decimal text/))
})

test.each([undefined, null, 'AAPL', 5, [order]])('what is no order is not traded: %o', async (given) => {
  const { broker, trade } = await opened()
  await expect(trade(given as never)).rejects.toEqual(
    codes('INVALID_ORDER', /trade: the order is .*; give an object such as \{ symbol: … \}/),
  )
  expect(await broker.openOrders()).toEqual([])
})

test('an order that is placed without a permit is refused with what to give', async () => {
  const { broker, permit } = await opened()
  const { request } = permit(order)
  for (const given of [undefined, order, { request }, { permit: {}, request: 'order' }])
    await expect(broker.place(given as unknown as ReturnType<typeof permit>)).rejects.toEqual(
      codes('PERMIT_FORGED', /has no permit: give what permit\(order\) returns/),
    )
})
