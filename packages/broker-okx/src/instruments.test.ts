import { afterEach, describe, expect, it } from 'vitest'
import { stopAll } from './fake-account.test-support.js'
import { parseInstruments } from './instruments.js'
import { hurriedLine, openLive } from './live-account.test-support.js'

afterEach(stopAll)

const coin = { instType: 'SPOT', instId: 'NEW-USDT', baseCcy: 'NEW', quoteCcy: 'USDT', state: 'live' }
const grid = { tickSz: '0.1', lotSz: '0.01', minSz: '0.01' }
const swap = { instType: 'SWAP', instId: 'NEW-USDT-SWAP', settleCcy: 'USDT', state: 'live', ...grid }

describe('an instrument without a grid', () => {
  it('is left out as long as it does not trade', () => {
    const soon = { ...coin, state: 'preopen', tickSz: '', lotSz: '', minSz: '' }
    const rows = [soon, { ...coin, ...grid }, { ...swap, state: 'preopen', ctVal: '' }, { ...swap, ctVal: '1' }]
    expect(parseInstruments(rows).map(({ instrument }) => instrument.symbol)).toEqual(['NEW-USDT', 'NEW-USDT-SWAP'])
    expect(parseInstruments([{ ...coin, ...grid, state: 'suspend' }])).toMatchObject([{ isLive: false }])
    expect(() => parseInstruments([{ ...coin, ...grid, tickSz: '' }])).toThrow(/an instrument whose tickSz is not/)
  })

  it('does not keep an account from being opened', async () => {
    const { transport } = hurriedLine()
    const fetch: typeof transport.fetch = async (url, init) => {
      const answer = await transport.fetch(url, init)
      if (!url.includes('/account/instruments')) return answer
      const told = JSON.parse(await answer.text()) as { readonly data: readonly Readonly<Record<string, string>>[] }
      const soon = { ...told.data[0], instId: 'SOON-USDT', state: 'preopen', tickSz: '', lotSz: '', minSz: '' }
      const text = JSON.stringify({ ...told, data: [...told.data, soon] })
      return { status: answer.status, headers: answer.headers, text: async () => text }
    }
    const { broker, place, words } = await openLive({ transport: { ...transport, fetch } })
    expect(broker.instrument('SOON-USDT')).toBeUndefined()
    expect(words(await place())).toEqual(['accepted'])
  })
})

describe('the most that one order may be of', () => {
  const boundsOf = (row: object) => {
    const [listing] = parseInstruments([row])
    return [listing?.instrument.maximumQuantity, listing?.instrument.maximumNotional]
  }

  it('is what a market exit and a stop may be of, not only an order at a limit', () => {
    const contracts = { ...swap, ctVal: '1', maxLmtSz: '100000000', maxMktSz: '30000', maxStopSz: '20000' }
    expect(boundsOf(contracts)).toEqual(['20000', undefined])
    // Of spot these are dollars, as a captured answer has them.
    const amounts = { maxLmtAmt: '20000000', maxMktAmt: '1000000', maxMktSz: '900000', maxStopSz: '1000000' }
    expect(boundsOf({ ...coin, ...grid, maxLmtSz: '9999999999', ...amounts })).toEqual(['9999999999', '900000'])
    expect(boundsOf({ ...coin, ...grid, quoteCcy: 'BTC', maxLmtSz: '5', ...amounts })).toEqual(['5', undefined])
  })

  it('is told of what is not paid in dollars, which OKX bounds in dollars alone', async () => {
    const steps = { tickSz: '0.00001', lotSz: '0.000001', minSz: '0.0001' }
    const instruments = ['ETH-BTC', 'BTC-USDT', 'BTC-USDT-SWAP'].map((instId) => ({ instId, ...steps }))
    const listed = instruments.map((one) => (one.instId.endsWith('-SWAP') ? { ...one, ctVal: '0.01' } : one))
    const { broker, log } = await openLive({ symbols: ['ETH-BTC', 'BTC-USDT'] }, { instruments: listed })
    expect(broker.instrument('ETH-BTC')).not.toHaveProperty('maximumNotional')
    expect(broker.instrument('BTC-USDT')).toHaveProperty('maximumNotional', '1000000')
    expect(log).toEqual([expect.stringMatching(/worth in dollars.*"symbol":"ETH-BTC","mostDollars":"1000000"/)])
  })

  it('is none where OKX tells none', () => {
    expect(boundsOf({ ...coin, ...grid, maxLmtSz: '', maxMktAmt: '0' })).toEqual([undefined, undefined])
  })
})
