import { openByHand } from '@tradeswarm/testing'
import { createFakeOkx } from '@tradeswarm/testing/fakes'
import { afterEach, expect, onTestFinished, test, vi } from 'vitest'
import { createOkxBroker } from './create-okx-broker.js'
import { stopAll, stopLater } from './fake-account.test-support.js'

afterEach(stopAll)

test('an order for an amount has ended when what is left of it is told to be gone', async () => {
  const fake = await createFakeOkx()
  stopLater(() => fake.close())
  await fake.market.quote('BTC-USDT', '49990', '50010')
  const { keyId: key, secret, passphrase, url: rest } = fake
  const { broker, trade } = await openByHand(createOkxBroker({ key, secret, passphrase, urls: { rest } }))
  stopLater(() => broker.close())
  const order = { symbol: 'BTC-USDT', side: 'buy', type: 'market', timeInForce: 'gtc' } as const
  const told = await trade({ ...order, quantity: '1000', sizedIn: 'quote' })
  expect(told.map(({ type }) => type)).toEqual(['accepted', 'filled', 'canceled'])
  expect(await broker.order(told[0]?.clientOrderId ?? '')).toMatchObject({ status: 'canceled' })
  expect((await trade({ ...order, quantity: '0.01' })).map(({ type }) => type)).toEqual(['accepted', 'filled'])
})

test('a symbol that is misspelt is warned of on the console when the account is opened', async () => {
  const fake = await createFakeOkx()
  stopLater(() => fake.close())
  const lines: string[] = []
  const spy = vi.spyOn(console, 'warn').mockImplementation((line: string) => void lines.push(line))
  onTestFinished(() => spy.mockRestore())
  const { keyId: key, secret, passphrase, url: rest } = fake
  const symbols = ['BTC-USDT', 'BTC-USDTT']
  const { broker } = await openByHand(createOkxBroker({ key, secret, passphrase, symbols, urls: { rest } }))
  stopLater(() => broker.close())
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([{ level: 'warn', symbol: 'BTC-USDTT' }])
})

test('what is no instant to list from is refused before anything is asked', async () => {
  const fake = await createFakeOkx()
  stopLater(() => fake.close())
  const { keyId: key, secret, passphrase, url: rest } = fake
  const { broker } = await openByHand(createOkxBroker({ key, secret, passphrase, urls: { rest } }))
  stopLater(() => broker.close())
  const asked = fake.requests.length
  const lists = [(since: number) => broker.executions(since), (since: number) => broker.movements(since)]
  for (const list of lists)
    for (const since of ['2024-01-01', undefined, Number.NaN])
      await expect(list(since as unknown as number)).rejects.toMatchObject({
        code: 'INVALID_OPTION',
        message: expect.stringContaining('is no instant; use milliseconds since 1970'),
      })
  expect(fake.requests).toHaveLength(asked)
})
