import { describe, expect, it } from 'vitest'
import { checkAccount } from './check-account.js'
import { InstrumentBook } from './instrument-book.js'
import type { OkxListing } from './instruments.js'
import { parseConfig } from './parse-account.js'

const configOf = (fields: object) =>
  parseConfig({ acctLv: '2', posMode: 'net_mode', perm: 'read_only,trade', autoLoan: false, ...fields })

function bookOf(symbol: string): InstrumentBook {
  const book = new InstrumentBook()
  book.take([{ instrument: { symbol }, isSwap: symbol.endsWith('-SWAP') } as OkxListing])
  return book
}

describe('an account that borrows what a sale lacks', () => {
  it.each([
    ['in spot mode', { acctLv: '1', enableSpotBorrow: true }],
    ['in multi-currency margin mode', { acctLv: '3', autoLoan: true }],
    ['in portfolio margin mode', { acctLv: '4', autoLoan: true }],
  ])('is not traded: %s', (_, fields) => {
    const check = () => checkAccount(configOf(fields), 'mine', bookOf('BTC-USDT'))
    expect(check).toThrow(expect.objectContaining({ code: 'BROKER_ACCOUNT_MODE' }))
    expect(check).toThrow(/automatic borrowing/)
    expect(() => checkAccount(configOf(fields), 'mine', bookOf('BTC-USDT-SWAP'))).not.toThrow()
  })

  it.each([
    ['in futures mode, where that is of no effect', { autoLoan: true, enableSpotBorrow: true }],
    ['in spot mode, by the switch of another mode', { acctLv: '1', autoLoan: true }],
  ])('may be: %s', (_, fields) => {
    expect(checkAccount(configOf(fields), 'mine', bookOf('BTC-USDT'))).toMatchObject({ spotMode: 'cash' })
  })
})
