import { canonicalJson } from '@tradeswarm/core'
import { bookingIn, createLedger, type KernelRecord, verifyBooks } from '@tradeswarm/trading'
import { describe, expect, test } from 'vitest'
import { openWorld, type World } from './kernel-on-paper.test-support.js'

const free = { fees: { basisPoints: '0' }, slippage: { basisPoints: '0' } }
const buy = { side: 'buy', symbol: 'BTC-SWAP', quantity: '100' } as const

const codesOf = (answer: Awaited<ReturnType<World['order']>>): readonly string[] =>
  answer === 'killed' || !('findings' in answer) ? [] : answer.findings.map(({ code }) => code)

const messageOf = (answer: Awaited<ReturnType<World['order']>>, code: string): string =>
  answer === 'killed' || !('findings' in answer)
    ? ''
    : (answer.findings.find((finding) => finding.code === code)?.message ?? '')

const held = (world: World, symbol: string) =>
  world.kernel.portfolio().positions.find((position) => position.symbol === symbol)

describe('a kernel that holds contracts', () => {
  test('entering one moves no cash, ties its margin up, and gains and loses with the price', async () => {
    const world = await openWorld(free)
    expect(await world.order(buy)).toMatchObject({ status: 'submitted' })
    expect(world.kernel.portfolio()).toMatchObject({
      equity: '122000',
      cash: { USD: { total: '100000', free: '70000', locked: '30000' }, EUR: { total: '20000', free: '20000' } },
      positions: [
        {
          symbol: 'BTC-SWAP',
          quantity: '100',
          multiplier: '0.01',
          settlement: 'margin',
          openCost: '30000',
          averagePrice: '30000',
          marketValue: '0',
          notional: '30000',
        },
      ],
    })
    await world.price('BTC-SWAP', '31000')
    expect(world.kernel.portfolio()).toMatchObject({ equity: '123000', positions: [{ marketValue: '1000' }] })
    await world.order({ ...buy, side: 'sell', quantity: '40' })
    expect(world.kernel.portfolio()).toMatchObject({
      equity: '123000',
      realised: '400',
      cash: { USD: { total: '100400', free: '82400', locked: '18000' } },
    })
  })

  test('I02 an entry for an amount counts what its contracts stand for, and lives on for the rest', async () => {
    const world = await openWorld({ ...free, quoteFreshMs: 1_000 })
    const amount = {
      sizedIn: 'quote',
      quantity: '9000',
      type: 'limit',
      limitPrice: '30000',
      timeInForce: 'gtc',
    } as const
    await world.order({ ...buy, ...amount })
    await world.emit({ type: 'trade', symbol: 'BTC-SWAP', time: world.now + 2_000, price: '29990', quantity: '10' })
    expect(world.kernel.portfolio()).toMatchObject({ positions: [{ quantity: '10', openCost: '2999' }] })
    expect(await world.venue.openOrders()).toMatchObject([{ quantity: '9000', filledQuantity: '2999' }])
    // Ten are held on their margin, and the rest of the amount is still set aside, with its highest fee.
    expect(world.kernel.portfolio().cash.USD).toMatchObject({ locked: '9013.002' })
    await world.price('BTC-SWAP', '29990')
    expect(world.kernel.portfolio()).toMatchObject({ positions: [{ quantity: '30' }] })
    expect(await world.venue.openOrders()).toEqual([])
    await world.kernel.reconcile()
    expect(world.kernel.halts()).toEqual([])
  })

  test('a short is entered as a long is, without a policy of shorts, and its profit is that of the fall', async () => {
    const world = await openWorld(free)
    expect(await world.order({ ...buy, side: 'sell' })).toMatchObject({ status: 'submitted' })
    await world.price('BTC-SWAP', '29000')
    expect(world.kernel.portfolio()).toMatchObject({ equity: '123000', positions: [{ quantity: '-100' }] })
    await world.order(buy)
    expect(world.kernel.portfolio()).toMatchObject({
      realised: '1000',
      positions: [],
      cash: { USD: { total: '101000' } },
    })
    expect(world.events.find(({ type }) => type === 'position-closed')).toMatchObject({
      position: { side: 'short', entryPrice: '30000', exitPrice: '29000', realised: '1000' },
    })
  })

  test('margin that is tied up, and what a contract is losing, is not there for another order', async () => {
    const world = await openWorld(free)
    await world.order({ ...buy, quantity: '250' })
    const coins = { side: 'buy', symbol: 'EUR-USD', quantity: '22000', type: 'limit', limitPrice: '1.1' } as const
    expect(codesOf(await world.order({ ...coins, quantity: '23000' }))).toEqual(['CUM_NOTIONAL_EXCEEDS_FREE_BALANCE'])
    expect(codesOf(await world.order({ ...buy, quantity: '100' }))).toContain('MARGIN_EXCEEDS_FREE_BALANCE')
    await world.price('BTC-SWAP', '29000')
    expect(codesOf(await world.order({ ...coins, quantity: '21000' }))).toEqual(['CUM_NOTIONAL_EXCEEDS_FREE_BALANCE'])
    expect(await world.order({ ...coins, quantity: '20000' })).toMatchObject({ status: 'submitted' })
  })

  test('leverage lets more be entered, up to the leverage of the account', async () => {
    const options = { ...free, contractLeverage: '10' }
    const world = await openWorld(options, {
      contractLeverage: 10,
      maxLeverage: 1,
      maxStressLossFraction: 1,
      stressShocks: [],
    })
    const [most, more] = ['380', '410']
    expect(codesOf(await world.order({ ...buy, quantity: more }))).toContain('MAX_LEVERAGE')
    expect(await world.order({ ...buy, quantity: most })).toMatchObject({ status: 'submitted' })
    expect(world.kernel.portfolio().cash.USD).toMatchObject({ total: '100000', locked: '11400' })
  })

  test('funding is booked as the venue has paid it, once, and belongs to the round trip', async () => {
    const world = await openWorld(free)
    await world.order(buy)
    await world.funding('BTC-SWAP', '0.0001', '30000')
    expect(world.kernel.portfolio()).toMatchObject({ income: '-3', cash: { USD: { total: '99997' } } })
    await world.kernel.reconcile()
    await world.kernel.reconcile()
    expect(world.kernel.portfolio()).toMatchObject({ income: '-3', cash: { USD: { total: '99997' } } })
    await world.order({ ...buy, side: 'sell' })
    expect(world.events.find(({ type }) => type === 'position-closed')).toMatchObject({ position: { income: '-3' } })
  })

  test('funding that was paid while no kernel lived is booked at the next start', async () => {
    const world = await openWorld(free)
    await world.order(buy)
    world.die()
    await world.funding('BTC-SWAP', '-0.0002', '30000')
    await world.restart()
    expect(world.kernel.portfolio()).toMatchObject({ income: '6', cash: { USD: { total: '100006' } } })
    expect(world.kernel.tradingState().state).toBe('active')
  })

  test('funding by the rates of the options falls due every eight hours', async () => {
    const world = await openWorld({ ...free, funding: { rates: { 'BTC-SWAP': '0.0001' } } })
    await world.order(buy)
    await world.pass(25 * 3_600_000)
    await world.kernel.reconcile()
    expect(world.kernel.portfolio()).toMatchObject({ income: '-9' })
  })

  test('stop and target protect a contract as they do a share', async () => {
    const world = await openWorld(free)
    const exits = { stopPrice: '29000', targetPrice: '33000', maximumSessions: 5 }
    await world.order({ ...buy, exits })
    expect((await world.venue.openOrders()).map(({ quantity }) => quantity)).toEqual(['100', '100'])
    await world.price('BTC-SWAP', '28900')
    expect(held(world, 'BTC-SWAP')).toBeUndefined()
    expect(world.kernel.portfolio()).toMatchObject({
      realised: '-1100',
      cash: { USD: { total: '98900', locked: '0' } },
    })
  })

  test('limits go by equity that holds no contract as if it were paid for, and budgets by all that one stands for', async () => {
    const world = await openWorld(free, {
      maxOrderFraction: 0.3,
      principals: [{ agent: 'trader', capital: '45000' }],
      contractLeverage: 2,
    })
    await world.order(buy)
    await world.price('BTC-SWAP', '31000')
    const limit = { ...buy, type: 'limit', limitPrice: '31000' } as const
    expect(await world.order({ ...limit, quantity: '200' })).toMatchObject({
      findings: expect.arrayContaining([
        expect.objectContaining({ code: 'NOTIONAL_EXCEEDS_MAX_PER_ORDER', limit: '36900' }),
      ]),
    })
    expect(await world.order({ ...limit, quantity: '50' })).toMatchObject({
      findings: expect.arrayContaining([expect.objectContaining({ code: 'AGENT_BUDGET_EXCEEDED', value: '45532' })]),
    })
    expect(codesOf(await world.order({ ...limit, quantity: '40' }))).not.toContain('AGENT_BUDGET_EXCEEDED')
  })

  test('value at risk, exposure and scenarios count what the contracts stand for', async () => {
    const world = await openWorld(free)
    await world.order(buy)
    const report = await world.kernel.scenarios({ symbol: 'BTC-SWAP', side: 'buy', quantity: '100' })
    expect(JSON.stringify(report)).toContain('"60000"')
  })
})

describe('a kernel with several currencies', () => {
  const share = { side: 'buy', symbol: 'SAP', quantity: '50' } as const

  test('a symbol is paid for by its own currency, and shown in it; equity is in that of the account', async () => {
    const world = await openWorld(free)
    expect(await world.order(share)).toMatchObject({ status: 'submitted' })
    await world.price('SAP', '210')
    expect(world.kernel.portfolio()).toMatchObject({
      equity: '122550',
      cash: { USD: { total: '100000' }, EUR: { total: '10000' } },
      positions: [{ symbol: 'SAP', currency: 'EUR', openCost: '10000', marketValue: '10500' }],
      rates: { EUR: '1.1' },
      profit: { realised: '0', unrealised: '550', net: '550' },
    })
    await world.order({ ...share, side: 'sell' })
    expect(world.kernel.portfolio()).toMatchObject({
      realised: '0',
      currencies: { EUR: { realised: '500', netDeposits: '20000' } },
      profit: { realised: '550' },
    })
    expect(world.events.find(({ type }) => type === 'position-closed')).toMatchObject({
      position: { currency: 'EUR', realised: '500' },
    })
  })

  test('no other currency stands in for what is missing, and the finding names the one that is', async () => {
    const world = await openWorld(free)
    const large = { ...share, type: 'limit', limitPrice: '200' } as const
    const answer = await world.order({ ...large, quantity: '101' })
    expect(codesOf(answer)).toEqual(['NOTIONAL_EXCEEDS_FREE_BALANCE'])
    expect(messageOf(answer, 'NOTIONAL_EXCEEDS_FREE_BALANCE')).toContain('20000 EUR is there')
    const resting = { ...large, limitPrice: '190', timeInForce: 'gtc' } as const
    expect(await world.order({ ...resting, quantity: '60' })).toMatchObject({ status: 'submitted' })
    expect(world.kernel.portfolio().cash.EUR).toMatchObject({ total: '20000', locked: '11423.70909091' })
    expect(codesOf(await world.order({ ...resting, quantity: '50', limitPrice: '189' }))).toEqual([
      'CUM_NOTIONAL_EXCEEDS_FREE_BALANCE',
    ])
    expect(world.kernel.portfolio().cash.USD).toMatchObject({ total: '100000', free: '100000' })
  })

  test('without a rate, or with an old one, nothing is entered, and what is held can be left', async () => {
    const world = await openWorld(free, { maximumQuoteAgeMs: 60_000 })
    await world.order(share)
    await world.price('SAP', '201')
    for (let minute = 0; minute < 3; minute += 1) await world.price('BTC-SWAP', '30000')
    const { now } = world
    while (world.now < now + 61_000) await world.price('SAP', '201')
    const answer = await world.order({ ...share, quantity: '1' })
    expect(messageOf(answer, 'STALE_MARKET_DATA')).toContain('the last rate of EUR is')
    expect(await world.order({ ...share, side: 'sell' })).toMatchObject({ status: 'submitted' })
    expect(held(world, 'SAP')).toBeUndefined()
    world.die()
    await world.restart()
    await world.price('SAP', '201')
    const unrated = await world.order({ ...share, quantity: '1' })
    expect(messageOf(unrated, 'STALE_MARKET_DATA')).toContain('there is no rate of EUR')
  })

  test('what is held is measured anew when its rate moves', async () => {
    const world = await openWorld(free, { maxPositionFraction: 0.12 })
    await world.order(share)
    expect(codesOf(await world.order({ ...share, quantity: '500' }))).toContain('MAX_POSITION')
    await world.price('EUR-USD', '1.2')
    const answer = await world.order({ ...share, quantity: '40', type: 'limit', limitPrice: '200' })
    expect(answer).toMatchObject({
      findings: expect.arrayContaining([
        expect.objectContaining({ code: 'MAX_POSITION', value: '21600', limit: '14880' }),
      ]),
    })
    // Asked in another symbol, nothing but the rate has touched what is held.
    const limitAt = async () => {
      const other = await world.order({ ...buy, quantity: '500' })
      return other !== 'killed' && 'findings' in other
        ? other.findings.find(({ code }) => code === 'MAX_POSITION')?.limit
        : undefined
    }
    expect(await limitAt()).toBe('14880')
    await world.price('EUR-USD', '1.3')
    expect(await limitAt()).toBe('15120')
  })

  test('limits are measured in the currency of the account', async () => {
    const world = await openWorld(free, { maxOrderFraction: 0.09 })
    const limit = { ...share, type: 'limit', limitPrice: '200' } as const
    const answer = await world.order({ ...limit, quantity: '50' })
    expect(answer).toMatchObject({ findings: [{ value: '11000', limit: '10980' }] })
    expect(await world.order({ ...limit, quantity: '49' })).toMatchObject({ status: 'submitted' })
  })

  test('the loss of the day and the budgets of agents are in the currency of the account', async () => {
    const world = await openWorld(free, {
      maxDailyLossFraction: 0.0095,
      principals: [{ agent: 'trader', capital: '12000' }],
    })
    expect(codesOf(await world.order({ ...share, quantity: '54', type: 'limit', limitPrice: '205' }))).toEqual([
      'AGENT_BUDGET_EXCEEDED',
    ])
    expect(await world.order({ ...share, type: 'limit', limitPrice: '200' })).toMatchObject({ status: 'submitted' })
    await world.price('SAP', '180')
    expect(world.kernel.tradingState().state).toBe('active')
    await world.price('EUR-USD', '1.09')
    expect(world.kernel.tradingState().state).toBe('reducing')
  })

  test('a perpetual in euros takes its margin, its fees and its funding from euros', async () => {
    const world = await openWorld({ fees: { basisPoints: '10' }, slippage: { basisPoints: '0' } })
    await world.order({ side: 'sell', symbol: 'SAP-SWAP', quantity: '5' })
    await world.funding('SAP-SWAP', '0.001', '200')
    expect(world.kernel.portfolio()).toMatchObject({
      cash: { USD: { total: '100000', locked: '0' }, EUR: { total: '20000', locked: '10000' } },
      currencies: { EUR: { fees: '10', income: '10' } },
    })
    await world.price('SAP-SWAP', '190')
    expect(world.kernel.portfolio().equity).toBe('122550')
  })

  test('bought euros become cash by a conversion that a person books, and back again', async () => {
    const world = await openWorld(free)
    await world.order({ side: 'buy', symbol: 'EUR-USD', quantity: '5000' })
    const act = { operator: 'ann', reason: 'to trade in Frankfurt' }
    await world.kernel.book({ type: 'conversion', eventId: 'c1', symbol: 'EUR-USD', quantity: '4000' }, act)
    await world.kernel.book({ type: 'conversion', eventId: 'c1', symbol: 'EUR-USD', quantity: '4000' }, act)
    await world.kernel.reconcile()
    expect(world.kernel.portfolio()).toMatchObject({
      equity: '122000',
      cash: { USD: { total: '94500' }, EUR: { total: '24000' } },
      positions: [{ symbol: 'EUR-USD', quantity: '1000', openCost: '1100' }],
    })
    expect(await world.order({ ...share, quantity: '110', type: 'limit', limitPrice: '200' })).toMatchObject({
      status: 'submitted',
    })
    const back = { type: 'conversion', eventId: 'c2', symbol: 'EUR-USD', quantity: '-500', cost: '550' } as const
    await world.kernel.book(back, act)
    expect(world.kernel.portfolio()).toMatchObject({
      cash: { EUR: { total: '1500' } },
      positions: [{ symbol: 'EUR-USD', quantity: '1500', openCost: '1650' }, { symbol: 'SAP' }],
    })
    expect(await world.venue.balances()).toContainEqual({ asset: 'EUR', total: '3000' })
    await expect(
      world.kernel.book({ type: 'conversion', eventId: 'c3', symbol: 'EUR-USD', quantity: '9000' }, act),
    ).rejects.toMatchObject({ code: 'INVALID_LEDGER_EVENT' })
    await expect(
      world.kernel.book({ type: 'conversion', eventId: 'c4', symbol: 'BTC-SWAP', quantity: '1' }, act),
    ).rejects.toMatchObject({ code: 'INVALID_LEDGER_EVENT' })
  })

  test('what it journals can be added up by anyone, and rebuilds it to the byte', async () => {
    const world = await openWorld({ fees: { basisPoints: '7' } })
    await world.order({ ...share, quantity: '7' })
    await world.order({ side: 'sell', symbol: 'SAP-SWAP', quantity: '3' })
    await world.order(buy)
    await world.funding('SAP-SWAP', '0.000123', '201.3')
    await world.price('BTC-SWAP', '30010.7')
    await world.order({ ...buy, side: 'sell', quantity: '33' })
    const booked = world.entries().filter(({ kind }) => kind === 'ledger')
    expect(verifyBooks(booked.map(({ payload }) => (payload as { entry: unknown }).entry))).toMatchObject({ ok: true })
    expect(world.rebuilt()).toBe(world.kernel.snapshot())
    const cash = world.kernel.portfolio().cash
    const balances = (await world.venue.balances()).filter(({ asset }) => asset in cash)
    for (const { asset, total } of balances) expect([asset, cash[asset]?.total]).toEqual([asset, total])
    expect(balances).toHaveLength(Object.keys(cash).length)
  })

  test('I23 an execution of a contract, or in another currency, is one record that says all that was booked', async () => {
    const world = await openWorld({ fees: { basisPoints: '7' } })
    await world.order({ side: 'sell', symbol: 'SAP-SWAP', quantity: '3' })
    await world.order({ ...share, quantity: '7' })
    await world.order({ side: 'buy', symbol: 'SAP-SWAP', quantity: '3' })
    await world.funding('SAP-SWAP', '0.000123', '201.3')
    const records = world.entries().map(({ payload }) => payload as KernelRecord)
    const executions = records.flatMap((record) => (record.type === 'order-event' && record.entry ? [record] : []))
    const swap = { rate: '1.1', terms: { currency: 'EUR', multiplier: '10', settlement: 'margin' } }
    expect(executions).toMatchObject([swap, { rate: '1.1', terms: { currency: 'EUR' } }, swap])
    const ledger = createLedger({ currency: 'USD' })
    for (const record of records) {
      const booking = bookingIn(record)
      if (booking !== undefined) ledger.apply(booking.event)
    }
    const { ledger: booked } = JSON.parse(world.kernel.snapshot()) as { ledger: unknown }
    expect(JSON.parse(canonicalJson(ledger.snapshot()))).toEqual(booked)
  })

  test('neither contracts nor what settles in another currency is crossed between principals', async () => {
    const world = await openWorld(free, { netting: 'internal-cross' })
    for (const [symbol, quantity] of [
      ['BTC-SWAP', '1'],
      ['SAP-SWAP', '1'],
      ['SAP', '1'],
      ['EUR-USD', '10'],
    ] as const)
      await world.order({ side: 'buy', symbol, quantity })
    const nets = world.entries().flatMap(({ payload }) => {
      const record = payload as KernelRecord
      return record.type === 'order-assessed' ? [[record.header.request.symbol, record.header.nets]] : []
    })
    expect(nets).toEqual([
      ['BTC-SWAP', undefined],
      ['SAP-SWAP', undefined],
      ['SAP', undefined],
      ['EUR-USD', true],
    ])
  })

  test('I03 I23 a fill in another currency that the journal refused has changed nothing, and is booked when it is found missing', async () => {
    const world = await openWorld(free)
    world.refuse(({ kind }) => kind === 'ledger')
    await world.order({ side: 'buy', symbol: 'SAP-SWAP', quantity: '3' })
    expect(world.kernel.portfolio()).toMatchObject({ cash: { EUR: { total: '20000' } }, positions: [] })
    expect(world.rebuilt()).toBe(world.kernel.snapshot())
    world.refuse(() => false)
    world.die()
    await world.restart()
    expect(held(world, 'SAP-SWAP')).toMatchObject({ quantity: '3', settlement: 'margin' })
    expect(world.rebuilt()).toBe(world.kernel.snapshot())
  })
})
